"""Training: choose what to train, watch it, stop it, compare it with what was trained before."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lenet import curves, data, runs, ui, worker
from lenet.errors import LenetError, say
from lenet.figures import training as figures
from lenet.i18n import translate as _
from lenet.recipes import MAX_SEED, RECIPES
from lenet.runs import Run

ui.inside_app()

DEVICES = {"auto": _("the fastest here"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
SOURCES = {
    "auto": _("the best that is here"),
    "full": _("complete: 60 000 + 10 000 images"),
    "sample": _("bundled sample: 6 000 + 1 000 images"),
}
ABOUT_RECIPE = {
    "classic": _("As in the note: sigmoid, average pooling, SGD with learning rate 0.9, Xavier initialisation."),
    "modern": _("The same 61 706 parameters with ReLU, max pooling, Adam and a one-cycle learning rate."),
}


def start_a_run() -> None:
    """The controls of a new run; Train queues it and puts it on show."""
    recipe = ui.choice(
        st.segmented_control,
        _("Recipe"),
        {name: name for name in RECIPES},
        key="recipe",
        default="classic",
        required=True,
    )
    st.caption(ABOUT_RECIPE[recipe])
    epochs = ui.number(st.slider, _("Epochs"), 1, 100, key="epochs", default=10)
    with st.expander(_("Seed, device, data")):
        seed_help = _("Decides the initial weights and the order of the images: the same seed gives the same run.")
        seed = ui.number(st.number_input, _("Seed"), 0, MAX_SEED, key="seed", default=0, help=seed_help)
        devices = {d: DEVICES[d] for d in worker.read_state().devices or ("auto", "cpu")}
        device = ui.choice(st.selectbox, _("Device"), devices, key="device", default="auto")
        source = ui.choice(st.selectbox, _("Data"), SOURCES, key="data", default="auto")
        ui.guard(ui.data_download)
    if st.button(_("Train"), type="primary", icon=":material/play_arrow:", width="stretch"):
        data.find(source)  # says so at once where there are none
        run = runs.create(replace(RECIPES[recipe], epochs=epochs, seed=seed, device=device, data=source))
        st.session_state["run"] = run.id


def watch(run: Run, others: list[Run]) -> None:
    """Where the run stands, and its curve. Called again every second while the run is going on."""
    status, epochs = run.status(), run.config.epochs
    if status.state == "queued":
        ui.attempt(worker.ensure_running)
    progress, button = st.columns([5, 1], vertical_alignment="center")
    with progress:
        st.progress(curves.fraction_done(status, epochs), text=ui.plain(curves.progress_line(run, status)))
    with button:
        if status.active:
            stopping = run.requested("stop")
            label = _("Stopping …") if stopping else _("Stop")
            st.button(
                label, icon=":material/stop:", width="stretch", disabled=stopping, key="stop",
                on_click=ui.attempt, args=(run.request, "stop"),
            )  # fmt: skip
        elif status.state in ("stopped", "interrupted"):
            hint = _("Go on from the last finished epoch")
            if st.button(_("Resume"), icon=":material/resume:", width="stretch", help=hint, key="resume"):
                ui.attempt(run.request, "resume")
                st.rerun()
    if status.code:
        st.error(ui.plain(say(status.code, status.params or {})), icon=":material/error:")
    drawn = [curves.curve(r) for r in (run, *others)]
    figure = figures.curves(drawn, epochs=max(r.config.epochs for r in (run, *others)), log_loss=log_loss)
    st.plotly_chart(figure, key="curve", alt=figures.describe(drawn), config=ui.plotly_config(f"curve-{run.id}"))
    if live and not status.active:
        st.rerun()  # the whole page: what is below the curve comes with the end of the run


def show_results(run: Run) -> None:
    """What the note prints at the end of training, and what can be taken away."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.code("\n".join(run.log_lines()) or _("No epoch has finished yet."), language=None, wrap_lines=True)
        st.page_link(
            "pages/kernels.py", label=_("See its kernels"), icon=":material/grid_view:", query_params={"run": run.id}
        )
        for name, label in {
            "metrics.csv": _("Metrics (CSV)"),
            "model.safetensors": _("Weights (safetensors)"),
        }.items():
            st.download_button(
                label, run.raw(name), f"{run.id}-{name}", on_click="ignore", icon=":material/download:", key=name
            )
    with right:
        st.caption(_("Every parameter with its shape and first ten values"))
        st.code(curves.parameter_dump(run.weights()), language=None, height=260, wrap_lines=True)


controls, view = st.columns([1, 3.4], gap="medium")
with controls:
    ui.guard(start_a_run)

words = ui.run_words()
with view:
    left, right, axis = st.columns([2, 2, 1], vertical_alignment="bottom")
    with left:
        shown = runs.find(
            ui.choice(st.selectbox, _("Run"), words, key="run", default=next(iter(words)), always_in_url=True)
        )
    with right:
        rest = {i: w for i, w in words.items() if i != shown.id}
        hint = _("other runs")
        others = [
            runs.find(i) for i in ui.choices(_("Compare with"), rest, key="with", placeholder=hint, max_selections=7)
        ]
    with axis:
        log_loss = st.toggle(_("log loss"), key="log", bind="query-params", help=_("Logarithmic axis for the loss"))
    try:
        live = any(r.status().active for r in (shown, *others))
        st.fragment(watch, run_every=1.0 if live else None)(shown, others)
        ui.guard(lambda: show_results(shown))
    except LenetError as error:
        ui.problem(error)
    with st.expander(_("All runs")):
        st.dataframe(curves.run_table(), hide_index=True)
