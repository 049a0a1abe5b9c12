"""The first tab of the kernel page: the wall of kernels through training, and how to read it."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from lenet import runs, ui
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.kernels import explanations
from lenet.kernels.figures import wall as figures
from lenet.kernels.history import Course, History, Kernels, has_history, read_course, read_history, read_second_layer
from lenet.runs import Run
from lenet.training import progress
from pages.parts.kernel_choice import UPLOAD, read, try_read

CHOICES = {
    "scale": ["shared", "own"],
    "values": ["on", "off"],
    "sort": ["stored", "norm", "similarity"],
    "layer": ["1", "2"],
    "channels": ["colour", "each"],
    "present": ["0", "1"],
    "ground": ["dark", "light"],
    "curve": ["on", "off"],
    "note": ["on", "off"],
    "clicker": ["snapshots", "epochs"],
}
COLOURS = 3
"""Channels of kernels that are shown as tiles of colour."""
IN_URL = ("step", "kernel", *CHOICES)
"""What the component itself keeps in the URL (see components/wall/query.js), and the values that it takes."""


def show(source: str, label: str) -> None:
    """The whole tab."""
    if source == UPLOAD:
        history = read(source)
        draw(source, label, history, from_file=True)
        show_explanations(colour=history.final.shape[1] == COLOURS)
    else:
        show_run(runs.find(source), label)
        show_explanations()


def show_without_kernels() -> None:
    """The tab if there are no runs: only the note's kernels."""
    draw("", "", None)
    show_explanations()


def show_run(run: Run, label: str) -> None:
    live = False
    with suppress(LenetError):  # `show_state` shows the error
        live = run.status().active
    if ui.arrived():
        with suppress(LenetError):
            history = read_history(run)
            check_link(int(history.steps[-1]), max(len(history.final), *run.config.model.channels))
    ui.part(show_state, run, label, live, every=1.0 if live else None)


def show_state(run: Run, label: str, live: bool) -> None:
    """The current kernels and curve of the run; called again every second while it is active (`live`)."""
    if st.session_state.pop("wall_was_left", False):
        st.rerun()  # the whole page, whose files are of the moment that the wall shows
    status = try_read(Run.status, run)
    active = status is not None and status.active
    course = try_read(read_course, run) if status else None
    if status and course and active:
        st.caption(ui.plain(progress.progress_line(run, status)))
    waiting = active and not has_history(run)
    if waiting:
        st.info(
            _("This run is waiting. Its kernels appear here as soon as its training starts."),
            icon=":material/schedule:",
        )
    history = None if waiting else try_read(read_history, run)
    second = None if active else try_read(read_second_layer, run)
    draw(run.id, label, history, course, second)
    if live and not active:
        st.rerun()  # the whole page, which is not live any more


def draw(
    source: str,
    label: str,
    history: History | None,
    course: Course | None = None,
    second: Kernels | None = None,
    *,
    from_file: bool = False,
) -> None:
    """The component; see `figures.wall.scene`."""
    asked = ui.leave_to_browser("wall_asked", IN_URL)
    shared = ui.shared_address("shared")
    scene = figures.scene(source, label, history, course, second, shared, asked, from_file=from_file)
    ui.component("kernels/components/wall")(
        key="wall", data=scene, on_share_change=ask_for_link, on_moment_change=keep_moment
    )


def ask_for_link() -> None:
    """Callback: the component requests a link to its current view."""
    ui.ask_for_address("shared", st.session_state["wall"].get("share"))


def forget_step() -> None:
    """Forget the step of the link, so that another run opens at its last step."""
    st.session_state.get("wall_asked", {}).pop("step", None)


def keep_moment() -> None:
    """Callback: the component tells the run, the step (None: the end of training) and the layer that it shows."""
    st.session_state["wall_moment"] = st.session_state["wall"].get("moment")
    st.session_state["wall_was_left"] = True


def shown(source: str, history: History) -> tuple[int, int]:
    """The snapshot, as an index, and the layer (1 or 2) that the wall of a run shows.

    On the other tabs kernels are those of the end of training.
    """
    last = len(history.steps) - 1
    if st.session_state.get("tab", "wall") != "wall":
        return last, 1
    asked = st.session_state.get("wall_asked", ui.query())
    moment = st.session_state.get("wall_moment")
    told = (
        moment
        if isinstance(moment, dict)
        else {"run": source, "step": asked.get("step"), "layer": asked.get("layer")}
    )
    step = str(told.get("step")) if told.get("run") == source else ""
    index = history.nearest(int(step)) if step.isdecimal() and len(step) < 19 else last
    return index, 2 if str(told.get("layer")) == "2" else 1


def check_link(last_step: int, kernels: int) -> None:
    """Show a notice for each value in the reader's link that the component does not accept."""
    ui.check_query("step", low=0, high=last_step, whole=True)
    ui.check_query("kernel", low=1, high=kernels, whole=True)
    for key, options in CHOICES.items():
        ui.check_query(key, options=options)


def show_explanations(colour: bool = False) -> None:
    for cell, text in zip(st.columns(3, gap="large"), explanations.how_to_read(colour), strict=True):
        cell.markdown(text)
    with st.expander(_("About the note’s kernels")):
        st.markdown(explanations.about_the_note())
