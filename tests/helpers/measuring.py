"""What processes take, and what latencies come to."""

from __future__ import annotations

import os
import statistics
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """MB of a process: all its pages, and with shared ones only in part."""

    rss: float = 0.0
    pss: float = 0.0

    @classmethod
    def of(cls, pid: int) -> Memory:
        """On Linux; zeros elsewhere, and where there is no such process."""
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            return cls()
        kb = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        return cls(kb["Rss"] / 1000, kb["Pss"] / 1000)

    def __str__(self) -> str:
        return f"{self.rss:.0f} MB ({self.pss:.0f} MB PSS)"


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far; 0 where this system does not tell."""
    with suppress(OSError, ValueError):
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def summary(seconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile and largest of latencies, in ms."""
    ms = sorted(1000 * s for s in seconds) or [0.0]
    p95 = ms[min(int(0.95 * len(ms)), len(ms) - 1)]
    return {"median": round(statistics.median(ms), 1), "p95": round(p95, 1), "max": round(ms[-1], 1)}
