"""What all tests share: a runs directory of their own, and English unless they say otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from lenet import settings


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has its own empty runs directory, and data come from where this machine has them."""
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.delenv("LENET_DATA_DIR", raising=False)
    monkeypatch.delenv("LENET_HOSTED", raising=False)
    return settings.runs_dir()
