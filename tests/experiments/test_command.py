"""`python -m lenet.experiment`: what it trains, and what survives a kill."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lenet import experiment as command
from lenet import experiments, runs, train
from lenet.common import paths
from lenet.experiments import results, store
from lenet.experiments.engines import Task, local
from tests.helpers.experiments import TINY_OPTIONS, asked, written
from tests.helpers.made import own_runs
from tests.helpers.processes import LIMIT, Process, wait_for
from tests.helpers.training import same

pytestmark = pytest.mark.slow

VARY = ("--vary", "activation=sigmoid,relu")
LONGER = (*TINY_OPTIONS[:4], "--batch-size", "32", "--epochs", "8", "--data", "sample", "--device", "cpu")
"""Of 1,500 steps: long enough to be killed in the middle."""
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without a signal")


def begin(*options: str, **about: Any) -> Process:
    return Process([sys.executable, "-m", "lenet.experiment", *options], cwd=paths.PROJECT, env=os.environ, **about)


def trainers() -> list[int]:
    """The processes that train for the experiments of this test."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            mine = str(paths.runs_dir()).encode() in (folder / "environ").read_bytes()
        except OSError:
            continue
        if (
            mine
            and b"lenet.experiments.engines.trainer" in words
            and b"\nState:\tZ" not in (folder / "status").read_bytes()
        ):
            found.append(int(folder.name))
    return found


def is_trained() -> bool:
    """Whether a run is in the middle of its training."""
    return any(run.stored_status().state == "running" and run.stored_status().step > 20 for run in own_runs())


def trained_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, runs.Run]:
    """The runs of LONGER with seed 0, each trained by `lenet.train` with one thread, by their activation."""
    there = tmp_path / "alone"
    for activation in ("sigmoid", "relu"):
        options = [*LONGER, "--activation", activation, "--threads", "1", "--run-id", activation]
        assert train.main([*options, "--runs-dir", str(there)]) == 0
    found = {activation: runs.Run(activation, there / activation) for activation in ("sigmoid", "relu")}
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "runs"))
    return found


def test_it_trains_compares_and_writes_json_and_trains_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        train.main([*TINY_OPTIONS, "--activation", "relu", "--threads", "1", "--run-id", "before", "--seed", "1"])
        == 0
    )
    capsys.readouterr()
    file = tmp_path / "result.json"
    assert (
        command.main([*VARY, *TINY_OPTIONS, "--seeds", "2", "--id", "first", "--json", str(file), "--jobs", "1"]) == 0
    )
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "experiment first: sigmoid, relu × 2 seeds; 1 of 4 runs are finished"
    assert told[1].startswith("[2/4] sigmoid, seed 0: test acc 0.") and told[3].startswith("[4/4] sigmoid, seed 1: ")
    assert told[-1].startswith("sigmoid − relu: ")
    values = json.loads(file.read_text())
    assert values["arms"][1]["runs"][1] == "before"
    for arm in values["arms"]:
        finished = [runs.find(run_id) for run_id in arm["runs"]]
        assert arm["test_acc"]["values"] == [float(run.metrics()["test_acc"][-1]) for run in finished]
        assert all(run.config.threads == 1 for run in finished)
    before = {run.id: run.stamp("status.json") for run in own_runs()}

    # Asked again, by whatever name, it trains nothing; with more seeds, only those.
    assert command.main([*VARY, *TINY_OPTIONS, "--seeds", "2", "--id", "second"]) == 0
    assert command.main([*VARY, *TINY_OPTIONS, "--seeds", "2"]) == 0, (
        "of no name, it is the newest that asks the same"
    )
    assert {stored.experiment.id for stored in store.list_experiments() if not stored.is_reference} == {
        "first",
        "second",
    }
    assert command.main(["--id", "first", "--json", str(file)]) == 0
    assert json.loads(file.read_text()) == values
    assert {run.id: run.stamp("status.json") for run in own_runs()} == before
    assert command.main(["--id", "first", "--seeds", "3"]) == 0
    assert {run.id: run.stamp("status.json") for run in own_runs() if run.id in before} == before
    assert len(own_runs()) == 6 and len(results.read("first").values(0)) == 3
    capsys.readouterr()

    # What contradicts it is a sentence.
    for options, sentence in (
        (["--vary", "activation=relu,tanh"], "asks something else: it compares activation=sigmoid,relu, not activation=relu,tanh."),
        (["--lr", "0.5"], "asks something else: --lr is 0.9 there and 0.5 here."),
        (["--activation", "relu"], "asks something else: --activation is activation=sigmoid,relu there and relu here."),
        (["--seeds", "2"], "has 3 seeds: --seeds must be that number or more, not 2."),
    ):  # fmt: skip
        assert command.main(["--id", "first", *options]) == 2
        refused = capsys.readouterr().err
        assert refused.startswith(f"The experiment “first” {sentence}") and refused.count("\n") == 1
    assert command.main(["--id", "first", *VARY, *TINY_OPTIONS]) == 0


