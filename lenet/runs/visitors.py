"""Who asks for something: visitors of a public server (`LENET_HOSTED=1`), and its operator.

A visitor is known by an unguessable key that lives in the browser. Run directories hold only its SHA-256, which tells
nothing of 256 random bits; the key itself is in no URL, no file and no log. A run belongs to the visitor who started it.

On a laptop everybody is the operator, and so is every process but a server (the worker, `python -m lenet.train`).
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
    """Somebody who asks: `owner` is what the runs that they started keep of their key; empty where that is not known."""

    owner: str = ""
    operator: bool = False

    def may_change(self, owner: str) -> bool:
        """Whether they may change a run of that owner. A run without an owner is the operator's."""
        return self.operator or (bool(owner) and hmac.compare_digest(owner, self.owner))


OPERATOR = Visitor(operator=True)
NOBODY = Visitor()

COOKIE = "lenet_key"
_KEY = re.compile(r"[0-9a-f]{64}")


def is_key(text: object) -> TypeGuard[str]:
    """Whether `text` can be a visitor's key: 256 bits as 64 hexadecimal digits."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def owner_of(key: str) -> str:
    """What a run directory keeps of its owner's key: its SHA-256 in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


# -- who asks now ------------------------------------------------------------------------------------------------


def _operator() -> Visitor:
    return OPERATOR


_of_session: Callable[[], Visitor] = _operator


def set_visitor_source(ask: Callable[[], Visitor]) -> None:
    """Have a server find out who asks: it calls `ask` in the thread that serves the visitor."""
    global _of_session
    _of_session = ask


def visitor() -> Visitor:
    """Who asks now."""
    if not paths.hosted():
        return OPERATOR
    return _of_session()


# -- the operator ------------------------------------------------------------------------------------------------

WRONG_TAKES = 1.0  # seconds that a wrong password costs
MAX_WRONG = 5  # wrong passwords in a row, from wherever they come; then none is looked at for a while
CLOSED_FOR = 30.0  # seconds


class SignIn:
    """Where the operator of a server signs in.

    Passwords are checked one at a time and a wrong one takes a second, so that a thousand connections guess no faster
    than one. A server has one object of this class.
    """

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._wrong = 0
        self._closed_until = 0.0

    def check(self, given: str, right: str) -> None:
        """Return where `given` is the operator's password. Raises LenetError where it is not, or none may be tried now."""
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
