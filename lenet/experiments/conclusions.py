"""What follows from the numbers of an experiment, in a sentence that says no more than they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import statistics
from lenet.experiments.statistics import IDENTICAL, Comparison, Difference, Sample, T
from lenet.experiments.wording import (
    MOST_DIGITS,
    digits_for,
    p_value,
    percent,
    points,
    range_of_points,
    range_of_shares,
)

PAIRS_IN_SENTENCE, NAMED_PAIRS = 3, 6
"""So many pairs of arms are named in the sentence, and so many beside it; of more, it is said how many are clear."""
NAMED_ARMS = 6
"""Likewise so many arms; of more, the best and the last."""
BEST = 3
AT_CHANCE = 0.02
"""A run whose accuracy is no further from that of guessing has not learned."""


@dataclass(frozen=True)
class Conclusion:
    """The sentence that follows, and what has to be said beside it. `pairs` are those that it only counts."""

    sentence: str
    remarks: tuple[str, ...] = ()
    pairs: str = ""

    @property
    def text(self) -> str:
        return paragraph(self.sentence, self.pairs, *self.remarks)


def conclude(
    samples: Sequence[Sample], *, chance: float | None = None, factors: Sequence[Sequence[str]] = ()
) -> Conclusion:
    """What the arms of an experiment say now. `chance` is the accuracy of guessing; `factors` are the values of each setting that
    varies, in words, of which the arms are the combinations.

    While runs are missing the intervals are those that may be looked at again and again.
    """
    method, pairs = statistics.method_for(samples), ""
    if len(samples) == 1:
        sentence, more = luck(samples[0], method), []
    elif len(samples) == 2:
        found = statistics.compare(samples, method=method)
        sentence = of_two(samples, found[0].difference if found else None)
        more = [*_ties(found), *_ranks(found)]
    else:
        found = statistics.compare(samples, method=method)
        sentence = of_many(samples, found)
        if PAIRS_IN_SENTENCE < len(found) <= NAMED_PAIRS:
            pairs = _of_pairs(samples, found)
        more = [interaction(samples, factors, method), trend(samples, method), *_each_by_itself(found)]
    remarks = [*more, *_at_chance(samples, chance), *_not_counted(samples)]
    return Conclusion(sentence, tuple(filter(None, remarks)), pairs)


# -- one arm ---------------------------------------------------------------------------------------------------------


def luck(sample: Sample, method: str = T) -> str:
    """How much of an accuracy is due to the seed."""
    values = list(sample.values.values())
    found = statistics.mean_interval(values, method=method)
    if found is None:
        return _("No run has finished yet.")
    digits = digits_for(found)
    if found.n == 1:
        return _("One seed gives {mean}. How much of it is luck, one run cannot say.").format(
            mean=percent(found.mean, digits)
        )
    if found.method == IDENTICAL:
        return _("All {n} seeds give the same: {mean}.").format(n=found.n, mean=percent(found.mean, digits))
    about = ngettext(
        "{n} seed gives {mean} on average{interval}.", "{n} seeds give {mean} on average{interval}.", found.n
    )
    between = [abs(a - b) for a, b in combinations(values, 2)]
    return paragraph(
        about.format(n=found.n, mean=percent(found.mean, digits), interval=range_of_shares(found, digits)),
        _(
            "Single runs lie between {low} and {high}: two that differ only in their seed are {difference} points apart "
            "on average."
        ).format(
            low=percent(min(values), digits),
            high=percent(max(values), digits),
            difference=points(float(np.mean(between)), digits),
        ),
    )


# -- two arms --------------------------------------------------------------------------------------------------------


def of_two(samples: Sequence[Sample], difference: Difference | None) -> str:
    """Which of two arms is better, by how much and how sure; `difference` is that of the first and the second."""
    if difference is None:
        return _("No seed has finished in both arms yet.")
    better, other, d = _in_order(samples, 0, 1, difference)
    digits, n = digits_for(d), d.n
    if n == 1:
        (seed,) = better.values.keys() & other.values.keys()
        return _("One seed cannot tell {a} from {b}: {a_value} and {b_value}.").format(
            a=better.name,
            b=other.name,
            a_value=percent(better.values[seed], digits),
            b_value=percent(other.values[seed], digits),
        )
    words = {"a": better.name, "b": other.name, "n": n, "wins": d.wins, "difference": points(d.mean, digits)}
    words["interval"] = range_of_points(d, digits)
    if d.method == IDENTICAL and d.mean == 0:
        return _("{a} and {b} give the same in all {n} seeds.").format(**words)
    if d.method == IDENTICAL and d.is_clear():
        return _("{a} is {difference} points better than {b}, by the same in all {n} seeds.").format(**words)
    if d.method == IDENTICAL:
        return _(
            "{n} seeds cannot tell {a} from {b}: {a} was ahead by the same {difference} points in each, but these are few."
        ).format(**words)
    if d.is_clear():
        return ngettext(
            "{a} is {difference} points better than {b}{interval}, in {wins} of {n} seed.",
            "{a} is {difference} points better than {b}{interval}, in {wins} of {n} seeds.",
            n,
        ).format(**words)
    return ngettext(
        "{n} seed cannot tell {a} from {b}: {a} was ahead by {difference} points on average{interval}, in {wins} of {n}.",
        "{n} seeds cannot tell {a} from {b}: {a} was ahead by {difference} points on average{interval}, in {wins} of {n}.",
        n,
    ).format(**words)


def _ties(found: Sequence[Comparison]) -> list[str]:
    """In how many seeds neither was ahead, where it was not the same in all: then the seeds that are not won are not all lost."""
    if not found or not (ties := found[0].difference.ties) or found[0].difference.n in (1, ties):
        return []
    return [
        ngettext("In {n} seed both give the same.", "In {n} seeds both give the same.", ties).format(n=ties),
    ]


def _ranks(found: Sequence[Comparison]) -> list[str]:
    """What Wilcoxon's test says, where it says something else than the interval."""
    if not found or found[0].difference.method != T or (p := found[0].difference.wilcoxon_p) is None:
        return []
    clear, by_ranks = found[0].difference.is_clear(), p < 1 - statistics.LEVEL
    if clear == by_ranks:
        return []
    if clear:
        return [
            _(
                "By their ranks alone the differences are not as clear (Wilcoxon’s signed-rank test, p = {p}): the mean may "
                "hang on few seeds."
            ).format(p=p_value(p))
        ]
    return [
        _(
            "By their ranks alone the differences are clearer (Wilcoxon’s signed-rank test, p = {p}): a few seeds far from "
            "the others make the interval of the mean long."
        ).format(p=p_value(p))
    ]


