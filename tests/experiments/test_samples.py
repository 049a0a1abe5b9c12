"""Results of an experiment as statistics take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from lenet import experiments
from lenet.experiments import conclusions, detectors, samples
from lenet.experiments.experiment import Experiment, Variation
from lenet.experiments.results import Outcome, Results
from tests.experiments.test_figures import metrics


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("lr", (0.1, 0.5), [0.1, 0.5]),
        ("batch_size", (64, 128), [64.0, 128.0]),
        ("model.channels", ((3, 16), (6, 16)), [3.0, 6.0]),
        ("model.channels", ((3, 16), (6, 32)), [None, None]),
        ("model.activation", ("sigmoid", "relu"), [None, None]),
        ("model.batch_norm", (False, True), [None, None]),
    ],
)
def test_arms_that_differ_in_a_number_have_an_order(name: str, values: Any, expected: list[float | None]) -> None:
    experiment = Experiment("asked", vary=(Variation(name, values),))
    assert [samples.setting(experiment, arm) for arm in experiment.arms] == expected


def test_an_entry_for_each_arm() -> None:
    experiment = Experiment("asked", vary=(Variation("model.activation", ("sigmoid", "relu")),), seeds=3)
    outcomes = (
        Outcome(0, 0, "a", "finished", 0.8, 10), Outcome(1, 0, "b", "failed"), Outcome(0, 1, "c", "finished", 0.9, 10),
        Outcome(1, 1, "d", "running", None, 2), Outcome(0, 2), Outcome(1, 2),
    )  # fmt: skip
    results = Results(experiment, outcomes, lambda arm, seed: metrics(0.1, 0.2), lambda arm, seed: None)  # type: ignore[arg-type, return-value]
    one, other = samples.of_results(results)
    assert (one.name, one.values, one.failed, one.waiting) == ("sigmoid", {0: 0.8, 1: 0.9}, (), (2,))
    assert (other.values, other.failed, other.waiting) == ({}, (0,), (1, 2))
    assert samples.run_ids(results) == {(0, 0): "a", (1, 0): "b", (0, 1): "c", (1, 1): "d"}
    assert list(samples.metrics(results, 0)) == [0, 1] and list(samples.metrics(results, 1)) == [1]


def test_the_experiment_that_came_with_the_app() -> None:
    """Its answer by SciPy alone, and kinds of kernels that chance does not have."""
    results = experiments.read("reference-activation")
    sigmoid, relu = (list(results.values(arm).values()) for arm in (0, 1))
    ends = stats.ttest_rel(relu, sigmoid).confidence_interval(0.95)
    mean, low, high = (f"{100 * value:.1f}" for value in (np.mean(relu) - np.mean(sigmoid), ends.low, ends.high))
    wins = int((np.array(relu) > np.array(sigmoid)).sum())
    text = conclusions.conclude(samples.of_results(results), chance=0.1).text
    assert (
        text == f"relu is {mean} points better than sigmoid, {low} to {high} (95% interval), in {wins} of 16 seeds."
    )
    found = detectors.of_arm(results, 0)
    assert found and len(found.seeds) == 16 and found.detectors[0].runs > 8
    assert found.detectors[0].by_chance == 0 and found.largest_by_chance == 1 and not found.from_initial
