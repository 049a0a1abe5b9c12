"""How the numbers of an experiment are written."""

from __future__ import annotations

from collections.abc import Callable

from lenet.common import formatting
from lenet.common.translation import translate as _
from lenet.experiments.statistics import IDENTICAL, LEVEL, SEQUENTIAL, Interval

MOST_DIGITS = 3


def digits_for(found: Interval) -> int:
    """Decimals of percent with which neither mean nor end is rounded to 0, and an end is not the same as the mean."""
    ends = {100 * value for value in (found.low, found.mean, found.high) if value}

    def tell(digits: int) -> bool:
        rounded = {round(value, digits) for value in ends}
        return 0 not in rounded and len(rounded) == len(ends)

    return next((digits for digits in range(1, MOST_DIGITS) if tell(digits)), MOST_DIGITS)


def points(share: float, digits: int = 1) -> str:
    """A difference of shares in percentage points: 7.3."""
    return formatting.decimals(100 * share, digits) if round(100 * share, digits) else f"{0:.{digits}f}"


def percent(share: float, digits: int = 1) -> str:
    """A share in percent: 80.8%."""
    return f"{100 * share:.{digits}f}%"


def p_value(p: float) -> str:
    """A p value, as exact as it is of use: < 0.001, 0.031, 0.42."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def range_of_points(found: Interval, digits: int) -> str:
    """What follows a difference: “, 6.1 to 8.6 (95% interval)”; "" where there is none."""
    return _range(found, lambda share: points(share, digits))


def range_of_shares(found: Interval, digits: int) -> str:
    """What follows a mean: “, 79.2% to 81.0% (95% interval)”."""
    return _range(found, lambda share: percent(share, digits))


def _range(found: Interval, told: Callable[[float], str]) -> str:
    if found.low is None or found.high is None or found.method == IDENTICAL:
        return ""
    text = _(", {low} to {high} ({level} interval)")
    if found.method == SEQUENTIAL:
        text = _(", {low} to {high} ({level} interval for repeated looks)")
    return text.format(low=told(found.low), high=told(found.high), level=percent(LEVEL, 0))


def shortened(name: str, most: int = 40) -> str:
    """The name of an arm where there is little room."""
    return name if len(name) <= most else name[: most - 1] + "…"
