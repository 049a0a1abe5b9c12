"""Training: choose what to train, watch it, stop it, compare it with what was trained before.

The settings of a new run, the buttons of a run and the tabs below the curve are in `pages/parts/`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import streamlit as st

from lenet import data, runs, ui
from lenet.common.errors import LenetError, say
from lenet.common.translation import translate as _
from lenet.runs import Run, configuration, rules, tables
from lenet.runs.configuration import RECIPES, RunConfig
from lenet.runs.tables import Entry
from lenet.runs.visitors import visitor
from lenet.training import curves, figures, progress
from pages.parts import run_buttons, run_choice, run_lessons, run_panels, run_settings, training_images
from pages.parts.lessons import is_asked

Panel = Callable[[Run, list[Run]], None]
"""Shows one aspect of a run and of the runs that it is compared with."""

EVERY_PANEL = 2.0  # seconds between two updates of the open tab while a run is in training


# -- a new run -----------------------------------------------------------------------------------------------------


def start_a_run() -> None:
    """The controls of a new run; Train queues it and selects it."""
    run_settings.take_network()
    recipe = ui.choice(
        st.segmented_control,
        _("Recipe"),
        {name: name for name in RECIPES},
        key="recipe",
        default="classic",
        required=True,
        on_change=run_settings.forget_settings,
    )
    ui.caption(configuration.about(recipe))
    config = run_settings.choose_settings(RECIPES[recipe], run_settings.brought_network())
    if isinstance(config, RunConfig):
        if changes := tables.changes(config, RECIPES[recipe]):
            ui.caption(ui.plain(_("Changed from the recipe: {changes}").format(changes=_(", ").join(changes))))
        if hint := progress.sample_hint(config):
            ui.caption(hint)
        run_buttons.show_cost(config)
    if st.button(_("Train"), type="primary", icon=":material/play_arrow:", width="stretch", key="train"):
        ui.attempt(begin, config)
    elif (twin := st.session_state.get("twin")) and twin == st.session_state.get("run"):
        st.info(_("A run with exactly these settings exists already; it is shown here."), icon=":material/info:")
        if st.button(_("Train it again"), width="stretch", key="again"):
            ui.attempt(begin, runs.find(twin).config, again=True)
    if isinstance(config, RunConfig):
        training_images.show(config)
    if limits := rules.my_limits():
        line, more = limits.in_words(runs.waiting_of(visitor().owner))
        ui.caption(line, help=more)


def begin(config: RunConfig | LenetError, again: bool = False) -> None:
    """Select a run: an existing one with these settings, or else a new one in the queue. Raises LenetError."""
    if isinstance(config, LenetError):
        raise config
    data.find(config.data, config.dataset)  # raises at once if the data are missing
    run, new = runs.obtain(config, again=again)
    st.session_state["run"] = run.id
    st.session_state["twin"] = None if new else run.id
    st.session_state["begun"] = run.id
    if not new:
        st.rerun()


# -- a run and its curve -------------------------------------------------------------------------------------------


def watch(run: Run, others: list[Run], label: str | None, view: str, log_loss: bool, every: float | None) -> None:
    """The progress of the run, and what its curve has gained. While a run is active, this part of the page reruns by itself.

    `label` is the name of the run on the page and `every` the seconds between two reruns; if they are outdated, the whole
    page is rerun.
    """
    if not run.exists:  # deleted since the page was drawn
        st.rerun()
    status, epochs = run.status(), run.config.epochs
    if status.state == "queued":
        ui.attempt(runs.supervisor().ensure_running)
    bar, *buttons = [st.container()] if run.is_reference else st.columns([4, 2], vertical_alignment="center")
    with bar:
        st.progress(progress.fraction_done(status, epochs), text=ui.plain(progress.progress_line(run, status)))
    for place in buttons:
        with place:
            run_buttons.show_buttons(run, status)
    if status.state == "interrupted":
        st.info(ui.plain(progress.why_interrupted(run)), icon=":material/info:")
    if status.code:
        st.error(ui.plain(say(status.code, status.params or {})), icon=":material/error:")
    with suppress(LenetError):  # the curve tells it
        shown = " ".join([r.id for r in (run, *others)] + [view, str(log_loss)])
        scene = figures.live("curve", draw(run, others, view, log_loss)[0], shown, growing=every is not None)
        ui.component("training/component")(key="live", data=scene)
    if every != look_every(run, others) or label != run.label():
        st.rerun()


def show_curve(run: Run, others: list[Run], view: str, log_loss: bool) -> None:
    """The curve as it is when the page runs; what comes later reaches it through `watch`."""
    figure, alt = draw(run, others, view, log_loss)
    st.plotly_chart(figure, key="curve", alt=alt, config=ui.plotly_config(f"curve-{run.id}"))


def draw(run: Run, others: list[Run], view: str, log_loss: bool) -> tuple[Any, str]:
    """The figure of these runs, and what it shows in words."""
    names = tables.names_beside([run, *others]) if others else [""]
    drawn = [curves.read_curve(r, name) for r, name in zip((run, *others), names, strict=True)]
    shown = curves.view_range(view, longest(run, others), run.status())
    return figures.curves(drawn, height=330, view=shown, log_loss=log_loss), figures.describe(drawn)


def look_every(run: Run, others: list[Run]) -> float | None:
    """Seconds between two updates of these runs: fewer until the first point is drawn; None if no run is active."""
    if not any(r.status().active for r in (run, *others)):
        return None
    status = run.status()
    return 0.25 if status.active and not status.step and not runs.ahead_of(run) else 1.0


def longest(run: Run, others: list[Run]) -> int:
    """The largest number of epochs of these runs."""
    return max(curves.epochs_of(r) for r in (run, *others))


# -- below it --------------------------------------------------------------------------------------------------------


def panels(listed: list[Entry] | None) -> dict[str, tuple[str, Panel]]:
    """The label and the function of each tab by name. `listed` are all runs; None to list them again at each update."""
    return {
        "result": (_("Result"), run_panels.show_result),
        "gradients": (_("Gradients"), run_panels.show_gradients),
        "confusion": (_("Confusion"), run_panels.show_confusion),
        "settings": (_("Settings"), run_panels.show_settings),
        "speed": (_("Batch size"), run_panels.show_speed),
        "runs": (_("All runs"), partial(run_panels.show_all, listed=listed)),
    }


def show_panels(shown: dict[str, tuple[str, Panel]], run: Run, others: list[Run]) -> None:
    """The tabs, with the content of the open one. Called again every few seconds while a run is active."""
    if not run.exists:  # deleted since the page was drawn
        st.rerun()
    for name, tab in ui.tabs({name: label for name, (label, _show) in shown.items()}, key="panel").items():
        if tab.open:
            with tab:
                ui.guard(partial(shown[name][1], run, others))


# -- the page --------------------------------------------------------------------------------------------------------

run_lessons.lessons.follow_link()
lesson = run_lessons.lessons.open_bar(st)
# In little room all this stands in one column, the curve first and the controls below it: see lenet/ui/phone.css.
controls, main = st.container(key="training").columns([1, 3.4], gap="medium")
with controls.container(key="new_run"):
    ui.guard(start_a_run)

listed = tables.entries()
labels = tables.labels(listed) | run_lessons.label_of_chosen()
words = ui.run_words(labels)
views = {"all": _("all"), "last": _("last epoch"), "range": _("a range")}
chosen = main.container(key="runs")
with chosen:
    left, edit, right, look, axis = st.columns([2.4, 0.5, 1.75, 0.95, 1.1], vertical_alignment="bottom")
    with left:
        run = run_choice.choose_run(words)
    with edit:
        ui.guard(partial(run_buttons.manage, run))
    with right:
        others = run_choice.choose_others(run, words)
    with look:
        view = ui.choice(st.selectbox, _("Show"), views, key="view", default="all")
    with axis:
        log_loss = ui.toggle(_("log axis"), key="log", default=False, help=_("Logarithmic axis for the loss"))
    ui.tell_broken_runs(labels)
if lesson:
    run_lessons.tell(lesson, run)


def show_runs(view: str) -> None:
    """The progress of the selected runs, their curve, and the tabs below it.

    The parts that run by themselves are called outside of the containers: Streamlit copies every one that is open around
    them.
    """
    try:
        every = look_every(run, others)
        if view == "range":
            with chosen:
                view = run_choice.choose_range(longest(run, others))
        else:
            ui.keep_in_url("span", "", "")
        below = panels(None if every else listed)
        with chosen.container(key="progress"):
            ui.part(ui.guard, partial(watch, run, others, labels[run.id], view, log_loss, every), every=every)
        with chosen:
            ui.guard(partial(show_curve, run, others, view, log_loss))
    except LenetError as error:
        with chosen:
            ui.problem(error)
        every, below = None, {"runs": panels(listed)["runs"]}  # the other tabs would only repeat it
    if begun := st.session_state.pop("begun", None):
        with chosen:
            ui.scroll_to("curve", begun)  # the button may be far below it: on a phone, and under open settings
    with chosen.container(key="panels"):
        ui.part(show_panels, below, run, others, every=EVERY_PANEL if every else None)


if lesson and is_asked(lesson):
    with chosen:
        ui.guard(partial(run_lessons.show_asked, lesson))
else:
    show_runs(view)
with st.container(key="lesson_list"):
    run_lessons.lessons.show_list()
