"""Runs of a public server take turns: nobody waits for the end of somebody else's long run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet import runs
from lenet.runs import Run, queue
from lenet.runs.configuration import CLASSIC, RunConfig
from lenet.runs.queue import Turn, in_turn
from lenet.runs.visitors import Visitor, owner_of
from lenet.training import progress, recorder
from lenet.training.recorder import Recorder
from lenet.training.run import train_run
from tests.helpers.made import SHORT, known_speed, set_status, set_worker
from tests.helpers.training import SHORT_NAMES, SHORT_ONES, same, trained
from tests.helpers.visitors import ANN, BOB

START = 1_000_000.0
LOOK = 0.25  # seconds between two looks of a trainer for what is asked of it

# -- the worker in short, by a clock of its own ----------------------------------------------------------------------


@dataclass
class Clock:
    now: float = START

    def time(self) -> float:
        return self.now

    monotonic = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(queue, "time", clock)
    return clock


class Worker:
    """Trains the first run that waits until it is trained or its turn is over. `needs` are seconds by run id."""

    def __init__(self, clock: Clock, needs: dict[str, float]) -> None:
        self.clock, self.needs = clock, dict(needs)
        self.turns: list[tuple[str, float, float]] = []  # run, begin and end

    def one_turn(self) -> None:
        run, began = runs.waiting_runs()[0], self.clock.now
        turn = Turn()
        set_status(run, state="running", started=began, updated=began, turn_ended=0.0)
        while self.needs[run.id] > 0 and not turn.is_over():
            self.clock.now += LOOK
            self.needs[run.id] -= LOOK
        now, done = self.clock.now, self.needs[run.id] <= 0
        set_status(run, state="finished" if done else "queued", updated=now, turn_ended=0.0 if done else now)
        self.turns.append((run.id, began - START, now - START))

    def order(self) -> list[str]:
        return [run for run, _begin, _end in self.turns]


def queued(name: str, owner: str, become: Callable[[Visitor], None], since: float) -> Run:
    become(Visitor(owner_of(owner * 64)))
    run = runs.create(CLASSIC, name)
    set_status(run, created=since, updated=since)
    return run


def test_a_run_of_a_minute_behind_five_long_ones_of_others_starts_within_five_slices(
    as_: Callable[[Visitor], None], clock: Clock
) -> None:
    for n, owner in enumerate("abcde"):
        queued(f"long-{owner}", owner, as_, START + n)
    queued("short", "f", as_, START + 10)
    worker = Worker(clock, {f"long-{owner}": 3600.0 for owner in "abcde"} | {"short": 60.0})
    clock.now += 20
    for _turn in range(8):
        worker.one_turn()
    assert worker.order() == [*(f"long-{owner}" for owner in "abcde"), "short", "long-a", "long-b"]
    _run, began, ended = worker.turns[5]
    assert began - 20 <= 5 * (120 + queue.LOOK_EVERY + LOOK)
    assert ended - began == 60


def test_one_that_comes_while_all_are_under_way_waits_no_longer(as_: Callable[[Visitor], None], clock: Clock) -> None:
    for n, owner in enumerate("abcde"):
        queued(f"long-{owner}", owner, as_, START + n)
    worker = Worker(clock, {f"long-{owner}": 3600.0 for owner in "abcde"})
    clock.now += 20
    for _turn in range(7):
        worker.one_turn()
    came = clock.now
    queued("short", "f", as_, came)
    worker.needs["short"] = 60.0
    for _turn in range(5):
        worker.one_turn()
    assert "short" not in worker.order()
    worker.one_turn()
    assert worker.order()[-1] == "short"
    assert worker.turns[-1][1] - (came - START) <= 5 * (120 + queue.LOOK_EVERY + LOOK)


def test_one_who_has_many_long_runs_has_one_turn_in_a_round(as_: Callable[[Visitor], None], clock: Clock) -> None:
    for n in range(3):
        queued(f"a{n}", "a", as_, START + n)
    queued("b", "b", as_, START + 5)
    worker = Worker(clock, {"a0": 500.0, "a1": 500.0, "a2": 60.0, "b": 300.0})
    clock.now += 20
    for _turn in range(6):
        worker.one_turn()
    assert worker.order() == ["a0", "b", "a1", "b", "a2", "b"]  # and a's own take turns as well


def test_a_run_alone_is_not_put_back(as_: Callable[[Visitor], None], clock: Clock) -> None:
    queued("alone", "a", as_, START)
    worker = Worker(clock, {"alone": 3600.0})
    worker.one_turn()
    assert worker.turns == [("alone", 0.0, 3600.0)]


def test_on_a_laptop_each_run_is_trained_to_its_end(clock: Clock) -> None:
    for n, name in enumerate(("first", "second")):
        set_status(runs.create(replace(CLASSIC, seed=n), name), created=START + n)
    worker = Worker(clock, {"first": 3600.0, "second": 60.0})
    worker.one_turn()
    worker.one_turn()
    assert worker.turns == [("first", 0.0, 3600.0), ("second", 3600.0, 3660.0)]


def test_the_operator_sets_the_length_of_a_turn(
    as_: Callable[[Visitor], None], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_TURN_SECONDS", "10")
    queued("a", "a", as_, START)
    turn = Turn()
    clock.now += 30  # until the first step
    assert not turn.is_over()
    queued("b", "b", as_, START)
    clock.now += 9.9
    assert not turn.is_over()
    clock.now += 0.1
    assert turn.is_over()


def test_who_waits_is_looked_for_once_a_second(as_: object, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    monkeypatch.setattr(queue, "waiting_runs", lambda: looks.append(clock.now) or [])
    turn = Turn()
    for _look in range(4 * 125 + 1):
        assert not turn.is_over()
        clock.now += LOOK
    assert looks == [START + 120 + n for n in range(6)]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), min_size=1, max_size=12))
def test_nobody_has_two_turns_while_another_waits_for_one(asked: list[tuple[int, int]]) -> None:
    """Runs of these owners that need so many turns, all there from the beginning."""
    waiting = [(f"o{owner}", float(n), n) for n, (owner, _turns) in enumerate(asked)]
    needs = {n: turns for n, (_owner, turns) in enumerate(asked)}
    served: dict[str, float] = {}
    turns: list[tuple[str, set[str]]] = []  # whose it was, and who else waited after it
    while waiting:
        first = in_turn(waiting, served)[0]
        (this,) = [w for w in waiting if w[2] == first]
        waiting.remove(this)
        needs[first] -= 1
        served[this[0]] = now = 100.0 + len(turns)
        if needs[first]:
            waiting.append((this[0], now, first))
        turns.append((this[0], {owner for owner, _since, _n in waiting} - {this[0]}))
    assert len(turns) == sum(n for _owner, n in asked)
    for n, (owner, others) in enumerate(turns):
        again = next((m for m in range(n + 1, len(turns)) if turns[m][0] == owner), None)
        if again is not None:
            assert others <= {turns[m][0] for m in range(n + 1, again)}


# -- a run that is put back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recipe", SHORT_ONES[:3], ids=SHORT_NAMES[:3])
def test_a_run_put_back_again_and_again_is_the_uninterrupted_one_bit_for_bit(
    recipe: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns of seven steps, in the middle of an epoch and at its end."""
    whole, run = trained(recipe), runs.create(recipe, "r")
    after_step = Recorder.after_step

    def look_and_step(self: Recorder) -> None:
        self._looked = -math.inf  # it is time to listen
        after_step(self)

    monkeypatch.setattr(Recorder, "after_step", look_and_step)
    turns = 0

    def turn_over() -> bool:
        return run.status().step >= 7 * (turns + 1)

    while (status := train_run(run, turn_over=turn_over)).state == "queued":
        turns += 1
        assert status.turn_ended and status.for_worker
        assert status.step == run.stored_status().step >= 7 * turns
    assert (status.state, status.turn_ended) == ("finished", 0.0)
    assert turns >= 5
    same(whole, run)


