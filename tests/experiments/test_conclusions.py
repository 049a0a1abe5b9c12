"""Sentences say what the numbers say, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lenet.common import translation
from lenet.experiments import conclusions, more_seeds, statistics
from lenet.experiments.conclusions import conclude
from lenet.experiments.statistics import Sample
from lenet.experiments.wording import range_of_shares


@contextmanager
def in_chinese() -> Iterator[None]:
    before = translation._ask
    translation.set_language_source(lambda: "zh_CN")
    try:
        yield
    finally:
        translation.set_language_source(before)


def sample(name: str, values: list[float], **more: object) -> Sample:
    return Sample(name, dict(enumerate(values)), **more)  # type: ignore[arg-type]


SIGMOID = [0.808, 0.812, 0.763, 0.817, 0.809, 0.811, 0.806, 0.815]
RELU = [0.881, 0.879, 0.852, 0.888, 0.879, 0.880, 0.882, 0.886]
BETTER = re.compile(r"(\w+) (?:is )?([\d.]+) points better than (\w+)(?:, (−?[\d.]+) to (−?[\d.]+))?")


def test_two_arms_that_differ() -> None:
    """Differences of 7.3 6.7 8.9 7.1 7.0 6.9 7.6 7.1 points, by SciPy from 6.7 to 7.9."""
    expected = "ReLU is 7.3 points better than sigmoid, 6.7 to 7.9 (95% interval), in 8 of 8 seeds."
    assert conclude([sample("sigmoid", SIGMOID), sample("ReLU", RELU)]).text == expected
    assert conclude([sample("ReLU", RELU), sample("sigmoid", SIGMOID)]).text == expected
    ends = stats.ttest_rel(RELU, SIGMOID).confidence_interval(0.95)
    assert (round(100 * ends.low, 1), round(100 * ends.high, 1)) == (6.7, 7.9)


def test_two_arms_that_do_not() -> None:
    other = [
        value + change for value, change in zip(SIGMOID, (0.01, -0.01, 0.02, -0.004, 0, 0.003, 0, -0.01), strict=True)
    ]
    text = conclude([sample("max", other), sample("average", SIGMOID)]).sentence
    assert text.startswith(
        "8 seeds cannot tell max from average: max was ahead by 0.1 points on average, −0.7 to 1.0 (95%"
    )
    assert text.endswith("in 3 of 8.")


def test_one_and_two_seeds() -> None:
    assert (
        conclude([sample("a", [0.8]), sample("b", [0.9])]).text == "One seed cannot tell b from a: 90.0% and 80.0%."
    )
    two = conclude([sample("a", [0.80, 0.81]), sample("b", [0.90, 0.912])]).text
    assert two.startswith("b is 10.1 points better than a, 8.8 to 11.4")  # 12.7 times 0.1
    assert "cannot tell" in conclude([sample("a", [0.80, 0.81]), sample("b", [0.90, 0.87])]).text
    assert conclude([sample("a", []), sample("b", [0.9])]).sentence == "No seed has finished in both arms yet."


def test_equal_values() -> None:
    stuck, learned = [0.1] * 8, SIGMOID
    told = conclude([sample("sigmoid", learned), sample("relu", stuck)], chance=0.1)
    assert told.sentence.startswith("sigmoid is 70.5 points better than relu, 69.1 to 72.0")
    assert told.remarks == ("None of the 8 runs of relu learned: they stayed at about 10%, what guessing gives.",)
    assert conclude([sample("a", stuck), sample("b", stuck)]).sentence == "a and b give the same in all 8 seeds."
    assert "so few" not in conclude([sample("a", stuck), sample("b", [0.2] * 8)]).sentence
    assert "by the same in all 8 seeds" in conclude([sample("a", stuck), sample("b", [0.2] * 8)]).sentence
    few = conclude([sample("a", stuck[:3]), sample("b", [0.2] * 3)]).sentence
    assert few == "3 seeds cannot tell b from a: b was ahead by the same 10.0 points in each, but these are few."


def test_runs_that_failed_are_named() -> None:
    told = conclude([sample("a", SIGMOID[:6], failed=(6, 7)), sample("b", RELU)])
    assert "in 6 of 6 seeds" in told.sentence
    assert told.remarks == (
        "Not counted: seeds 6, 7 of a, which failed.",
        "Arms are compared by the seeds that have finished in both: 2 seeds have not finished in all arms.",
    )


def test_some_runs_did_not_learn() -> None:
    told = conclude([sample("a", SIGMOID), sample("b", [0.1, *RELU[1:5], 0.1, *RELU[6:]])], chance=0.1)
    assert told.sentence.startswith("8 seeds cannot tell a from b")
    assert "2 of 8 runs of b did not learn (seeds 0, 5: about 10%" in told.text


def test_ranks_disagree() -> None:
    """One seed far from the others makes the interval long; by their ranks seven of eight are clear."""
    a = [0.8] * 8
    b = [0.81, 0.812, 0.813, 0.811, 0.814, 0.815, 0.816, 0.7995 + 0.2]
    told = conclude([sample("a", a), sample("b", b)])
    assert "cannot tell" in told.sentence and "Wilcoxon’s signed-rank test, p = 0.008" in told.text


def test_the_luck_of_a_seed() -> None:
    """80.0 % on average; pairs of the four differ by 0.4, 4.5, 0.9, 4.9, 0.5 and 5.4 points, 2.8 on average."""
    text = conclude([sample("", SIGMOID[:4])]).text
    assert text == (
        "4 seeds give 80.0% on average, 76.0% to 84.0% (95% interval). Single runs lie between 76.3% and 81.7%: two that "
        "differ only in their seed are 2.8 points apart on average."
    )
    assert conclude([sample("", [])]).text == "No run has finished yet."
    assert "one run cannot say" in conclude([sample("", [0.8])]).text


def test_more_arms() -> None:
    low = [value - 0.05 for value in SIGMOID[:7]] + [0.77]
    told = conclude([sample("a", SIGMOID), sample("b", RELU), sample("c", low)]).sentence
    assert told.startswith("By their means: b (87.8%), a (80.5%), c (75.6%). b is better than each of the others.")
    assert "After Holm’s correction for 3 comparisons, clear: b 7.3 points better than a, 6.7 to 7.9" in told
    beside = [value + (-1) ** place * 0.001 for place, value in enumerate(RELU)]
    told = conclude([sample("a", SIGMOID), sample("b", RELU), sample("c", beside)]).sentence
    assert "has the highest mean, but the seeds cannot tell it from: " in told


def test_the_pairs_of_four_arms_stand_beside_the_sentence() -> None:
    """A headline of six pairs would push the figure off a phone's screen; a report has them all the same."""
    step = [0.0, 0.001, -0.001, 0.0, 0.0005, -0.0005, 0.001, -0.001]
    four = [sample(f"arm{n}", [v + n * 0.02 + n * s for v, s in zip(SIGMOID, step, strict=True)]) for n in range(4)]
    told = conclude(four)
    assert told.sentence == (
        "By their means: arm3 (86.5%), arm2 (84.5%), arm1 (82.5%), arm0 (80.5%). arm3 is better than each of the others. 6 of 6 "
        "pairs are clear after Holm’s correction."
    )
    assert told.pairs.startswith(
        "After Holm’s correction for 6 comparisons, clear: arm1 2.0 points better than arm0, "
    )
    assert told.pairs in told.text
    assert conclude(four[:3]).pairs == "", "three pairs are in the sentence"


