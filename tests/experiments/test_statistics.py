"""Intervals and tests against cases worked by hand, enumeration, and SciPy's own."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from lenet.experiments import statistics
from lenet.experiments.statistics import (
    BCA,
    IDENTICAL,
    NONE,
    PAIRED_T,
    PERCENTILE,
    SEQUENTIAL,
    SIGN,
    mean_interval,
    paired,
)

FOUR = {0: 0.808, 1: 0.812, 2: 0.763, 3: 0.817}
"""`classic` with four seeds."""


def test_a_mean_by_hand() -> None:
    """Mean 0.8, squares of the deviations 64 + 144 + 1369 + 289 millionths, t = 3.182446 with three degrees of freedom."""
    found = mean_interval(list(FOUR.values()))
    assert found and found.mean == pytest.approx(0.8) and found.n == 4 and found.method == "t"
    sd = math.sqrt((64 + 144 + 1369 + 289) * 1e-6 / 3)
    half = 3.182446 * sd / 2
    assert found.sd == pytest.approx(sd)
    assert (found.low, found.high) == pytest.approx((0.8 - half, 0.8 + half), abs=1e-7)


def test_differences_by_hand() -> None:
    """Student's own data: hours of sleep gained by ten patients with two drugs, t = 4.0621, p = 0.002833."""
    one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = paired(dict(enumerate(two)), dict(enumerate(one)))
    assert found and found.mean == pytest.approx(1.58) and found.p == pytest.approx(0.002833, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)
    assert (found.wins, found.losses, found.ties, found.n) == (9, 0, 1, 10)
    assert found.test == PAIRED_T and found.is_clear()


@given(st.lists(st.tuples(*[st.integers(0, 10_000)] * 2), min_size=2, max_size=20))
def test_differences_as_scipy_has_them(pairs: list[tuple[int, int]]) -> None:
    a, b = ({seed: pair[side] / 10_000 for seed, pair in enumerate(pairs)} for side in (0, 1))
    found = paired(a, b)
    assert found
    if len({x - y for x, y in pairs}) == 1:
        assert found.method == IDENTICAL and found.low == found.high == found.mean
        return
    theirs = stats.ttest_rel(list(a.values()), list(b.values()))
    ends = theirs.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=1e-9)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)
    assert found.is_clear() == (not found.contains(0))
    assert found.wins + found.losses + found.ties == found.n == len(pairs)
    back = paired(b, a)
    assert back and back.mean == -found.mean and (back.wins, back.losses) == (found.losses, found.wins)


def test_only_seeds_that_have_finished_in_both_are_compared() -> None:
    found = paired({0: 0.8, 1: 0.9, 2: 0.7, 5: 0.1}, {1: 0.7, 2: 0.6, 3: 0.9})
    assert found and found.n == 2 and found.left_out == (0, 3, 5)
    assert found.mean == pytest.approx(0.15) and [seed for seed, _difference in found.differences] == [1, 2]
    assert paired({0: 0.8}, {1: 0.8}) is None


def test_one_value_has_no_interval() -> None:
    found = mean_interval([0.8])
    assert found and (found.mean, found.low, found.high, found.sd, found.method) == (0.8, None, None, None, NONE)
    difference = paired({0: 0.9}, {0: 0.1})
    assert difference and difference.contains(0) and difference.p is None and not difference.is_clear()
    assert mean_interval([]) is None


def test_two_values_have_a_very_long_one() -> None:
    found = mean_interval([0.80, 0.82])
    assert found and (found.low, found.high) == pytest.approx(
        (0.81 - 12.7062 * 0.01, 0.81 + 12.7062 * 0.01), abs=1e-6
    )


def test_equal_values() -> None:
    """As of runs that all stay at chance. Differences that are all equal are judged by their signs: six are enough."""
    found = mean_interval([0.1] * 8)
    assert found and (found.low, found.high, found.sd, found.method) == (0.1, 0.1, 0.0, IDENTICAL)
    for n, clear in ((2, False), (5, False), (6, True)):
        difference = paired(dict.fromkeys(range(n), 0.8), dict.fromkeys(range(n), 0.1))
        assert difference and difference.test == SIGN and difference.p == pytest.approx(2 * 0.5**n)
        assert not difference.contains(0) and difference.is_clear() == clear
    same = paired(FOUR, FOUR)
    assert same and same.p == 1 and same.ties == 4 and not same.is_clear()
    rounded = paired({0: 1.0, 1: 0.2}, {0: 0.9, 1: 0.1})  # 0.09999999999999998 and 0.1
    assert rounded and rounded.method == IDENTICAL


