"""`python -m lenet.train`: its options, and what survives a kill."""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lenet import runs, train
from lenet.common import files, paths
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.training.recorder import read_checkpoint
from tests.helpers.processes import LIMIT, Process, wait_for
from tests.helpers.training import same, trained

pytestmark = pytest.mark.slow


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "lenet.train", *options]


def test_command_line_killed_and_resumed(capsys: pytest.CaptureFixture[str]) -> None:
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
    assert train.main([*options, "--run-id", "whole"]) == 0
    for name, w in runs.find("whole").weights().items():
        assert np.array_equal(w, run.weights()[name]), name
    capsys.readouterr()
    assert train.main(["--resume", "killed"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == run.log_lines()


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without a signal")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_the_run_at_a_step_from_which_it_goes_on(number: int, code: int, tmp_path: Path) -> None:
    """The line that it ends with leads to the very weights of a run that nobody stopped."""
    settings = ["--channels", "2,3", "--hidden", "none", "--pooling", "max", "--batch-size", "32"]
    settings += ["--examples-per-epoch", "2000", "--epochs", "30", "--data", "sample", "--device", "cpu"]
    folder = tmp_path / "two words"
    options = [*settings, "--runs-dir", str(folder), "--run-id", "stopped"]
    with Process(command(*options), cwd=paths.PROJECT, stderr=subprocess.PIPE) as trainer:
        paths.use_runs_dir(folder)
        wait_for(lambda: trainer.poll() is not None or (folder / "stopped" / "metrics.csv").exists())
        run = runs.find("stopped")
        wait_for(lambda: trainer.poll() is not None or len(run.steps()["loss"]))
        trainer.send_signal(number)
        told = trainer.communicate(timeout=LIMIT)[1].decode()
    assert trainer.returncode == code
    assert told == f"stopped; go on with: python -m lenet.train --resume stopped --runs-dir '{folder}'\n"
    status = run.status()
    assert status.state == "stopped" and 0 < status.step < 30 * 63
    assert not status.for_worker, "no worker takes up what somebody trains in a terminal"
    values = read_checkpoint(run.path / "checkpoint.safetensors")[1]
    assert values["epoch"] * 63 + values["i"] == status.step == run.steps()["step"][-1]
    assert train.main(shlex.split(told.partition("lenet.train ")[2])) == 0
    same(run, trained(config_of(*settings)))


def test_a_second_signal_ends_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As where a step takes very long. The run goes on from its last checkpoint."""

    def step_for_ever(run: Run, **others: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("it went on")

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(train, "train_run", step_for_ever)
    assert train.main(["--run-id", "slow"]) == 143
    assert capsys.readouterr().err == "stopped; go on with: python -m lenet.train --resume slow\n"
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def config_of(*options: str) -> RunConfig:
    return train.config_from(train.parse_args(list(options)))


def test_options() -> None:
    assert config_of() == CLASSIC
    assert config_of("--recipe", "modern", "--epochs", "3", "--seed", "7") == replace(MODERN, epochs=3, seed=7)


def test_a_wrong_option_is_one_line_and_not_the_list_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    for options, sentence in (
        (["--lr", "x"], "lr must be a number, not x.\n"),
        (["--threads", "two"], "threads must be a whole number, not two.\n"),
        (["--learning-rate", "1"], "unrecognized arguments: --learning-rate 1\n"),
    ):
        with pytest.raises(SystemExit) as end:
            train.main(options)
        assert (end.value.code, capsys.readouterr().err) == (2, sentence)


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


@pytest.fixture
def begun() -> Run:
    """A run of one epoch on the sample, finished."""
    config = config_of("--epochs", "1", "--data", "sample", "--device", "cpu", "--seed", "3")
    shutil.copytree(trained(config).path, paths.runs_dir() / "begun")
    return runs.find("begun")


def test_a_finished_run_prints_its_last_lines_again(begun: Run, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    for agreeing in (
        [],
        ["--seed", "3", "--epochs", "1", "--recipe", "classic", "--run-id", "begun", "--threads", "1"],
        ["--lr", "0.9", "--channels", "6,16", "--no-batch-norm", "--activation", "sigmoid", "--input-size", "28,28"],
    ):
        assert train.main(["--resume", "begun", *agreeing]) == 0
        assert capsys.readouterr().out.splitlines() == begun.log_lines()
    assert train.main(["--resume", "reference-classic"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "loss 0.471, train acc 0.823, test acc 0.809"


def test_more_epochs_make_a_run_longer(begun: Run, capsys: pytest.CaptureFixture[str]) -> None:
    first = begun.metrics()["loss"][0]
    assert train.main(["--resume", "begun", "--epochs", "3"]) == 0
    assert (begun.config.epochs, begun.config.seed, begun.config.cycles) == (3, 3, (1,))
    losses = begun.metrics()["loss"]
    assert len(losses) == 3 and losses[0] == first
    assert capsys.readouterr().out.splitlines()[-2:] == begun.log_lines()


def test_a_stopped_run_goes_on_to_more_epochs(begun: Run) -> None:
    files.write_json(
        begun.path / "status.json", json.loads((begun.path / "status.json").read_text()) | {"state": "stopped"}
    )
    assert train.main(["--resume", "begun", "--epochs", "2"]) == 0
    assert begun.status().state == "finished" and len(begun.metrics()["epoch"]) == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--seed", "4"], "--seed is 4, but the run “begun” has 3: leave it out, or start another run."),
        (["--recipe", "modern"], "--recipe is modern, but the run “begun” has classic: leave it out, or start another run."),
        (["--data", "full"], "--data is full, but the run “begun” has sample: leave it out, or start another run."),
        (["--device", "cuda"], "--device is cuda, but the run “begun” has cpu: leave it out, or start another run."),
        (["--run-id", "other"], "--run-id is other, but the run “begun” has begun: leave it out, or start another run."),
        (
            ["--epochs", "0"], "epochs must lie between 1 and 1000; it is 0.",
        ),
        (["--epochs", "2000"], "epochs must lie between 1 and 1000; it is 2000."),
        (["--lr", "0.5"], "--lr is 0.5, but the run “begun” has 0.9: leave it out, or start another run."),
        (
            ["--channels", "6,17"],
            "--channels is 6,17, but the run “begun” has 6,16: leave it out, or start another run.",
        ),
        (
            ["--channels", "6"],
            "--channels is 6, but the run “begun” has 6,16: leave it out, or start another run.",
        ),
        (["--hidden", "none"], "--hidden is none, but the run “begun” has 120,84: leave it out, or start another run."),
        (["--batch-norm"], "--batch-norm is yes, but the run “begun” has no: leave it out, or start another run."),
        (["--lr", "200"], "lr must lie between 1e-08 and 100.0; it is 200.0."),
    ],
)  # fmt: skip
def test_an_option_that_contradicts_the_run_is_refused(
    options: list[str], sentence: str, begun: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = begun.config, begun.metrics()["loss"].tolist()
    capsys.readouterr()
    assert train.main(["--resume", "begun", *options]) == 2
    assert capsys.readouterr().err == sentence + "\n"
    assert (begun.config, begun.metrics()["loss"].tolist()) == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_device_that_is_not_there_is_a_wrong_option_and_leaves_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["--device", "cuda", "--run-id", "nowhere"]) == 2
    assert "cuda" in capsys.readouterr().err
    assert not (paths.runs_dir() / "nowhere").exists()


def test_fewer_epochs_than_the_run_has_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    runs.create(replace(CLASSIC, epochs=5), "five", for_worker=False)
    assert train.main(["--resume", "five", "--epochs", "4"]) == 2
    assert capsys.readouterr().err.startswith("The run “five” has 5 epochs: with --resume, --epochs must be")
    assert train.main(["--resume", "reference-classic", "--epochs", "11"]) == 2
    assert "came with the app" in capsys.readouterr().err


def test_a_file_beside_resume_may_only_say_what_the_run_has(
    begun: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.json"
    for values in ({"lr": 0.9, "model": {"channels": [6, 16]}}, {"channels": [6, 16]}, begun.config.to_dict()):
        path.write_text(json.dumps(values))
        assert train.main(["--resume", "begun", "--config", str(path)]) == 0
    for values, named in (({"lr": 0.8}, "lr in"), ({"channels": [6, 17]}, "model.channels in")):
        path.write_text(json.dumps(values))
        assert train.main(["--resume", "begun", "--config", str(path)]) == 2
        assert capsys.readouterr().err.startswith(f"{named} {path} is")


def test_what_to_expect_of_the_sample_is_said_before_training(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--epochs", "1", "--device", "cpu", "--data", "sample"]
    assert train.main(options) == 0
    first, *_rest = capsys.readouterr().out.splitlines()
    assert first.startswith("With the bundled sample an epoch has only 24 steps.") and "38 epochs or more" in first
    assert train.main([*options, "--recipe", "modern"]) == 0
    assert "With the bundled sample" not in capsys.readouterr().out


# -- files and folders that are named on the command line ---------------------------------------------------------------


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_text('{"recipe": "modern", "epochs": 4}', encoding=encoding)
        assert config_of("--config", str(path)) == replace(MODERN, epochs=4)


@pytest.mark.parametrize("recipe", ["Modern", "MODERN", "modern ", "mine"])
def test_a_recipe_that_is_none_is_not_taken_for_the_notes(
    recipe: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"recipe": recipe, "epochs": 4}))
    assert train.main(["--config", str(path)]) == 2
    told = capsys.readouterr().err
    assert f"“{recipe}”" in told and "classic, modern, sprint" in told
    path.write_text(json.dumps(MODERN.to_dict() | {"recipe": recipe}))  # which leaves nothing out
    assert config_of("--config", str(path)) == replace(MODERN, recipe=recipe)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a device of Unix")
def test_a_file_without_end_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["--config", "/dev/zero"]) == 2
    assert capsys.readouterr().err == "The configuration /dev/zero cannot be read: it has more than 65,536 bytes.\n"


def test_a_folder_of_runs_that_is_not_named_is_not_the_working_directory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for option in ("--runs-dir", "--config"):
        with pytest.raises(SystemExit) as end:
            train.parse_args([option, ""])
        assert end.value.code == 2 and "it is empty" in capsys.readouterr().err
    monkeypatch.setenv("HOME", str(tmp_path))
    assert train.parse_args(["--runs-dir", "~/mine"]).runs_dir == tmp_path / "mine"


def test_unreadable_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (b"{", b"[" * 10**5, b"\xff\xfe", b'"text"'):
        (tmp_path / "c.json").write_bytes(content)
        assert train.main(["--config", str(tmp_path / "c.json")]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
