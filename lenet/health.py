"""How this installation is: for the status page, and for `python -m lenet.worker --status`."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lenet import runs, settings, worker
from lenet.errors import LenetError

STARTED = time.time()
STUCK_AFTER = 300.0  # seconds without a sign of life from a run that is being trained: usual are 0.25


@dataclass(frozen=True)
class Disk:
    """The disk that the runs lie on, in bytes; `used` is what the runs take of it."""

    runs: int
    used: int
    free: int
    total: int


def report() -> tuple[bool, str]:
    """Whether the worker is well, and how it is in one line of English.

    It is not where runs wait and there is no worker, or where the run that it trains has stood still for five minutes.
    """
    state, waiting = worker.read_state(), len(worker.queue())
    facts = [state.state if state.state != "training" else f"training {state.run}", f"{waiting} waiting"]
    facts += [f"on {state.device_name}"] if state.device_name else []
    facts += [f"pid {state.pid}"] if state.state not in ("unknown", "asleep") else []
    trouble = ""
    if state.state == "training":
        seen = state.updated
        with suppress(LenetError):
            status = runs.find(state.run).status()
            seen = max(seen, status.updated)
            facts[0] += f" (epoch {status.epoch}, step {status.step})"
        if time.time() - seen > STUCK_AFTER:
            trouble = f"no sign of life for {time.time() - seen:.0f} s"
    elif waiting and not worker.is_alive():
        trouble = "runs wait and there is no worker"
    return not trouble, f"{trouble or 'ok'}: {', '.join(facts)}"


def disk() -> Disk:
    """How much the runs take and how much is left."""
    folder = settings.runs_dir()
    used = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                used += (Path(place) / name).lstat().st_size
    while not folder.exists():
        folder = folder.parent
    total, _used, free = shutil.disk_usage(folder)
    return Disk(sum(not run.is_reference for run in runs.list_runs()), used, free, total)


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
