"""What the runs of an experiment say now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import MESSAGES, LenetError
from lenet.experiments import shipped, store
from lenet.experiments.experiment import Experiment
from lenet.experiments.store import Stored
from lenet.runs import Run
from lenet.runs.configuration import RunConfig
from lenet.runs.parsing import Arrays

COMPARED = tuple(
    field.name
    for field in dataclasses.fields(RunConfig)
    if field.name not in ("recipe", "model", "device", "data", "dataset", "threads")
)
COMPARED_OF_NETWORK = tuple(field.name for field in dataclasses.fields(LeNetConfig) if field.name != "num_classes")
"""What `is_of` compares; the number of classes is that of the images."""
MISSING = "missing"
"""The state of a run that has not been made yet, or has been deleted."""


@dataclass(frozen=True)
class Outcome:
    """One run of an experiment, as its directory says."""

    arm: int
    seed: int
    run_id: str | None = None
    """None where it has none yet, or came with the app, which ships no whole runs."""
    state: str = MISSING
    """As in `runs.STATES`, or MISSING."""
    test_acc: float | None = None
    """Unrounded, after the last epoch; None unless it is finished."""
    epochs: int = 0
    """How many it has finished."""
    error: LenetError | None = None
    """Why it failed."""


@dataclass(frozen=True)
class Results:
    """An experiment and how each of its runs stands, in the order in which they are trained."""

    experiment: Experiment
    outcomes: tuple[Outcome, ...]
    read_metrics: Callable[[int, int], Arrays]
    """Of a run, by arm and seed, what `metrics` gives."""
    read_kernels: Callable[[int, int], NDArray[np.float32]]
    stopped: bool = False
    looks: tuple[int, ...] = ()
    """As in `Stored`."""

    def values(self, arm: int) -> dict[int, float]:
        """The test accuracy of each finished run of an arm, by its seed."""
        return {o.seed: o.test_acc for o in self.outcomes if o.arm == arm and o.test_acc is not None}

    def of(self, arm: int) -> tuple[Outcome, ...]:
        """The runs of an arm, by their seeds."""
        return tuple(o for o in self.outcomes if o.arm == arm)

    @property
    def finished(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.state == "finished")

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.state == "failed")

    @property
    def waiting(self) -> tuple[Outcome, ...]:
        """The runs that have neither finished nor failed."""
        return tuple(o for o in self.outcomes if o.state not in ("finished", "failed"))

    def metrics(self, arm: int, seed: int) -> Arrays:
        """The columns of the run's metrics, an entry for each epoch so far, as `Run.metrics` gives them. Raises LenetError."""
        return self.read_metrics(arm, seed)

    def kernels(self, arm: int, seed: int) -> NDArray[np.float32]:
        """The first layer's weights [out, in, kh, kw] after the run's last epoch. Raises LenetError."""
        return self.read_kernels(arm, seed)


def read(what: Stored | str) -> Results:
    """How an experiment stands, by its id or as `store.find` gives it. Raises LenetError if there is none."""
    stored = store.find(what) if isinstance(what, str) else what
    experiment = stored.experiment
    if stored.is_reference:
        return _read_shipped(stored)
    outcomes = tuple(outcome(stored, arm, seed) for arm, seed in experiment.runs())
    if stored.by_class:  # one that nobody has asked for, or that its member has stopped, is not missing
        outcomes = tuple(found for found in outcomes if found.state not in (MISSING, "stopped"))

    def run(arm: int, seed: int) -> Run:
        return runs.find(stored.runs.get((arm, seed), ""))

    def metrics(arm: int, seed: int) -> Arrays:
        epochs = experiment.config(arm, seed).epochs
        return {name: column[:epochs] for name, column in run(arm, seed).metrics().items()}

    def kernels(arm: int, seed: int) -> NDArray[np.float32]:
        last: NDArray[np.float32] = run(arm, seed).kernels()[1][-1]
        return last

    return Results(experiment, outcomes, metrics, kernels, stored.stopped, stored.looks)


def _read_shipped(stored: Stored) -> Results:
    experiment, found = stored.experiment, shipped.load(store.file_of(stored.experiment.id))
    outcomes = []
    for arm, seed in experiment.runs():
        accuracies = found.metrics[arm, seed]["test_acc"]
        outcomes.append(Outcome(arm, seed, None, "finished", float(accuracies[-1]), len(accuracies)))

    def kernels(arm: int, seed: int) -> NDArray[np.float32]:
        last: NDArray[np.float32] = found.kernels[arm, seed]
        return last

    return Results(experiment, tuple(outcomes), lambda arm, seed: found.metrics[arm, seed], kernels)


def outcome(stored: Stored, arm: int, seed: int) -> Outcome:
    """How one run of an experiment stands."""
    run_id = stored.runs.get((arm, seed))
    nothing = Outcome(arm, seed, run_id)
    if run_id is None:
        return nothing
    with suppress(LenetError):
        run, wanted = runs.find(run_id), stored.experiment.config(arm, seed)
        if not is_of(run.config, wanted):
            return nothing
        status, metrics = run.status(), run.metrics()
        done = min(len(metrics["test_acc"]), wanted.epochs)
        state = "finished" if done == wanted.epochs else status.state  # also one that has been extended since
        accuracy = float(metrics["test_acc"][done - 1]) if done and state == "finished" else None
        error = None
        if state == "failed":  # a newer version may have written a code that this one does not know
            code = status.code if status.code in MESSAGES else "crashed"
            error = LenetError(code, **({"reason": status.code} | (status.params or {})))
        return Outcome(arm, seed, run_id, state, accuracy, done, error)
    return nothing


@lru_cache(maxsize=8192)
def is_of(found: RunConfig, wanted: RunConfig) -> bool:
    """Whether a run with the configuration `found` trains what `wanted` says, as far as the settings of the two tell.

    It may have been extended since. What its recipe is called does not matter; the images, the device and, for a GPU, the
    number of threads are to be compared by what the run's status says of them.
    """
    if found.epochs > wanted.epochs and wanted.epochs in found.cycles:
        with suppress(LenetError):
            cycles, extended = ([e for e in at if e < wanted.epochs] for at in (found.cycles, found.extended_at))
            found = replace(found, epochs=wanted.epochs, cycles=tuple(cycles), extended_at=tuple(extended))
    # Field by field: making a configuration checks all of it, and a page asks of every run.
    return all(getattr(found, name) == getattr(wanted, name) for name in COMPARED) and all(
        getattr(found.model, name) == getattr(wanted.model, name) for name in COMPARED_OF_NETWORK
    )
