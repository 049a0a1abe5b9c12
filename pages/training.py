"""Training: choose what to train, watch it, stop it, compare it with what was trained before.

The settings of a new run and the tabs below the curve are in `pages/parts/`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from lenet import data, runs, ui
from lenet.common.errors import LenetError, explain, say
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.runs import Run, Status, rules
from lenet.runs.configuration import RECIPES, RunConfig
from lenet.training import curves, figures
from pages.parts import run_panels, run_settings

ui.inside_app()

RECIPE_WORDS = {
    "classic": _("As in the note: sigmoid, average pooling, SGD with learning rate 0.9, Xavier initialisation."),
    "modern": _("ReLU, Muon and a one-cycle learning rate in place of the note’s choices."),
    "sprint": _(
        "As modern, with max pooling and for {n} steps alone: with the complete data past the note’s test accuracy of "
        "0.805 in less than a second."
    ).format(n=RECIPES["sprint"].steps),
}
Panels = dict[str, tuple[str, Callable[[Run, list[Run]], None]]]
"""By name, what a tab is called and what shows it."""
EVERY_PANEL = 2.0  # seconds between two looks of the open tab at a run that is going on
VIEWS = {"all": _("all"), "last": _("last epoch"), "range": _("a range")}


def start_a_run() -> None:
    """The controls of a new run; Train queues it and puts it on show."""
    run_settings.take_network()
    names = {name: name for name in RECIPES}
    recipe = ui.choice(
        st.segmented_control,
        _("Recipe"),
        names,
        key="recipe",
        default="classic",
        required=True,
        on_change=run_settings.forget_settings,
    )
    st.caption(RECIPE_WORDS[recipe])
    config = run_settings.choose_settings(RECIPES[recipe], run_settings.brought_network())
    if changes := curves.changes(config, RECIPES[recipe]):
        st.caption(ui.plain(_("Changed from the recipe: {changes}").format(changes=", ".join(changes))))
    if hint := curves.sample_hint(config):
        st.caption(hint)
    if st.button(_("Train"), type="primary", icon=":material/play_arrow:", width="stretch", key="train"):
        ui.attempt(begin, config)
    elif (twin := st.session_state.get("twin")) and twin == st.session_state.get("run"):
        st.info(_("This very run exists already; it is shown here."), icon=":material/info:")
        if st.button(_("Train it again"), width="stretch", key="again"):
            ui.attempt(begin, runs.find(twin).config, again=True)
    if limits := curves.limits_line():
        st.caption(limits[0], help=limits[1])


def begin(config: RunConfig, again: bool = False) -> None:
    """Put a run on show: the one that exists with these settings, else a new one in the queue. Raises LenetError."""
    data.find(config.data)  # says so at once where there are none
    run, new = runs.obtain(config, again=again)
    st.session_state["run"] = run.id
    st.session_state["twin"] = None if new else run.id
    if not new:
        st.rerun()


def watch(run: Run, others: list[Run]) -> None:
    """Where the run stands, and its curve. Called again every second or more often while the run is going on."""
    if not run.exists:  # deleted since the page was drawn
        st.rerun()
    status, epochs = run.status(), run.config.epochs
    if status.state == "queued":
        ui.attempt(runs.supervisor().ensure_running)
    progress, buttons = st.columns([6, 1] if run.is_reference else [4, 2], vertical_alignment="center")
    with progress:
        st.progress(curves.fraction_done(status, epochs), text=ui.plain(curves.progress_line(run, status)))
    with buttons:
        show_buttons(run, status)
    if status.state == "interrupted":
        st.info(ui.plain(curves.why_interrupted(run)), icon=":material/info:")
    if status.code:
        st.error(ui.plain(say(status.code, status.params or {})), icon=":material/error:")
    drawn = [curves.curve(r) for r in (run, *others)]
    longest = max(r.config.epochs for r in (run, *others))
    figure = figures.curves(drawn, height=330, view=curves.view_range(view, longest, status), log_loss=log_loss)
    st.plotly_chart(figure, key="curve", alt=figures.describe(drawn), config=ui.plotly_config(f"curve-{run.id}"))
    # It has come to life or to its end, or is called otherwise since it was extended: the whole page again.
    if (live, pace) != how_live(run, others) or labels.get(run.id) != run.label():
        st.rerun()


def how_live(run: Run, others: list[Run]) -> tuple[bool, float]:
    """Whether any of the runs is going on, and the seconds between two looks: few until the first point is there."""
    status = run.status()
    coming = status.active and not status.step and not runs.ahead_of(run)
    return any(r.status().active for r in (run, *others)), 0.25 if coming else 1.0


def show_buttons(run: Run, status: Status) -> None:
    """What can be asked of the run now."""

    def ask(label: str, icon: str, what: str, help: str | None = None, **params: int) -> None:
        waiting = run.requested(what)
        st.button(
            label, icon=icon, help=help, width="stretch", disabled=waiting, key=what,
            on_click=ui.attempt, args=(run.request, what), kwargs=params,
        )  # fmt: skip

    if run.is_reference:
        return
    if not run.may_change:
        st.caption(_("Somebody else’s run: yours to watch"))
        return
    left, right = st.columns(2)
    with left:
        if status.state == "running":
            ask(_("Pause"), ":material/pause:", "pause")
        elif status.state in ("stopped", "paused", "interrupted", "failed"):
            ask(_("Resume"), ":material/resume:", "resume", _("Go on from the last step that was kept"))
        elif status.state == "finished":
            epochs = min(2 * run.config.epochs, max(rules.max_epochs(), run.config.epochs + 1))
            n = epochs - run.config.epochs
            hint = ngettext(
                "{n} more epoch. A schedule that had ended begins a new cycle.",
                "{n} more epochs. A schedule that had ended begins a new cycle.",
                n,
            ).format(n=n)
            ask(_("Extend"), ":material/more_time:", "extend", hint, epochs=epochs)
    with right:
        if status.active:
            ask(_("Stop"), ":material/stop:", "stop")


def manage(run: Run) -> None:
    """Name, pin and delete a run, of those whose run it is."""
    try:
        run.check_may_change()
    except LenetError as error:
        st.popover("", icon=":material/edit:", help=ui.plain(explain(error)), disabled=True)
        return
    with st.popover("", icon=":material/edit:", help=_("Name, pin or delete this run")):
        name, pinned = f"name {run.id}", f"pin {run.id}"
        st.text_input(
            _("Name"), run.name, runs.MAX_NAME, key=name, placeholder=run.id, on_change=rename, args=(run, name)
        )
        st.toggle(
            _("Pinned"), run.pinned, key=pinned, help=_("A pinned run is not deleted: by nobody, and not to make room."),
            on_change=lambda: ui.attempt(run.pin, st.session_state[pinned]),
        )  # fmt: skip
        st.divider()
        stays = _("A run that is pinned or in training is not deleted.") if run.pinned or run.in_training else None
        sure = st.checkbox(
            _("Delete for good: curve, weights and kernels"), key=f"sure {run.id}", disabled=bool(stays), help=stays
        )
        st.button(
            _("Delete"), icon=":material/delete:", key="delete", disabled=bool(stays) or not sure, on_click=delete,
            args=(run,),
        )  # fmt: skip


def rename(run: Run, key: str) -> None:
    ui.attempt(run.rename, st.session_state[key])


def delete(run: Run) -> None:
    ui.attempt(run.delete)
    if not run.exists:
        st.session_state.pop("run", None)
        st.query_params.pop("run", None)


def choose_range(longest: int) -> str:
    """A range of epochs as `2-5`, from the reader; in the URL as `?span=2-5`."""

    def parse(raw: str) -> tuple[int, int] | None:
        low, _dash, high = raw.partition("-")
        usable = all(x.isdecimal() and len(x) < 5 for x in (low, high)) and int(low) <= int(high)
        return (int(low), int(high)) if usable else None

    def complain() -> None:
        if parse(raw := st.query_params["span"]) is None:
            ui.notice("not_one_of", name="span", value=raw[:40], options=f"0-1 … 0-{longest}")

    ui.seed_from_url("span", (0, longest), parse, complain)
    st.session_state["span"] = tuple(min(x, longest) for x in st.session_state["span"])
    span: tuple[int, int] = st.slider(_("Epochs to show"), 0, longest, key="span", persist_state="session")  # type: ignore[assignment]
    ui.keep_in_url("span", f"{span[0]}-{span[1]}", f"0-{longest}")
    return f"{span[0]}-{max(span[1], span[0] + 1)}"


def show_panels(panels: Panels, run: Run, others: list[Run]) -> None:
    """What is below the curve: the open tab. Called again every now and then while a run is going on, for its epochs."""
    for name, tab in ui.tabs({key: label for key, (label, _show) in panels.items()}, key="panel").items():
        if tab.open:
            with tab:
                ui.guard(partial(panels[name][1], run, others))


controls, main = st.columns([1, 3.4], gap="medium")
with controls:
    ui.guard(start_a_run)

labels = curves.run_labels()
words = ui.run_words(labels)
with main:
    left, edit, right, look, axis = st.columns([2.4, 0.5, 1.75, 0.95, 1.1], vertical_alignment="bottom")
    with left:
        first = next(iter(words))
        if (chosen := st.session_state.get("run")) and st.session_state.get("shown_as") not in (
            None,
            words.get(chosen),
        ):
            st.session_state["run"] = chosen  # the selection shows another name only when it is chosen anew
        shown = runs.find(ui.choice(st.selectbox, _("Run"), words, key="run", default=first, always_in_url=True))
        st.session_state["shown_as"] = words[shown.id]
    with edit:
        ui.guard(lambda: manage(shown))
    with right:
        rest = {i: w for i, w in words.items() if i != shown.id}
        others = [
            runs.find(i)
            for i in ui.choices(_("Compare with"), rest, key="with", placeholder=_("other runs"), at_most=7)
        ]
    with look:
        view = ui.choice(st.selectbox, _("Show"), VIEWS, key="view", default="all")
    with axis:
        log_loss = ui.toggle(_("log loss"), key="log", default=False, help=_("Logarithmic axis for the loss"))
    ui.tell_broken_runs(labels)
    panels: Panels = {
        "result": (_("Result"), run_panels.show_result),
        "gradients": (_("Gradients"), run_panels.show_gradients),
        "confusion": (_("Confusion"), run_panels.show_confusion),
        "settings": (_("Settings"), run_panels.show_settings),
        "speed": (_("Batch size"), run_panels.show_speed),
        "runs": (_("All runs"), run_panels.show_all),
    }
    live = False
    try:
        live, pace = how_live(shown, others)
        if view != "range":
            st.query_params.pop("span", None)
        else:
            view = choose_range(max(r.config.epochs for r in (shown, *others)))
        ui.part(ui.guard, partial(watch, shown, others), every=pace if live else None)
    except LenetError as error:
        ui.problem(error)
        panels = {"runs": panels["runs"]}  # the others would only say it again
    ui.part(show_panels, panels, shown, others, every=EVERY_PANEL if live else None)
