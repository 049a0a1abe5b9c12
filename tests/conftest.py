"""What all tests share: a runs directory of their own, no processes by the way, English unless they say otherwise."""

from __future__ import annotations

import os
from pathlib import Path

# Tests run side by side: two processes of two threads on two cores wait for each other most of the time.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from lenet.common import glossary, jobs, paths

# How fast a shared machine draws random inputs says nothing about the product.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has its own empty runs directory, and data come from where this machine has them."""
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.delenv("LENET_DATA_DIR", raising=False)
    monkeypatch.delenv("LENET_HOSTED", raising=False)
    return paths.runs_dir()


@pytest.fixture(autouse=True)
def no_processes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Pages under test start no worker and no download; what they would have started is listed instead."""
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(jobs, "start_process", lambda module, *options, log: started.append((module, *options)))
    return started


@pytest.fixture(autouse=True)
def texts_without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of pages under test stand as they were written; tests/common/test_glossary.py has the links of terms in them."""
    monkeypatch.setattr(glossary, "link", lambda text, language, may=None: text)


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> None:
    """For page tests: scripts are compiled once."""
    from tests.helpers.pages import as_served  # and with it Streamlit, which most tests do without

    as_served(monkeypatch)


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public server."""
    monkeypatch.setenv("LENET_HOSTED", "1")
