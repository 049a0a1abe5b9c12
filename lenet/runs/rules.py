"""The limits of a public server (`LENET_HOSTED=1`), each set by an environment variable; a laptop has none.

visitors.py knows who makes a request; admission.py applies the limits to a run that is to join the queue.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from lenet.common import fields, paths, process
from lenet.common.errors import LenetError
from lenet.common.fields import Field, setting
from lenet.common.translation import translate as _
from lenet.runs.configuration import MAX_EPOCHS
from lenet.runs.visitors import check_may_act, visitor


@dataclass(frozen=True)
class Limits:
    """What a public server allows. The environment variable `LENET_MAX_EPOCHS` sets the limit `epochs`, and so on.

    To add a limit, add a field here and a line to the table in README.md.
    """

    running: int = setting(1, "runs in training at a time, each in a worker process of its own", low=1, high=64)
    waiting: int = setting(3, "runs of one visitor in the queue", low=1, high=1000)
    epochs: int = setting(50, "epochs of a run", low=1, high=MAX_EPOCHS)
    runs: int = setting(
        200, "runs kept in all: beyond that, one of the visitor who has most is deleted", low=1, high=100_000
    )
    pinned: int = setting(3, "runs that one visitor may keep from being deleted", low=0, high=100_000)
    disk_mb: int = setting(
        2000, "room on the disk for all runs: likewise, of the visitor whose runs take most", low=10, high=100_000_000
    )
    upload_mb: int = setting(10, "an uploaded file, where the page itself does not take less", low=1, high=200)
    visitors_per_address: int = setting(
        10,
        "visitors that one network address may count as, for runs in the queue and pinned runs",
        low=1,
        high=100_000,
    )
    minutes: int = setting(30, "minutes for which a run is trained, as estimated before", low=1, high=100_000)
    turn_seconds: int = setting(
        120, "seconds of training until a run goes behind others that wait", low=1, high=1_000_000
    )
    experiment_runs: int = setting(64, "runs of one experiment", low=1, high=2000)
    classes: int = setting(50, "classes that are open at a time", low=0, high=10_000)
    classes_of_visitor: int = setting(2, "open classes of one visitor", low=1, high=10_000)
    class_size: int = setting(60, "numbers that one class gives out", low=1, high=84)

    def in_words(self, waiting: int) -> tuple[str, str]:
        """In the reader's language: a line on what a visitor with `waiting` queued runs may train, and the other rules."""
        line = _(
            "On this server: up to {minutes} min of training and up to {epochs} epochs per run; your runs in the queue: "
            "{n} of {limit}"
        )
        rest = _(
            "Visitors take turns, and up to {running} runs are trained at a time: after {seconds} seconds a run waits for "
            "its next turn if others wait, and then goes on where it was. The server keeps at most {runs} runs and {disk} "
            "MB. To make room it deletes runs of the visitor who has most, the oldest first; those that can be resumed or "
            "that somebody looks at go last, and pinned ones stay (you can pin up to {pinned}). All browsers at one "
            "network address count as at most {visitors} visitors. Only the browser that started a run can change it, and "
            "sees the name that you give it."
        )
        return (
            line.format(epochs=self.epochs, minutes=self.minutes, limit=self.waiting, n=waiting),
            rest.format(
                running=self.running,
                seconds=self.turn_seconds,
                runs=self.runs,
                disk=self.disk_mb,
                pinned=self.pinned,
                visitors=self.visitors_per_address,
            ),
        )


def variable(limit: str) -> str:
    """The environment variable that sets a limit."""
    return f"LENET_MAX_{limit.upper()}"


def limits() -> Limits | None:
    """The limits of this server; None on a laptop. Raises LenetError if a variable has an invalid value."""
    if not paths.hosted():
        return None
    return Limits(**{name: _from_environment(field) for name, field in fields.table(Limits).items()})


def _from_environment(limit: Field) -> int:
    raw = os.environ.get(variable(limit.name), "").strip()
    if not raw:
        return int(limit.default)
    try:
        return int(limit.check(int(raw) if re.fullmatch(r"[0-9]{1,12}", raw) else raw))
    except LenetError:
        name, low, high = variable(limit.name), int(limit.low), int(limit.high)
        raise LenetError("bad_limit", name=name, value=raw[:40], low=low, high=high) from None


def my_limits() -> Limits | None:
    """The limits for the current visitor; None on a laptop and for the operator."""
    allowed = limits()
    return None if allowed is None or visitor().operator else allowed


def workers() -> int:
    """How many runs may be trained at a time, whatever they are: on a laptop one, unless LENET_MAX_RUNNING says more.

    Raises LenetError if it says something else.
    """
    allowed = limits()
    if allowed:
        return allowed.running
    return _from_environment(fields.table(Limits)["running"])


def workers_for_one_thread() -> int:
    """How many runs of one thread may be trained at a time: on a laptop as many as it has cores, because that many of them
    do not slow each other down (experiments/engines/local.py), unless LENET_MAX_RUNNING is set."""
    if paths.hosted() or os.environ.get(variable("running"), "").strip():
        return workers()
    return min(process.cores(), int(fields.table(Limits)["running"].high))


def turn_seconds() -> float | None:
    """How long a run is trained while others wait before it is their turn; None on a laptop, where each is trained to its
    end: one reader's runs are compared when all are done, and would only all be done late."""
    allowed = limits()
    return allowed.turn_seconds if allowed else None


def upload_mb(of_page: int) -> int:
    """The largest upload in megabytes (10⁶ bytes), on a page that accepts up to `of_page`.

    Raises LenetError for a guest, who may upload nothing.
    """
    check_may_act()
    allowed = limits()
    return min(of_page, allowed.upload_mb) if allowed else of_page


def max_epochs(of_page: int = MAX_EPOCHS) -> int:
    """The largest number of epochs for the current visitor, on a page that offers up to `of_page`."""
    mine = my_limits()
    return min(of_page, mine.epochs) if mine else of_page


def class_size() -> int:
    """How many numbers a class gives out: on a laptop as many as look different (SYMBOLS and COLOURS in lenet/classroom)."""
    allowed = limits()
    return allowed.class_size if allowed else int(fields.table(Limits)["class_size"].high)


def extended_epochs(epochs: int) -> int:
    """The number of epochs to which a finished run of `epochs` can be extended: twice as many, within the limit.

    At the limit one more is offered nevertheless; the refusal then names the limit.
    """
    return min(2 * epochs, max(max_epochs(), epochs + 1))
