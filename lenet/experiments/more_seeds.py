"""Whether the seeds are enough: when one may stop, and what more of them would do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import conclusions, coverage, statistics
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
            "not in 5%; this one in {sequential}, and with the usual one at the end in {both}."
        ).format(
            n=last,
            usual=percent(peeking(last, T), 0),
            sequential=percent(peeking(last, SEQUENTIAL), 1),
            both=percent(watching(last), 1),
        ),
    )


def more_seeds(samples: Sequence[Sample], more: int) -> str:
    """What so many more seeds would do to the interval of the difference, or of the mean of a single arm; "" where today's
    spread says nothing. Of more than two arms, the longest interval counts. Seeds that are to come are there without them."""
    compared = statistics.compare(samples)
    today: list[tuple[Interval | None, int]] = [
        (comparison.difference, _to_come(samples[comparison.a], samples[comparison.b])) for comparison in compared
    ]
    if len(samples) == 1:
        today = [(statistics.mean_interval(list(samples[0].values.values())), _to_come(samples[0]))]
    known = [(found.sd, found.n + to_come) for found, to_come in today if found and found.sd and found.n > 2]
    if not known:
        return ""
    sd, n = max(known, key=lambda pair: statistics.expected_width(*pair))
    now, then = statistics.expected_width(sd, n), statistics.expected_width(sd, n + more)
    digits = next((d for d in (1, 2) if points(now, d) != points(then, d)), 2)
    is_waiting = statistics.method_for(samples) == SEQUENTIAL
    text = ngettext(
        "With {more} more seed the interval would be about {then} points long, not {now}, if the spread stays the same.",
        "With {more} more seeds the interval would be about {then} points long, not {now}, if the spread stays the same.",
        more,
    )
    if is_waiting:
        text = ngettext(
            "Once all runs are there, the interval would be about {then} points long with {more} more seed, not {now}, if the "
            "spread stays the same.",
            "Once all runs are there, the interval would be about {then} points long with {more} more seeds, not {now}, if the "
            "spread stays the same.",
            more,
        )
    told = [text.format(more=more, then=points(then, digits), now=points(now, digits))]
    if half := statistics.seeds_for(sd, now / 2):
        told.append(_("For one half as long it takes about {n} in all.").format(n=half))
    if not is_waiting and not all(comparison.is_clear() for comparison in compared):
        told.append(
            _(
                "Seeds that are added because it was not clear make an interval too sure of itself: looked at with {n} seeds "
                "and again with {all}, one of two equal arms is called better in {share} of experiments and not in 5%."
            ).format(n=n, all=n + more, share=percent(looking((n, n + more)), 1))
        )
    return paragraph(*told)


def _to_come(*arms: Sample) -> int:
    """How many seeds have not finished in all of these arms, and may do so yet."""
    seeds = set.intersection(*({*arm.values, *arm.waiting} for arm in arms))
    return len(seeds) - len(conclusions.shared_seeds(arms))


def looked_at_before(samples: Sequence[Sample], looks: Sequence[int]) -> str:
    """What it does to the interval that it has been looked at with fewer seeds (see `store.Stored.looks`); "" where it has not."""
    n = max(len(sample.values) for sample in samples)
    before = tuple(look for look in looks if 1 < look < n)
    if len(samples) < 2 or not before:
        return ""
    return _(
        "More seeds were added after a look at {looks}: intervals that are looked at so call one of two equal arms better in "
        "{share} of experiments and not in 5%."
    ).format(looks=_(", ").join(map(str, before)), share=percent(looking((*before, n)), 1))


@lru_cache(maxsize=64)
def peeking(n: int, method: str) -> float:
    """How often one of two equal arms is called better by someone who looks after every seed from the third to the n-th."""
    return coverage.false_alarms(range(3, n + 1), method, trials=10_000)


@lru_cache(maxsize=64)
def watching(n: int) -> float:
    """The same for someone who watches the sequential interval, and takes the usual one at the end."""
    return coverage.false_alarms_watched(n, trials=10_000)


@lru_cache(maxsize=64)
def looking(looks: tuple[int, ...]) -> float:
    """The same for someone who looks only at so many seeds each."""
    return coverage.false_alarms(looks, trials=10_000)
