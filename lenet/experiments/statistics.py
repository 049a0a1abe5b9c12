"""What the values of several runs say: means and paired differences with intervals, and how far these can be trusted.

Values are shares of one, unrounded, one for each seed. The interval that is shown is Student's t. `lenet.experiments.coverage`
measures how often each kind holds the truth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVEL = 0.95
T = "t"
PERCENTILE = "percentile bootstrap"
BCA = "BCa bootstrap"
SEQUENTIAL = "sequential t"
IDENTICAL = "identical values"
NONE = "none"
"""Kinds of intervals: `Interval.method` and `Difference.method`."""
PAIRED_T = "paired t test"
SIGN = "sign test"
SEQUENTIAL_T = "sequential t test"
"""Tests: `Difference.test`."""
RESAMPLES = 2000
FEWEST_FOR_BOOTSTRAP = 3
EFFECT_VARIANCE = 9.0
"""Of the sequential interval: it is narrowest where the mean is about √9 = 3 standard deviations from what it is compared
with, as arms of an experiment often are; it holds whatever the mean is."""


@dataclass(frozen=True)
class Sample:
    """The runs of one arm as numbers.

    `values` are those of finished runs by seed, `failed` the seeds whose run failed, `waiting` those that are not finished.
    `setting` is the value of what is varied, where it is a number: such arms have an order.
    """

    name: str
    values: Mapping[int, float]
    failed: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    setting: float | None = None

    def __hash__(self) -> int:  # figures are cached by what they show
        return hash((self.name, tuple(self.values.items()), self.failed, self.waiting))


@dataclass(frozen=True)
class Interval:
    """A mean of `n` values, and from where to where it may lie; None for both ends where one value says nothing of that.

    Values that are all equal have an interval without length. It says that they are equal, and not how sure that is.
    """

    mean: float
    low: float | None
    high: float | None
    n: int
    method: str
    sd: float | None = None
    """Standard deviation of the values, with n − 1."""

    def contains(self, value: float) -> bool:
        """Whether the value may be the mean, as far as these values say."""
        return self.low is None or self.high is None or self.low <= value <= self.high


@dataclass(frozen=True)
class Difference(Interval):
    """The mean of the differences a − b of paired seeds.

    `wins` counts the seeds in which a is above b, and `differences` are by seed. `p` is that of `test` for a mean of 0.
    `left_out` are the seeds that have finished in only one of the two.
    """

    wins: int = 0
    ties: int = 0
    p: float | None = None
    test: str = PAIRED_T
    differences: tuple[tuple[int, float], ...] = ()
    left_out: tuple[int, ...] = ()

    @property
    def losses(self) -> int:
        return self.n - self.wins - self.ties

    def is_clear(self, level: float = LEVEL) -> bool:
        """Whether one of the two is better: the interval is without 0, and the test agrees.

        They only disagree where all differences are equal. Then the interval has no length, and the test counts seeds.
        """
        return not self.contains(0) and (self.p is None or self.p < 1 - level)

    def turned(self) -> Difference:
        """The same as b − a."""
        low, high = (None if end is None else -end for end in (self.high, self.low))
        differences = tuple((seed, -value) for seed, value in self.differences)
        return replace(self, mean=-self.mean, low=low, high=high, wins=self.losses, differences=differences)

    @property
    def wilcoxon_p(self) -> float | None:
        """p of Wilcoxon's signed-rank test, exact: a second opinion that does not assume normal differences.

        None for fewer than six differences other than 0: no result of these would be below 5 %.
        """
        values = np.array([value for _seed, value in self.differences if value])
        if len(values) < 6:
            return None
        from scipy import stats

        return float(signed_rank_p(stats.rankdata(np.abs(values).round(12)), values > 0))


@dataclass(frozen=True)
class Comparison:
    """Two arms by their places in the experiment, and how they differ; `corrected_p` is `difference.p` after Holm's
    correction for all comparisons of the experiment."""

    a: int
    b: int
    difference: Difference
    corrected_p: float | None

    def is_clear(self, level: float = LEVEL) -> bool:
        """Whether one is better, also when it is considered how many pairs were compared."""
        return self.difference.is_clear(level) and self.corrected_p is not None and self.corrected_p < 1 - level


def best_median_worst(values: Mapping[int, float]) -> tuple[int, int, int]:
    """The seeds of the best, the median and the worst run; of an even number, the better one in the middle. At least one."""
    order = sorted(values, key=lambda seed: (-values[seed], seed))
    return order[0], order[(len(order) - 1) // 2], order[-1]


# -- intervals of a mean ---------------------------------------------------------------------------------------------


def mean_interval(values: Sequence[float] | Array, level: float = LEVEL, method: str = T) -> Interval | None:
    """The mean with its interval, by one of T, PERCENTILE, BCA and SEQUENTIAL; None without values."""
    x = np.asarray(values, float)
    n = len(x)
    if n == 0:
        return None
    mean = float(x.mean())
    if n == 1:
        return Interval(mean, None, None, 1, NONE)
    if np.ptp(x) <= 1e-12:  # 1.0 - 0.9 and 0.2 - 0.1 are the same difference
        return Interval(mean, mean, mean, n, IDENTICAL, 0.0)
    sd = float(x.std(ddof=1))
    if method in (PERCENTILE, BCA):
        if n < FEWEST_FOR_BOOTSTRAP:
            return Interval(mean, None, None, n, NONE, sd)
        low, high = bootstrap(x, level, method)
        return Interval(mean, float(low), float(high), n, method, sd)
    half = {T: critical, SEQUENTIAL: sequential_critical}[method](n, level) * sd / math.sqrt(n)
    if math.isinf(half):
        return Interval(mean, None, None, n, NONE, sd)
    return Interval(mean, mean - half, mean + half, n, method, sd)


@lru_cache(maxsize=1024)
def critical(n: int, level: float = LEVEL) -> float:
    """How many standard errors the t interval of n values reaches to each side."""
    # Not at the top: it takes more than half a second, and only results need it.
    from scipy import stats

    return float(stats.t.ppf((1 + level) / 2, n - 1))


@lru_cache(maxsize=1024)
def sequential_critical(n: int, level: float = LEVEL) -> float:
    """As `critical`, for an interval that holds at all n at once: looking again and again does not spoil it.

    From n = 2 on, the intervals all hold the mean together with probability `level`, if values are normal. Such a
    confidence sequence is where the likelihood ratio of the t statistic, with the effect (mean / standard deviation) drawn
    from a normal distribution of variance EFFECT_VARIANCE, stays below 1 / (1 − level): by Ville's inequality it exceeds
    that with probability 1 − level at most. Infinite where n is too small for an answer.
    """
    spread = 1 + n * EFFECT_VARIANCE
    ratio = (spread / (1 - level) ** 2) ** (1 / n)
    return math.sqrt((n - 1) * (ratio - 1) / (1 - ratio / spread)) if ratio < spread else math.inf


def bootstrap(values: Array, level: float = LEVEL, method: str = PERCENTILE, seed: int = 0) -> tuple[Any, Any]:
    """The ends of a bootstrap interval of the mean over the last axis. The same values give the same ends."""
    from scipy import stats

    kind = {PERCENTILE: "percentile", BCA: "BCa"}[method]
    found = stats.bootstrap(
        (values,), np.mean, n_resamples=RESAMPLES, confidence_level=level, method=kind, axis=-1, vectorized=True,
        rng=np.random.default_rng(seed),
    ).confidence_interval  # fmt: skip
    return found.low, found.high


# -- differences -----------------------------------------------------------------------------------------------------


def paired(
    a: Mapping[int, float], b: Mapping[int, float], level: float = LEVEL, method: str = T
) -> Difference | None:
    """a − b over the seeds that have finished in both; None if there is none."""
    seeds = sorted(a.keys() & b.keys())
    differences = np.array([a[seed] - b[seed] for seed in seeds])
    differences[np.abs(differences) <= 1e-12] = 0
    found = mean_interval(differences, level, method)
    if found is None:
        return None
    wins, ties = int((differences > 0).sum()), int((differences == 0).sum())
    p, test = None, SEQUENTIAL_T if method == SEQUENTIAL else PAIRED_T
    if found.method == IDENTICAL:
        p, test = sign_p(wins, found.n - wins - ties), SIGN
    elif found.sd:
        t = found.mean / (found.sd / math.sqrt(found.n))
        p = sequential_p(t, found.n) if method == SEQUENTIAL else t_p(t, found.n)
    return Difference(
        found.mean, found.low, found.high, found.n, found.method, found.sd, wins, ties, p, test,
        tuple(zip(seeds, differences.tolist(), strict=True)), tuple(sorted(a.keys() ^ b.keys())),
    )  # fmt: skip


def compare(samples: Sequence[Sample], level: float = LEVEL, method: str = T) -> list[Comparison]:
    """Every pair of arms that have a finished seed in common, the earlier arm as a."""
    return list(_compare(tuple(samples), level, method))


@lru_cache(maxsize=16)  # sentences and figures compare the same arms
def _compare(samples: tuple[Sample, ...], level: float, method: str) -> tuple[Comparison, ...]:
    found = [
        (a, b, difference)
        for (a, first), (b, second) in combinations(enumerate(samples), 2)
        if (difference := paired(first.values, second.values, level, method))
    ]
    tested = [difference.p for _a, _b, difference in found if difference.p is not None]
    corrected = iter(holm(tested))
    return tuple(
        Comparison(a, b, difference, None if difference.p is None else next(corrected)) for a, b, difference in found
    )


def method_for(samples: Sequence[Sample]) -> str:
    """How to compare these now: while runs are missing, so that it may be looked at again and again, and stopped early."""
    return SEQUENTIAL if any(sample.waiting for sample in samples) else T


def t_p(t: float, n: int) -> float:
    """Two-sided p of the t statistic of n values."""
    from scipy import special

    return float(2 * special.stdtr(n - 1, -abs(t)))


def sequential_p(t: float, n: int) -> float:
    """p of the t statistic of n values that have been looked at after each: see `sequential_critical`."""
    spread = 1 + n * EFFECT_VARIANCE
    square = t * t / (n - 1)
    log_ratio = n / 2 * (math.log1p(square) - math.log1p(square / spread)) - math.log(spread) / 2
    return math.exp(-max(0.0, log_ratio))


def sign_p(wins: int, losses: int) -> float:
    """Two-sided p of the sign test: how probable so uneven a number of wins is if each seed is a fair coin."""
    from scipy import stats

    return float(stats.binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def signed_rank_p(ranks: Array, positive: NDArray[np.bool_]) -> float:
    """Two-sided exact p of Wilcoxon's test from the ranks of the absolute differences, ties and all.

    SciPy's exact method has no ties. Each rank belongs to a positive difference with probability one half.
    """
    doubled = (2 * ranks).round().astype(int)  # equal differences share a rank, which may be a half
    chances = np.ones(1)  # of each sum of positive ranks
    for rank in doubled:
        chances = (np.pad(chances, (0, rank)) + np.pad(chances, (rank, 0))) / 2
    positives = int(doubled[positive].sum())
    smaller = min(positives, int(doubled.sum()) - positives)
    return min(1.0, 2 * float(chances[: smaller + 1].sum()))


def holm(p: Sequence[float]) -> list[float]:
    """p values corrected for their number by Holm's method, in the given order."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    corrected, largest = [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[i]))
        corrected[i] = largest
    return corrected


# -- more seeds ------------------------------------------------------------------------------------------------------


def expected_width(sd: float, n: int, level: float = LEVEL) -> float:
    """How long the t interval of n values will be if their standard deviation is `sd`."""
    return 2 * critical(n, level) * sd / math.sqrt(n)


def seeds_for(sd: float, width: float, most: int = 1000, level: float = LEVEL) -> int | None:
    """The smallest number of seeds whose interval is expected to be no longer than `width`; None if above `most`."""
    return next((n for n in range(2, most + 1) if expected_width(sd, n, level) <= width), None)
