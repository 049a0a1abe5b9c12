"""No run is trained twice: equal runs are found, and experiments that need the same run name it alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lenet import runs
from lenet.experiments import assignment, results
from lenet.experiments.store import Stored
from lenet.runs.configuration import RunConfig
from tests.helpers.experiments import TINY, asked, written
from tests.helpers.made import set_status, set_worker
from tests.helpers.visitors import BOB, acting_as

WANTED = asked().config(0, 0)


def found_for(wanted: RunConfig = WANTED) -> str:
    """The run of the first arm and seed."""
    stored = assignment.assign(Stored(replace(asked(), base=replace(wanted, seed=0), vary=(), seeds=1)))
    return stored.runs[0, 0]


def test_new_runs_are_named_by_what_they_are() -> None:
    stored = assignment.assign(Stored(asked()))
    ids = [stored.runs[place] for place in asked().runs()]
    assert [run_id.rpartition("-")[2] for run_id in ids] == ["0", "0", "1", "1"]
    assert len({run_id.rpartition("-")[0] for run_id in ids}) == 2, "an arm's runs begin alike"
    assert assignment.assign(Stored(asked(id="another"))).runs == stored.runs
    assert found_for(replace(WANTED, lr=0.5)) not in ids
    assert (
        found_for(replace(WANTED, recipe="mine")).rpartition("-")[0]
        == ids[0].replace("classic", "mine").rpartition("-")[0]
    )


@pytest.mark.parametrize("state", assignment.RANKS)
def test_an_equal_run_is_used_however_far_it_is(state: str) -> None:
    stored_state = {"interrupted": "running", "running": "running"}.get(state, state)
    run = written(WANTED, "mine", stored_state)
    if state == "running":
        held = runs.lock(run)
    assert run.status().state == state
    assert found_for() == "mine"
    if state == "running":
        held.release()


def test_of_several_the_one_is_used_in_which_least_is_left_to_be_done() -> None:
    for state in ("failed", "stopped", "queued", "finished"):
        written(WANTED, state, state)
        assert found_for() == state


@pytest.mark.parametrize("changes", [
    {"threads": 0}, {"threads": 2}, {"lr": 0.5}, {"epochs": 3}, {"seed": 1}, {"device": "cuda"},
])  # fmt: skip
def test_another_run_is_not(changes: dict[str, object]) -> None:
    config = replace(WANTED, **changes)
    written(config, "other", device=config.device)
    assert found_for() != "other"


def test_what_something_is_called_makes_no_difference_and_what_it_was_trained_on_does() -> None:
    run = written(replace(WANTED, recipe="of my own", data="auto"), "mine", data="sample", dataset="fashion-mnist")
    assert found_for() == "mine"
    set_status(run, data="full")
    assert found_for() != "mine"
    set_status(run, data="sample", checksum="0" * 32)
    assert found_for() != "mine"


def test_a_device_that_is_chosen_by_itself_is_the_one_of_this_machine() -> None:
    set_worker(device="cpu")
    written(replace(WANTED, threads=1), "on-cpu")
    assert found_for(replace(WANTED, device="auto")) == "on-cpu"
    set_worker(device="cuda:0")
    assert found_for(replace(WANTED, device="auto")) != "on-cpu"
    written(replace(WANTED, threads=0, device="auto"), "on-gpu", device="cuda:0")
    assert found_for(replace(WANTED, device="auto")) == "on-gpu", "where threads decide nothing"


def test_a_run_that_was_extended_since_says_what_it_said() -> None:
    run = written(WANTED.extended(4), "longer")
    stored = assignment.assign(Stored(asked(seeds=1)))
    assert stored.runs[0, 0] == "longer"
    outcome = results.read(stored).of(0)[0]
    assert (outcome.state, outcome.epochs, outcome.test_acc) == ("finished", 2, run.metrics()["test_acc"][1])
    assert len(results.read(stored).metrics(0, 0)["loss"]) == 2


def test_a_run_that_is_gone_or_was_changed_is_made_anew() -> None:
    stored = assignment.assign(Stored(asked(seeds=1)))
    first = stored.runs[0, 0]
    run = written(WANTED, first)
    assert results.read(stored).values(0) == {0: 0.5}
    run.delete()
    assert results.read(stored).of(0)[0].state == results.MISSING
    assert assignment.assign(stored).runs[0, 0] == first
    written(replace(WANTED, lr=0.1), first)
    assert results.read(stored).of(0)[0].state == results.MISSING
    assert assignment.assign(stored).runs[0, 0] == f"{first}-2"


def test_somebody_elses_run_is_used_unless_it_would_have_to_go_on(as_: object) -> None:
    with acting_as(BOB):
        run = written(WANTED, "bobs", "queued")
    assert found_for() == "bobs"
    set_status(run, state="stopped")
    assert found_for() != "bobs"
    with acting_as(BOB):
        assert found_for() == "bobs"


def test_tiny_is_what_it_says() -> None:
    assert (TINY.steps, asked().config(0, 0).threads) == (20, 1)
