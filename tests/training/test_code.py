"""The downloaded script trains what the run trained."""

from __future__ import annotations

import ast
import inspect
import re
import runpy
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from lenet import data, runs
from lenet.architecture.inference import softmax
from lenet.common import files, paths
from lenet.model import describe, load
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC, MODERN, SCHEDULES, SPRINT, RunConfig
from lenet.training import code
from lenet.training.run import train_run
from tests.data import made
from tests.helpers.scripts import run_apart, run_here

pytestmark = pytest.mark.slow

Runner = Callable[..., str]

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
            "argparse", "gzip", "json", "math", "pathlib", "zlib",
            "numpy", "torch", "torch.nn.functional", "torchvision.datasets",
        }  # fmt: skip
    assert "Muon" not in code.as_script(CLASSIC)


def test_its_options_replace_what_the_run_had_and_save_the_weights(tmp_path: Path) -> None:
    """`--epochs` and `--seed` as a run with these; the weights as any safetensors file and as one of ours.

    In a process of its own: it is a program that needs nothing of ours.
    """
    written = replace(CLASSIC, **QUICK, lr=0.02, model=replace(MODERN.model, batch_norm=True, channels=(4, 6)))
    path = tmp_path / "script.py"
    path.write_text(code.as_script(written, "sample"), encoding="utf-8")
    file = tmp_path / "weights.safetensors"
    wanted = replace(written, epochs=1, seed=7)
    options = ("--epochs", "1", "--seed", "7", "--save", str(file))
    run = compare(wanted, paths.SAMPLE_DIR, tmp_path, path, *options, run=run_apart)
    saved, ours = load_file(file), run.weights()
    assert saved.keys() == ours.keys()
    for name, tensor in saved.items():
        assert tensor.numpy() == pytest.approx(ours[name], abs=0.05), name
    assert describe(file).config == wanted.model
    net = load(file)
    assert all(torch.equal(net.state_dict()[name], tensor) for name, tensor in saved.items())
    images, labels = data.load("test", "sample")
    accuracy = (softmax(net, images).argmax(1) == labels).mean()
    assert accuracy == pytest.approx(run.metrics()["test_acc"][-1], abs=0.03)


def damaged(folder: Path) -> None:
    for file in paths.SAMPLE_DIR.glob("*.gz"):
        shutil.copyfile(file, folder / file.name)
    file = folder / "t10k-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:5000])


def of_others(folder: Path) -> None:
    made.write_own(folder, size=(28, 28), classes=12)


@pytest.mark.parametrize(
    ("make", "options", "told"),
    [
        (lambda folder: folder.rmdir(), [], r"there is no file train-images-idx3-ubyte \(or .*\) in {folder}"),
        (lambda folder: None, [], r"there is no file train-images-idx3-ubyte \(or .*\) in {folder}"),
        (damaged, [], "{folder}/t10k-images-idx3-ubyte.gz cannot be read: .*"),
        (of_others, [], r"the images in {folder} are not those of the run: shape \(50, 28, 28\), 50 labels up to 11"),
        (lambda folder: None, ["--epochs", "0"], "--epochs must be at least 1"),
        (lambda folder: None, ["--seed", "-1"], "--seed must lie between 0 and 4294967295"),
        (lambda folder: None, ["--seed", str(2**64)], "--seed must lie between 0 and 4294967295"),
        (lambda folder: None, ["--save", "none/x"], "--save: there is no folder none"),
        (lambda folder: None, ["--save", "."], "--save: . is a folder, not a file"),
    ],
    ids=[
        "no folder",
        "nothing in it",
        "damaged",
        "other images",
        "epochs",
        "seed below 0",
        "seed too large",
        "save",
        "save to a folder",
    ],
)
def test_what_is_wrong_is_one_sentence(
    make: Callable[[Path], None], options: list[str], told: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    folder = tmp_path / "data"
    folder.mkdir()
    make(folder)
    script = tmp_path / "script.py"
    script.write_text(code.as_script(CLASSIC), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(script), "--data", str(folder), *options])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(script))
    out = capsys.readouterr()
    assert (end.value.code, out.out) == (2, "")
    sentence = told.format(folder=re.escape(str(folder)))
    assert re.fullmatch(sentence if options else f"--data: {sentence}", out.err.removesuffix(".\n")), out.err


def compare(
    config: RunConfig, folder: Path, tmp_path: Path, path: Path | None = None, *options: str, run: Runner = run_here
) -> Run:
    """Train a run and run its script (or the one at `path`) on the data in `folder`: both say the same."""
    lines: list[str] = []
    trained = runs.create(config)
    train_run(trained, say=lines.append)
    if path is None:
        path = tmp_path / "script.py"
        path.write_text(code.of_run(trained), encoding="utf-8")
    printed = run(path, "--data", str(folder), *options).splitlines()
    ours, epochs = lines[1:], trained.status().epoch
    assert len(ours) == epochs + (epochs < config.epochs)
    assert ours[epochs:] == printed[epochs:], "why it ended early"
    for theirs, line in zip(printed[:epochs], ours[:epochs], strict=True):
        assert re.sub(r"[\d.]+", "#", theirs) == re.sub(r"[\d.]+", "#", line)
        epoch, loss, *accuracies = (float(x) for x in re.findall(r"[\d.]+", theirs))
        of_epoch, of_loss, *of_accuracies = (float(x) for x in re.findall(r"[\d.]+", line))
        assert epoch == of_epoch
        # The trainer takes some sums in another order, and rounding grows from step to step.
        assert loss == pytest.approx(of_loss, abs=0.01 if epoch == 1 else 0.03)
        assert accuracies == pytest.approx(of_accuracies, abs=0.008 if epoch == 1 else 0.03)
    return trained
