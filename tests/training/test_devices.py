"""The device: how busy it is, how much memory was needed."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import torch

from lenet.training.devices import UsageMeter, peak_memory, reset_peak_memory
from tests.helpers.training import CPU


def test_a_cpu_is_as_busy_as_this_process_makes_it() -> None:
    meter = UsageMeter(CPU)
    deadline = time.process_time() + 0.2
    while time.process_time() < deadline:
        pass
    assert 0 < meter.read()["use"] <= 1
    time.sleep(0.3)
    assert meter.read()["use"] < 0.4


def test_a_gpu_tells_its_memory_and_if_it_can_its_use(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(device: object) -> int:
        raise ModuleNotFoundError("pynvml")

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (6 * 2**30, 8 * 2**30))
    monkeypatch.setattr(torch.cuda, "utilization", lambda device: 63)
    meter = UsageMeter(torch.device("cuda:0"))
    assert meter.read() == {"use": 0.63, "memory": 2 * 2**30, "memory_total": 8 * 2**30}
    monkeypatch.setattr(torch.cuda, "utilization", broken)
    assert meter.read() == {"memory": 2 * 2**30, "memory_total": 8 * 2**30}


def test_a_gpu_that_has_not_been_used_yet_is_made_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch refuses to reset the statistics of a device before its first use: "Invalid device argument"."""
    calls: list[str] = []
    monkeypatch.setattr(torch.cuda, "init", lambda: calls.append("init"))
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: calls.append(f"reset {device}"))
    reset_peak_memory(torch.device("cuda:0"))
    assert calls == ["init", "reset cuda:0"]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells it")
def test_peak_memory_is_of_this_run_not_of_those_before() -> None:
    blocks = np.ones(60_000_000)
    high = peak_memory(CPU)
    del blocks
    reset_peak_memory(CPU)
    assert peak_memory(CPU) < high - 200 * 2**20