# -- more arms -------------------------------------------------------------------------------------------------------


def of_many(samples: Sequence[Sample], found: Sequence[Comparison]) -> str:
    """The order of more than two arms, and which of the differences are clear after Holm's correction."""
    means = {place: float(np.mean(list(s.values.values()))) for place, s in enumerate(samples) if s.values}
    if not means:
        return _("No run has finished yet.")
    order = sorted(means, key=lambda place: -means[place])
    apart = [(100 * means[c.a], 100 * means[c.b]) for c in found if c.is_clear()]
    digits = next(
        d for d in (1, 2, MOST_DIGITS) if d == MOST_DIGITS or all(round(a, d) != round(b, d) for a, b in apart)
    )
    named = [
        _("{name} ({value})").format(name=_quoted(samples[place].name), value=percent(means[place], digits))
        for place in order
    ]
    told = [_("By their means: {arms}.").format(arms=_(", ").join(named))]
    if len(named) > NAMED_ARMS:
        text = _("The highest means of {n}: {arms}. The lowest: {last}.")
        told = [text.format(n=len(named), arms=_(", ").join(named[:BEST]), last=named[-1])]
    if not found:
        return paragraph(*told, _("No seed has finished in two arms yet."))
    told.append(_best(samples, found, order))
    if len(found) <= PAIRS_IN_SENTENCE:
        return paragraph(*told, _of_pairs(samples, found))
    n = sum(c.is_clear() for c in found)
    return paragraph(*told, _("{n} of {m} pairs are clear after Holm’s correction.").format(n=n, m=len(found)))


def _of_pairs(samples: Sequence[Sample], found: Sequence[Comparison]) -> str:
    """Which differences are clear, with their intervals, and which are not."""
    told = []
    if clear := [c for c in found if c.is_clear()]:
        told.append(
            ngettext(
                "After Holm’s correction for {m} comparison, clear: {pairs}.",
                "After Holm’s correction for {m} comparisons, clear: {pairs}.",
                len(found),
            ).format(m=len(found), pairs=_pairs(samples, clear))
        )
    if unclear := [c for c in found if not c.is_clear()]:
        told.append(_("The seeds cannot tell: {pairs}.").format(pairs=_pairs(samples, unclear)))
    return paragraph(*told)


