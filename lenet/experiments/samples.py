"""The results of an experiment as statistics and figures take them: an entry for each arm."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lenet.common.errors import LenetError
from lenet.experiments.experiment import Arm, Experiment
from lenet.experiments.results import Results
from lenet.experiments.statistics import Sample
from lenet.runs import labels
from lenet.runs.parsing import Arrays

RunIds = Mapping[tuple[int, int], str]
"""The ids of runs, by arm and seed."""


def of_results(results: Results) -> list[Sample]:
    """The test accuracies of the arms."""
    return [
        Sample(
            name=arm.label(),
            values=results.values(number),
            failed=tuple(outcome.seed for outcome in results.failed if outcome.arm == number),
            waiting=tuple(outcome.seed for outcome in results.waiting if outcome.arm == number),
            setting=setting(results.experiment, arm),
        )
        for number, arm in enumerate(results.experiment.arms)
    ]


def factors(results: Results) -> list[tuple[str, ...]]:
    """The values of each setting that varies, in the words of its arms."""
    return [
        tuple(labels.said(variation.name, value) for value in variation.values)
        for variation in results.experiment.vary
    ]


def setting(experiment: Experiment, arm: Arm) -> float | None:
    """The one number in which the arms differ; None where they differ in more, or in something that is no number.

    Of a list, such as the numbers of kernels of several layers, the one entry that is not the same in all.
    """
    if len(experiment.vary) != 1:
        return None
    (name,) = arm.settings
    values = [other.settings[name] for other in experiment.arms]
    value = arm.settings[name]
    if all(isinstance(other, list | tuple) and len(other) == len(value) for other in values):
        places = [place for place in range(len(value)) if len({other[place] for other in values}) > 1]
        if len(places) != 1:
            return None
        value, values = value[places[0]], [other[places[0]] for other in values]
    return float(value) if all(map(_is_number, values)) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def metrics(results: Results, arm: int) -> dict[int, Arrays]:
    """The metrics of an arm's runs so far, by seed; without those that have none, or that cannot be read."""
    found: dict[int, Arrays] = {}
    for outcome in results.of(arm):
        with suppress(LenetError):
            if outcome.epochs and len((columns := results.metrics(arm, outcome.seed))["epoch"]):
                found[outcome.seed] = columns
    return found


def run_ids(results: Results) -> dict[tuple[int, int], str]:
    """The runs that there are, to be opened."""
    return {(outcome.arm, outcome.seed): outcome.run_id for outcome in results.outcomes if outcome.run_id}


def chance(results: Results) -> float:
    """The accuracy of guessing, where all classes are equally frequent."""
    return 1 / results.experiment.config(0, 0).model.num_classes
