"""What a process may use of its machine."""

from __future__ import annotations

import pytest

from lenet.common import process
from lenet.experiments.engines import local


@pytest.mark.parametrize(("visible", "of_workers"), [
    ("0,1,2", ["0", "1", "2", "0"]),
    (" GPU-a, GPU-b ", ["GPU-a", "GPU-b", "GPU-a", "GPU-b"]),
    ("3", []),
    ("", []),
    ("-1", []),
])  # fmt: skip
def test_processes_share_the_gpus_in_turn(visible: str, of_workers: list[str]) -> None:
    """One GPU, or none, needs no choice."""
    environment = {"CUDA_VISIBLE_DEVICES": visible}
    found = [process.gpu_of(number, environment) for number in range(1, 5)]
    assert found == ([{"CUDA_VISIBLE_DEVICES": name} for name in of_workers] or [{}] * 4)


def test_as_many_runs_at_a_time_as_there_are_cores_memory_and_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "cores", lambda: 8)
    monkeypatch.setattr(process, "free_memory", lambda: 64e9)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert (local.at_once("cpu"), local.at_once("auto"), local.at_once("cuda")) == (
        8,
        2 * local.PER_GPU,
        2 * local.PER_GPU,
    )
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert local.at_once("auto") == 8
    monkeypatch.setattr(process, "free_memory", lambda: 4e9)
    assert local.at_once("auto") == 3
    monkeypatch.setattr(process, "free_memory", lambda: 1e6)
    assert local.at_once("auto") == 1


def test_there_is_a_core_and_some_memory() -> None:
    assert process.cores() >= 1
    assert process.free_memory() > 1e6
