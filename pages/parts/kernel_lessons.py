"""The lessons of the kernel page: what they set, and the kernels while one is asked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.kernels.figures import asking
from lenet.kernels.lessons import LESSONS
from pages.parts import kernel_wall
from pages.parts.kernel_choice import read
from pages.parts.lessons import Bar, Lessons, forget_link

FIRST = {"other": "~note", "from": "1", "image": 0}
"""The page as it is at first."""


def begin(beginning: Mapping[str, Any]) -> None:
    """Show the kernels of a lesson, at the end of training."""
    forget_link()
    kernel_wall.forget_step()
    change(FIRST | dict(beginning))


def change(settings: Mapping[str, Any]) -> None:
    """Set these widgets by their keys."""
    st.session_state.update(settings)


lessons = Lessons("kernels", LESSONS, begin, change)


def tell(bar: Bar, source: str) -> None:
    """What there is to see of the kernels that are chosen, once the question is answered."""
    seen = ""
    with suppress(LenetError):  # the tab shows the error
        seen = bar.lesson.seen(read(source))
    bar.tell(seen)


def show_asked(bar: Bar) -> None:
    """The kernels that are asked about, and no others."""
    lesson = LESSONS[bar.name]
    sets = lesson.shows(read(lesson.beginning["run"]))
    alt = _("The kernels that the question is about, as coloured cells")
    st.plotly_chart(asking.kernels(sets), key="asked_kernels", alt=alt, config=ui.plotly_config("kernels"))
    ui.caption(_("Red weights are positive, blue ones negative."))
