"""Who is in a class. A browser keeps its number, also after it has left and come back, and is in one class at a time."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, replace

from lenet.classroom import store
from lenet.classroom.classroom import Classroom, Member
from lenet.classroom.errors import ClassError
from lenet.common.errors import LenetError
from lenet.runs import rules


def members(code: str) -> list[Member]:
    """All who have ever joined, by number. Raises ClassError."""
    code = store.find(code).code
    try:
        return [Member(**values) for values in store.read(code, store.MEMBERS, [])]
    except (TypeError, KeyError) as e:
        raise ClassError("class_damaged", letters=code, reason=f"{type(e).__name__}: {e}"[:200]) from e


def member_of(code: str, owner: str) -> Member | None:
    """The member whose browser that is."""
    return next((member for member in members(code) if member.owner == owner and not member.left), None)


def join(code: str, owner: str) -> Member:
    """Have a browser join a class, and leave the one in which it was; the same browser gets the same number again.

    Raises LenetError where the class has ended or is full, and cannot be written to.
    """
    code = store.find_open(code).code
    if before := of(owner):
        if before[0].code == code:
            return before[1]
        with suppress(LenetError):
            leave(before[0].code, owner)
    with store.locked(code):
        known = members(code)
        mine = next((member for member in known if member.owner == owner), None)
        if mine is None:
            if len(known) >= (limit := rules.class_size()):
                raise ClassError("class_full", letters=code, limit=limit)
            mine = Member(len(known) + 1, owner, time.time())
            known.append(mine)
        mine = replace(mine, left=False)
        _write(code, known, mine)
    return mine


def leave(code: str, owner: str) -> None:
    """Have a browser leave; its number and what it has done stay. Raises LenetError."""
    with store.locked(code):
        known = members(code)
        for member in known:
            if member.owner == owner:
                _write(store.find(code).code, known, replace(member, left=True))


def of(owner: str) -> tuple[Classroom, Member] | None:
    """The open class that a browser is in, and who it is there."""
    if not owner:
        return None
    found = []
    for known in store.list_classes():
        with suppress(ClassError):
            if known.is_open and (member := member_of(known.code, owner)):
                found.append((known, member))
    return max(found, key=lambda pair: pair[1].joined, default=None)


def _write(code: str, known: list[Member], changed: Member) -> None:
    """Write all of them, with one as it is now."""
    rows = [changed if member.number == changed.number else member for member in known]
    store.write(code, store.MEMBERS, [asdict(member) for member in rows])
