"""Whether another run may join the queue of a public server, and which old runs are deleted to make room for it.

This module decides from plain facts about the run directories, and store.py calls it before every change that a visitor
asks for, so that pages cannot forget to. On a laptop nothing is refused and nothing is deleted.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.runs import cost, looks, rules
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
    looked_at: bool = False
    address: str = ""
    released: bool = False  # its class has ended

    @property
    def may_be_deleted(self) -> bool:
        """Whether it may be deleted to make room."""
        return not self.pinned and self.state not in ("queued", "running")

    @property
    def worth(self) -> tuple[bool, bool, float]:
        """Its place among its owner's runs: those that sort first are deleted first."""
        return self.looked_at, self.state in ("stopped", "interrupted", "paused"), self.updated


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
    return RunFacts(
        run.id, run.owner, state, updated, size, run.pinned, looks.looked_at(run), run.address, run.released
    )


@lru_cache(maxsize=4096)
def _bytes(path: Path, _stamp: tuple[int, ...]) -> int:
    """Bytes of the files in a run directory. `_stamp` is that of its status, which changes whenever another file does."""
    with suppress(OSError), os.scandir(path) as entries:
        return sum(e.stat(follow_symlinks=False).st_size for e in entries if e.is_file(follow_symlinks=False))
    return 0


def expected_bytes(parameters: int) -> int:
    """The expected size on disk of a run with that many parameters: the weights, a checkpoint of three times their size
    (the optimiser keeps two numbers per weight) and as many again for the best epoch's, curves and kernels."""
    return 20 * parameters + 2 * 2**20


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
    _check_number(
        "too_many_waiting", [run for run in runs if run.state == "queued" and run.id != again], limits.waiting
    )


def _check_number(code: str, runs: Sequence[RunFacts], limit: int) -> None:
    """Raises LenetError if the visitor has as many of these runs as one may have, or all visitors from their network
    address have as many as they may together: a browser that forgets its key stays at its address."""
    who = visitor()
    own = sum(run.owner == who.owner for run in runs)
    if own >= limit:
        raise LenetError(code, value=own, limit=limit)
    if address := who.address:
        here, most = sum(run.address == address for run in runs), limit * visitors_here()
        if here >= most:
            raise LenetError(f"{code}_here", value=here, limit=most)


def visitors_here() -> int:
    """The number of visitors that the current one's network address may count as."""
    limits = rules.limits()
    return limits.visitors_per_address if limits else 0


def check_cost(config: RunConfig) -> None:
    """Raises LenetError if the visitor may not queue a run that is trained for so long.

    It is refused where all of the estimated range lies beyond the limit; where nothing has been measured on the device yet,
    where even a very fast one would take longer.
    """
    limits = rules.my_limits()
    if limits is None:
        return
    longest = 60 * limits.minutes
    if (estimate := cost.estimate(config)) is None:
        if cost.shortest(config) > longest:
            raise LenetError("too_long_anywhere", limit=limits.minutes)
        return
    if round(estimate.low / 60) <= limits.minutes:
        return
    epochs = math.floor(longest / (estimate.low / config.epochs))
    unit, code = (60, "too_many_minutes") if estimate.high < cost.HOURS_FROM else (3600, "too_many_hours")
    raise LenetError(
        code if epochs else f"{code}_an_epoch",
        low=number(cost.round_plainly(estimate.low / unit)),
        high=number(cost.round_plainly(estimate.high / unit)),
        device=cost.device_name(config),
        limit=limits.minutes,
        epochs=epochs,
    )


def to_delete(runs: Sequence[RunFacts], more_bytes: int, again: str = "") -> list[str]:
    """The ids of the runs to delete, in this order, to make room for another one of `more_bytes` of the current visitor.

    Each is a run of the owner who has most of what is short, runs or else bytes, with the new one counted as the visitor's.
    Of an owner's runs, those that can be resumed go after the others, and those that somebody looks at last; otherwise the
    oldest goes first. Runs of classes that have ended go ahead of all that somebody wants to keep. `again` is as in `check_limits`. Raises LenetError if even deleting all runs that may be deleted
    does not make enough room.
    """
    limits = rules.limits()
    if limits is None:
        return []
    most_bytes = limits.disk_mb * 10**6
    owner = next((run.owner for run in runs if run.id == again), visitor().owner)
    count, used = Counter({owner: 0 if again else 1}), Counter({owner: more_bytes})
    for run in runs:
        count[run.owner] += 1
        used[run.owner] += run.bytes
    left = [run for run in runs if run.may_be_deleted and run.id != again]
    chosen: list[str] = []
    while left and (count.total() > limits.runs or used.total() > most_bytes):
        held = count if count.total() > limits.runs else used
        run = min(left, key=lambda run: (not run.released, -held[run.owner], *run.worth))
        left.remove(run)
        chosen.append(run.id)
        count[run.owner] -= 1
        used[run.owner] -= run.bytes
    if count.total() > limits.runs:
        raise LenetError("too_many_runs", limit=limits.runs)
    if used.total() > most_bytes:
        raise LenetError("no_disk_left", value=math.ceil(used.total() / 1e6), limit=limits.disk_mb)
    return chosen


def check_pin(runs: Iterable[RunFacts]) -> None:
    """Raises LenetError if the visitor may not pin another run."""
    limits, who = rules.limits(), visitor()
    if limits is None or who.operator:
        return
    _check_number("too_many_pinned", [run for run in runs if run.pinned], limits.pinned)