def test_corrected_for_their_number() -> None:
    """p = 0.03 is clear for one comparison, and not for the smallest of six."""
    rng = np.random.default_rng(3)
    base = rng.normal(0.8, 0.01, 8)
    noise = rng.normal(0, 1, 8)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    ahead = base + (noise + stats.t.isf(0.015, 7) / np.sqrt(8)) * 0.01
    others = [base + (-1) ** (np.arange(8) + k) * 0.02 * (k + 1) for k in range(2)]
    two = [sample("a", base.tolist()), sample("b", ahead.tolist())]
    assert statistics.compare(two)[0].difference.p == pytest.approx(0.03)
    assert "b is" in conclude(two).sentence
    many = [*two, *(sample(f"c{k}", values.tolist()) for k, values in enumerate(others))]
    assert " better than a" not in conclude(many).sentence


def test_seeds_that_are_not_won_are_not_all_lost() -> None:
    other = [
        value + change for value, change in zip(SIGMOID, (0.01, -0.01, 0.02, -0.004, 0, 0.003, 0, -0.01), strict=True)
    ]
    assert "In 2 seeds both give the same." in conclude([sample("max", other), sample("average", SIGMOID)]).remarks
    assert "both give" not in conclude([sample("max", SIGMOID), sample("average", SIGMOID)]).text


