"""Numbers as readers see them."""

from __future__ import annotations

import pytest

from lenet import wording


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (wording.number(61706), "61,706"),
        (wording.number(27_799.6), "27,800"),
        (wording.number(-1234), "−1,234"),
        (wording.number(0), "0"),
        (wording.decimals(-0.25, 3), "−0.250"),
        (wording.percent(0.958), "95.8%"),
        (wording.percent(0.25), "25.0%"),
        (wording.memory(0), "0 B"),
        (wording.memory(14_955_520), "14.26 MiB"),
        (wording.clock(0.2), "0:00"),
        (wording.clock(200), "3:20"),
        (wording.clock(3720), "1:02:00"),
    ],
)
def test_numbers_are_written_alike(said: str, text: str) -> None:
    assert said == text
