"""The run directory: names, states, damaged files, requests."""

from __future__ import annotations

import json
import os
import pickle
import secrets
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lenet import runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.runs import Status
from lenet.runs import files as run_files
from lenet.runs.configuration import CLASSIC
from lenet.runs.visitors import NOBODY, OPERATOR, Visitor
from tests.helpers.made import own_runs, set_status
from tests.helpers.processes import Process, wait_for
from tests.helpers.visitors import ANN, BOB, code_of


def test_a_new_run_is_queued_and_complete() -> None:
    run = runs.create(CLASSIC, "first")
    assert runs.find("first") == run
    assert run.config == CLASSIC.resolved()
    assert run.status().state == "queued"
    assert [r.id for r in own_runs()] == ["first"]
    assert not len(run.metrics()["epoch"])
    assert run.log_lines() == []
    assert sorted(p.name for p in paths.runs_dir().iterdir()) == ["first"]  # nothing left beside


def test_two_runs_cannot_have_one_name() -> None:
    runs.create(CLASSIC, "same")
    with pytest.raises(LenetError) as error:
        runs.create(CLASSIC, "same")
    assert error.value.code == "run_exists"
    (paths.runs_dir() / "empty").mkdir()
    with pytest.raises(LenetError):
        runs.create(CLASSIC, "empty")


def test_made_up_names_differ() -> None:
    assert len({runs.create(CLASSIC).id for _ in range(5)}) == 5


@pytest.mark.parametrize(
    "run_id", ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "-x", "x" * 65, "a b", "ü", "a\n", "~"]
)
def test_hostile_names_are_refused(run_id: str) -> None:
    for ask in (runs.find, lambda i: runs.create(CLASSIC, i)):
        with pytest.raises(LenetError) as error:
            ask(run_id)
        assert error.value.code == "bad_run_id"


@pytest.mark.parametrize("run_id", [3, None, "x" * 5000])
def test_what_a_notebook_takes_for_an_id_is_refused_in_a_sentence(run_id: Any) -> None:
    with pytest.raises(LenetError, match="cannot be the name of a run") as error:
        runs.find(run_id)
    assert len(str(error.value)) < 250


def test_missing_run() -> None:
    with pytest.raises(LenetError) as error:
        runs.find("never")
    assert (error.value.code, str(error.value)) == ("no_such_run", "There is no run called “never” here.")


def test_references_are_there_and_cannot_be_changed() -> None:
    ids = [r.id for r in runs.references()]
    assert ids == ["reference-classic", "reference-modern"]
    for run_id in ids:
        run = runs.find(run_id)
        assert run.is_reference
        assert run.status().state == "finished"
        with pytest.raises(LenetError):
            run.request("stop")
    with pytest.raises(LenetError):
        runs.create(CLASSIC, "reference-classic")
    with pytest.raises(LenetError):
        runs.find("reference-../../runs")


def test_interrupted_is_running_without_a_trainer() -> None:
    run = runs.create(CLASSIC, "r")
    set_status(run, state="running")
    assert run.status().state == "interrupted"
    held = runs.lock(run)
    assert run.status().state == "running"
    held.release()
    wait_for(lambda: run.status().state == "interrupted")  # an end is seen a little late


