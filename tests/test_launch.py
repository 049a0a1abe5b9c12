"""The command `lenet-explorer`: what it hands to Streamlit and what it says."""

from __future__ import annotations

import runpy
import signal
import sys
from typing import Any

import pytest

from lenet import data, launch
from lenet.common import paths


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines with which Streamlit would have been started."""
    lines: list[list[str]] = []

    def run_module(name: str, **_options: Any) -> None:
        lines.append([name, *sys.argv[1:]])

    monkeypatch.setattr(sys, "argv", ["lenet-explorer"])
    monkeypatch.setattr(runpy, "run_module", run_module)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # Ctrl-C goes on to mean pytest
    return lines


def test_all_options_go_to_streamlit(started: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    launch.main(["--server.port", "8600", "--server.headless=true"])
    app = str(paths.PROJECT / "app.py")
    assert started == [["streamlit", "run", app, "--server.port", "8600", "--server.headless=true"]]
    assert str(paths.runs_dir()) in capsys.readouterr().out


def test_it_says_which_images_it_uses_or_what_is_wrong_with_them(
    started: list[list[str]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    launch.main([])
    assert f"\nData: {data.find().words()}\n" in capsys.readouterr().out
    monkeypatch.setenv("LENET_DATA_DIR", "/nowhere")
    launch.main([])
    assert "\nData: LENET_DATA_DIR names /nowhere, but there is no such folder" in capsys.readouterr().out
    assert len(started) == 2


def test_help_says_where_runs_lie_and_starts_nothing(
    started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        launch.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("--server.port", "LENET_RUNS_DIR", str(paths.runs_dir())))
    assert started == []
