"""Who is in a class: the code, its QR code and the people at the front; and who somebody is in it."""

from __future__ import annotations

import time

import streamlit as st

from lenet import classroom, ui
from lenet.classroom import front
from lenet.common.translation import translate as _
from lenet.ui import ClassHere
from pages.parts import class_keepsake

ADDRESS, ASKED = "class_address", "class_address_asked"
"""Keys of the session state: the query whose address is shown, and when it was looked for."""
LOOK_AGAIN = 10.0  # seconds after which it is: somebody may have turned on a hotspot


# -- whoever leads the class -------------------------------------------------------------------------------------------


def teach(here: ClassHere) -> None:
    """The front: the code, how to join, and who has joined."""
    ui.part(show_front, here, every=1.0)
    with st.container(horizontal=True, key="class_end_row"):
        class_keepsake.offer_end(here.classroom)


def show_front(here: ClassHere) -> None:
    """The figure, which shows who comes as they come. Raises LenetError."""
    code = here.classroom.code
    known = classroom.find(code)
    if not known.is_open or not ui.teaches(known):  # another browser leads it now
        st.rerun()
    look_for_address(f"join={code}")
    shared = ui.shared_address(ADDRESS)
    if shared is None:
        return
    following = classroom.present(code).following if classroom.stage(code).leads else None
    scene = front.front(here.classroom, classroom.members(code), shared[1], following)
    with st.container(key="class_front"):
        ui.component("classroom/components/people")(key="class_people", data=scene)


def look_for_address(query: str) -> None:
    """Ask for the address at which others join: at first, and now and then, as the machine's may have changed."""
    now = time.monotonic()
    if st.session_state.get(ADDRESS) != query or now - st.session_state.get(ASKED, 0.0) > LOOK_AGAIN:
        ui.ask_for_address(ADDRESS, query)
        st.session_state[ASKED] = now


# -- a member ----------------------------------------------------------------------------------------------------------


def wait(here: ClassHere) -> None:
    """The lobby: what a member sees while the class does nothing but look."""
    if here.member is None:
        return
    more = [
        _("Look at the front. When the class does something, it appears here by itself; keep this page open."),
        _("You have this number again when you come back with this browser."),
    ]
    ui.component("classroom/components/badge")(key="class_badge", data=front.badge(here.member, more))
    if st.button(_("Leave the class"), key="class_leave", icon=":material/logout:"):
        classroom.leave(here.classroom.code, here.member.owner)
        ui.come_for("")
        st.rerun()