def test_lock_dies_with_its_process() -> None:
    run = runs.create(CLASSIC, "r")
    set_status(run, state="running")
    code = f"import filelock, time; held = filelock.FileLock({str(run.path / 'lock')!r}); held.acquire(); print(1, flush=True); time.sleep(60)"
    with Process([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert run.status().state == "running"
        with pytest.raises(LenetError) as error:
            runs.lock(run)
        assert error.value.code == "run_busy"
        other.kill()
        other.wait()
    wait_for(lambda: run.status().state == "interrupted")


def test_a_run_whose_maker_died_before_training_is_interrupted() -> None:
    run = runs.create(CLASSIC, "r", for_worker=False)
    assert run.status().state == "queued"
    set_status(run, created=run.stored_status().created - 2 * run_files.START_WITHIN)
    assert run.status().state == "interrupted"
    run.request("resume")
    assert (run.status().state, run.status().for_worker) == ("queued", True)


def test_requests() -> None:
    run = runs.create(CLASSIC, "r")
    run.request("stop")
    assert run.status().state == "stopped"
    run.request("resume")
    assert run.status().state == "queued"
    set_status(run, state="finished")
    assert run.status().state == "finished"


def test_newest_first() -> None:
    for name, created in (("a", 5.0), ("b", 9.0), ("c", 7.0)):
        set_status(runs.create(CLASSIC, name), created=created)
    assert [r.id for r in runs.list_runs()][:3] == ["b", "c", "a"]


def test_a_line_that_is_not_whole_is_not_there_yet() -> None:
    run = runs.create(CLASSIC, "r")
    (run.path / "steps.csv").write_text("step,loss\n1,2.5\n2,2.4\n3,2.")
    assert run.steps()["loss"].tolist() == [2.5, 2.4]
    (run.path / "steps.csv").write_text("step,lo")
    with pytest.raises(LenetError):
        run.steps()


class Bomb:
    """Unpickling this leaves a file, where the test that reads it runs."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo > bomb-went-off",)


DAMAGE = [b"", b"\x00" * 10, b"null", b"[]", b'{"state": 3}', b'{"epoch": "x"}', b"{" * 10**5, pickle.dumps(Bomb()),
          b'{"state": "dancing"}', b'{"train_seconds": Infinity}', b"\xff" * 8 + b"{}", b"step,loss\na,b\n", b"1,2,3\n4\n"]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["config.json", "status.json", "metrics.csv", "steps.csv", "model.safetensors", "kernels.safetensors"]
)
@pytest.mark.parametrize("content", DAMAGE, ids=range(len(DAMAGE)))
def test_damaged_file_is_a_sentence_and_runs_nothing(
    name: str, content: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    run = runs.create(CLASSIC, "r")
    (run.path / name).write_bytes(content)
    read = {
        "config.json": lambda: run.config, "status.json": run.status, "metrics.csv": run.metrics,
        "steps.csv": run.steps, "model.safetensors": run.weights, "kernels.safetensors": run.kernels,
    }[name]  # fmt: skip
    try:
        read()
    except LenetError as error:
        assert error.code == "run_damaged"
        assert name in str(error)
        assert len(str(error)) < 400
    else:  # some rubbish is a valid file of that kind
        assert (name, content) in {("status.json", b"{}")} or (name.endswith(".csv") and b"\n" not in content)
    runs.list_runs()  # the others can still be listed
    assert not (tmp_path / "bomb-went-off").exists()


def test_a_file_of_a_gigabyte_is_not_read() -> None:
    run = runs.create(CLASSIC, "r")
    with (run.path / "steps.csv").open("wb") as f:
        f.truncate(2**30)
    with pytest.raises(LenetError) as error:
        run.steps()
    assert error.value.code == "run_damaged"


def test_what_a_newer_version_adds_is_passed_over() -> None:
    run = runs.create(CLASSIC, "r")
    values = json.loads((run.path / "status.json").read_text())
    files.write_json(run.path / "status.json", values | {"mood": "good"})
    assert isinstance(run.status(), Status)


def test_weights_come_in_the_nets_own_order() -> None:
    run = runs.find("reference-classic")
    assert list(run.weights()) == [f"{i}.{w}" for i in (0, 3, 7, 9, 11) for w in ("weight", "bias")]


def test_a_folder_that_cannot_be_written_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("LENET_RUNS_DIR", str(blocked))
    assert runs.list_runs() == runs.references()
    with pytest.raises(LenetError) as error:
        runs.create(CLASSIC)
    assert error.value.code == "not_writable"


# -- whose a run is ------------------------------------------------------------------------------------------------


def test_every_change_of_a_run_asks_whose_it_is(as_: Callable[[Visitor], None]) -> None:
    run, _new = runs.obtain(CLASSIC)
    assert run.owner == ANN.owner
    changes: list[Callable[[], object]] = [
        *(partial(run.request, what) for what in ("stop", "pause", "resume")),
        lambda: run.request("extend", epochs=20),
        lambda: run.rename("mine now"),
        lambda: run.pin(True),
        lambda: run.delete(),
    ]
    before = sorted(p.name for p in run.path.iterdir())
    for somebody in (BOB, NOBODY):
        as_(somebody)
        assert not run.may_change
        assert [code_of(change) for change in changes] == ["not_your_run"] * len(changes)
    assert sorted(p.name for p in run.path.iterdir()) == before
    for somebody in (ANN, OPERATOR):
        as_(somebody)
        assert run.may_change
        run.request("stop")
        run.rename(f"  by\t{somebody.operator}\u202e ")
        assert run.name == f"by {somebody.operator}"
        run.pin(True)
        assert code_of(run.delete) == "run_pinned"
        run.pin(False)
    run.delete()
    assert runs.list_runs() == runs.references()
    assert [code_of(runs.find("reference-classic").delete)] == ["run_is_reference"]


def test_runs_without_an_owner_are_the_operators(as_: Callable[[Visitor], None]) -> None:
    as_(OPERATOR)
    run = runs.create(CLASSIC, "from-the-command-line")
    assert run.owner == ""
    as_(ANN)
    assert code_of(lambda: run.request("stop")) == "not_your_run"
    assert runs.obtain(CLASSIC) == (run, False)  # but it is there for everybody to see
    (run.path / "owner").write_text("../../etc/passwd")  # a stranger's file
    assert not run.may_change


@pytest.mark.parametrize("name", ["a" * 41, "<b>bold</b>", "a & b", "<script>alert(1)</script>"])
def test_what_is_no_name(name: str) -> None:
    run = runs.create(CLASSIC, "r")
    assert code_of(lambda: run.rename(name)) == "bad_name"
    (run.path / "name").write_text(name)  # written by a stranger
    assert run.name == ""
    run.rename("好名字 ✓")
    assert run.label().startswith("好名字 ✓ · classic")
    run.rename(" \n")
    assert not (run.path / "name").exists()


def test_a_laptops_runs_are_everybodys() -> None:
    run, _new = runs.obtain(CLASSIC)
    assert run.owner == ""
    run.rename("x")
    run.pin(True)
    run.pin(False)
    run.delete()
    assert not run.path.exists()


def test_many_runs_of_one_second_have_ids_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = iter(["aaaa", "aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("time.strftime", lambda *_: "1126-204304")
    random_token = secrets.token_hex
    monkeypatch.setattr("secrets.token_hex", lambda n: next(tokens) if n == 2 else random_token(n))
    ids = [runs.create(CLASSIC).id for _ in range(2)]
    assert ids == ["classic-1126-204304-aaaa", "classic-1126-204304-bbbb"]
