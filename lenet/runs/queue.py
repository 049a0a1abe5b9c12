"""The queue: the runs that wait for a worker, their order, and an estimate of their training time."""

from __future__ import annotations

import heapq
import math
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from lenet import data
from lenet.common.errors import LenetError
from lenet.runs import rules
from lenet.runs.configuration import RunConfig
from lenet.runs.state import read_state, read_states
from lenet.runs.store import Run, find, list_runs

T = TypeVar("T")


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
                waiting.append((run.owner, _not_ahead(run.waiting_since()), run))
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


def seconds_to_train(some_runs: Sequence[Run]) -> float | None:
    """The seconds until all of these have been trained, at the speed last measured on this machine's device; None if none
    was measured."""
    speed = _measured_speed([*some_runs, *list_runs()])
    if not speed:
        return None
    examples = 0.0
    for run in some_runs:
        with suppress(LenetError):
            status, config = run.status(), run.config
            per_epoch = status.steps_per_epoch * config.batch_size or _examples_per_epoch(config)
            examples += per_epoch * config.epochs - status.step * config.batch_size
    return examples / speed / rules.workers()


def _measured_speed(newest_first: Iterable[Run]) -> float:
    """Examples per second of the first of these runs that was trained on this machine's device; 0 if there is none."""
    device = read_state().device
    for run in newest_first:
        with suppress(LenetError):
            status = run.status()
            if not run.is_reference and status.examples_per_sec and status.device == device:
                return status.examples_per_sec
    return 0.0


def _examples_per_epoch(config: RunConfig) -> int:
    """Images per epoch of a run that has not begun. Raises LenetError if the data are missing."""
    train = data.find(config.data, config.dataset).sizes["train"]
    return min(config.examples_per_epoch or train, train)
