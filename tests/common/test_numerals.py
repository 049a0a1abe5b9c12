"""Numbers as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.common import numerals


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.1", [0.1]), ("1e-3", [0.001]), ("1E-3", [0.001]), (".5", [0.5]), ("+7", [7]), ("007", [7]), ("3.0", [3.0]),
        ("0,1", [0.1]), (",5", [0.5]), ("0,125", [0.125]), ("12345,678", [12345.678]), ("1,5e-3", [0.0015]),
        ("１２", [12]), ("１．５", [1.5]), ("０，１", [0.1]), ("0。1", [0.1]), ("－３", [-3]), ("−3", [-3]),
        ("\ufeff7\u200b", [7]), ("\u30007 ", [7]),
        ("60 000", [60000]), ("60\u202f000", [60000]), ("60’000", [60000]), ("60_000", [60000]), ("1 234,5", [1234.5]),
        ("1,234.5", [1234.5]), ("1.234,5", [1234.5]), ("1,234,567", [1234567]), ("1.234.567", [1234567]),
        ("1,234", [1234, 1.234]), ("-1,000", [-1000, -1.0]),
        ("", []), ("abc", []), ("nan", []), ("inf", []), ("1 2", []), ("1,2,3", []), ("1.2.3", []), ("5²", []), ("½", []),
        ("0x10", []), ("1_0", []), ("--3", []), ("5,", []), ("1.234.5", []), ("9" * 5000, []), ("1e999", [math.inf]),
    ],
)  # fmt: skip
def test_what_a_text_can_mean(text: str, numbers: list[float]) -> None:
    found = numerals.readings(text)
    assert found == numbers
    assert [type(n) for n in found] == [type(n) for n in numbers]


@given(st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9).map(lambda x: float(f"{x:.12g}")))
def test_a_number_as_it_is_shown_is_read_as_itself(number: float) -> None:
    plain = numerals.plain(number)
    assert numerals.readings(plain) == [number]
    full_width = plain.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert numerals.readings(full_width) == [number]


@given(st.integers(0, 10**12))
def test_a_number_with_separators_has_its_value_among_its_meanings(number: int) -> None:
    for separator in (" ", ",", "'"):
        assert number in numerals.readings(f"{number:,}".replace(",", separator))


@given(st.text(max_size=12))
def test_any_text_is_some_numbers_or_none(text: str) -> None:
    assert len(numerals.readings(text)) <= 2
