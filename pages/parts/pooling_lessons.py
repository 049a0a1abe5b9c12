"""The lessons of the pooling page: opening one by link, the bar of the current one, and the list of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.pooling import Pooling, PoolingError
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


def open_lesson(name: str) -> None:
    """Callback: begin a lesson, whose bar then comes into view."""
    take_lesson(name)
    state["lessons_opened"] = state.get("lessons_opened", 0) + 1


def follow_link() -> None:
    """Begin the lesson of the reader's link."""
    if ui.arrived():
        ui.check_query("lesson", options=list(LESSONS))
        state.pop("lesson", None)
        state.pop("lessons_opened", None)  # the page is at its top
        asked = ui.query().get("lesson")
        if asked in LESSONS:
            if set(ui.query()) <= {"lesson", "lang"}:
                take_lesson(asked)
            else:  # a link made in the middle of a lesson holds all its settings
                state["lesson"] = asked
    ui.keep_in_url("lesson", state.get("lesson", ""), "")


def begin_again() -> None:
    """Back to the beginning of the lesson, or of the example where no lesson is open."""
    if "lesson" in state:
        open_lesson(state["lesson"])
    else:
        take_example()


@dataclass(frozen=True)
class Bar:
    """The bar of the current lesson: where its text stands, and where the one switch that it speaks of."""

    name: str
    told: Any
    place: Any

    @property
    def control(self) -> str:
        """The key of the widget that the lesson speaks of."""
        return LESSONS[self.name].control


def open_bar(page: Any) -> Bar | None:
    """The bar of the current lesson, with buttons for the previous and the next one; None where there is none."""
    if "lesson" not in state:
        return None
    name, names = state["lesson"], list(LESSONS)
    n = names.index(name)
    with (
        page.container(key="lesson_bar"),
        st.container(horizontal=True, vertical_alignment="center", key=f"lesson_with_{LESSONS[name].control}"),
    ):
        bar = Bar(
            name, st.container(width="stretch", key="lesson_text"), st.container(width="content", key="lesson_switch")
        )
        buttons = st.container(horizontal=True, width="content")
        buttons.button(
            _("Previous lesson"), key="before", icon=":material/arrow_back:", help=_("Previous lesson"), disabled=n == 0,
            on_click=open_lesson, args=(names[max(n - 1, 0)],),
        )  # fmt: skip
        buttons.button(
            _("Next"), key="after", icon=":material/arrow_forward:", type="primary",
            disabled=n == len(names) - 1, on_click=open_lesson, args=(names[min(n + 1, len(names) - 1)],),
        )  # fmt: skip
        buttons.button(
            _("Leave the lessons"), key="close", icon=":material/close:", help=_("Leave the lessons; everything stays as it is."),
            on_click=lambda: state.pop("lesson", None),
        )  # fmt: skip
        if "lessons_opened" in state:
            ui.scroll_to("lesson_bar", f"lesson {state['lessons_opened']}", block="start")
    return bar


def tell(bar: Bar, grid: grids.Grid, layer: Mapping[str, Any], zero: bool) -> None:
    """The text of the current lesson and what there is to see."""
    n, lesson = list(LESSONS).index(bar.name) + 1, LESSONS[bar.name]
    try:
        seen = lesson.seen(grid, Pooling(**layer), zero)
    except PoolingError:  # the sentence about it stands in place of the figure
        seen = ""
    bar.told.markdown(f"**{n}/{len(LESSONS)} · {_(lesson.title)}** – {paragraph(_(lesson.text), seen)}")


def show_list() -> None:
    st.markdown("## " + _("Try this: short lessons, one click each"))
    numbers = {name: f"{n} · {_(lesson.title)}" for n, (name, lesson) in enumerate(LESSONS.items(), 1)}
    if state.get("chosen") != state.get("lesson"):
        state["chosen"] = state.get("lesson")

    def choose() -> None:
        if state["chosen"]:
            open_lesson(state["chosen"])
        else:
            state.pop("lesson", None)

    st.pills(
        _("Lessons"), list(numbers), format_func=numbers.__getitem__, key="chosen", label_visibility="collapsed",
        wrap=True, on_change=choose,
    )  # fmt: skip
    st.markdown(
        _(
            "Pooling gives one number for each neighbourhood. With a stride above 1 it **compresses**: fewer numbers come "
            "out than go in. Max pooling keeps the largest number and forgets where in the window it was; average pooling "
            "keeps the mean, which blurs. Whether a map becomes **robust** against shifts and noise depends on the numbers: "
            "**Compression and robustness** computes it for the grid on screen. Pooling has no parameters to learn, and "
            "each channel is pooled separately."
        )
    )
