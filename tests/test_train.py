"""`python -m lenet.train`: its options, and what survives a kill."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lenet import runs, train
from lenet.common import paths
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from tests.helpers.processes import Process

pytestmark = pytest.mark.slow


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "lenet.train", *options]


def test_command_line_killed_and_resumed(tmp_path: Path) -> None:
    """kill −9 at a random moment loses no finished epoch; --resume ends with the very weights."""
    env = os.environ | {"LENET_RUNS_DIR": str(paths.runs_dir())}
    options = ("--epochs", "6", "--data", "sample", "--device", "cpu", "--seed", "3")
    with Process(command(*options, "--run-id", "killed"), cwd=paths.PROJECT, env=env) as trainer:
        while not (paths.runs_dir() / "killed" / "metrics.csv").exists():
            time.sleep(0.05)
            assert trainer.poll() is None
        run = runs.find("killed")
        while not len(run.metrics()["epoch"]):
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.3))
        finished = len(run.metrics()["epoch"])
        trainer.send_signal(signal.SIGKILL)
        trainer.wait()
    if run.stored_status().state != "finished":
        assert run.status().state == "interrupted"
    resumed = subprocess.run(
        command("--resume", "killed"), cwd=paths.PROJECT, env=env, capture_output=True, text=True
    )
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout.splitlines()[-2:] == run.log_lines()
    assert len(run.metrics()["epoch"]) == 6 >= finished
    whole = subprocess.run(
        command(*options, "--run-id", "whole"), cwd=paths.PROJECT, env=env, capture_output=True, text=True
    )
    assert whole.returncode == 0
    for name, w in runs.find("whole").weights().items():
        assert np.array_equal(w, run.weights()[name]), name
    again = subprocess.run(command("--resume", "killed"), cwd=paths.PROJECT, env=env, capture_output=True, text=True)
    assert (again.returncode, again.stdout.splitlines()[-2:]) == (0, run.log_lines())


def config_of(*options: str) -> RunConfig:
    return train.config_from(train.parse_args(list(options)))


def test_options() -> None:
    assert config_of() == CLASSIC
    assert config_of("--recipe", "modern", "--epochs", "3", "--seed", "7") == replace(MODERN, epochs=3, seed=7)


def test_config_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"recipe": "modern", "lr": 0.5, "epochs": 4}))
    assert config_of("--config", str(path), "--epochs", "2") == replace(MODERN, lr=0.5, epochs=2)
    path.write_text(json.dumps({"channels": [3, 4], "pooling": "max"}))
    config = config_of("--config", str(path), "--recipe", "modern")
    assert (config.optimizer, config.model.channels) == (MODERN.optimizer, (3, 4))


@pytest.mark.parametrize("options", [
    ["--epochs", "0"], ["--seed", "-1"], ["--run-id", "../x"], ["--resume", "never"], ["--config", "/nonexistent.json"],
])  # fmt: skip
def test_wrong_option_is_one_sentence(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(options) == 2
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 1
    assert "Traceback" not in error


def test_unreadable_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (b"{", b"[" * 10**5, b"\xff\xfe", b'"text"'):
        (tmp_path / "c.json").write_bytes(content)
        assert train.main(["--config", str(tmp_path / "c.json")]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
