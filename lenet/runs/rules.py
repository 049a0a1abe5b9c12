"""The rules of a public server (`LENET_HOSTED=1`): whose a run is, what one visitor may ask for, whose turn it is.

This module decides; store.py and the worker obey: whatever changes a run directory for a visitor asks here first, so a
page cannot forget to. On a laptop, and in every process but a server (the worker, `python -m lenet.train`), whoever
asks is the operator, and nothing is refused.

A visitor is known by an unguessable key that lives in the browser. Run directories hold only its SHA-256, which tells
nothing of 256 random bits; the key itself is in no URL, no file and no log.
"""

from __future__ import annotations

import hashlib
import heapq
import hmac
import math
import os
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

from lenet.common import fields, log, paths
from lenet.common.errors import LenetError
from lenet.common.fields import Field, setting
from lenet.common.translation import translate as _
from lenet.runs.configuration import MAX_EPOCHS

T = TypeVar("T")

# -- who asks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visitor:
    """Who asks for something: the owner of what `owner` started (see `owner_of`; empty: of nothing), or the operator."""

    owner: str = ""
    operator: bool = False

    def may_change(self, owner: str) -> bool:
        """Whether this visitor may change what `owner` started; what nobody started in a browser is the operator's."""
        return self.operator or (bool(owner) and hmac.compare_digest(owner, self.owner))


OPERATOR = Visitor(operator=True)
NOBODY = Visitor()

COOKIE = "lenet_key"
_KEY = re.compile(r"[0-9a-f]{64}")


def is_key(text: object) -> TypeGuard[str]:
    """Whether `text` can be a visitor's key: 256 bits as 64 hexadecimal digits."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def owner_of(key: str) -> str:
    """What a run directory keeps of its owner's key: the SHA-256 of it, in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


def _outside_a_server() -> Visitor:
    return OPERATOR


_ask: Callable[[], Visitor] = _outside_a_server


def set_visitor_source(ask: Callable[[], Visitor]) -> None:
    """Tell this module how to learn who asks (the app asks the browser session)."""
    global _ask
    _ask = ask


def visitor() -> Visitor:
    """Who asks now; on a laptop everybody is the operator."""
    return _ask() if paths.hosted() else OPERATOR


# -- the operator ------------------------------------------------------------------------------------------------

WRONG_TAKES = 1.0  # seconds that a wrong password costs
MAX_WRONG = 5  # in a row, from wherever they come; then none is looked at for a while
CLOSED_FOR = 30.0  # seconds

_one_at_a_time = threading.Lock()
_wrong, _closed_until = 0, 0.0


def check_password(given: str, right: str) -> None:
    """Return where `given` is the operator's password. Raises LenetError where it is not, or none may be tried now.

    Passwords are tried one at a time and a wrong one takes a second, so that a thousand connections guess no faster
    than one.
    """
    global _wrong, _closed_until
    if not right:
        raise LenetError("no_operator_password")
    with _one_at_a_time:
        if (wait := _closed_until - time.monotonic()) > 0:
            raise LenetError("sign_in_closed", seconds=math.ceil(wait))
        if hmac.compare_digest(hashlib.sha256(given.encode()).digest(), hashlib.sha256(right.encode()).digest()):
            _wrong = 0
            return
        time.sleep(WRONG_TAKES)
        _wrong += 1
        log.warning("wrong_password", in_a_row=_wrong)
        if _wrong == MAX_WRONG:
            _wrong, _closed_until = 0, time.monotonic() + CLOSED_FOR
    raise LenetError("wrong_password")


# -- limits ------------------------------------------------------------------------------------------------------


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
    upload_mb: int = setting(
        10, "a file that a visitor brings (pictures: never more than 10, kernels: 20)", low=1, high=200
    )

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
    """The limits of this server; None on a laptop, which has none. Raises LenetError for a value that is no limit."""
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
    """The limits that hold for who asks: none on a laptop, and none for the operator."""
    allowed = limits()
    return None if allowed is None or visitor().operator else allowed


