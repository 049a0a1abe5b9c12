"""Opening a class, joining it, and who is there."""

from __future__ import annotations

import streamlit as st

from lenet import classroom, ui
from lenet.common.translation import translate as _
from lenet.ui import ClassHere


def offer() -> None:
    """Open a class, or join one by its code."""
    if st.button(_("Open a class"), key="class_open", type="primary"):
        ui.come_for(classroom.open_class(ui.browser()).code)
        st.rerun()


def join(code: str) -> None:
    """Join the class of a link, unless this browser leads it. Raises LenetError."""
    known = classroom.find_open(code)
    ui.come_for(known.code)
    if not ui.teaches(known):
        classroom.join(known.code, ui.browser())


def teach(here: ClassHere) -> None:
    """The code, and who is there."""
    st.header(here.classroom.code)
    ui.part(show_members, here, every=2.0)


def show_members(here: ClassHere) -> None:
    st.write(" ".join(str(member.number) for member in classroom.members(here.classroom.code)))


def wait(here: ClassHere) -> None:
    """What a member sees while the class does nothing but look."""
    if here.member:
        st.subheader(_("You are number {n}.").format(n=here.member.number))
