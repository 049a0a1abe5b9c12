"""How a browser comes into a class: by a code, which somebody has scanned or typed; or to lead it in place of another one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from lenet.classroom import people, store
from lenet.classroom.admission import guesses
from lenet.classroom.classroom import Classroom, Member
from lenet.classroom.errors import ClassError


@dataclass(frozen=True)
class Entered:
    """A class that a browser has come into, as that `member`, and the code of the class that it has `left` for it."""

    classroom: Classroom
    member: Member
    left: str = ""


def look_up(typed: str, address: str, owner: str = "") -> Classroom:
    """The class with that code, for somebody at that network address. Raises ClassError, also for who tries out codes: which
    a browser does not, `owner` by its hash, that leads the class or is in it already."""
    with suppress(ClassError):
        known = store.find(typed)
        if owner and (known.owner == owner or people.member_of(known.code, owner)):
            return known
    guesses.check(address)
    try:
        return store.find(typed)
    except ClassError as error:
        if error.code == "no_such_class":
            guesses.note_wrong(address)
        raise


def enter(known: Classroom, owner: str) -> Entered:
    """Have a browser join a class, and leave the one in which it was. Raises LenetError."""
    before = people.of(owner)
    member = people.join(known.code, owner)
    left = before[0].code if before and before[0].code != known.code else ""
    return Entered(known, member, left)


def take_over(code: str, owner: str) -> Classroom:
    """Have a browser lead a class that another one has led so far; it is no member of it. Raises LenetError.

    Whether it may is for the caller to know: see lenet/ui/classes.py.
    """
    if people.member_of(code, owner):
        people.leave(code, owner)
    return store.hand_over(code, owner)
