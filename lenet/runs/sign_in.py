"""The operator's sign-in on a public server: the password, the cookie that it is exchanged for, and the end of that cookie.

A cookie says until when it is valid, signed with a secret of the installation (secret.py) and the password. To sign out
renews the secret, and so ends every cookie, also one that was stolen; so does another password.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import time
from functools import lru_cache

from lenet.common import log
from lenet.common.errors import LenetError
from lenet.runs import secret
from lenet.runs.attempts import Attempts

VALID_FOR = 8 * 3600  # seconds

# -- the password ------------------------------------------------------------------------------------------------------


class SignIn:
    """Checks the operator's password, and makes an address wait that has sent too many wrong ones. A server has one instance."""

    def __init__(self) -> None:
        self._attempts = Attempts()

    def wait(self, address: str) -> float:
        """The seconds for which this address has to wait."""
        return self._attempts.wait(address)

    def check(self, given: str, right: str, address: str) -> None:
        """Raises LenetError if `given` is not the operator's password, or if `address` has to wait."""
        if not right:
            raise LenetError("no_operator_password")
        wrong = self._attempts.count(address)  # as wrong until it is known to be right: many may come at once
        if not wrong:
            raise LenetError("sign_in_closed", seconds=math.ceil(self.wait(address)) or 1)
        if hmac.compare_digest(_digest(given), _digest(right)):
            self._attempts.forget(address)
            return
        log.warning("wrong_password", in_a_row=wrong)
        raise LenetError("wrong_password")


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
