"""The operator's sign-in on a public server: the password, the cookie that it is exchanged for, and the end of that cookie.

A cookie says until when it is valid, signed with a secret of the installation (secret.py) and the password. To sign out
renews the secret, and so ends every cookie, also one that was stolen; so does another password.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import threading
import time
from collections import OrderedDict
from functools import lru_cache

from lenet.common import log
from lenet.common.errors import LenetError
from lenet.runs import secret

VALID_FOR = 8 * 3600  # seconds

# -- the password ------------------------------------------------------------------------------------------------------

MAX_WRONG = 5  # wrong passwords in a row from one address, after which it has to wait
FIRST_WAIT = 30.0  # seconds; twice as long after each further one
LONGEST_WAIT = 900.0
MAX_ADDRESSES = 10_000  # that are remembered


class SignIn:
    """Checks the operator's password, and makes an address wait that has sent too many wrong ones.

    What one address sends never delays another one. A server has one instance.
    """

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """By address: wrong passwords in a row, and until when it has to wait. The last to try is the last."""

    def wait(self, address: str) -> float:
        """The seconds for which this address has to wait."""
        _wrong, until = self._wrong.get(address, (0, 0.0))
        return max(0.0, until - time.monotonic())

    def check(self, given: str, right: str, address: str) -> None:
        """Raises LenetError if `given` is not the operator's password, or if `address` has to wait."""
        if not right:
            raise LenetError("no_operator_password")
        with self._counting:
            if (wait := self.wait(address)) > 0:
                raise LenetError("sign_in_closed", seconds=math.ceil(wait))
            wrong = self._count(address)  # as wrong until it is known to be right: many may come at once
        if hmac.compare_digest(_digest(given), _digest(right)):
            with self._counting:
                self._wrong.pop(address, None)
            return
        log.warning("wrong_password", in_a_row=wrong)
        raise LenetError("wrong_password")

    def _count(self, address: str) -> int:
        wrong = self._wrong.pop(address, (0, 0.0))[0] + 1
        wait = min(FIRST_WAIT * 2.0 ** min(wrong - MAX_WRONG, 10), LONGEST_WAIT) if wrong >= MAX_WRONG else 0.0
        self._wrong[address] = (wrong, time.monotonic() + wait)
        if len(self._wrong) > MAX_ADDRESSES:
            self._wrong.popitem(last=False)
        return wrong


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()


# -- the cookie --------------------------------------------------------------------------------------------------------

_COOKIE = re.compile(r"([0-9]{10})\.([0-9a-f]{64})")


def new_cookie(password: str) -> str:
    """A cookie for whoever has given the operator's password. Raises LenetError if the runs directory is not writable."""
    until = f"{int(time.time()) + VALID_FOR:010d}"
    return f"{until}.{_signature(until, password)}"


def is_valid(cookie: str, password: str) -> bool:
    """Whether a cookie was made for this password, has not expired and was not ended by `sign_out`."""
    parts = _COOKIE.fullmatch(cookie)
    if not parts or not password or not time.time() < int(parts[1]) <= time.time() + VALID_FOR:
        return False
    return _is_signed(parts[1], parts[2], password, secret.stamp("operator"))


def sign_out(cookie: str, password: str) -> None:
    """If the cookie is valid, end it and every other one, on all servers. Raises LenetError if that cannot be written."""
    if is_valid(cookie, password):
        secret.renew("operator")


def _signature(until: str, password: str) -> str:
    return secret.keyed_hash("operator", until, password)


@lru_cache(maxsize=64)
def _is_signed(until: str, signature: str, password: str, stamp: tuple[int, ...]) -> bool:
    """`stamp` is that of the secret, whose renewal ends all cookies."""
    return bool(stamp) and hmac.compare_digest(signature, _signature(until, password))
