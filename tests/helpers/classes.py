"""Classes that tests make: with members, and with runs that are written by hand."""

from __future__ import annotations

import hashlib

import numpy as np

from lenet import classroom, runs
from lenet.classroom import Activity, Member, training
from lenet.common import files
from lenet.experiments.experiment import Experiment
from lenet.kernels.history import Kernels
from lenet.runs import Run
from tests.helpers.experiments import asked, finish
from tests.helpers.made import set_status


def owner(name: str) -> str:
    """The hash of the key of a browser of that name."""
    return hashlib.sha256(name.encode()).hexdigest()


TEACHER = owner("teacher")


def opened(count: int) -> tuple[str, list[Member]]:
    """A class of so many members: its code, and who they are."""
    code = classroom.open_class(TEACHER).code
    return code, [classroom.join(code, owner(f"member {n}")) for n in range(count)]


def begun(code: str, experiment: Experiment | None = None) -> Activity:
    """Everybody trains: sigmoid or ReLU, in seconds."""
    return training.begin(code, experiment or asked(id=f"of-{code.lower()}", seeds=1))


def run_of(code: str, activity: Activity, member: Member) -> Run:
    return runs.find(training.entries(code, activity)[member.number].run_id)


def trained(run: Run, accuracy: float, kernels: Kernels | None = None, *, updated: float = 0.0) -> None:
    """As if a worker had trained it."""
    finish(run, accuracy)
    set_status(run, updated=updated, steps_per_epoch=10, step=10 * run.config.epochs)
    if kernels is not None:
        tensors = {"steps": np.array([0, 20]), "kernels": np.stack([np.zeros_like(kernels), kernels])}
        files.write_tensors(run.path / "kernels.safetensors", tensors)
