"""The kernel gallery: the first layer's kernels of a run from initialisation to the end of training, what they respond
to, how they compare with other kernels, and an editor for a kernel of the reader's own."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lenet import runs, ui
from lenet.common.translation import translate as _
from lenet.kernels.figures import editor, trajectories
from lenet.kernels.history import read_course
from pages.parts import kernel_comparison, kernel_files, kernel_lessons, kernel_responses, kernel_wall
from pages.parts.kernel_choice import UPLOAD, choose_page, images_for, labels, read, try_read
from pages.parts.lessons import is_asked


def choose_source(names: dict[str, str]) -> str:
    """The run, or a convolution of the uploaded file, whose kernels are shown; beside it a menu for files."""
    from_file = UPLOAD in names and st.session_state.get("run") == UPLOAD
    row = st.container(key="source")
    choose, *tensor, save = row.columns([3.4, 2.6, 1.2] if from_file else [6, 1.2], vertical_alignment="bottom")
    with choose:
        source = ui.choice(
            st.selectbox,
            _("Run"),
            names,
            key="run",
            default=runs.DEFAULT_REFERENCE if runs.DEFAULT_REFERENCE in names else next(iter(names)),
            on_change=kernel_wall.forget_step,
            label_visibility="collapsed",
        )
    for place in tensor:
        kernel_files.choose_tensor(place)
    with save.popover(_("Files"), icon=":material/folder_open:", width="stretch"):
        kernel_files.show(source)
    kernel_files.show_refusal()
    if from_file:
        kernel_files.show_remarks()
        ui.follow_restarts()
    return source


def check_link(names: dict[str, str]) -> None:
    """Check the reader's link before the widgets read it."""
    if ui.arrived() and ui.query().get("present") == "1":  # only the wall can be presented
        ui.query().pop("tab", None)
        st.session_state["tab"] = "wall"
        if ui.query().get("run", UPLOAD) not in (UPLOAD, *names):  # a presentation would cover the sentence on that
            del ui.query()["present"]
    if ui.arrived() and ui.query().get("from") == "start" and ui.query().get("tab", "wall") == "wall":
        del ui.query()["from"]  # on other tabs it names the first kernel of a page
        ui.query().setdefault("step", "0")
    if ui.query().get("run") == UPLOAD and UPLOAD not in names:
        ui.notice("upload_gone")
        del ui.query()["run"]


def show_tab(tab: str, source: str, names: dict[str, str]) -> None:
    match tab:
        case "wall":
            kernel_wall.show(source, names[source])
        case "seen":
            kernel_responses.show(source)
        case "paths":
            show_trajectories(source)
        case "compare":
            kernel_comparison.show(source, names)
        case "own":
            show_editor(source)


def show_trajectories(source: str) -> None:
    """How the kernels moved during training."""
    history = read(source)
    if len(history.steps) < 2:
        st.info(_("These kernels have no history: choose a run."), icon=":material/info:")
        return
    page = st.container(key="trajectories")
    page.container(key="about_paths").markdown(
        _(
            "How each kernel moved from its random start: the **length of its path**, and the **cosine** with its "
            "final form (1: same direction, 0: orthogonal), with the test accuracy."
        )
    )
    with page:
        start = choose_page(len(history.final))
    course = None if source == UPLOAD else try_read(read_course, runs.find(source))
    page.plotly_chart(
        trajectories.trajectories(history, course, start),
        key="paths",
        config=ui.plotly_config(f"kernels-{source}-paths"),
        alt=trajectories.trajectories_alt(history, start),
    )


def show_editor(source: str) -> None:
    """The editor for a kernel of the size of the source's kernels."""
    kernels = read(source).final
    shown = images_for(source)
    if ui.arrived():
        ui.check_query("on", low=0, high=len(shown.class_names()) - 1, whole=True)
        asked, weights = ui.query().get("own"), kernels.shape[2] ** 2
        if asked is not None and not ui.tell_empty("own") and not editor.are_weights(asked, weights):
            ui.notice("own_not_weights", n=weights, limit=editor.LIMIT, value=asked[:40])
    scene = editor.scene(kernels, shown, ui.leave_to_browser("own_asked", ("own", "on")))
    ui.component("kernels/components/editor")(key="laboratory", data=scene)


names = labels()
kernel_lessons.lessons.follow_link()
check_link(names)
lesson = kernel_lessons.lessons.open_bar(st)
if names:
    source = choose_source(names)
    tabs = {
        "wall": _("The wall"),
        "seen": _("What they respond to"),
        "paths": _("How they moved"),
        "compare": _("Compare"),
        "own": _("Your own"),
    }
    if lesson:
        kernel_lessons.tell(lesson, source)
    for tab, panel in ui.tabs(tabs, key="tab").items():
        if panel.open:
            with panel:
                if lesson and is_asked(lesson):
                    ui.guard(partial(kernel_lessons.show_asked, lesson))
                else:
                    ui.guard(partial(show_tab, tab, source, names))
else:
    st.info(_("There is no run here yet. Train one, and its kernels appear here."), icon=":material/info:")
    kernel_wall.show_without_kernels()
with st.container(key="lesson_list"):
    kernel_lessons.lessons.show_list()