def _best(samples: Sequence[Sample], found: Sequence[Comparison], order: Sequence[int]) -> str:
    """Whether the arm with the highest mean is better than each of the others; "" if this is not known of all."""
    best = order[0]
    against = {c.a + c.b - best: c for c in found if best in (c.a, c.b)}
    if len(against) < len(samples) - 1:
        return ""
    rivals = [place for place in order if place in against and not _is_ahead(best, against[place])]
    name = _quoted(samples[best].name)
    if not rivals:
        return _("{name} is better than each of the others.").format(name=name)
    if len(rivals) > NAMED_ARMS:
        text = _("{name} has the highest mean, but the seeds cannot tell it from {n} of the {m} others.")
        return text.format(name=name, n=len(rivals), m=len(against))
    named = _(", ").join(_quoted(samples[place].name) for place in rivals)
    return _("{name} has the highest mean, but the seeds cannot tell it from: {others}.").format(
        name=name, others=named
    )


def _is_ahead(arm: int, comparison: Comparison) -> bool:
    return comparison.is_clear() and (comparison.difference.mean > 0) == (comparison.a == arm)


def _pairs(samples: Sequence[Sample], chosen: Sequence[Comparison]) -> str:
    """Pairs by name."""
    named = []
    for comparison in chosen:
        better, other, d = _in_order(samples, comparison.a, comparison.b, comparison.difference)
        a, b = _quoted(better.name), _quoted(other.name)
        if not comparison.is_clear():
            named.append(_("{a} from {b}").format(a=a, b=b))
            continue
        digits = digits_for(d)
        text = _("{a} {difference} points better than {b}{interval}")
        named.append(text.format(a=a, b=b, difference=points(d.mean, digits), interval=range_of_points(d, digits)))
    return _("; ").join(named)


def _quoted(name: str) -> str:
    """The name of an arm within a list: in quotation marks where it is a list itself."""
    return _("“{name}”").format(name=name) if "," in name else name


def _each_by_itself(found: Sequence[Comparison]) -> list[str]:
    """That several intervals do not all hold as surely as each of them."""
    if sum(comparison.difference.low is not None for comparison in found) < 2:
        return []
    return [_("Each interval is at 95% by itself: that all of them hold is less sure.")]


def interaction(samples: Sequence[Sample], factors: Sequence[Sequence[str]], method: str = T) -> str:
    """Whether what one setting does depends on the other, where two settings have two values each; "" otherwise."""
    shared = sorted(shared_seeds(samples))
    if [len(values) for values in factors] != [2, 2] or len(shared) < 2:
        return ""
    first, second = factors
    # By seed: what the second setting does with either value of the first.
    effects = [[samples[a + 1].values[seed] - samples[a].values[seed] for seed in shared] for a in (0, 2)]
    means = [float(np.mean(of_one)) for of_one in effects]
    apart = np.array(effects[1]) - np.array(effects[0])
    found = statistics.mean_interval(-apart if apart.mean() < 0 else apart, method=method)
    if found is None or found.low is None:
        return ""
    digits = digits_for(found)
    words = {
        "b": second[1], "other": second[0], "a0": first[0], "a1": first[1], "n": found.n,
        "with0": points(means[0], digits), "with1": points(means[1], digits),
        "difference": points(found.mean, digits), "interval": range_of_points(found, digits),
    }  # fmt: skip
    if found.method == IDENTICAL or found.contains(0):
        text = _(
            "{n} seeds cannot tell whether what one setting does depends on the other: {b} gains {with0} points on {other} with "
            "{a0} and {with1} with {a1}, {difference} apart{interval}."
        )
    else:
        text = _(
            "What one setting does depends on the other: {b} gains {with0} points on {other} with {a0} and {with1} with {a1}, "
            "{difference} apart{interval}, over {n} seeds."
        )
    return text.format(**words)


def slopes(samples: Sequence[Sample]) -> list[float]:
    """For each seed that has finished in all arms, by how much its accuracy rises from an arm to the next.

    Arms are in the order of their settings; the line is fitted to their places in it, not to the settings.
    """
    ordered = _by_setting(samples)
    places = np.arange(len(ordered)) - (len(ordered) - 1) / 2
    values = [[sample.values[seed] for sample in ordered] for seed in sorted(shared_seeds(ordered))]
    return [float(places @ np.array(row) / (places @ places)) for row in values]


