"""The state of each worker, in `state.json` in its folder.

    <runs>/.worker/       the first worker, and the only one unless a public server allows more
    <runs>/.worker-2/     the second one, and so on: as many as runs may be trained at a time (rules.py)

The worker writes it and everything else reads it: pages learn which device this machine has without importing torch. The
other files of the folder are described in common/jobs.py.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lenet.common import fields, files, paths
from lenet.common.jobs import Job
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs import parsing, rules
from lenet.runs.configuration import DEVICES

WORKER_STATES = {
    "unknown": N_("not started yet"),
    "starting": N_("starting"),
    "idle": N_("ready"),
    "training": N_("training"),
    "asleep": N_("asleep"),
}


@dataclass(frozen=True)
class WorkerState:
    """The state that a worker last wrote."""

    state: str = "unknown"
    pid: int = 0
    run: str = ""  # id of the run that it trains
    device: str = ""
    device_name: str = ""
    devices: tuple[str, ...] = ()  # the values of RunConfig.device that work here
    torch: str = ""  # version
    tries: int = 0  # workers that have begun `run`: more than one if it crashed some of them
    updated: float = 0.0  # seconds since 1970

    def words(self) -> str:
        """The state in the reader's language."""
        return _(WORKER_STATES.get(self.state, WORKER_STATES["unknown"]))


def worker_job(number: int = 1) -> Job:
    """The folder, lock and process of a worker; workers are numbered from 1."""
    name = ".worker" if number == 1 else f".worker-{number}"
    return Job(paths.runs_dir() / name, "lenet.worker")


def read_state(number: int = 1) -> WorkerState:
    """The state of a worker: `asleep` if its process is gone, whatever it wrote last; `unknown` if there was none."""
    state = stored_state(number)
    if state.state not in ("unknown", "asleep") and not worker_job(number).is_running:
        return replace(state, state="asleep", run="")
    return state


def read_states() -> list[WorkerState]:
    """The states of all workers that this server may start; of those for runs of one thread, where there are such, of the
    ones that are at work."""
    sure, more = rules.workers(), rules.workers_for_one_thread()
    states = [read_state(number) for number in range(1, sure + 1)]
    beside = [read_state(number) for number in range(sure + 1, more + 1)]
    return states + [state for state in beside if state.state not in ("unknown", "asleep")]


def stored_state(number: int = 1) -> WorkerState:
    """The state that a worker last wrote, even if it was killed since."""
    try:
        return parsing.parsed(_file(number), _parse)
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return WorkerState()


def write_state(number: int, **changes: Any) -> None:
    """Change the state of a worker; called by the worker. A full disk is ignored."""
    state = asdict(read_state(number)) | {"pid": os.getpid(), "updated": time.time()} | changes
    with suppress(OSError):
        files.write_json(_file(number), state)


def _file(number: int) -> Path:
    return worker_job(number).folder / "state.json"


def _parse(raw: bytes) -> WorkerState:
    """A state from an untrusted file: a value that is not of its field's kind is replaced by the default."""
    values = json.loads(raw)
    devices = values.get("devices")
    known = tuple(d for d in devices if d in DEVICES) if isinstance(devices, list) else ()
    return replace(fields.read_what_fits(WorkerState, values), devices=known)