def workers() -> int:
    """How many runs may be trained at the same time; on a laptop one."""
    allowed = limits()
    return allowed.running if allowed else 1


def upload_mb(of_page: int) -> int:
    """Megabytes of a file that a page takes which by itself takes `of_page`."""
    allowed = limits()
    return min(of_page, allowed.upload_mb) if allowed else of_page


def max_epochs(of_page: int = MAX_EPOCHS) -> int:
    """Epochs of a run that who asks may have, where `of_page` are offered."""
    mine = my_limits()
    return min(of_page, mine.epochs) if mine else of_page


def extended_epochs(epochs: int) -> int:
    """How long a run of `epochs` epochs is offered to become: twice as long, as far as the limit allows.

    At the limit one more epoch is offered all the same: asking for it says what the limit is.
    """
    return min(2 * epochs, max(max_epochs(), epochs + 1))


# -- keeping order: decisions on plain facts ---------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """What the rules need to know of a run directory; `last` is when it last changed, in seconds since 1970."""

    id: str
    owner: str = ""
    state: str = "finished"  # see runs.STATES; empty where it cannot be read
    last: float = 0.0
    bytes: int = 0
    pinned: bool = False

    @property
    def may_go(self) -> bool:
        """Whether room may be made by deleting it."""
        return not self.pinned and self.state not in ("queued", "running")


def expected_bytes(parameters: int) -> int:
    """What a run of a network of that size will take on the disk: its weights, three times as much for a checkpoint
    (the optimiser keeps two numbers a weight), and its curves and kernels."""
    return 16 * parameters + 2 * 2**20


def admit(kept: Sequence[Kept], epochs: int, more_bytes: int, again: str = "") -> list[str]:
    """Whether another run may queue for who asks; the ids of the runs to delete for it, oldest first.

    `again` is the run itself where it has a directory already and is to be resumed or extended. Raises LenetError
    with the limit that stands against it. What was paused goes last: somebody means to come back to it.
    """
    allowed, who = limits(), visitor()
    if allowed is None:
        return []
    if not who.operator:
        if not who.owner:
            raise LenetError("no_key")
        if epochs > allowed.epochs:
            raise LenetError("too_many_epochs", value=epochs, limit=allowed.epochs)
        n = sum(k.state == "queued" and k.owner == who.owner and k.id != again for k in kept)
        if n >= allowed.waiting:
            raise LenetError("too_many_waiting", value=n, limit=allowed.waiting)
    runs, used, limit = len(kept) + (not again), sum(k.bytes for k in kept) + more_bytes, allowed.disk_mb * 10**6
    go: list[str] = []
    for k in sorted(kept, key=lambda k: (k.state == "paused", k.last)):
        if runs <= allowed.runs and used <= limit:
            break
        if k.may_go and k.id != again:
            go, runs, used = [*go, k.id], runs - 1, used - k.bytes
    if runs > allowed.runs:
        raise LenetError("too_many_runs", limit=allowed.runs)
    if used > limit:
        raise LenetError("no_disk_left", value=math.ceil(used / 1e6), limit=allowed.disk_mb)
    return go


def check_pin(kept: Iterable[Kept]) -> None:
    """Raises LenetError where who asks has pinned as many runs as one visitor may."""
    allowed, who = limits(), visitor()
    if allowed is None or who.operator:
        return
    if (n := sum(k.pinned and k.owner == who.owner for k in kept)) >= allowed.pinned:
        raise LenetError("too_many_pinned", value=n, limit=allowed.pinned)


def in_turn(waiting: Iterable[tuple[str, float, T]], served: Mapping[str, float]) -> list[T]:
    """What waits, in the order in which it is taken: owners in a circle, and of each owner first come, first served.

    `waiting` are (owner, since when, what), `served` says when an owner's last training ended (infinity: it has not).
    An owner stands in the circle since its first run waits or its last training ended, whichever was later: so one
    with twenty runs lets everybody who came meanwhile pass before its next one, and newcomers never pass for ever.
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
        if line:  # back to the end of the circle, behind whoever is being served now
            heapq.heappush(circle, (math.inf, len(order), 0.0, owner))
    return order
