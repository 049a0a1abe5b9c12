"""Where experiments are kept: `<runs>/experiments/<id>.json` holds the question and which run is which.

The runs themselves lie in the runs directory like any other. Those that came with the app are in `lenet/reference/experiments`
(see shipped.py) and are only read. Files are written beside and renamed, under a lock: several processes may add seeds or
runs to one experiment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.experiments.experiment import ID, Experiment
from lenet.runs.store import EXPERIMENTS

FOLDER = EXPERIMENTS
REFERENCE_PREFIX = "reference-"
MAX_BYTES = 2**20  # of a file: 2,000 runs with ids of 64 characters take 140 kB

Place = tuple[int, int]
"""The number of an arm, and a seed."""


@dataclass(frozen=True)
class Stored:
    """An experiment as its file has it."""

    experiment: Experiment
    runs: dict[Place, str] = field(default_factory=dict)
    """The id of each run that has one. Its directory may not exist yet, or no longer."""
    stopped: bool = False
    """Whether a reader has stopped it: what has not been queued by then is not."""
    owner: str = ""
    """Whose it is on a public server, as of a run; empty elsewhere."""
    address: str = ""
    """From where that visitor came, as of a run."""
    by_workers: bool = False
    """Whether its runs are queued for the workers; else a command trains them, and makes each as it begins it."""
    by_class: bool = False
    """Whether a class makes it (see lenet/classroom/training.py): it has the runs that members of the class ask for, and one
    that nobody has asked for is not missing."""
    looks: tuple[int, ...] = ()
    """The numbers of seeds with which it was finished when more were added: how often its answer has been looked at before."""

    @property
    def is_reference(self) -> bool:
        """Whether it came with the app."""
        return self.experiment.id.startswith(REFERENCE_PREFIX)

    def to_dict(self) -> dict[str, Any]:
        e = self.experiment
        runs = [[self.runs.get((arm, seed)) for seed in range(e.seeds)] for arm in range(len(e.arms))]
        about = {name: getattr(self, name) for name in ("stopped", "owner", "address", "by_workers", "by_class")}
        return e.to_dict() | {"runs": runs, "looks": list(self.looks)} | about

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Stored:
        experiment = Experiment.from_dict(values)
        runs = {
            (arm, seed): run
            for arm, ids in enumerate(values.get("runs", ()))
            for seed, run in enumerate(ids)
            if isinstance(run, str) and arm < len(experiment.arms) and seed < experiment.seeds
        }
        owner, address = (str(values.get(name, "")) for name in ("owner", "address"))
        stopped, by_workers, by_class = (values.get(name) is True for name in ("stopped", "by_workers", "by_class"))
        looks = {n for n in values.get("looks", ()) if type(n) is int and 1 <= n < experiment.seeds}
        return cls(experiment, runs, stopped, owner, address, by_workers, by_class, tuple(sorted(looks)))


def find(experiment_id: str) -> Stored:
    """The experiment of that id. Raises LenetError if there is none, or its file is damaged."""
    path = file_of(experiment_id)
    try:
        stat = files.plain_stat(path)
        found = _read(path, (stat.st_ino, stat.st_mtime_ns, stat.st_size))
        if found.experiment.id != experiment_id:
            raise ValueError(f"it is called {found.experiment.id}")
        return found
    except FileNotFoundError as e:
        raise LenetError("no_such_experiment", id=experiment_id) from e
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as e:
        raise LenetError("experiment_damaged", id=experiment_id, reason=f"{type(e).__name__}: {e}"[:200]) from e


@lru_cache(maxsize=1024)  # a page lists all of them
def _read(path: Path, _stamp: tuple[int, ...]) -> Stored:
    return Stored.from_dict(json.loads(files.read_plain(path, MAX_BYTES)))


def exists(experiment_id: str) -> bool:
    """Whether there is a file of that id. Raises LenetError if there cannot be."""
    return file_of(experiment_id).exists()


def list_experiments() -> list[Stored]:
    """All experiments that can be read, the newest first, then those that came with the app."""
    found = []
    for folder in (paths.runs_dir() / FOLDER, paths.REFERENCE_DIR / FOLDER):
        prefix = REFERENCE_PREFIX if folder.parent == paths.REFERENCE_DIR else ""
        here = []
        for path in folder.glob("*.json"):
            with suppress(LenetError):
                here.append(find(prefix + path.stem))
        found += sorted(here, key=lambda stored: -stored.experiment.created)
    return found


def save(stored: Stored) -> None:
    """Write the file of an experiment. Raises LenetError. Only within `locked`, unless it is new."""
    if stored.is_reference:
        raise LenetError("experiment_is_reference", id=stored.experiment.id)
    path = file_of(stored.experiment.id)
    with files.writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(path, stored.to_dict())


def delete(experiment_id: str) -> None:
    """Remove the file of an experiment; its runs stay. Raises LenetError."""
    with locked(experiment_id), files.writing(file_of(experiment_id).parent):
        file_of(experiment_id).unlink(missing_ok=True)


@contextmanager
def locked(experiment_id: str) -> Iterator[None]:
    """Context in which no other process changes the file of that experiment. Raises LenetError."""
    path = file_of(experiment_id)
    if path.parent.parent == paths.REFERENCE_DIR:  # an installed copy may not be written to
        raise LenetError("experiment_is_reference", id=experiment_id)
    with files.locked(path.with_name(f".{path.stem}.lock")):
        yield


def file_of(experiment_id: str) -> Path:
    """The file of an experiment, be there one or not. Raises LenetError if there cannot be."""
    if not re.fullmatch(ID, experiment_id):
        raise LenetError("bad_experiment_id", id=experiment_id[:80])
    if experiment_id.startswith(REFERENCE_PREFIX):
        return paths.REFERENCE_DIR / FOLDER / f"{experiment_id.removeprefix(REFERENCE_PREFIX)}.json"
    return paths.runs_dir() / FOLDER / f"{experiment_id}.json"
