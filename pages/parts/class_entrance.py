"""How somebody comes to a class: opening one, joining by a link or a code; and what is left of one that has ended."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lenet import classroom, ui
from lenet.classroom import Classroom, front
from lenet.common.errors import LenetError, explain
from lenet.common.translation import translate as _
from lenet.runs import visitors
from pages.parts import class_keepsake

REFUSED, LEFT, ENDED = "class_refused", "class_left", "class_ended"
"""Keys of the session state: the code that was refused and why, the class that was left for another, and the one that this tab
has come for and that has ended."""
FIELD = "class_join"


def follow_link() -> None:
    """Join the class that the reader's link names."""
    if ui.arrived() and "join" in ui.query() and not ui.tell_empty("join"):
        before = ui.class_here()
        come_in(ui.query()["join"])
        if ui.class_here() != before:
            st.rerun()  # what stands above this page is of the class too, and was drawn before


def come_in(typed: str) -> None:
    """Join the class with that code, or lead it; what is wrong with it is kept for `show` and `tell`."""
    forget()
    try:
        known = classroom.look_up(typed, visitors.network_of(st.context.ip_address), ui.browser())
        if ui.teaches(known):
            ui.come_for(known.code)
        elif known.is_open:
            entered = classroom.enter(known, ui.browser())
            ui.come_for(known.code)
            st.session_state[LEFT] = entered.left
        if not known.is_open:
            st.session_state[ENDED] = known.code
    except LenetError as error:
        st.session_state[REFUSED] = (typed.strip()[:20], error)


def forget() -> None:
    for key in (REFUSED, LEFT, ENDED):
        st.session_state.pop(key, None)


def tell() -> None:
    """Say to somebody who is in a class why they are not in another, or that they have left one."""
    if refused := st.session_state.pop(REFUSED, None):
        ui.problem(refused[1])
    if left := st.session_state.pop(LEFT, ""):
        st.info(
            ui.plain(_("You have left the class {code} for this one.").format(code=left)), icon=":material/logout:"
        )


def show() -> None:
    """What somebody sees who is in no class: the field for a code, and the button that opens one."""
    if code := ended():
        farewell(classroom.find(code))
    ui.query().pop("join", None)
    typed, error = st.session_state.get(REFUSED, ("", None))
    may_open = not visitors.visitor().guest
    join, lead = st.columns(2, gap="large", border=True) if may_open else (st.container(), None)
    with join:
        ui.component("classroom/components/code_field")(
            key=FIELD, data=front.code_field(typed, explain(error) if error else ""), on_join_change=on_code
        )
    if lead is not None:
        with lead:
            offer()


def ended() -> str:
    """The code of the class for which this tab has come, if it has ended; "" if there is none."""
    code = ui.came_for()
    if code and not classroom.find(code).is_open:
        st.session_state[ENDED] = code
    found: str = st.session_state.get(ENDED, "")
    return found


def farewell(known: Classroom) -> None:
    """What is said of a class that has ended; whoever has led it takes it along."""
    st.info(ui.plain(_("The class {code} has ended.").format(code=known.code)), icon=":material/event_available:")
    if ui.teaches(known):
        class_keepsake.show(known)


def offer() -> None:
    """The button that opens a class, and those that this browser has led."""
    st.button(
        _("Open a class"), key="class_open", type="primary", icon=":material/add:", on_click=ui.attempt, args=(open_one,)
    )  # fmt: skip
    ui.caption(
        _(
            "You get a code for the projector. Whoever joins is a number: no names, no accounts. Then all screens show what you "
            "show, everybody trains a network, answers your questions, and takes part in a contest. This browser leads the class "
            "until you end it, or for a day."
        )
    )
    offer_to_lead([known for known in classroom.list_open() if not ui.teaches(known)])
    before = [known for known in classroom.list_classes() if not known.is_open and ui.teaches(known)]
    if before:
        with ui.folded(_("Classes that have ended"), key="class_before") as fold:
            if fold.open:
                class_keepsake.choose(before)


def offer_to_lead(classes: Sequence[Classroom]) -> None:
    """For whoever may lead any class: a button for each that another browser leads, which may have lost its key."""
    if not classes or not ui.may_take_over():
        return
    for known in classes:
        st.button(
            _("Lead the class {letters} here").format(letters=known.code), key=f"class_lead_{known.code}",
            icon=":material/groups:", on_click=ui.attempt, args=(ui.take_over, known.code),
        )  # fmt: skip
    ui.caption(_("Whatever browser leads it now does so no more."))


def open_one() -> None:
    """Callback: a new class, which this browser leads."""
    forget()
    ui.come_for(classroom.open_class(ui.browser()).code)


def on_code() -> None:
    """Callback: a code was typed."""
    typed = st.session_state[FIELD].get("join")
    if isinstance(typed, str):
        come_in(typed[:100])
