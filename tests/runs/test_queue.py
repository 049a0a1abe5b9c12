"""The queue: who is next, what comes before a run, and how long that takes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet import runs
from lenet.common import files
from lenet.runs import cost
from lenet.runs.configuration import CLASSIC
from lenet.runs.queue import in_turn
from lenet.runs.state import worker_job
from lenet.runs.visitors import Visitor
from lenet.training import progress
from tests.helpers.made import LONG, SHORT, known_speed, middle, set_status, set_worker
from tests.helpers.visitors import BOB


def test_queue_is_first_come_first_served() -> None:
    for created, name in enumerate(("one", "two")):
        set_status(runs.create(SHORT, name), created=float(created))
    runs.create(SHORT, "mine", for_worker=False)
    runs.find("two").request("stop")
    assert [r.id for r in runs.waiting_runs()] == ["one"]
    runs.find("two").request("resume")
    assert [r.id for r in runs.waiting_runs()] == ["one", "two"]


def test_position_and_waiting_time() -> None:
    first, second, third = (runs.create(replace(LONG, seed=n), f"r{n}") for n in range(3))
    assert runs.ahead_of(second) == [first]
    assert runs.time_to_train([first]) is None, "nobody knows how fast this machine is"
    line = progress.progress_line(third, third.status())
    assert line == "waiting · epoch 0 of 1000 · 2 runs before it"
    with files.locked(worker_job().folder / "lock"), runs.lock(first):  # as its worker holds them
        set_worker(state="training", run=first.id, device="cpu", device_name="CPU × 1")
        known_speed()
        now = time.time()
        running = set_status(
            first, state="running", step=2400, steps_per_epoch=24, train_size=6000, test_size=1000, device="cpu",
            started=now - 600, updated=now, started_step=0,
        )  # fmt: skip
        assert runs.ahead_of(third) == [first, second]
        # 100 epochs took ten minutes: 900 are left of the first, and the second has a thousand.
        left, whole = cost.remaining(LONG, running), cost.remaining(LONG, second.status())
        assert left and whole
        assert middle(left) == pytest.approx(9 * 600)
        assert middle(whole) == pytest.approx(24_000 * cost.work(LONG, "cpu", 6000, 1000).step, rel=0.2)
        both = runs.time_to_train([first, second])
        assert both == left + whole
        line = progress.progress_line(third, third.status())
        assert line == (
            f"waiting · epoch 0 of 1000 · 2 runs before it · begins in about {both.words()} · "
            f"about {whole.words()} of training"
        )


def test_one_with_twenty_runs_does_not_starve_one_with_one() -> None:
    waiting = [("ann", float(n), f"a{n}") for n in range(20)] + [("bob", 50.0, "b"), ("cy", 60.0, "c")]
    assert in_turn(waiting, {})[:5] == ["a0", "b", "c", "a1", "a2"]
    # While one of Ann's is trained, who came meanwhile is next.
    assert in_turn(waiting[1:], {"ann": math.inf})[:4] == ["b", "c", "a1", "a2"]
    assert in_turn(waiting[1:], {"ann": 55.0})[:4] == ["b", "a1", "c", "a2"]


def test_newcomers_do_not_pass_for_ever() -> None:
    """A new owner a moment, each with one run, in front of one whose second run waits."""
    waiting, served = [("ann", 0.0, "a")], {"ann": 10.0}
    for n in range(11, 40):
        waiting.append((f"new{n}", float(n), f"n{n}"))
    assert in_turn(waiting, served)[0] == "a"


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 50)), max_size=30), st.data())
def test_what_is_shown_is_what_is_taken(arrivals: list[tuple[int, int]], data: st.DataObject) -> None:
    """The worker asks anew before each run and takes the first: without newcomers that is the order shown at first."""
    waiting = [(f"o{owner}", float(since), n) for n, (owner, since) in enumerate(arrivals)]
    served = {f"o{k}": float(data.draw(st.integers(0, 60))) for k in range(3)}
    shown = in_turn(waiting, served)
    assert sorted(shown) == list(range(len(waiting)))
    now, taken = 100.0, []
    while waiting:
        first = in_turn(waiting, served)[0]
        (this,) = [w for w in waiting if w[2] == first]
        waiting.remove(this)
        rest = in_turn(waiting, served | {this[0]: math.inf})  # as shown while it is trained
        now += 1
        served[this[0]] = now
        taken.append(first)
        assert taken + rest == shown
    for owner in {w[0] for w in waiting}:  # of one owner, first come first served
        own = [n for n in shown if arrivals[n][0] == int(owner[1:])]
        assert own == sorted(own, key=lambda n: arrivals[n][1])


def test_the_queue_after_the_clock_was_set_back(as_: Callable[[Visitor], None]) -> None:
    day = 86_400.0
    now = time.time()
    done, first, second = (runs.create(replace(CLASSIC, seed=n)) for n in range(3))
    set_status(done, state="finished", started=now + day, updated=now + day, created=now + day)
    set_status(first, created=now + day)
    set_status(second, created=now + day + 1)
    as_(BOB)
    other = runs.create(replace(CLASSIC, seed=9))
    assert runs.waiting_runs() == [first, other, second]
