"""What the cores of this machine are busy with (Linux): this process and those that it has started, by kinds, and all others."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

OTHERS = "others"
"""Processes that this one has not started."""


@dataclass(frozen=True)
class Moment:
    """Seconds of CPU that have been used until now."""

    at: float
    ours: dict[int, tuple[str, float]]
    """By each process: its kind, and its seconds."""
    all: float
    """By the whole machine."""


def look(kind: Callable[[str], str]) -> Moment:
    """Now. `kind` gives what a process that this one has started counts as, by its command line."""
    at, found = time.perf_counter(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            found[int(folder.name)] = int(words[1]), (int(words[11]) + int(words[12])) / _TICKS
    ours = {}
    for pid, (_, seconds) in found.items():
        if _is_ours(pid, found):
            with suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                ours[pid] = kind(command), seconds
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return Moment(at, ours, (sum(ticks) - ticks[3] - ticks[4]) / _TICKS)


def busy(moments: Sequence[Moment]) -> dict[str, float]:
    """How many cores each kind of process has kept busy on the average from the first moment to the last. In between, a process
    that has ended by the last one is seen."""
    first, last = moments[0], moments[-1]
    spent = {pid: found for moment in moments for pid, found in moment.ours.items()}
    seconds: dict[str, float] = defaultdict(float)
    for pid, (kind, used) in spent.items():
        seconds[kind] += used - first.ours.get(pid, ("", 0.0))[1]
    seconds[OTHERS] = last.all - first.all - sum(seconds.values())
    return {kind: used / (last.at - first.at) for kind, used in seconds.items()}


_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def _is_ours(pid: int, found: dict[int, tuple[int, float]]) -> bool:
    while pid in found and pid != os.getpid():
        pid = found[pid][0]
    return pid == os.getpid()