def test_an_end_is_told_from_the_mean() -> None:
    """Differences of 7.3 and 7.4 points: 7.35, ± 2.365 · 0.0535 / √8 = 0.04, where 7.3 to 7.4 would be 7.4 as well."""
    arms = [sample("a", [0.8] * 8), sample("b", [0.873, 0.874] * 4)]
    assert conclude(arms).sentence == "b is 7.35 points better than a, 7.31 to 7.39 (95% interval), in 8 of 8 seeds."


def test_values_that_are_all_equal_have_no_interval_in_words() -> None:
    found = statistics.mean_interval([0.1] * 6)
    assert found and found.method == statistics.IDENTICAL and range_of_shares(found, 1) == ""


def test_many_arms_are_not_all_named() -> None:
    """The headline of a page has room for some names, and an arm of two settings for one in quotation marks."""
    rng = np.random.default_rng(1)
    arms = [
        sample(f"lr {n}, batch 64", (0.7 + 0.001 * n + 0.02 * rng.standard_normal(3)).tolist()) for n in range(18)
    ]
    told = conclude(arms)
    assert told.sentence.count("“") == 5 and len(told.sentence) < 300
    assert re.match(r"The highest means of 18: “lr \d+, batch 64” \(", told.sentence)
    assert "cannot tell it from 17 of the 17 others" in told.sentence
    assert "Each interval is at 95% by itself: that all of them hold is less sure." in told.remarks


def test_whether_one_setting_depends_on_the_other() -> None:
    """Max gains 1, 1.2, 0.8 and 1 points with sigmoid and 3, 3.1, 2.9 and 3.4 with relu: 2, 1.9, 2.1 and 2.4 apart, by SciPy
    from 1.8 to 2.4."""
    factors = (("sigmoid", "relu"), ("avg", "max"))
    avg, relu = [0.80, 0.81, 0.79, 0.80], [0.85, 0.86, 0.84, 0.85]
    arms = [
        sample("sigmoid, avg", avg),
        sample("sigmoid, max", [v + d for v, d in zip(avg, (0.010, 0.012, 0.008, 0.010), strict=True)]),
        sample("relu, avg", relu),
        sample("relu, max", [v + d for v, d in zip(relu, (0.030, 0.031, 0.029, 0.034), strict=True)]),
    ]
    ends = stats.ttest_1samp([2, 1.9, 2.1, 2.4], 0).confidence_interval(0.95)
    assert (round(ends.low, 1), round(ends.high, 1)) == (1.8, 2.4)
    assert conclude(arms, factors=factors).remarks[0] == (
        "What one setting does depends on the other: max gains 1.0 points on avg with sigmoid and 3.1 with relu, 2.1 apart, "
        "1.8 to 2.4 (95% interval), over 4 seeds."
    )
    alike = [*arms[:3], sample("relu, max", [v + d for v, d in zip(relu, (0.013, 0.009, 0.012, 0.004), strict=True)])]
    told = conclude(alike, factors=factors).remarks[0]
    assert told.startswith(
        "4 seeds cannot tell whether what one setting does depends on the other: max gains 1.0 points"
    )
    assert conclusions.interaction(arms, ()) == conclusions.interaction(arms, [("a", "b", "c"), ("d", "e")]) == ""
    one = [sample(arm.name, list(arm.values.values())[:1]) for arm in arms]
    assert conclusions.interaction(one, factors) == ""


