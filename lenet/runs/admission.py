"""Whether another run may join the queue of a public server, and which old runs are deleted to make room for it.

This module decides from plain facts about the run directories, and store.py calls it before every change that a visitor
asks for, so that pages cannot forget to. On a laptop nothing is refused and nothing is deleted.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.runs import cost, rules
from lenet.runs.configuration import RunConfig
from lenet.runs.files import STATUS, RunFiles
from lenet.runs.visitors import visitor


@dataclass(frozen=True)
class RunFacts:
    """The facts about a run directory on which decisions are based."""

    id: str
    owner: str = ""
    state: str = "finished"  # see files.STATES; empty if it cannot be read
    updated: float = 0.0  # when it last changed, in seconds since 1970
    bytes: int = 0
    pinned: bool = False

    @property
    def may_be_deleted(self) -> bool:
        """Whether it may be deleted to make room."""
        return not self.pinned and self.state not in ("queued", "running")


def facts_of(run: RunFiles) -> RunFacts:
    """The facts about one run directory. A run that is not finished counts with its expected final size."""
    state, updated = "", 0.0
    with suppress(LenetError):
        status = run.status()
        state, updated = status.state, status.updated
    size = _bytes(run.path, run.stamp(STATUS))
    if state in ("queued", "running"):
        with suppress(LenetError):
            size = max(size, expected_bytes(run.config.model.cost()[0]))
    return RunFacts(run.id, run.owner, state, updated, size, run.pinned)


@lru_cache(maxsize=4096)
def _bytes(path: Path, _stamp: tuple[int, ...]) -> int:
    """Bytes of the files in a run directory. `_stamp` is that of its status, which changes whenever another file does."""
    with suppress(OSError), os.scandir(path) as entries:
        return sum(e.stat(follow_symlinks=False).st_size for e in entries if e.is_file(follow_symlinks=False))
    return 0


def expected_bytes(parameters: int) -> int:
    """The expected size on disk of a run with that many parameters: the weights, a checkpoint of three times their size
    (the optimiser keeps two numbers per weight), curves and kernels."""
    return 16 * parameters + 2 * 2**20


def check_limits(runs: Iterable[RunFacts], epochs: int, again: str = "") -> None:
    """Raises LenetError if the visitor may not queue another run of `epochs` epochs.

    `again` is the id of an existing run to be resumed or extended; empty for a new one.
    """
    limits, who = rules.limits(), visitor()
    if limits is None or who.operator:
        return
    if not who.owner:
        raise LenetError("no_key")
    if epochs > limits.epochs:
        raise LenetError("too_many_epochs", value=epochs, limit=limits.epochs)
    waiting = sum(run.state == "queued" and run.owner == who.owner and run.id != again for run in runs)
    if waiting >= limits.waiting:
        raise LenetError("too_many_waiting", value=waiting, limit=limits.waiting)


def check_cost(config: RunConfig) -> None:
    """Raises LenetError if the visitor may not queue a run that is trained for so long.

    It is refused where all of the estimated range lies beyond the limit, and never where nothing is known of the device.
    """
    limits = rules.my_limits()
    if limits is None or (estimate := cost.estimate(config)) is None:
        return
    low, high = (round(seconds / 60) for seconds in (estimate.low, estimate.high))
    if low <= limits.minutes:
        return
    epochs = math.floor(limits.minutes * 60 / (estimate.low / config.epochs))
    code = "too_many_minutes" if epochs else "too_many_minutes_an_epoch"
    raise LenetError(
        code, low=number(low), high=number(high), device=cost.device_name(config), limit=limits.minutes, epochs=epochs
    )


def to_delete(runs: Sequence[RunFacts], more_bytes: int, again: str = "") -> list[str]:
    """The ids of the runs to delete to make room for another one of `more_bytes`: the oldest first.

    Paused runs go last, because their owners mean to come back to them. `again` is as in `check_limits`. Raises LenetError
    if even deleting all runs that may be deleted does not make enough room.
    """
    limits = rules.limits()
    if limits is None:
        return []
    count, used, most = len(runs) + (not again), sum(run.bytes for run in runs) + more_bytes, limits.disk_mb * 10**6
    chosen: list[str] = []
    for run in sorted(runs, key=lambda run: (run.state == "paused", run.updated)):
        if count <= limits.runs and used <= most:
            break
        if run.may_be_deleted and run.id != again:
            chosen.append(run.id)
            count, used = count - 1, used - run.bytes
    if count > limits.runs:
        raise LenetError("too_many_runs", limit=limits.runs)
    if used > most:
        raise LenetError("no_disk_left", value=math.ceil(used / 1e6), limit=limits.disk_mb)
    return chosen


def check_pin(runs: Iterable[RunFacts]) -> None:
    """Raises LenetError if the visitor may not pin another run."""
    limits, who = rules.limits(), visitor()
    if limits is None or who.operator:
        return
    pinned = sum(run.pinned and run.owner == who.owner for run in runs)
    if pinned >= limits.pinned:
        raise LenetError("too_many_pinned", value=pinned, limit=limits.pinned)
