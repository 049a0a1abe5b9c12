"""Who is in a class. A browser keeps its number, also after it has left and come back, and is in one class at a time."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from lenet.classroom import store
from lenet.classroom.classroom import Classroom, Member
from lenet.classroom.errors import ClassError
from lenet.common.errors import LenetError
from lenet.runs import rules


def members(code: str) -> list[Member]:
    """All who have ever joined, by number. Raises ClassError."""
    found: tuple[Member, ...] = store.read(store.find(code).code, store.MEMBERS, _made, ())
    return list(found)


def _made(rows: Any) -> tuple[Member, ...]:
    return tuple(Member(**values) for values in rows)


def member_of(code: str, owner: str) -> Member | None:
    """The member whose browser that is."""
    return next((member for member in members(code) if member.owner == owner and not member.left), None)


def join(code: str, owner: str) -> Member:
    """Have a browser join a class, and leave the one in which it was; the same browser gets the same number again.

    Raises LenetError where the class has ended or is full, and cannot be written to: then the browser is where it was.
    """
    with store.locked_open(code) as joined:
        known = members(joined.code)
        mine = next((member for member in known if member.owner == owner), None)
        if mine is None:
            if len(known) >= (limit := rules.class_size()):
                raise ClassError("class_full", letters=joined.code, limit=limit)
            mine = Member(len(known) + 1, owner, time.time())
            _write(joined.code, [*known, mine], mine)
        elif mine.left:
            mine = replace(mine, left=False, joined=time.time())
            _write(joined.code, known, mine)
    for other, _member in _all_of(owner):
        if other.code != joined.code:
            with suppress(LenetError):
                leave(other.code, owner)
    return mine


def leave(code: str, owner: str) -> None:
    """Have a browser leave; its number and what it has done stay. Raises LenetError."""
    with store.locked(code) as left:
        known = members(left.code)
        for member in known:
            if member.owner == owner:
                _write(left.code, known, replace(member, left=True))


def of(owner: str) -> tuple[Classroom, Member] | None:
    """The open class that a browser is in, and who it is there: of several, if it was leaving one when its server was killed,
    the one that it has joined last."""
    return max(_all_of(owner), key=lambda pair: pair[1].joined, default=None) if owner else None


def _all_of(owner: str) -> list[tuple[Classroom, Member]]:
    found = []
    for known in store.list_open():
        with suppress(ClassError):
            if member := member_of(known.code, owner):
                found.append((known, member))
    return found


def _write(code: str, known: list[Member], changed: Member) -> None:
    """Write all of them, with one as it is now."""
    rows = [changed if member.number == changed.number else member for member in known]
    store.write(code, store.MEMBERS, [asdict(member) for member in rows])
