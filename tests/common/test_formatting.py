"""Numbers as readers see them."""

from __future__ import annotations

import pytest

from lenet.common import formatting


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (formatting.number(61706), "61,706"),
        (formatting.number(27_799.6), "27,800"),
        (formatting.number(-1234), "−1,234"),
        (formatting.number(0), "0"),
        (formatting.decimals(-0.25, 3), "−0.250"),
        (formatting.pair_text((2, 2)), "2"),
        (formatting.pair_text((3, 2)), "3×2"),
        (formatting.percent(0.958), "95.8%"),
        (formatting.percent(0.25), "25.0%"),
        (formatting.byte_size(0), "0 B"),
        (formatting.byte_size(14_955_520), "14.26 MiB"),
        (formatting.clock(0.2), "0:00"),
        (formatting.clock(200), "3:20"),
        (formatting.clock(3720), "1:02:00"),
    ],
)
def test_numbers_are_written_alike(said: str, text: str) -> None:
    assert said == text


def test_a_number_as_a_reader_can_type_it() -> None:
    numbers = (0.1, 1e-8, 100.0, 4294967295, 2**53, 0.1234567, -0.5, 0.1 + 0.2)
    written = ["0.1", "1e-08", "100", "4294967295", "9007199254740992", "0.1234567", "-0.5", "0.30000000000000004"]
    assert [formatting.as_typed(number) for number in numbers] == written
