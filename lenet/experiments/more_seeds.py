"""Whether the seeds are enough: when one may stop, and what more of them would do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import coverage, statistics
from lenet.experiments.statistics import SEQUENTIAL, Interval, Sample, T
from lenet.experiments.wording import percent, points

MOST_LOOKS = 64
"""Up to so many seeds it is simulated what looking after each does."""


def stopping(samples: Sequence[Sample]) -> tuple[str, str]:
    """Whether it is clear enough to stop early, and why the interval is longer while runs are missing; "" when none is."""
    if len(samples) < 2 or statistics.method_for(samples) != SEQUENTIAL:
        return "", ""
    found = statistics.compare(samples, method=SEQUENTIAL)
    planned = max(len(sample.values) + len(sample.waiting) for sample in samples)
    last = min(max(planned, 4), MOST_LOOKS)
    clear = bool(found) and all(comparison.is_clear() for comparison in found)
    verdict = _("Clear: you may stop here.") if clear else _("Not clear yet.")
    return (
        verdict,
        _(
            "The interval while runs are missing is longer than usual, so that it holds however often you look. The usual "
            "one, looked at after every seed up to {n}, calls one of two equal arms better in {usual} of experiments and "
            "not in 5%; this one in {sequential}."
        ).format(
            n=last,
            usual=percent(peeking(last, T), 0),
            sequential=percent(peeking(last, SEQUENTIAL), 1),
        ),
    )


def more_seeds(samples: Sequence[Sample], more: int) -> str:
    """What so many more seeds would do to the interval of the difference, or of the mean of a single arm; "" where today's
    spread says nothing. Of more than two arms, the longest interval counts."""
    compared = statistics.compare(samples)
    today: list[Interval | None] = [comparison.difference for comparison in compared]
    if len(samples) == 1:
        today = [statistics.mean_interval(list(samples[0].values.values()))]
    known = [found for found in today if found and found.sd and found.n > 2]
    if not known:
        return ""
    widest = max(known, key=lambda found: statistics.expected_width(found.sd or 0, found.n))
    sd, n = widest.sd or 0.0, widest.n
    now, then = statistics.expected_width(sd, n), statistics.expected_width(sd, n + more)
    digits = next((d for d in (1, 2) if points(now, d) != points(then, d)), 2)
    told = [
        ngettext(
            "With {more} more seed the interval would be about {then} points long, not {now}, if the spread stays the same.",
            "With {more} more seeds the interval would be about {then} points long, not {now}, if the spread stays the same.",
            more,
        ).format(more=more, then=points(then, digits), now=points(now, digits))
    ]
    if half := statistics.seeds_for(sd, now / 2):
        told.append(_("For one half as long it takes about {n} in all.").format(n=half))
    if not all(comparison.is_clear() for comparison in compared):
        told.append(
            _(
                "Seeds that are added because it was not clear make an interval too sure of itself: looked at with {n} seeds "
                "and again with {all}, one of two equal arms is called better in {share} of experiments and not in 5%."
            ).format(n=n, all=n + more, share=percent(looking_twice(n, n + more), 1))
        )
    return paragraph(*told)


@lru_cache(maxsize=64)
def peeking(n: int, method: str) -> float:
    """How often one of two equal arms is called better by someone who looks after every seed from the third to the n-th."""
    return coverage.false_alarms(range(3, n + 1), method, trials=10_000)


@lru_cache(maxsize=64)
def looking_twice(first: int, second: int) -> float:
    """The same for someone who looks twice."""
    return coverage.false_alarms((first, second), trials=10_000)
