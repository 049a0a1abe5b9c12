"""When this process started, how long it waited for others, and how much memory it uses."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

_IMPORTED = time.time()


@cache
def started() -> float:
    """When this process began, in seconds since 1970; on systems other than Linux, when it imported this module."""
    with suppress(OSError, ValueError, IndexError):
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        age = float(Path("/proc/uptime").read_text().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")
        return min(time.time() - age, _IMPORTED)
    return _IMPORTED


def waited_for_core() -> float:
    """Seconds that this thread has waited for a core while others ran on it; 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    return 0.0


def memory() -> int:
    """Bytes of main memory that this process uses now; the peak where the system does not tell (0 on Windows)."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return peak_memory()


def peak_memory() -> int:
    """The peak main memory of this process in bytes; 0 on Windows."""
    try:
        import resource  # not on Windows
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
