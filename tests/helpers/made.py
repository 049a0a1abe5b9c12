"""Runs that tests make: short to train, or written by hand where nothing needs to be trained."""

from __future__ import annotations

import math
import shutil
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from lenet import runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.runs import Run, Status, WorkerState, cost, speeds
from lenet.runs.configuration import CLASSIC
from lenet.runs.cost import Duration
from lenet.runs.speeds import Measured
from lenet.runs.state import worker_job
from lenet.runs.store import CLASSES, EXPERIMENTS
from tests.helpers.processes import wait_for

SHORT = replace(CLASSIC, epochs=1, data="sample", device="cpu")
"""A second of training."""
LONG = replace(SHORT, epochs=1000)
"""More than any test waits for."""


def own_runs() -> list[Run]:
    """All runs but those that came with the app."""
    return [run for run in runs.list_runs() if not run.is_reference]


def put_away() -> None:
    """Stop and delete all runs and experiments but those that came with the app, and all classes, and let guests do what
    they may at first. A worker stays, and has nothing to do."""
    (paths.runs_dir() / ".guests.json").unlink(missing_ok=True)
    for folder in (EXPERIMENTS, CLASSES):
        shutil.rmtree(paths.runs_dir() / folder, ignore_errors=True)
    wait_for(lambda: all(map(_is_deleted, own_runs())))
    wait_for(lambda: all(state.state != "training" for state in runs.read_states()))


def _is_deleted(run: Run) -> bool:
    with suppress(LenetError):  # in training until its next step
        run.request("stop")
        run.delete()
        return True
    return False


def set_status(run: Run, **changes: Any) -> Status:
    """Write into a run's status what its trainer would."""
    status = replace(run.stored_status(), **changes)
    files.write_json(run.path / "status.json", asdict(status))
    return status


def set_worker(number: int = 1, **changes: Any) -> None:
    """Write the file in which worker `number` says how it is."""
    folder = worker_job(number).folder
    folder.mkdir(parents=True, exist_ok=True)
    files.write_json(folder / "state.json", asdict(replace(WorkerState(), **changes)))


def known_speed(ratio: float = 1.0, device: str = "cpu", device_name: str = "CPU × 1") -> None:
    """As if a worker had measured how fast that device trains: in `ratio` times the reference seconds."""
    whole = cost.work(CLASSIC, speeds.kind_of(device), 60_000, 10_000)
    speeds.record(Measured(device, device_name, whole.image, CLASSIC.batch_size, ratio))


def middle(duration: Duration) -> float:
    """The seconds in the middle of an estimate."""
    return math.sqrt(duration.low * duration.high)


def finished(run_id: str = "mine", source: str = "classic", *without: str) -> Run:
    """A finished run of the reader's own: a copy of one that came with the app, but for the files `without`."""
    folder = paths.runs_dir() / run_id
    shutil.copytree(paths.REFERENCE_DIR / source, folder, ignore=shutil.ignore_patterns(*without))
    return runs.find(run_id)
