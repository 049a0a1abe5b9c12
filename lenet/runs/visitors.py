"""Who makes a request: a visitor of a public server (`LENET_HOSTED=1`) or its operator, or a guest of a laptop.

A visitor is identified by an unguessable key in a cookie. Run directories store only its SHA-256, which reveals nothing
about 256 random bits; the key itself is in no URL, no file and no log. A run belongs to the visitor who started it.

On a laptop everybody is the operator, and so is every process except a server (the worker, `python -m lenet.train`). But while
guests may only look (guests.py), those who come from another machine are guests.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeGuard

from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs import guests, secret


@dataclass(frozen=True)
class Visitor:
    """A visitor: `owner` is the hash of their key, which their runs store; empty if they are unknown.

    `network` is the network address that they come from (see `network_of`); it is not stored. A `guest` may only look. Of one
    who is not here any more only the `known_address` is left, as their runs store it.
    """

    owner: str = ""
    operator: bool = False
    network: str = ""
    guest: bool = False
    known_address: str = ""

    @property
    def address(self) -> str:
        """The network address as runs store it: hashed under a secret, since a plain hash of so few possible addresses
        could be guessed. Empty if it is not known, and for the operator, whose runs are nobody's share.

        Raises LenetError if no secret can be written.
        """
        if self.known_address:
            return self.known_address
        return secret.keyed_hash("addresses", self.network)[:32] if self.network and not self.operator else ""

    def may_change(self, owner: str) -> bool:
        """Whether they may change a run of that owner. A run without an owner belongs to the operator."""
        return self.operator or (bool(owner) and hmac.compare_digest(owner, self.owner))

    def may_see_name(self, owner: str) -> bool:
        """Whether they see the name that was typed for a run of that owner. A guest sees what whoever shows it sees."""
        return self.guest or self.may_change(owner)


OPERATOR = Visitor(operator=True)
NOBODY = Visitor()
GUEST = Visitor(guest=True)

COOKIE = "lenet_key"
_KEY = re.compile(r"[0-9a-f]{64}")


def is_key(text: object) -> TypeGuard[str]:
    """Whether `text` can be a visitor's key: 256 bits as 64 hexadecimal digits."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def owner_of(key: str) -> str:
    """The SHA-256 of a visitor's key in hexadecimal, as run directories store it."""
    return hashlib.sha256(key.encode()).hexdigest()


# -- network addresses -------------------------------------------------------------------------------------------------


def network_of(address: str | None) -> str:
    """What counts as one network address: an IPv4 address, or the first 64 bits of an IPv6 address, which one household or
    one rented machine has to itself. Empty for none, and for this machine's own."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return ""
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


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
    known: Visitor | None = getattr(_of_thread, "visitor", None)
    return known or _ask()


def _ask() -> Visitor:
    return _of_session() if paths.hosted() or guests.may_only_look() else OPERATOR


def check_may_act() -> None:
    """Raises LenetError for a guest who may only look: called by whatever changes something, computes, or takes a file.

    This is the one place that decides it; an exception for some guests would stand here.
    """
    if visitor().guest:
        raise LenetError("guests_look")


@contextmanager
def asked_once() -> Iterator[None]:
    """Within it this thread asks once who the current visitor is: for a run of a page, which asks for every run's name."""
    if getattr(_of_thread, "visitor", None):
        yield
        return
    _of_thread.visitor = _ask()
    try:
        yield
    finally:
        del _of_thread.visitor


@contextmanager
def acting_as(owner: str, address: str) -> Iterator[None]:
    """Within it this thread acts for a visitor who is not here: whoever owns runs, by owner and address as those store them."""
    before = getattr(_of_thread, "visitor", None)
    _of_thread.visitor = Visitor(owner, operator=not owner, known_address=address)
    try:
        yield
    finally:
        _of_thread.visitor = before


_of_thread = threading.local()
