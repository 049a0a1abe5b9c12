"""The limits of a public server (`LENET_HOSTED=1`), each set by a variable of the environment; a laptop has none.

Who asks is known by visitors.py; what the limits mean for a run that is to join the queue is decided in admission.py.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from lenet.common import fields, paths
from lenet.common.errors import LenetError
from lenet.common.fields import Field, setting
from lenet.common.translation import translate as _
from lenet.runs.configuration import MAX_EPOCHS
from lenet.runs.visitors import visitor


@dataclass(frozen=True)
class Limits:
    """What a public server allows. A limit called `epochs` is set by `LENET_MAX_EPOCHS` in the environment.

    A new limit is one more line here and in the table of README.md.
    """

    running: int = setting(1, "runs in training at a time, each in a worker process of its own", low=1, high=64)
    waiting: int = setting(3, "runs of one visitor in the queue", low=1, high=1000)
    epochs: int = setting(50, "epochs of a run", low=1, high=MAX_EPOCHS)
    runs: int = setting(
        200, "runs kept in all: the oldest that have ended and are not pinned go first", low=1, high=100_000
    )
    pinned: int = setting(3, "runs that one visitor may keep from being deleted", low=0, high=100_000)
    disk_mb: int = setting(2000, "room on the disk for all runs: likewise", low=10, high=100_000_000)
    upload_mb: int = setting(10, "an uploaded file, where the page itself does not take less", low=1, high=200)

    def in_words(self, waiting: int) -> tuple[str, str]:
        """What a visitor with `waiting` runs in the queue may train, in a line, and the other rules, translated."""
        line = _("On this server: up to {epochs} epochs per run; your runs in the queue: {n} of {limit}")
        rest = _(
            "Visitors take turns in the queue, and up to {running} runs are trained at a time. The "
            "server keeps at most {runs} runs and {disk} MB: beyond that the oldest are deleted first, "
            "except pinned ones (you can pin up to {pinned}). A run can only be changed in the browser "
            "that started it."
        )
        return (
            line.format(epochs=self.epochs, limit=self.waiting, n=waiting),
            rest.format(running=self.running, runs=self.runs, disk=self.disk_mb, pinned=self.pinned),
        )


def variable(limit: str) -> str:
    """The variable of the environment that sets a limit."""
    return f"LENET_MAX_{limit.upper()}"


def limits() -> Limits | None:
    """The limits of this server; None on a laptop. Raises LenetError where a variable holds a value that is no limit."""
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
    """The limits for the visitor who asks; None on a laptop, and for the operator."""
    allowed = limits()
    return None if allowed is None or visitor().operator else allowed


def workers() -> int:
    """How many runs may be in training at a time; on a laptop one."""
    allowed = limits()
    return allowed.running if allowed else 1


def upload_mb(of_page: int) -> int:
    """The largest upload in megabytes (10⁶ bytes), on a page that takes files of up to `of_page`."""
    allowed = limits()
    return min(of_page, allowed.upload_mb) if allowed else of_page


def max_epochs(of_page: int = MAX_EPOCHS) -> int:
    """The most epochs of a run that the visitor may have, on a page that offers up to `of_page`."""
    mine = my_limits()
    return min(of_page, mine.epochs) if mine else of_page


def extended_epochs(epochs: int) -> int:
    """How many epochs a finished run of `epochs` is offered to be extended to: twice as many, within the limit.

    At the limit one more is offered all the same: asking for it says what the limit is.
    """
    return min(2 * epochs, max(max_epochs(), epochs + 1))
