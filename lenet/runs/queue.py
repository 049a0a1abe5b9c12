"""The queue: the runs that wait for a worker, their order and their turns, and how long that takes."""

from __future__ import annotations

import heapq
import math
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from lenet.common.errors import LenetError
from lenet.runs import cost, rules
from lenet.runs.configuration import RunConfig
from lenet.runs.cost import Duration
from lenet.runs.speeds import kind_of
from lenet.runs.state import read_states, stored_state
from lenet.runs.store import Run, find, list_runs

LOOK_EVERY = 1.0  # seconds between two looks of a `Turn` that is over whether a run waits

T = TypeVar("T")


def waiting_for(number: int) -> list[Run]:
    """The runs that wait and that the worker of that number may take: all, or those of one thread (`takes_all`)."""
    waiting = waiting_runs()
    if takes_all(number):
        return waiting
    found = []
    for run in waiting:
        with suppress(LenetError):
            if of_one_thread(run.config):
                found.append(run)
    return found


def takes_all(number: int) -> bool:
    """Whether the worker of that number trains any run. On a laptop only the first does, with all cores but one; the others
    train runs of one thread beside it, as experiments have them."""
    return number <= rules.workers()


def of_one_thread(config: RunConfig) -> bool:
    """Whether a run takes one core wherever it is trained, and no GPU."""
    gpu = config.device == "cuda" or (config.device == "auto" and kind_of(stored_state().device) != "cpu")
    return config.threads == 1 and not gpu


def waiting_runs() -> list[Run]:
    """The runs that wait for a worker, in the order in which workers will train them (see `in_turn`)."""
    waiting: list[tuple[str, float, Run]] = []
    served: dict[str, float] = {}
    for run in reversed(list_runs()):
        with suppress(LenetError):
            status = run.status()
            if run.is_reference or not status.for_worker:
                continue
            taken = status.state == "queued" and run.in_training  # by a worker that has not updated the status yet
            if status.state == "queued" and not taken:
                since = max(run.waiting_since(), status.turn_ended)  # behind the runs that waited for its turn to end
                waiting.append((run.owner, _not_ahead(since), run))
            if taken or status.state == "running":
                served[run.owner] = math.inf
            elif status.started:
                served[run.owner] = max(_not_ahead(status.updated), served.get(run.owner, 0.0))
    return in_turn(waiting, served)


def _not_ahead(moment: float) -> float:
    """The moment, or 0 if it lies in the future: the clock was set back since, and the owner would have to wait until it
    has caught up."""
    return moment if moment < time.time() + 60 else 0.0


def in_turn(waiting: Iterable[tuple[str, float, T]], served: Mapping[str, float]) -> list[T]:
    """The waiting items in the order of service: owners take turns, and each owner's items are first come, first served.

    `waiting` are (owner, since when, item); `served` is when an owner's last training ended, infinity if it still runs.
    An owner's place in the round depends on when its first item began to wait or its last training ended, whichever was
    later. So everybody who came meanwhile is served before the next run of an owner of twenty, and nobody waits for ever.
    """
    lines: dict[str, deque[tuple[float, T]]] = defaultdict(deque)
    for owner, since, what in sorted(waiting, key=lambda w: w[:2]):
        lines[owner].append((since, what))
    circle = [(max(line[0][0], served.get(owner, 0.0)), 0, line[0][0], owner) for owner, line in lines.items()]
    heapq.heapify(circle)
    order: list[T] = []
    while circle:
        *_place, owner = heapq.heappop(circle)
        line = lines[owner]
        order.append(line.popleft()[1])
        if line:  # back to the end of the round, behind owners who are being served now
            heapq.heappush(circle, (math.inf, len(order), 0.0, owner))
    return order


def ahead_of(run: Run) -> list[Run]:
    """The runs ahead of this queued one: those in training, then those earlier in the queue."""
    training = []
    for state in read_states():
        if state.state == "training" and state.run != run.id:
            with suppress(LenetError):
                training.append(find(state.run))
    waiting = waiting_runs()
    return training + (waiting[: waiting.index(run)] if run in waiting else [])


def time_to_train(some_runs: Sequence[Run]) -> Duration | None:
    """How long it takes until all of these have been trained, or have had a turn where others wait; None where that cannot
    be told of one of them."""
    total, turn, narrow = Duration(0.0, 0.0), rules.turn_seconds(), True
    for run in some_runs:
        with suppress(LenetError):
            status = run.status()
            config = run.next_config()
            narrow = narrow and of_one_thread(config)
            rest = cost.remaining(config, status)
            if rest is None:
                return None
            if turn is not None:
                had = time.time() - status.started if status.state == "running" else 0.0
                rest = rest.at_most(max(turn - max(had, 0.0), 0.0))
            total += rest
    return total / (rules.workers_for_one_thread() if narrow else rules.workers())


class Turn:
    """The turn of a run: it is over as soon as it has lasted `rules.turn_seconds()` and another run waits.

    It begins when the run's trainer asks for the first time: the seconds before, in which all is made ready, do not count.
    At its end the run is put back into the queue at its step, as a worker that has to go puts it back. On a laptop it lasts until
    the run is trained.
    """

    def __init__(self) -> None:
        self._length = rules.turn_seconds()
        self._looks_at: float | None = None

    def is_over(self) -> bool:
        now = time.monotonic()
        if self._looks_at is None:
            self._looks_at = math.inf if self._length is None else now + self._length
        if now < self._looks_at:
            return False
        self._looks_at = now + LOOK_EVERY
        return bool(waiting_runs())
