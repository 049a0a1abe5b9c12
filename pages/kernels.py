"""The kernel gallery: the first layer's kernels of a run, from initialisation to the end of training."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import streamlit as st

from lenet import curves, kernels, runs, ui
from lenet.errors import LenetError
from lenet.figures import kernels as figures
from lenet.i18n import translate as _
from lenet.runs import Run

ui.inside_app()

T = TypeVar("T")

DEFAULT = "reference-classic"

wall = ui.component("kernel_wall")


def read(what: Callable[[Run], T], run: Run) -> T | None:
    """What can be read of the run; where it cannot be, one sentence and None."""
    try:
        return what(run)
    except LenetError as error:
        ui.problem(error)
        return None


def show_wall(run_id: str, label: str, *what: Any) -> None:
    scene = figures.scene(run_id, label, *what, shared=ui.shared_address("shared"))
    wall(key="wall", data=scene, on_share_change=ask_link)


def ask_link() -> None:
    """The component asks for the address of what it shows."""
    st.session_state["shared"] = st.session_state["wall"]["share"]


def look(run: Run, label: str, live: bool) -> None:
    """The wall of a run and its curve. Called again every second while the run is going on (`live`)."""
    status = read(Run.status, run)
    active = status is not None and status.active
    course = read(kernels.course, run) if status else None
    if status and course and active:
        st.caption(ui.plain(curves.progress_line(run, status)))
    waiting = active and not kernels.kept(run)
    if waiting:
        st.info(_("This run is waiting. Its kernels appear here as soon as it trains."), icon=":material/schedule:")
    history = None if waiting else read(kernels.history, run)
    second = None if active else read(kernels.second_layer, run)
    show_wall(run.id, label, history, course, second)
    if live and not active:
        st.rerun()  # the whole page, which then stands still


def check_link(history: kernels.History) -> None:
    """Say what the wall cannot take of the link that the reader came by; it reads and writes the URL by itself."""
    ui.check_query("step", low=0, high=int(history.steps[-1]), whole=True)
    ui.check_query("scale", options=["shared", "own"])
    ui.check_query("values", options=["on", "off"])
    ui.check_query("sort", options=["stored", "norm", "similarity"])
    ui.check_query("layer", options=["1", "2"])
    ui.check_query("present", options=["0", "1"])
    ui.check_query("ground", options=["dark", "light"])


def leave_step() -> None:
    """Another run opens at its own end."""
    st.query_params.pop("step", None)


def gallery(words: dict[str, str]) -> None:
    """The choice of a run, its kernels to take away, and its wall."""
    choose, save = st.columns([6, 1.2], vertical_alignment="bottom")
    with choose:
        shown = ui.choice(
            st.selectbox,
            _("Run"),
            words,
            key="run",
            default=DEFAULT if DEFAULT in words else next(iter(words)),
            on_change=leave_step,
            label_visibility="collapsed",
        )
    run = runs.find(shown)
    live = False
    with suppress(LenetError):  # `look` says what is wrong
        live = run.status().active
    with suppress(LenetError):
        history = kernels.history(run)
        save.download_button(
            _("Kernels (CSV)"),
            lambda: kernels.to_csv(kernels.history(run).final),
            f"kernels-{run.id}.csv",
            "text/csv",
            on_click="ignore",
            width="stretch",
        )
        if st.session_state["arrived"]:
            check_link(history)
    st.fragment(look, run_every=1.0 if live else None)(run, words[run.id], live)


words = ui.run_words()
if words:
    ui.guard(lambda: gallery(words))
else:
    st.info(_("There is no run here yet. Train one, and its kernels appear here."), icon=":material/info:")
    show_wall("", "", None, None)

what, how, why = st.columns(3, gap="large")
what.markdown(
    _(
        "**What these are.** The first layer lays each kernel over every place of the image, multiplies every weight "
        "with the pixel beneath it, and adds up (cross-correlation: PyTorch’s Conv2d does not turn the kernel over). "
        "Under red weights bright pixels raise the sum, under blue ones they lower it."
    )
)
how.markdown(
    _(
        "**What to look for.** Red beside blue: an edge detector, strongest where the image is bright on the red side "
        "and dark on the blue. One colour all over, or a spot in the middle: a detector of bright (red) or dark (blue) "
        "blobs. Almost white: a kernel that has hardly learned anything."
    )
)
why.markdown(
    _(
        "**Division of work.** Nobody tells a kernel what to look for. They start at random, so each gets other "
        "gradients and learns another pattern. Move to the first steps to see it begin, and compare runs: another "
        "seed divides the work in another way."
    )
)
with st.expander(_("About the note’s kernels")):
    st.markdown(
        _(
            "The note is 深度学习之卷积神经网络 by LXG (31 March 2026). It prints these six kernels as those of its "
            "network after training with the classic recipe: ten epochs, SGD with learning rate 0.9, batches of 256. "
            "The training that it logs ends with loss {loss}, train acc {train_acc}, test acc {test_acc}. That log "
            "is of another network: its first weight is {logged}, and the first weight here is {first}."
        ).format(
            **kernels.NOTE_RESULT,
            logged=f"{kernels.NOTE_LOGGED_WEIGHT:.4f}".replace("-", "−"),
            first=f"{kernels.NOTE[0, 0, 0, 0]:.4f}",
        )
    )
