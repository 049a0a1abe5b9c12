"""The class that a browser leads or is in."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from lenet import classroom
from lenet.classroom import ClassError, Classroom, Member
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.ui.class_watch import work_of
from lenet.ui.components import base_path, component
from lenet.ui.server import sessions
from lenet.ui.sign_in import signed_in
from lenet.ui.speed import load_networks_ahead
from lenet.ui.visitor import at_the_machine, browser

_CODE, _NONE = "class_code", "_ui_no_class"
"""Keys of the session state: the class that this tab has come for; and until when it is known to be in none."""
PAGE = "class"
"""The page of classes, by its path."""
KNOWN_FOR = 5.0  # seconds: a browser may join in another tab


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
    st.session_state.pop(_NONE, None)


def came_for() -> str:
    """The code of that class; "" if there is none."""
    code: str = st.session_state.get(_CODE, "")
    return code


def class_here() -> ClassHere | None:
    """The open class that this browser is in, or leads; None in none. Somebody who leads a class is no member of it."""
    listed = classroom.list_open()
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


def may_take_over() -> bool:
    """Whether this session may lead a class that another browser has led so far, as the key of that one may be lost: of whoever
    sits at the machine of a laptop, whatever guests may do, and of the operator of a public server."""
    return signed_in() if paths.hosted() else at_the_machine()


def take_over(code: str) -> None:
    """Callback: have this browser lead a class. Raises LenetError."""
    if not may_take_over():
        raise ClassError("not_your_class", letters=code)
    come_for(classroom.take_over(code, browser()).code)


def class_work() -> str:
    """What the class of this browser does now, for `class_strip`; "" if it does nothing, or there is none.

    It is read before the page reads it: what changes while the page runs must be news to it, or the page would stay behind.
    """
    if time.monotonic() < st.session_state.get(_NONE, 0.0):
        return ""
    try:
        here = class_here()
        return work_of(here.classroom.code, classroom.stage(here.classroom.code)) if here else ""
    except LenetError:
        return ""


def class_strip(page: str, work: str) -> None:
    """What everybody in a class has at the head of every page, and nobody else: whether they follow, or how many do.

    The browser hears by itself what the class is shown (see lenet/ui/class_routes.py). It has the page run again only where
    the class does something else than the `work` that the page has shown.
    """
    if page == PAGE:  # in a moment there may be a class
        _load_ahead()
    if time.monotonic() < st.session_state.get(_NONE, 0.0):
        return
    try:
        here = class_here()
        if here is None:
            st.session_state[_NONE] = time.monotonic() + KNOWN_FOR
        else:
            _load_ahead()
            with st.container(key="page_class"):
                _show_strip(here, page, work)
    except LenetError:  # a class whose files cannot be read is shown on its page alone
        return


def _load_ahead() -> None:
    if sessions() is not None:  # a server, and no test of a page
        load_networks_ahead()


def _show_strip(here: ClassHere, page: str, work: str) -> None:
    code, member = here.classroom.code, here.member
    stage = classroom.stage(code)
    scene = {
        "address": "/".join(("", *filter(None, (base_path(), "classes", code)))),
        "base": base_path(),
        "page": page,
        "work": work,
        "leads": stage.leads,
        "member": member and {"number": member.number, "colour": member.colour, "symbol": member.symbol},
        "words": {
            "name": _("Class {letters}").format(letters=code),
            "number": _("number {n}"),
            "following": _("following"),
            "apart": _("looking around"),
            "task": _("a task is waiting"),
            "free": _("free to look around"),
            "lost": _("no connection"),
            "over": _("The class has ended."),
            "leave": _("Look around yourself"),
            "back": _("Back to the class"),
            "follow": _("{n} of {all} follow"),
            "here": _("{n} of {all} are here"),
            "lead": _("Phones follow me"),
        },
    }
    key = f"page_class_{code}_{member.number if member else 0}"
    component("classroom/components/strip")(key=key, data=scene, on_news_change=lambda: None)
