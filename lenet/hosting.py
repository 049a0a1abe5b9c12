"""The rules of a public server (`LENET_HOSTED=1`): whose a run is, what one visitor may ask for, whose turn it is.

This module decides; runs.py and worker.py obey: whatever changes a run directory for a visitor asks here first, so a
page cannot forget to. On a laptop, and in every process but a server (the worker, `python -m lenet.train`), whoever
asks is the operator, and nothing is refused.

A visitor is known by an unguessable key that lives in the browser. Run directories hold only its SHA-256, which tells
nothing of 256 random bits; the key itself is in no URL, no file and no log.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

from lenet import settings
from lenet.errors import LenetError

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
    return _ask() if settings.hosted() else OPERATOR


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
        if _wrong == MAX_WRONG:
            _wrong, _closed_until = 0, time.monotonic() + CLOSED_FOR
    raise LenetError("wrong_password")
