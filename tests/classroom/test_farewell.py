"""The end of a class: its runs, and which of them are deleted."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from lenet import classroom, runs
from lenet.classroom import farewell, training
from lenet.experiments import store as experiments
from lenet.runs import admission, guests, visitors
from lenet.runs.admission import RunFacts
from lenet.runs.configuration import CLASSIC
from lenet.runs.visitors import owner_of
from tests.helpers.classes import begun, opened, run_of, trained
from tests.helpers.experiments import asked
from tests.helpers.made import own_runs, set_status
from tests.helpers.visitors import acting_as

PHONES = [owner_of(digit * 64) for digit in "abc"]


@pytest.fixture
def code() -> str:
    """A class whose three members have trained, in which one names a run of somebody else."""
    code = classroom.open_class("teacher").code
    first = classroom.begin(code, "train", {})
    other = runs.create(CLASSIC, "other")
    for phone in PHONES:
        number = classroom.join(code, phone).number
        with visitors.acting_as(phone, ""):
            run = runs.create(CLASSIC, f"run-{number}")
        set_status(run, state="finished")
        classroom.answer(code, first.id, number, {"run": run.id, "arm": 0, "seed": number})
    second = classroom.begin(code, "train", {})
    for number, value in ((1, {"run": other.id, "arm": 0, "seed": 0}), (2, {"run": "../run-1", "arm": 0, "seed": 0})):
        classroom.answer(code, second.id, number, value)
    classroom.answer(code, second.id, 3, "run-1")
    return code


def test_the_runs_of_a_class_are_those_of_its_members(code: str) -> None:
    assert sorted(run.id for run in farewell.runs_of(code)) == ["run-1", "run-2", "run-3"]


def test_runs_stay_on_a_laptop_until_somebody_has_them_deleted(code: str) -> None:
    farewell.end(code)
    assert not classroom.find(code).is_open
    assert len(own_runs()) == 4
    guests.let_only_look(True)
    runs.find("run-2").pin(True)
    farewell.delete_runs(code)
    assert sorted(run.id for run in own_runs()) == ["other", "run-2"], "a pinned one stays, and other people's"


def test_runs_of_a_class_that_has_ended_are_the_first_to_go(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    farewell.end(code)
    assert {run.id: run.released for run in own_runs()} == {
        "other": False,
        "run-1": True,
        "run-2": True,
        "run-3": True,
    }
    monkeypatch.setenv("LENET_HOSTED", "1")
    monkeypatch.setenv("LENET_MAX_RUNS", "3")
    kept = [
        RunFacts("of many 1", "m", updated=1),
        RunFacts("of many 2", "m", updated=2),
        RunFacts("of a class", "c", updated=9, released=True),
    ]
    with acting_as(visitors.Visitor("d" * 64)):
        assert admission.to_delete(kept, 0) == ["of a class"]


def test_a_run_is_released_from_a_moment_on(code: str) -> None:
    run = runs.find("run-1")
    run.release(time.time() + 60)
    assert not run.released
    run.release(time.time() - 1)
    assert run.released
    (run.path / "released").write_text("soon")
    assert not run.released


def test_what_the_networks_have_learned_is_taken_along_and_kept_when_runs_are_deleted() -> None:
    code, members = opened(3)
    activity = begun(code, asked(id="one-arm", seeds=1, vary=()))
    for member in members[:2]:
        training.train(code, activity.id, member, 0)
    kernels = np.random.default_rng(0).standard_normal((2, 1, 5, 5)).astype(np.float32)
    trained(run_of(code, activity, members[0]), 0.8, kernels, updated=10.0)
    assert not runs.find(run_of(code, activity, members[0]).id).released, "as long as the class goes on"
    farewell.end(code)
    assert classroom.activity(code, activity.id).is_open is False
    assert [run.id for run in farewell.runs_of(code)] == [run_of(code, activity, members[0]).id], "the other waited"
    kept = json.loads(json.dumps(farewell.taken_along(code)))
    (row,) = [row for row in kept["activities"][0]["results"] if row["state"] == "finished"]
    assert (row["number"], row["seed"], row["test_acc"]) == (1, 0, 0.8)
    np.testing.assert_allclose(row["kernels"], kernels[:, 0], atol=1e-4)
    assert members[0].owner not in json.dumps(kept)

    farewell.delete_runs(code)
    assert farewell.runs_of(code) == []
    assert not experiments.exists("one-arm"), "no run of it is left"
    again = json.loads(json.dumps(farewell.taken_along(code)))
    assert again["activities"] == kept["activities"]
    farewell.delete_runs(code)
    assert json.loads(json.dumps(farewell.taken_along(code)))["activities"] == kept["activities"]


def test_an_experiment_stays_as_long_as_a_run_of_it_does() -> None:
    code, members = opened(2)
    activity = begun(code, asked(id="two-runs", seeds=1, vary=()))
    kernels = np.ones((2, 1, 5, 5), np.float32)
    for member in members:
        training.train(code, activity.id, member, 0)
        trained(run_of(code, activity, member), 0.8, kernels, updated=10.0)
    run_of(code, activity, members[1]).pin(True)
    farewell.end(code)
    farewell.delete_runs(code)
    assert [run.id for run in own_runs()] == [run_of(code, activity, members[1]).id]
    assert experiments.exists("two-runs")
