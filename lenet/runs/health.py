"""How this installation is: for the status page, and for `python -m lenet.worker --status`."""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lenet import worker
from lenet.common import paths
from lenet.common.errors import MESSAGES, LenetError, say
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs import store
from lenet.runs.store import Run

_IMPORTED = time.time()
MAX_NAMED = 10  # runs in a line
STUCK_AFTER = 300.0  # seconds without a sign of life from a run that is being trained: usual are 0.25


@dataclass(frozen=True)
class Disk:
    """The disk that the runs lie on, in bytes; `used` is what the runs take of it."""

    runs: int
    used: int
    free: int
    total: int


def trouble() -> LenetError | None:
    """What is wrong with the workers: runs wait and there is none, or the run that one trains stands still."""
    states = worker.read_states()
    for state in states:
        if state.state == "training":
            seen = state.updated
            with suppress(LenetError):
                seen = max(seen, store.find(state.run).status().updated)
            if (still := time.time() - seen) > STUCK_AFTER:
                return LenetError("worker_stuck", id=state.run, seconds=round(still))
    if all(state.state in ("unknown", "asleep") for state in states) and (waiting := worker.queue()):
        return LenetError("worker_missing", n=len(waiting))
    return None


def report() -> tuple[bool, str]:
    """Whether the workers are well, and how they are, in one line of English."""
    wrong = trouble()
    facts = [f"{wrong or 'OK.'} waiting {len(worker.queue())}"]
    for number, state in enumerate(worker.read_states(), 1):
        fact = f"worker {number} {state.state}"
        if state.state == "training":
            with suppress(LenetError):
                status = store.find(state.run).status()
                fact += f" {state.run} at epoch {status.epoch}, step {status.step}"
        fact += f" on {state.device_name}" if state.device_name else ""
        fact += f", pid {state.pid}" if state.state not in ("unknown", "asleep") else ""
        facts.append(fact)
    if left := _interrupted():
        facts.append(f"interrupted: {', '.join(left[:MAX_NAMED])}{' …' * (len(left) > MAX_NAMED)}")
    return wrong is None, "; ".join(facts)


def _interrupted() -> list[str]:
    """Runs that a worker has left in the middle: nothing is wrong with the workers, and somebody may want to know."""
    left = []
    for run in store.list_runs():
        with suppress(LenetError):
            status = run.status()
            if status.state == "interrupted" and status.for_worker:
                left.append(run.id)
    return left


def disk() -> Disk:
    """How much the runs take and how much is left."""
    folder = paths.runs_dir()
    used = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                used += (Path(place) / name).lstat().st_size
    while not folder.exists():
        folder = folder.parent
    total, _used, free = shutil.disk_usage(folder)
    return Disk(sum(not run.is_reference for run in store.list_runs()), used, free, total)


@cache
def started() -> float:
    """When this process began, in seconds since 1970; on systems other than Linux, when it imported this module."""
    with suppress(OSError, ValueError, IndexError):
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        age = float(Path("/proc/uptime").read_text().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")
        return min(time.time() - age, _IMPORTED)
    return _IMPORTED


def memory() -> int:
    """Bytes of main memory that this process holds now; its peak where the system does not tell (0 on Windows)."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource  # not on Windows
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def versions() -> dict[str, str]:
    """Name and version of what this server runs on; torch as the worker found it."""
    found = {"Python": platform.python_version()}
    for name in ("streamlit", "plotly", "numpy", "torch"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    if told := worker.read_state().torch:
        found["torch"] = told
    return found


# -- in words and rows -------------------------------------------------------------------------------------------

LEVELS = {"warning": N_("warning"), "error": N_("error")}


def size(n: float) -> str:
    """Bytes for a reader: 812 MB, 3.4 GB."""
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{n / 1e6:.0f} MB"


def uptime() -> str:
    """For how long this process has run."""
    minutes = int(time.time() - started()) // 60
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return _("{days} d {hours} h").format(days=days, hours=hours) if days else f"{hours}:{minutes:02} h"


def queue_rows(waiting: Iterable[Run]) -> list[dict[str, str]]:
    """A row for each run that waits, in their order."""
    rows = []
    for run in waiting:
        with suppress(LenetError):
            rows.append({_("Run"): run.label(), _("Waiting since (UTC)"): _clock(run.status().created)})
    return rows


def log_rows(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """A row for each entry of the log. What is wrong is told in the reader's language where it has a code."""
    rows = []
    for e in entries:
        code, params, at = e.get("code"), e.get("params"), e.get("at")
        told = e.get("exception") or e.get("reason") or ""
        if isinstance(code, str) and code in MESSAGES:
            told = say(code, params if isinstance(params, dict) else {})
        rows.append(
            {
                _("Time (UTC)"): str(e.get("time", ""))[:19].replace("T", " "),
                _("Level"): _(LEVELS.get(str(e.get("level")), "")),
                _("Event"): str(e.get("event", ""))[:80],
                _("Run"): str(e.get("run", ""))[:64],
                _("What"): str(told)[:400],
                _("Where"): str(at[0])[:120] if isinstance(at, list) and at else "",
                _("Number"): str(e.get("id", ""))[:16],
            }
        )
    return rows


def _clock(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%F %T")
