"""What the cores of this machine are busy with (Linux): this process, those that it has started, and all others."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

OTHERS = "others"
"""Processes that this one has not started."""


@dataclass(frozen=True)
class Moment:
    """How much has been done until now."""

    at: float
    seconds: Counter[str]
    """Of CPU, by what the processes are called in `look`."""

    def busy_since(self, before: Moment) -> dict[str, float]:
        """How many cores each kind of process has kept busy on the average."""
        took = self.at - before.at
        return {kind: max(spent - before.seconds[kind], 0) / took for kind, spent in self.seconds.items()}


def look(kind: Callable[[str], str]) -> Moment:
    """Now. `kind` gives what a process that this one has started counts as, by its command line."""
    seconds: Counter[str] = Counter()
    found: dict[int, tuple[int, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            found[int(folder.name)] = int(words[1]), (int(words[11]) + int(words[12])) / _TICKS
    for pid, (_, spent) in found.items():
        if _is_ours(pid, found):
            with suppress(OSError):
                seconds[kind(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode())] += spent
    total = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    idle = int(total[3]) + int(total[4])
    seconds[OTHERS] = (sum(map(int, total)) - idle) / _TICKS - sum(seconds.values())
    return Moment(time.perf_counter(), seconds)


_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def _is_ours(pid: int, found: dict[int, tuple[int, float]]) -> bool:
    while pid in found and pid != os.getpid():
        pid = found[pid][0]
    return pid == os.getpid()