def test_a_run_put_back_goes_behind_all_that_wait_and_one_of_a_worker_that_goes_does_not(
    as_: Callable[[Visitor], None],
) -> None:
    first, second = (runs.create(replace(SHORT, seed=n, epochs=2), f"r{n}") for n in range(2))
    assert runs.waiting_runs() == [first, second]
    train_run(first, leaving=lambda: True)
    assert first.stored_status().turn_ended == 0.0
    assert runs.waiting_runs() == [first, second]
    train_run(first, turn_over=lambda: True)
    assert first.stored_status().turn_ended > 0.0
    assert runs.waiting_runs() == [second, first]


@pytest.mark.parametrize(("request_", "state"), [("stop", "stopped"), ("pause", "paused")])
def test_who_presses_stop_while_the_run_is_put_back_is_heard(
    request_: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(SHORT, "r")
    write = Recorder._write_checkpoint

    def write_while_somebody_presses(self: Recorder) -> None:
        write(self)
        run.request(request_)

    monkeypatch.setattr(recorder, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(Recorder, "_write_checkpoint", write_while_somebody_presses)
    assert train_run(run, turn_over=lambda: True).state == state
    assert runs.waiting_runs() == [] and not run.requested(request_)


def test_its_page_says_that_it_waits_for_its_next_turn(as_: Callable[[Visitor], None]) -> None:
    set_worker(state="idle", device="cpu", device_name="CPU × 1")
    known_speed()
    run = runs.create(replace(CLASSIC, epochs=20), "r")
    as_(BOB)
    runs.create(replace(CLASSIC, epochs=1000, batch_size=1), "other")
    as_(ANN)
    now = time.time()
    status = set_status(
        run, state="queued", step=1200, epoch=5, steps_per_epoch=235, turn_ended=now, train_seconds=12.0, started=now - 120,
        updated=now, device="cpu", device_name="CPU × 1", train_size=60_000, test_size=10_000, train_images=60_000,
    )  # fmt: skip
    line = progress.progress_line(run, status)
    parts = line.split(" · ")
    assert parts[0] == "waits for its next turn; step 1200 of 4700"
    assert parts[1:3] == ["1 run before it", "goes on in about 2 min"], (
        "a turn of two minutes, however long the run is"
    )
    assert parts[-1].endswith("of training")


def test_a_run_in_training_tells_its_own_time_where_others_have_turns_between(
    as_: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, now = runs.create(replace(CLASSIC, epochs=10), "r"), time.time()
    status = set_status(
        run, state="running", step=300, steps_per_epoch=100, started_step=100, started=now - 200, updated=now, device="cpu",
        train_size=25_600, test_size=0,
    )  # fmt: skip
    assert progress.progress_line(run, status).endswith(" · about 11–12 min of training left")
    monkeypatch.delenv("LENET_HOSTED")
    assert progress.progress_line(run, status).endswith(" · about 11–12 min left")


def test_the_time_until_a_run_begins_is_that_of_the_turns_before_it(as_: Callable[[Visitor], None]) -> None:
    set_worker(state="training", run="r0", device="cpu", device_name="CPU × 1")
    known_speed()
    days = replace(CLASSIC, epochs=1000, batch_size=1)
    made = [runs.create(replace(days, seed=n), f"r{n}") for n in range(3)]
    time_needed = runs.time_to_train(made)
    assert time_needed and (time_needed.low, time_needed.high) == (360.0, 360.0)
