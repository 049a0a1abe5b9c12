"""The health of this installation, for the status page and for `python -m lenet.worker --status`."""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lenet.common import paths, process
from lenet.common.errors import MESSAGES, LenetError, say
from lenet.common.formatting import byte_size
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs.queue import waiting_runs
from lenet.runs.state import read_state, read_states
from lenet.runs.store import find, list_runs

MAX_NAMED = 10  # runs in a line
STUCK_AFTER = 300.0  # seconds without an update from a run in training, which usually come every 0.25


@dataclass(frozen=True)
class Disk:
    """The disk with the runs directory, in bytes; `used` are the bytes of its `runs` runs."""

    runs: int
    used: int
    free: int
    total: int


def trouble() -> LenetError | None:
    """What is wrong with the workers: runs wait without a worker, or a run in training makes no progress; None if nothing."""
    states = read_states()
    for state in states:
        if state.state == "training":
            seen = state.updated
            with suppress(LenetError):
                seen = max(seen, find(state.run).status().updated)
            if (silent := time.time() - seen) > STUCK_AFTER:
                return LenetError("worker_stuck", id=state.run, seconds=round(silent))
    if all(state.state in ("unknown", "asleep") for state in states) and (waiting := waiting_runs()):
        return LenetError("worker_missing", n=len(waiting))
    return None


def report() -> tuple[bool, str]:
    """Whether the workers are healthy, and their state in one line of English."""
    wrong = trouble()
    facts = [f"{wrong or 'OK.'} waiting {len(waiting_runs())}"]
    for number, state in enumerate(read_states(), 1):
        fact = f"worker {number} {state.state}"
        if state.state == "training":
            with suppress(LenetError):
                status = find(state.run).status()
                fact += f" {state.run} at epoch {status.epoch}, step {status.step}"
        fact += f" on {state.device_name}" if state.device_name else ""
        fact += f", pid {state.pid}" if state.state not in ("unknown", "asleep") else ""
        facts.append(fact)
    if interrupted := _interrupted():
        more = " …" if len(interrupted) > MAX_NAMED else ""
        facts.append(f"interrupted: {', '.join(interrupted[:MAX_NAMED])}{more}")
    return wrong is None, "; ".join(facts)


def _interrupted() -> list[str]:
    """Runs that a worker left unfinished: no fault of the present workers, but worth reporting."""
    found = []
    for run in list_runs():
        with suppress(LenetError):
            status = run.status()
            if status.state == "interrupted" and status.for_worker:
                found.append(run.id)
    return found


def disk() -> Disk:
    """How much disk space the runs take and how much is left."""
    folder = paths.runs_dir()
    used = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                used += (Path(place) / name).lstat().st_size
    while not folder.exists():
        folder = folder.parent
    total, _used, free = shutil.disk_usage(folder)
    return Disk(sum(not run.is_reference for run in list_runs()), used, free, total)


def versions() -> dict[str, str]:
    """Names and versions of the software that this server runs on; torch's is the one that the worker reported."""
    found = {"Python": platform.python_version()}
    for name in ("streamlit", "plotly", "numpy", "torch"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    if of_worker := read_state().torch:
        found["torch"] = of_worker
    return found


# -- in words and rows -------------------------------------------------------------------------------------------

LEVELS = {"warning": N_("warning"), "error": N_("error")}


def figures(connected: int | None) -> list[tuple[str, str, str]]:
    """The figures at the top of the status page: name, value and a further line of each.

    `connected` is the number of open browser tabs; None if unknown.
    """
    trainer, space = read_state(), disk()
    busy = ", ".join(state.run for state in read_states() if state.run)
    used = _("runs: {n}, {size}").format(n=space.runs, size=byte_size(space.used))
    return [
        (_("Trainer"), trainer.words(), trainer.device_name or _("not known yet")),
        (_("Runs waiting"), str(len(waiting_runs())), _("in training: {run}").format(run=busy) if busy else ""),
        (_("Free disk space"), byte_size(space.free), used),
        (_("Browser tabs"), "–" if connected is None else str(connected), _("connected to this server now")),
        (_("Memory"), byte_size(process.memory()), _("used by this server")),
        (_("Running for"), uptime(), _("process {pid}").format(pid=os.getpid())),
    ]


def uptime() -> str:
    """How long this process has been running."""
    minutes = int(time.time() - process.started()) // 60
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return _("{days} d {hours} h").format(days=days, hours=hours) if days else f"{hours}:{minutes:02} h"


def queue_rows() -> list[dict[str, str]]:
    """A row for each waiting run, in the order of the queue."""
    rows = []
    for run in waiting_runs():
        with suppress(LenetError):
            since = datetime.datetime.fromtimestamp(run.status().created, datetime.UTC)
            rows.append({_("Run"): run.label(), _("Waiting since (UTC)"): since.strftime("%F %T")})
    return rows


def log_rows(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """A row for each log entry. Errors with a code are worded in the reader's language."""
    rows = []
    for e in entries:
        code, params, at = e.get("code"), e.get("params"), e.get("at")
        what = e.get("exception") or e.get("reason") or ""
        if isinstance(code, str) and code in MESSAGES:
            what = say(code, params if isinstance(params, dict) else {})
        rows.append(
            {
                _("Time (UTC)"): str(e.get("time", ""))[:19].replace("T", " "),
                _("Level"): _(LEVELS.get(str(e.get("level")), "")),
                _("Event"): str(e.get("event", ""))[:80],
                _("Run"): str(e.get("run", ""))[:64],
                _("What"): str(what)[:400],
                _("Where"): str(at[0])[:120] if isinstance(at, list) and at else "",
                _("Number"): str(e.get("id", ""))[:16],
            }
        )
    return rows