def trend(samples: Sequence[Sample], method: str = T) -> str:
    """Whether accuracy goes up or down with a number that is varied; "" unless it does at each step, and clearly."""
    ordered = _by_setting(samples)
    shared = shared_seeds(ordered)
    if len(ordered) < 3 or len(shared) < 2:
        return ""
    means = [float(np.mean([sample.values[seed] for seed in shared])) for sample in ordered]
    directions = {bool(after > before) for before, after in pairwise(means) if after != before}
    if len(directions) != 1 or len(set(means)) < len(means):
        return ""
    (rises,) = directions
    found = statistics.mean_interval([slope if rises else -slope for slope in slopes(ordered)], method=method)
    if found is None or found.contains(0) or found.method == IDENTICAL:
        return ""
    text = _(
        "From {first} to {last} the mean falls at each step, by {points} points a step{interval}, over {n} seeds."
    )
    if rises:
        text = _(
            "From {first} to {last} the mean rises at each step, by {points} points a step{interval}, over {n} seeds."
        )
    digits = digits_for(found)
    return text.format(
        first=ordered[0].name,
        last=ordered[-1].name,
        points=points(found.mean, digits),
        interval=range_of_points(found, digits),
        n=found.n,
    )


def shared_seeds(samples: Sequence[Sample]) -> set[int]:
    """The seeds that have finished in all arms."""
    every = [set(sample.values) for sample in samples]
    return every[0].intersection(*every[1:]) if every else set()


def _by_setting(samples: Sequence[Sample]) -> list[Sample]:
    """The arms in the order of their settings; none if they have no order."""
    if any(sample.setting is None for sample in samples):
        return []
    ordered = sorted(samples, key=lambda sample: sample.setting or 0.0)
    return ordered if len({sample.setting for sample in ordered}) == len(ordered) else []


# -- what has to be said beside it -----------------------------------------------------------------------------------


def _at_chance(samples: Sequence[Sample], chance: float | None) -> list[str]:
    """Which runs have not learned: their arms have two kinds of runs, and a mean of both is that of neither."""
    told = []
    for sample in samples:
        stuck = [seed for seed, value in sample.values.items() if chance and abs(value - chance) <= AT_CHANCE]
        if not stuck:
            continue
        words = {"name": sample.name, "n": len(stuck), "all": len(sample.values), "chance": percent(chance or 0, 0)}
        if len(stuck) == len(sample.values):
            text = ngettext(
                "The run of {name} did not learn: it stayed at about {chance}, what guessing gives.",
                "None of the {n} runs of {name} learned: they stayed at about {chance}, what guessing gives.",
                len(stuck),
            )
        else:
            text = ngettext(
                "{n} of {all} runs of {name} did not learn (seed {seeds}: about {chance}, what guessing gives). Its mean is "
                "one of two kinds of runs, and an interval knows nothing of failures that it has not seen.",
                "{n} of {all} runs of {name} did not learn (seeds {seeds}: about {chance}, what guessing gives). Its mean is "
                "one of two kinds of runs, and an interval knows nothing of failures that it has not seen.",
                len(stuck),
            )
        told.append(text.format(**words, seeds=_seeds(stuck)))
    return told


def _not_counted(samples: Sequence[Sample]) -> list[str]:
    """Runs that failed, by name, and seeds that have finished in some arms only."""
    told = [
        ngettext(
            "Not counted: seed {seeds} of {name}, which failed.",
            "Not counted: seeds {seeds} of {name}, which failed.",
            len(sample.failed),
        ).format(seeds=_seeds(sample.failed), name=sample.name)
        for sample in samples
        if sample.failed
    ]
    shared = shared_seeds(samples)
    if shared and (alone := {seed for sample in samples for seed in sample.values} - shared):
        told.append(
            ngettext(
                "Arms are compared by the seeds that have finished in both: {n} seed has not finished in all arms.",
                "Arms are compared by the seeds that have finished in both: {n} seeds have not finished in all arms.",
                len(alone),
            ).format(n=len(alone))
        )
    return told


def _seeds(seeds: Sequence[int]) -> str:
    """Seeds by number, at most twelve."""
    return _(", ").join(map(str, sorted(seeds)[:12])) + (" …" if len(seeds) > 12 else "")


# -- order ------------------------------------------------------------------------------------------------------------


def _in_order(samples: Sequence[Sample], a: int, b: int, d: Difference) -> tuple[Sample, Sample, Difference]:
    """Two arms, the one that is ahead first, and their difference in this order."""
    if d.mean >= 0:
        return samples[a], samples[b], d
    return samples[b], samples[a], d.turned()
