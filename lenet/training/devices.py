"""The device that a run is trained on: which one, what it is called, how busy it is, how much memory was needed."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from lenet.common import process
from lenet.common.errors import LenetError


def pick_device(name: str) -> torch.device:
    """The device called `name`; `auto` is a GPU, or the CPU without one. Raises LenetError where there is none."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    missing = (name == "cuda" and not torch.cuda.is_available()) or (
        name == "mps" and not torch.backends.mps.is_available()
    )
    if missing:
        raise LenetError("device_unavailable", device=name)
    return torch.device("cuda:0" if name == "cuda" else name)


def device_name(device: torch.device) -> str:
    """The name of the GPU, or the CPU with its number of threads; the same in every language."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "Apple GPU" if device.type == "mps" else f"CPU × {torch.get_num_threads()}"


class UsageMeter:
    """How busy the device is: a CPU with this process alone, a GPU with everything that runs on it."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._last = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, Any]:
        """`use`, 0 to 1 of all cores since the last reading; of a GPU also `memory` and `memory_total` in bytes.

        What the system does not tell is left out.
        """
        if self.device.type == "cpu":
            now = time.perf_counter(), time.process_time()
            wall, busy = (b - a for a, b in zip(self._last, now, strict=True))
            self._last = now
            return {"use": min(busy / max(wall, 1e-3) / (os.cpu_count() or 1), 1.0)}
        if self.device.type == "cuda":
            free, total = torch.cuda.mem_get_info(self.device)
            found: dict[str, Any] = {"memory": total - free, "memory_total": total}
            with suppress(Exception):  # nvidia-ml-py is missing, or the driver refuses with an error of its own
                found["use"] = torch.cuda.utilization(self.device) / 100
            return found
        return {}


def reset_peak_memory(device: torch.device) -> None:
    """Have `peak_memory` count from now on: a worker has trained other runs before."""
    if device.type == "cuda":
        torch.cuda.init()  # type: ignore[no-untyped-call]  # which may not have been used yet: then torch refuses the next line
        torch.cuda.reset_peak_memory_stats(device)
    with suppress(OSError):  # not on Linux
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory(device: torch.device) -> int:
    """The most bytes that this process has held at a time: on a CUDA device there, else in main memory."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return process.peak_memory()
