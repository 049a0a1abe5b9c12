"""Whether another run may join the queue of a public server, and which old runs are deleted to make room for it.

This module decides on plain facts about the run directories; store.py obeys: whatever changes a run for a visitor asks
here first, so that a page cannot forget to. On a laptop nothing is refused and nothing is deleted.
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
from lenet.runs import rules
from lenet.runs.files import STATUS, RunFiles
from lenet.runs.visitors import visitor


@dataclass(frozen=True)
class RunFacts:
    """What has to be known of a run directory to decide."""

    id: str
    owner: str = ""
    state: str = "finished"  # see files.STATES; empty where it cannot be read
    updated: float = 0.0  # when it last changed, in seconds since 1970
    bytes: int = 0
    pinned: bool = False

    @property
    def may_be_deleted(self) -> bool:
        """Whether it may be deleted to make room."""
        return not self.pinned and self.state not in ("queued", "running")


def facts_of(run: RunFiles) -> RunFacts:
    """The facts of one run directory. A run that is not finished counts with the size that it will have."""
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
    """Bytes of the files of a run directory. The stamp is that of its status, which changes whenever another file does."""
    with suppress(OSError), os.scandir(path) as entries:
        return sum(e.stat(follow_symlinks=False).st_size for e in entries if e.is_file(follow_symlinks=False))
    return 0


def expected_bytes(parameters: int) -> int:
    """What a run of a network of that size will take on the disk: its weights, three times as much for a checkpoint
    (the optimiser keeps two numbers a weight), and its curves and kernels."""
    return 16 * parameters + 2 * 2**20


def check_limits(runs: Iterable[RunFacts], epochs: int, again: str = "") -> None:
    """Raises LenetError where the visitor may not have another run of `epochs` epochs in the queue.

    `again` is the id of a run that exists already and is to be resumed or extended; empty for a new one.
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


def to_delete(runs: Sequence[RunFacts], more_bytes: int, again: str = "") -> list[str]:
    """The ids of the runs to delete so that another one has room, which will take `more_bytes`: the oldest first.

    Paused runs go last: somebody means to come back to them. `again` is as in `check_limits`. Raises LenetError where
    deleting all that may be deleted does not make room enough.
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
    """Raises LenetError where the visitor has as many pinned runs as the limit allows."""
    limits, who = rules.limits(), visitor()
    if limits is None or who.operator:
        return
    pinned = sum(run.pinned and run.owner == who.owner for run in runs)
    if pinned >= limits.pinned:
        raise LenetError("too_many_pinned", value=pinned, limit=limits.pinned)