def test_a_trend_only_where_it_follows() -> None:
    """Each seed rises by 1, 1.2 and 0.8 points at each step: 1.0 on average, ± 4.303 · 0.2 / √3 = 0.5."""
    rises = [[0.7 + step * slope for slope in (0.010, 0.012, 0.008)] for step in range(4)]
    arms = [sample(f"{2**n} kernels", values, setting=float(2**n)) for n, values in enumerate(rises)]
    expected = "From 1 kernels to 8 kernels the mean rises at each step, by 1.0 points a step, 0.5 to 1.5 (95% interval), over 3 seeds."
    assert conclusions.trend(arms) == expected
    assert conclusions.trend([arms[2], arms[0], arms[3], arms[1]]) == expected
    turned = [sample(arm.name, list(arm.values.values()), setting=-(arm.setting or 0)) for arm in arms]
    assert "falls at each step, by 1.0 points a step, 0.5 to 1.5" in conclusions.trend(turned)
    hump = [*arms[:3], sample("8 kernels", rises[0], setting=8.0)]
    assert conclusions.trend(hump) == ""
    assert conclusions.trend([sample(arm.name, list(arm.values.values())) for arm in arms]) == ""
    assert conclusions.trend(arms[:2]) == ""


VALUES = st.integers(0, 1000).map(lambda value: value / 1000)
NARROW = st.integers(800, 815).map(lambda value: value / 1000)


@settings(max_examples=100)
@given(st.data(), st.integers(1, 10), st.integers(2, 5), st.booleans())
def test_no_winner_while_the_interval_contains_0(data: st.DataObject, n: int, arms: int, waiting: bool) -> None:
    """And the numbers of a winner are those that SciPy finds."""
    kinds = data.draw(st.lists(st.sampled_from([VALUES, NARROW]), min_size=arms, max_size=arms))
    drawn = [data.draw(st.lists(kind, min_size=n, max_size=n)) for kind in kinds]
    samples = [
        sample(f"arm{place}", values, waiting=(n,) if waiting else (), setting=float(place))
        for place, values in enumerate(drawn)
    ]
    text = conclude(samples, chance=0.1).text
    assert not re.search(r"significan|prove|\bnan\b|−0\.0*(?!\d)", text)
    method = statistics.method_for(samples)
    by_name = {s.name: list(s.values.values()) for s in samples}
    for better, points, other, low, high in BETTER.findall(text):
        a, b = np.array(by_name[better]), np.array(by_name[other])
        assert n >= 2 and (a - b).mean() > 0
        assert points in (f"{100 * (a - b).mean():.{digits}f}" for digits in (1, 2, 3))
        if not low:
            assert n >= 6 and np.ptp(a - b) < 1e-9
            continue
        digits = len(low.partition(".")[2])
        ends = stats.ttest_rel(a, b).confidence_interval(0.95)
        assert ends.low > 0
        shown = [float(end.replace("−", "-")) for end in (low, high)]
        assert shown[0] > 0
        if method == statistics.T:
            assert shown == pytest.approx([100 * ends.low, 100 * ends.high], abs=0.51 * 10**-digits)
        else:
            assert shown[0] <= 100 * ends.low + 10**-digits and shown[1] >= 100 * ends.high - 10**-digits
    if arms == 2 and n > 1 and "points better" not in text:
        assert "cannot tell" in text or "give the same" in text
    with in_chinese():
        told = conclude(samples, chance=0.1).text
        assert "{" not in told and "显著" not in told
        assert sorted(re.findall(r"\d+\.\d", told)) == sorted(re.findall(r"\d+\.\d", text))


