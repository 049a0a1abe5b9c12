"""Experiments that tests make: cheap to train, or with runs that are written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.common import files
from lenet.experiments.experiment import Experiment, Variation
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC, RunConfig
from lenet.runs.metrics import METRICS
from tests.helpers.made import set_status

TINY = replace(
    CLASSIC, model=LeNetConfig(channels=(2, 3), hidden=()), examples_per_epoch=320, batch_size=32, epochs=2, data="sample",
    device="cpu",
)  # fmt: skip
"""Twenty steps of a small network."""
TINY_OPTIONS = (
    "--channels", "2,3", "--hidden", "none", "--examples-per-epoch", "320", "--batch-size", "32", "--epochs", "2",
    "--data", "sample", "--device", "cpu",
)  # fmt: skip
ACTIVATIONS = Variation("model.activation", ("sigmoid", "relu"))


def asked(base: RunConfig = TINY, *, seeds: int = 2, **changes: Any) -> Experiment:
    """Sigmoid or ReLU?"""
    given: dict[str, Any] = {"id": "asked", "base": base, "vary": (ACTIVATIONS,), "seeds": seeds}
    return Experiment(**(given | changes))


def written(config: RunConfig, run_id: str, state: str = "finished", accuracy: float = 0.5, **status: Any) -> Run:
    """A run of that state, as its trainer would have left it."""
    run = runs.create(config, run_id)
    done = config.epochs if state == "finished" else 0
    rows = [[n, 10 * n, 1.0, accuracy, accuracy - 0.01 * (done - n), 1000.0] for n in range(1, done + 1)]
    files.write_atomic(run.path / "metrics.csv", files.csv_text(METRICS, rows).encode())
    set_status(run, **({"state": state, "epoch": done, "device": "cpu"} | status))
    return run


def finish(run: runs.Run, accuracy: float) -> None:
    """As if a worker had trained it."""
    rows = [[n, n, 1.0, 0.5, accuracy, 1.0] for n in range(1, run.config.epochs + 1)]
    files.write_atomic(run.path / "metrics.csv", files.csv_text(METRICS, rows).encode())
    set_status(run, state="finished", epoch=run.config.epochs, device="cpu", train_seconds=8.0)
