"""Who makes a request: a visitor of a public server (`LENET_HOSTED=1`) or its operator.

A visitor is identified by an unguessable key in a cookie. Run directories store only its SHA-256, which reveals nothing
about 256 random bits; the key itself is in no URL, no file and no log. A run belongs to the visitor who started it.

On a laptop everybody is the operator, and so is every process except a server (the worker, `python -m lenet.train`).
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

from lenet.common import log, paths
from lenet.common.errors import LenetError


@dataclass(frozen=True)
class Visitor:
    """A visitor: `owner` is the hash of their key, which their runs store; empty if they are unknown."""

    owner: str = ""
    operator: bool = False

    def may_change(self, owner: str) -> bool:
        """Whether they may change a run of that owner. A run without an owner belongs to the operator."""
        return self.operator or (bool(owner) and hmac.compare_digest(owner, self.owner))


OPERATOR = Visitor(operator=True)
NOBODY = Visitor()

COOKIE = "lenet_key"
_KEY = re.compile(r"[0-9a-f]{64}")


def is_key(text: object) -> TypeGuard[str]:
    """Whether `text` can be a visitor's key: 256 bits as 64 hexadecimal digits."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def owner_of(key: str) -> str:
    """The SHA-256 of a visitor's key in hexadecimal, as run directories store it."""
    return hashlib.sha256(key.encode()).hexdigest()


# -- the current visitor ------------------------------------------------------------------------------------------------


def _operator() -> Visitor:
    return OPERATOR


_of_session: Callable[[], Visitor] = _operator


def set_visitor_source(ask: Callable[[], Visitor]) -> None:
    """Set the function that returns the current visitor; it is called in the thread that serves them."""
    global _of_session
    _of_session = ask


def visitor() -> Visitor:
    """The current visitor."""
    if not paths.hosted():
        return OPERATOR
    return _of_session()


# -- the operator ------------------------------------------------------------------------------------------------

WRONG_TAKES = 1.0  # seconds that a wrong password costs
MAX_WRONG = 5  # wrong passwords in a row, from anywhere, after which sign-in is closed for a while
CLOSED_FOR = 30.0  # seconds


class SignIn:
    """Checks the operator's password.

    Passwords are checked one at a time and a wrong one takes a second, so that a thousand connections guess no faster
    than one. A server has one instance.
    """

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._wrong = 0
        self._closed_until = 0.0

    def check(self, given: str, right: str) -> None:
        """Raises LenetError if `given` is not the operator's password, or if no password may be tried now."""
        if not right:
            raise LenetError("no_operator_password")
        with self._one_at_a_time:
            if (wait := self._closed_until - time.monotonic()) > 0:
                raise LenetError("sign_in_closed", seconds=math.ceil(wait))
            if hmac.compare_digest(hashlib.sha256(given.encode()).digest(), hashlib.sha256(right.encode()).digest()):
                self._wrong = 0
                return
            time.sleep(WRONG_TAKES)
            self._wrong += 1
            log.warning("wrong_password", in_a_row=self._wrong)
            if self._wrong == MAX_WRONG:
                self._wrong, self._closed_until = 0, time.monotonic() + CLOSED_FOR
        raise LenetError("wrong_password")
