"""What a process asks of its machine: cores and GPUs, its place behind others, memory; and when it started."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Mapping
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


# -- cores and GPUs ------------------------------------------------------------------------------------------------


def cores() -> int:
    """How many cores this process may use at a time: those of the machine, less where its container has a share of them."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        if quota != "max":
            found = min(found, round(int(quota) / int(period)))
    return max(found, 1)


def free_memory() -> float:
    """Bytes of main memory that processes may still take; infinite where the system does not tell."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1])
    return math.inf


def gpus(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The NVIDIA GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them. No library is loaded to find out."""
    if (named := environment.get("CUDA_VISIBLE_DEVICES")) is not None:
        return [name.strip() for name in named.split(",") if name.strip() not in ("", "-1")]
    with suppress(OSError):
        return [str(n) for n, _ in enumerate(Path("/proc/driver/nvidia/gpus").iterdir())]
    return []


def gpu_of(number: int, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the environment of the process of that number (from 1) says, where several share the GPUs of a machine: each
    sees one of them, in turn. Empty where there is only one, or none."""
    found = gpus(environment)
    return {"CUDA_VISIBLE_DEVICES": found[(number - 1) % len(found)]} if len(found) > 1 else {}


def go_last() -> None:
    """Let others go first where there are not cores enough for all.

    `nice` counts within a scheduling group alone. On many Linux systems each session is such a group, and a trainer that a
    server or systemd has started leads one of its own: between groups, `autogroup` counts.
    """
    with suppress(AttributeError, OSError):  # Windows: see jobs.start_process
        os.nice(10)
        if os.getsid(0) == os.getpid():  # else it is the session of a terminal
            Path("/proc/self/autogroup").write_text("10")
