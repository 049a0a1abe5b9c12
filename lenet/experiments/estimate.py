"""What an experiment costs: how many runs, and how long they are trained."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from lenet import runs
from lenet.common.errors import LenetError
from lenet.experiments import assignment
from lenet.experiments.experiment import Experiment
from lenet.experiments.results import Outcome, Results
from lenet.experiments.store import Place
from lenet.runs import cost, rules
from lenet.runs.cost import Duration
from lenet.runs.queue import of_one_thread

LIKE = 1.25
"""The time of a run lies within this factor of that of others with the same settings."""
LOOKED_AT = 4
"""Finished runs of an arm from which that is told."""


@dataclass(frozen=True)
class Estimate:
    """`runs` in all, of which `trained` are trained already; `work`: training the others one after the other, None where
    nothing is known of the device."""

    runs: int
    trained: int
    work: Duration | None

    @property
    def new(self) -> int:
        return self.runs - self.trained

    def within(self, at_once: int) -> Duration | None:
        """How long it takes with so many runs at a time."""
        return self.work / max(min(at_once, self.new), 1) if self.work and self.new else None


def before(experiment: Experiment) -> Estimate:
    """What an experiment costs that has not begun."""
    places = list(experiment.runs())
    there: set[Place] = set()
    with suppress(LenetError):  # without images nothing is there, and Start says why
        equal = assignment.equal_runs(experiment, places)
        there = {place for place, run in equal.items() if run.status().state == "finished"}
    left = _sum(cost.estimate(experiment.config(arm, 0)) for arm, seed in places if (arm, seed) not in there)
    return Estimate(len(places), len(there), left)


def at_once(experiment: Experiment) -> int:
    """How many of its runs this machine trains at a time."""
    return rules.workers_for_one_thread() if of_one_thread(experiment.base) else rules.workers()


def rest(results: Results) -> Estimate:
    """What an experiment still costs: as long as its own runs take, as soon as that is known."""
    left = results.waiting
    took = {arm: _took(results, arm) for arm in {outcome.arm for outcome in left}}
    return Estimate(
        len(results.outcomes), len(results.outcomes) - len(left), _sum(_left(results, o, took[o.arm]) for o in left)
    )


def _left(results: Results, outcome: Outcome, took: Duration | None) -> Duration | None:
    """How long the rest of a run is trained."""
    config = results.experiment.config(outcome.arm, outcome.seed)
    whole = took or cost.estimate(config)
    return whole / (config.epochs / max(config.epochs - outcome.epochs, 0.5)) if whole else None


def _took(results: Results, arm: int) -> Duration | None:
    """How long a run of an arm has taken; None if none is finished yet, or nobody knows."""
    seconds = []
    for outcome in [o for o in results.of(arm) if o.state == "finished" and o.run_id][:LOOKED_AT]:
        with suppress(LenetError):
            seconds.append(runs.find(outcome.run_id or "").stored_status().train_seconds)
    known = [s for s in seconds if s > 0]
    return Duration.around(sum(known) / len(known), LIKE) if known else None


def _sum(parts: Iterable[Duration | None]) -> Duration | None:
    total = Duration(0.0, 0.0)
    for part in parts:
        if part is None:
            return None
        total += part
    return total
