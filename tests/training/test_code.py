"""The downloaded script trains what the run trained."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from lenet import data, runs
from lenet.common import files, paths
from lenet.runs.configuration import CLASSIC, MODERN, SCHEDULES, SPRINT, RunConfig
from lenet.training import code
from lenet.training.run import train_run

pytestmark = pytest.mark.slow

QUICK = {"epochs": 2, "data": "sample", "device": "cpu", "examples_per_epoch": 2000}


FROZEN = replace(
    CLASSIC, **QUICK | {"epochs": 6}, optimizer="adamw", lr=0.002, schedule="step", step_size=1, gamma=0.0, validation=0.1,
    early_stopping=2,
)  # fmt: skip
"""From the second epoch on its weights stay as they are: the third is the last, in whatever order sums are taken."""


@pytest.mark.parametrize(
    "config",
    [
        replace(CLASSIC, **QUICK, seed=3),
        replace(MODERN, **QUICK),
        replace(SPRINT, **QUICK | {"epochs": 3}, cycles=(1,), batch_size=100, muon_lr=0.02),
        replace(CLASSIC, **QUICK, optimizer="adam", lr=0.002, augment="flip_shift", init="torch_default"),
        replace(CLASSIC, **QUICK, lr=0.1, momentum=0.9, weight_decay=1e-3, augment="flip"),
        replace(MODERN, **QUICK, precision="bfloat16"),
        replace(MODERN, **QUICK, model=replace(MODERN.model, dropout=0.5)),
        replace(MODERN, **QUICK, optimizer="adamw", schedule="cosine", eta_min=1e-3, validation=0.1),
        replace(MODERN, **QUICK, schedule="cosine", eta_min=1e-3, seed=2),
        FROZEN,
        replace(FROZEN, extended_at=(3,)),
    ],
    ids=[
        "classic",
        "modern",
        "cycles",
        "adam",
        "sgd",
        "bfloat16",
        "dropout",
        "cosine",
        "muon cosine",
        "early",
        "extended",
    ],
)
def test_it_prints_what_the_trainer_prints(config: RunConfig, tmp_path: Path) -> None:
    compare(config, paths.SAMPLE_DIR, tmp_path)


@pytest.mark.skipif(data.find().kind == "sample", reason="the full data set is not on this machine")
def test_of_a_run_on_the_sample_it_takes_the_sample_out_of_the_full_data(tmp_path: Path) -> None:
    full = data.find("full")
    for split, n in data.data_set().sample_sizes.items():
        for all_of_it, some in zip(data.load_from(full, split), data.load(split, "sample"), strict=True):
            assert len(some) == n
            assert (all_of_it[:n] == some).all()
    compare(replace(CLASSIC, **QUICK, seed=3), full.folder, tmp_path)


def test_it_says_where_the_run_is_of_the_sample(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run = runs.create(replace(CLASSIC, data="sample"), "r")  # not begun
    assert "[:6000]" in code.of_run(run)
    assert "bundled sample" in code.of_run(run).splitlines()[0]
    for name in ("classic", "modern"):
        assert "sample" not in code.of_run(runs.find(f"reference-{name}"))
    # A run with the best data there were goes on with those, whatever is there now.
    run = runs.create(CLASSIC, "auto")
    files.write_json(run.path / "status.json", {"state": "finished", "data": "sample"})
    assert "[:6000]" in code.of_run(run)


@pytest.mark.parametrize(("module", "name"), code.SHARED)
def test_what_it_takes_from_the_trainer_is_the_trainers_source(module: str, name: str) -> None:
    """Whoever changes the trainer changes the script."""
    used = getattr(import_module(f"lenet.training.{module}"), name)
    lines = (line.partition("  # type: ignore")[0] for line in inspect.getsource(used).splitlines())
    config = replace(MODERN, augment="flip_shift", init="xavier_uniform", validation=0.1)
    scripts = [code.as_script(replace(config, schedule=schedule)) for schedule in SCHEDULES]
    assert any("\n".join(lines) in script for script in scripts)


def test_it_defines_what_it_uses_and_no_more() -> None:
    """A reader of the note's recipe meets neither Muon nor augmentation. And nothing of ours is imported."""
    for config in (
        CLASSIC, MODERN, replace(CLASSIC, augment="flip"), replace(CLASSIC, init="torch_default"), FROZEN,
        replace(CLASSIC, schedule="cosine"),
    ):  # fmt: skip
        tree = ast.parse(code.as_script(config))
        defined = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        assert defined <= names
        assert {name for _module, name in code.SHARED} & names <= defined
        packages = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        packages |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        assert packages <= {
            "gzip", "math", "sys", "pathlib", "numpy", "torch", "torch.nn.functional", "torchvision.datasets"
        }  # fmt: skip
    assert "Muon" not in code.as_script(CLASSIC)


def compare(config: RunConfig, folder: Path, tmp_path: Path) -> None:
    """Train a run and run its script on the data in `folder`: both say the same."""
    lines: list[str] = []
    run = runs.create(config)
    train_run(run, say=lines.append)
    path = tmp_path / "script.py"
    path.write_text(code.of_run(run), encoding="utf-8")
    command = [sys.executable, "-I", str(path), str(folder)]  # not even from the working directory
    out = subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    ours, epochs = lines[1:], run.status().epoch
    assert len(ours) == epochs + (epochs < config.epochs)
    assert ours[epochs:] == out.stdout.splitlines()[epochs:], "why it ended early"
    for theirs, line in zip(out.stdout.splitlines()[:epochs], ours[:epochs], strict=True):
        assert re.sub(r"[\d.]+", "#", theirs) == re.sub(r"[\d.]+", "#", line)
        epoch, loss, *accuracies = (float(x) for x in re.findall(r"[\d.]+", theirs))
        of_epoch, of_loss, *of_accuracies = (float(x) for x in re.findall(r"[\d.]+", line))
        assert epoch == of_epoch
        # The trainer takes some sums in another order, and rounding grows from step to step.
        assert loss == pytest.approx(of_loss, abs=0.01 if epoch == 1 else 0.03)
        assert accuracies == pytest.approx(of_accuracies, abs=0.008 if epoch == 1 else 0.03)
