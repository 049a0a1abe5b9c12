"""The main job on the real thing: the full Fashion-MNIST, where this machine has it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from lenet import data, runs
from lenet.common import paths

pytestmark = [pytest.mark.skipif(data.find().kind != "full", reason="needs the full Fashion-MNIST"), pytest.mark.slow]


def test_one_epoch_of_modern_on_all_images() -> None:
    command = [
        sys.executable,
        "-m",
        "lenet.train",
        "--recipe",
        "modern",
        "--epochs",
        "1",
        "--data",
        "full",
        "--run-id",
        "real",
    ]
    out = subprocess.run(command, cwd=paths.PROJECT, env=os.environ, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    *_before, results, speed = out.stdout.splitlines()
    assert re.fullmatch(r"loss \d\.\d{3}, train acc 0\.\d{3}, test acc 0\.\d{3}", results)
    assert re.fullmatch(r"\d+\.\d examples/sec on \w+(:\d)?", speed)
    run = runs.find("real")
    status = run.status()
    assert (status.state, status.data, status.train_images) == ("finished", "full", 60_000)
    assert run.metrics()["test_acc"][-1] > 0.8
