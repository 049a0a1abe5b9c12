"""Results of an experiment as statistics take them."""

from __future__ import annotations

from typing import Any

import pytest

from lenet.experiments import samples
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
