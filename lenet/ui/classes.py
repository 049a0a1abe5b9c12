"""The class that a browser leads or is in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lenet import classroom
from lenet.classroom import ClassError, Classroom, Member
from lenet.ui.visitor import browser

_CODE = "class_code"
"""Key of the session state: the class that this tab has come for."""


@dataclass(frozen=True)
class ClassHere:
    """A class, and what this browser is in it: a member, or whoever leads it."""

    classroom: Classroom
    member: Member | None = None

    @property
    def is_teacher(self) -> bool:
        return self.member is None


def come_for(code: str) -> None:
    """Have this tab show the class with that code, where the browser leads several."""
    st.session_state[_CODE] = code


def came_for() -> str:
    """The code of that class; "" if there is none."""
    code: str = st.session_state.get(_CODE, "")
    return code


def class_here() -> ClassHere | None:
    """The open class that this browser is in, or leads; None in none. Somebody who leads a class is no member of it."""
    listed = [known for known in classroom.list_classes() if known.is_open]
    if not listed:
        return None
    owner, wanted = browser(), st.session_state.get(_CODE)
    mine = [known for known in listed if known.owner == owner]
    asked = [known for known in mine if known.code == wanted]
    if asked:
        return ClassHere(asked[0])
    try:
        joined = classroom.of(owner)
    except ClassError:
        joined = None
    if joined and not (mine and wanted is None):
        return ClassHere(*joined)
    return ClassHere(mine[0]) if mine else None


def teaches(known: Classroom) -> bool:
    """Whether this browser leads a class."""
    return known.owner == browser()