def test_while_runs_are_missing_the_interval_may_be_looked_at_again() -> None:
    whole = [sample("sigmoid", SIGMOID), sample("ReLU", RELU)]
    running = [sample("sigmoid", SIGMOID, waiting=(8,)), sample("ReLU", RELU, waiting=(8,))]
    assert "(95% interval for repeated looks)" in conclude(running).sentence
    assert more_seeds.stopping(whole) == ("", "")
    verdict, text = more_seeds.stopping(running)
    assert verdict == "Clear: you may stop here."
    # Of two equal arms one is called better in so many experiments: 15 % and 2 % by the table in coverage.py.
    usual, sequential = re.findall(r"in ([\d.]+)%", text)[0], re.findall(r"this one in ([\d.]+)%", text)[0]
    assert 13 < float(usual) < 18 and float(sequential) < 3
    (both,) = re.findall(r"at the end in ([\d.]+)%", text)
    assert 5 < float(both) < 7  # 6.1 % by the table
    assert more_seeds.stopping([sample("a", SIGMOID, waiting=(8,)), sample("b", SIGMOID)])[0] == "Not clear yet."


def test_what_more_seeds_would_do() -> None:
    """Differences with a standard deviation of 0.7 points: 2 · 2.365 · 0.7 / √8 = 1.17 points, 2 · 2.131 · 0.7 / √16 = 0.75."""
    other = [value + change for value, change in zip(SIGMOID, [0.007, -0.007] * 4, strict=True)]
    arms = [sample("a", other), sample("b", SIGMOID)]
    sd = 0.7 * np.sqrt(8 / 7)
    text = more_seeds.more_seeds(arms, 8)
    now, then = 2 * 2.3646 * sd / np.sqrt(8), 2 * 2.1314 * sd / 4
    assert f"about {then:.1f} points long, not {now:.1f}," in text
    share = float(re.findall(r"better in ([\d.]+)% of", text)[0])
    assert 7 < share < 10  # 8.4 % by the table in coverage.py
    assert "made" not in more_seeds.more_seeds([sample("a", RELU), sample("b", SIGMOID)], 8)
    assert more_seeds.more_seeds([sample("a", [0.8, 0.9])], 8) == ""
    assert more_seeds.more_seeds([sample("a", [0.8] * 5)], 8) == ""


def test_what_more_seeds_would_do_beside_those_that_are_to_come() -> None:
    """With five of eight seeds there, eight more make sixteen in the end: not thirteen."""
    other = [value + change for value, change in zip(SIGMOID, [0.007, -0.007] * 4, strict=True)]
    arms = [sample(name, values[:5], waiting=(5, 6, 7)) for name, values in (("a", other), ("b", SIGMOID))]
    sd = np.std([0.7, -0.7, 0.7, -0.7, 0.7], ddof=1)
    now, then = 2 * 2.3646 * sd / np.sqrt(8), 2 * 2.1314 * sd / 4
    text = more_seeds.more_seeds(arms, 8)
    assert text.startswith(
        f"Once all runs are there, the interval would be about {then:.1f} points long with 8 more seeds"
    )
    assert f"not {now:.1f}," in text and "too sure of itself" not in text


def test_looks_before_more_seeds_were_added_are_told() -> None:
    whole = [sample("sigmoid", SIGMOID), sample("ReLU", RELU)]
    assert more_seeds.looked_at_before(whole, ()) == more_seeds.looked_at_before(whole, (1,)) == ""
    told = more_seeds.looked_at_before(whole, (4,))
    assert told.startswith("More seeds were added after a look at 4: intervals that are looked at so")
    share = float(re.findall(r"better in ([\d.]+)% of", told)[0])
    assert 7 < share < 10
    assert more_seeds.looked_at_before(whole[:1], (4,)) == "", "nothing is compared"
