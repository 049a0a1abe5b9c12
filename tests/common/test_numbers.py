"""Numbers as people type them. The component's tests (`tests/javascript/common/numbers.test.js`) read the same table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.common.numbers import meanings

CASES: list[tuple[str, list[float]]] = json.loads(
    Path(__file__).with_name("numbers.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_the_table(text: str, expected: list[float]) -> None:
    assert list(meanings(text)) == expected


@given(st.floats(-1e6, 1e6, allow_nan=False))
def test_a_number_means_itself_however_it_is_typed(number: float) -> None:
    text = repr(number + 0.0)
    full_width = text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789-.e"})
    for typed in (text, text.replace("-", "−"), full_width, f"\ufeff {text}\u00a0", text.replace(".", ",")):
        assert number in meanings(typed)


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_number_or_nothing(text: str) -> None:
    assert all(number == number for number in meanings(text))