def test_a_failed_run_is_named_and_tried_again_only_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    failed = written(asked().config(1, 0), "broken", "failed", code="disk_full", params={"epoch": 0})
    assert command.main([*VARY, *TINY_OPTIONS, "--seeds", "1", "--id", "e", "--jobs", "1"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert (
        told[1]
        == "relu, seed 0: failed: The disk is full: training stopped after epoch 0, which is saved. (try again with --retry)"
    )
    assert told[-1] == "failed, and in none of these numbers: relu seed 0"
    assert failed.status().state == "failed"
    assert command.main(["--id", "e", "--retry"]) == 0
    assert failed.status().state == "finished"


def test_pages_see_that_it_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the runs that it waits for are not stopped with another experiment, and its own page has a way to stop it."""
    seen = []

    class Engine:
        def train(self, tasks: list[Task], **about: Any) -> None:
            seen.append(experiments.is_driven("seen"))

    monkeypatch.setattr(command.engines, "engine", lambda *args, **about: Engine())
    assert command.main([*VARY, *TINY_OPTIONS, "--seeds", "1", "--id", "seen"]) == 1
    assert seen == [True] and not experiments.is_driven("seen")


@POSIX
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_killed_at_any_moment_it_leaves_nobody_and_goes_on_to_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill −9 of the parent, then of a child, then SIGTERM: each at a random moment."""
    alone = trained_alone(tmp_path, monkeypatch)
    options = ["--id", "killed", *VARY, *LONGER, "--seeds", "1", "--jobs", "2"]
    with begin(*options) as parent:
        wait_for(lambda: is_trained() or parent.poll() is not None)
        time.sleep(random.uniform(0, 0.3))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_for(lambda: not trainers(), 60)
    before = {run.id: run.status() for run in own_runs()}
    assert all(status.state in ("stopped", "interrupted", "finished") for status in before.values())

    with begin("--id", "killed", stderr=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        wait_for(lambda: is_trained() or parent.poll() is not None)
        for child in trainers()[:1]:
            os.kill(child, signal.SIGKILL)
        time.sleep(random.uniform(0, 0.3))
        parent.send_signal(signal.SIGTERM)
        told = parent.communicate(timeout=LIMIT)[1].decode()
    if parent.returncode:
        assert parent.returncode == 143
        assert told.splitlines()[-1] == "stopped; go on with: python -m lenet.experiment --id killed"
    assert not trainers()

    assert command.main(["--id", "killed"]) == 0
    for arm, activation in enumerate(("sigmoid", "relu")):
        run = runs.find(store.find("killed").runs[arm, 0])
        same(run, alone[activation])


def test_two_at_once_train_each_run_once(tmp_path: Path) -> None:
    """Both begin the same runs at the same moment; each of them waits for what the other trains."""
    options = [*VARY, *LONGER, "--seeds", "1", "--jobs", "1"]
    with (
        begin(*options, "--id", "one", stdout=subprocess.PIPE) as one,
        begin(*options, "--id", "two", stdout=subprocess.PIPE) as two,
    ):
        told = [process.communicate(timeout=LIMIT)[0].decode() for process in (one, two)]
    assert (one.returncode, two.returncode) == (0, 0)
    assert len(own_runs()) == 2
    assert results.read("one").values(0) == results.read("two").values(0)
    assert all(run.status().started_step == 0 for run in own_runs()), "nobody took a run up again"
    assert all("sigmoid − relu" in text for text in told)


def test_a_run_that_crashes_its_process_again_and_again_is_left_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As one that takes all memory."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'lenet.experiments.engines.trainer' in ' '.join(sys.orig_argv):\n"
        "    from lenet.training import run\n"
        "    begin = run._begin\n"
        "    run._begin = lambda which, *a: os._exit(9) if which.config.model.activation == 'relu' else begin(which, *a)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{paths.PROJECT}")
    assert command.main([*VARY, *TINY_OPTIONS, "--seeds", "1", "--id", "e", "--jobs", "1"]) == 1
    told = capsys.readouterr().out
    assert told.count(" was killed.") == local.TRIES
    assert results.read("e").values(0) and not results.read("e").values(1)


def test_a_device_that_is_not_there_ends_it_with_a_sentence_and_leaves_no_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert command.main([*VARY, *TINY_OPTIONS, "--device", "cuda", "--seeds", "1", "--id", "e"]) == 2
    assert capsys.readouterr().err == "The device cuda is not available on this machine.\n"
    assert own_runs() == []
