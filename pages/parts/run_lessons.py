"""The lessons of the training page: what they set, and the curve while one is asked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from lenet import runs, ui
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.runs import Run
from lenet.runs.configuration import PLACE_GROUPS, on_page
from lenet.training import curves, figures
from lenet.training.lessons import LESSONS, CurveLesson
from pages.parts import run_settings
from pages.parts.lessons import Bar, Lessons, forget_link

state = st.session_state

FIRST = {"recipe": "classic", "net": "", "with": [], "view": "all", "log": False}
"""The page as it is at first."""


def begin(beginning: Mapping[str, Any]) -> None:
    """Show the run of a lesson, with the settings of a new run as at first."""
    forget_link()
    run_settings.forget_settings()
    for field in on_page(*PLACE_GROUPS).values():
        state.pop(field.key, None)
    state.update(FIRST | dict(beginning))


def change(settings: Mapping[str, Any]) -> None:
    """Set these widgets by their keys; another recipe comes with its own settings."""
    if "recipe" in settings:
        run_settings.forget_settings()
    state.update(settings)


lessons = Lessons("training", LESSONS, begin, change)


def label_of_chosen() -> dict[str, str | None]:
    """The name of the run that is chosen, if it is of a lesson: no list has it otherwise."""
    chosen = str(ui.query().get("run") if ui.arrived() and "run" in ui.query() else state.get("run", ""))
    if chosen.startswith(runs.LESSON_PREFIX):
        with suppress(LenetError):
            return {chosen: runs.find(chosen).label()}
    return {}


def tell(bar: Bar, run: Run) -> None:
    """What there is to see of the run that is chosen, once the question is answered."""
    seen = ""
    with suppress(LenetError):  # the curve tells it
        seen = bar.lesson.seen(run)
    bar.tell(ui.plain(seen))


def show_asked(bar: Bar) -> None:
    """As much of the curve as the question leaves."""
    lesson = LESSONS[bar.name]
    assert isinstance(lesson, CurveLesson)
    run = runs.find(lesson.beginning["run"])
    figure = figures.asking(
        curves.read_curve(run), last=run.config.epochs, seen=lesson.epochs, hides=bar.hides, height=330
    )
    alt = _("Loss and accuracy over epochs, as far as the question shows them.")
    st.plotly_chart(figure, key="curve", alt=alt, config=ui.plotly_config("curve"))