@pytest.mark.parametrize("size", [6, 7, 9])
def test_wilcoxon_by_enumeration(size: int) -> None:
    """Of all ways to give the differences a sign, the share with a sum of ranks as far from its middle."""
    rng = np.random.default_rng(size)
    for _trial in range(5):
        values = rng.integers(1, 6, size) * rng.choice([-1, 1], size) / 100  # with ties
        found = paired(dict(enumerate(values)), dict.fromkeys(range(size), 0.0))
        ranks = stats.rankdata(np.abs(values).round(6))
        middle = ranks.sum() / 2
        sums = [np.dot(ranks, signs) for signs in itertools.product((0, 1), repeat=size)]
        far = abs(ranks[values > 0].sum() - middle)
        assert found and found.wilcoxon_p == pytest.approx(np.mean(np.abs(np.array(sums) - middle) >= far - 1e-9))


def test_wilcoxon_as_scipy_has_it() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, 16)
    found = paired(dict(enumerate(values)), dict.fromkeys(range(16), 0.0))
    assert found and found.wilcoxon_p == pytest.approx(stats.wilcoxon(values, method="exact").pvalue)
    few = paired(FOUR, dict.fromkeys(FOUR, 0.1))
    assert few and few.wilcoxon_p is None


def test_holm_by_hand() -> None:
    """0.01 · 4, then 0.02 · 3, then 0.03 · 2 and never less than before, at most 1."""
    assert statistics.holm([0.03, 0.01, 0.9, 0.02]) == pytest.approx([0.06, 0.04, 0.9, 0.06])
    assert statistics.holm([0.5, 0.6]) == [1.0, 1.0]
    assert statistics.holm([0.04]) == [0.04]


@pytest.mark.parametrize("method", [PERCENTILE, BCA])
def test_bootstrap(method: str) -> None:
    values = np.random.default_rng(1).normal(0.8, 0.02, 40)
    found, t = mean_interval(values, method=method), mean_interval(values)
    assert found and t and found.low and t.low and found.high and t.high
    assert (found.low, found.high) == pytest.approx((t.low, t.high), abs=0.002)  # of many values all are alike
    assert found == mean_interval(values, method=method)
    two = mean_interval([0.8, 0.9], method=method)
    assert two and two.low is None and two.method == NONE


@pytest.mark.parametrize("n", [3, 5, 8, 16])
def test_the_end_of_a_sequential_interval(n: int) -> None:
    """There the likelihood ratio of the t statistic is 20, by integration over the effect and over σ."""
    t = statistics.sequential_critical(n)
    g = statistics.EFFECT_VARIANCE

    def likelihood(effect: float) -> float:
        """Of t with an effect, up to a constant factor: the noncentral t distribution."""
        return float(stats.nct.pdf(t, n - 1, effect * math.sqrt(n)) if effect else stats.t.pdf(t, n - 1))

    weight = stats.norm(scale=math.sqrt(g)).pdf
    mixed = integrate.quad(lambda effect: likelihood(effect) * weight(effect), -20, 30, limit=400, points=[0, 3])[0]
    assert mixed / likelihood(0.0) == pytest.approx(20, rel=1e-3)


def test_a_sequential_interval_is_longer() -> None:
    short, long = mean_interval(list(FOUR.values())), mean_interval(list(FOUR.values()), method=SEQUENTIAL)
    assert short and long and short.low and long.low and long.low < short.low
    none = mean_interval([0.8, 0.9], method=SEQUENTIAL)
    assert none and none.low is None and math.isinf(statistics.sequential_critical(2))


def test_more_seeds_make_an_interval_shorter() -> None:
    """8 seeds with a standard deviation of 0.02: 2 · 2.364624 · 0.02 / √8; half of it takes 24."""
    assert statistics.expected_width(0.02, 8) == pytest.approx(2 * 2.364624 * 0.02 / math.sqrt(8))
    width = statistics.expected_width(0.02, 8) / 2
    n = statistics.seeds_for(0.02, width)
    assert n and statistics.expected_width(0.02, n) <= width < statistics.expected_width(0.02, n - 1)
    assert statistics.seeds_for(0.02, 1e-6) is None
