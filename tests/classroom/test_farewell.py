"""The end of a class: its runs, and which of them are deleted."""

from __future__ import annotations

import time

import pytest

from lenet import classroom, runs
from lenet.classroom import farewell
from lenet.runs import admission, guests, visitors
from lenet.runs.admission import RunFacts
from lenet.runs.configuration import CLASSIC
from lenet.runs.visitors import owner_of
from tests.helpers.made import own_runs, set_status
from tests.helpers.visitors import acting_as

PHONES = [owner_of(digit * 64) for digit in "abc"]


@pytest.fixture
def code() -> str:
    """A class whose three members have trained, in which one names a run of somebody else."""
    opened = classroom.open_class("teacher").code
    begun = classroom.begin(opened, "train", {})
    other = runs.create(CLASSIC, "other")
    for phone in PHONES:
        number = classroom.join(opened, phone).number
        with visitors.acting_as(phone, ""):
            run = runs.create(CLASSIC, f"run-{number}")
        set_status(run, state="finished")
        classroom.answer(opened, begun.id, number, {"run": run.id, "arm": 0, "seed": number})
    asked = classroom.begin(opened, "train", {})
    classroom.answer(opened, asked.id, 1, {"run": other.id})
    classroom.answer(opened, asked.id, 2, {"run": "../run-1"})
    classroom.answer(opened, asked.id, 3, "run-1")
    return opened


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
