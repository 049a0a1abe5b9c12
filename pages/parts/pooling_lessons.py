"""The lessons of the pooling page: opening one by link, the bar of the current one, and the list of all."""

from __future__ import annotations

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.common.translation import translate as _
from lenet.pooling.lessons import LESSONS
from pages.parts.pooling_grid import take_example

state = st.session_state


def take_lesson(name: str) -> None:
    """Set everything to the start of a lesson."""
    lesson = LESSONS[name]
    state["preset"] = lesson.example
    take_example()
    state.update({"lesson": name, "panel": lesson.panel} | dict(lesson.settings))
    if lesson.grid:
        state["grid"] = {lesson.example: grids.from_url(lesson.grid)}


def follow_link() -> None:
    """Begin the lesson of the reader's link."""
    if ui.arrived():
        ui.check_query("lesson", options=list(LESSONS))
        state.pop("lesson", None)
        asked = st.query_params.get("lesson")
        if asked in LESSONS:
            if set(st.query_params) <= {"lesson", "lang"}:
                take_lesson(asked)
            else:  # a link made in the middle of a lesson holds all its settings
                state["lesson"] = asked
    ui.keep_in_url("lesson", state.get("lesson", ""), "")


def show_bar() -> None:
    """The text of the current lesson, with buttons for the previous and the next one."""
    if "lesson" not in state:
        return
    names = list(LESSONS)
    n = names.index(state["lesson"])
    lesson = LESSONS[names[n]]
    told, before, after, close = st.columns([13, 1, 2.2, 1], vertical_alignment="center")
    told.markdown(f"**{n + 1}/{len(names)} · {_(lesson.title)}** – {_(lesson.text)}")
    before.button(
        _("Previous lesson"), key="before", icon=":material/arrow_back:", help=_("Previous lesson"), width="stretch", disabled=n == 0,
        on_click=take_lesson, args=(names[max(n - 1, 0)],),
    )  # fmt: skip
    after.button(
        _("Next"), key="after", icon=":material/arrow_forward:", width="stretch", type="primary",
        disabled=n == len(names) - 1, on_click=take_lesson, args=(names[min(n + 1, len(names) - 1)],),
    )  # fmt: skip
    close.button(
        _("Leave the lessons"), key="close", icon=":material/close:", help=_("Leave the lessons; everything stays as it is."),
        width="stretch", on_click=lambda: state.pop("lesson"),
    )  # fmt: skip


def show_list() -> None:
    st.markdown("##### " + _("Try this: short lessons, one click each"))
    numbers = {name: f"{n} · {_(lesson.title)}" for n, (name, lesson) in enumerate(LESSONS.items(), 1)}
    if state.get("chosen") != state.get("lesson"):
        state["chosen"] = state.get("lesson")

    def choose() -> None:
        if state["chosen"]:
            take_lesson(state["chosen"])
        else:
            state.pop("lesson", None)

    st.pills(
        _("Lessons"), list(numbers), format_func=numbers.__getitem__, key="chosen", label_visibility="collapsed",
        wrap=True, on_change=choose,
    )  # fmt: skip
    st.markdown(
        _(
            "Pooling does two things: it **compresses** a neighbourhood into one number, and it makes "
            "the map **robust**: small shifts change that number little, and an average also evens out "
            "noise. Max pooling keeps the strongest response and forgets exactly where it was; average "
            "pooling keeps the mean: it blurs as it compresses. Neither has a parameter to learn, and "
            "each channel is pooled separately."
        )
    )
