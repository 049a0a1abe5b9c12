"""Training: choose what to train, watch it, stop it, compare it with what was trained before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from lenet import curves, data, hosting, runs, script, ui, worker
from lenet.architecture import ACTIVATIONS, POOLINGS, LeNetConfig
from lenet.errors import LenetError, explain, say
from lenet.figures import training as figures
from lenet.i18n import ngettext
from lenet.i18n import translate as _
from lenet.recipes import (
    AUGMENTATIONS,
    INITS,
    MAX_SEED,
    OPTIMIZERS,
    PRECISIONS,
    RECIPES,
    SCHEDULES,
    RunConfig,
    for_network,
)
from lenet.runs import Run, Status

ui.inside_app()

RECIPE_WORDS = {
    "classic": _("As in the note: sigmoid, average pooling, SGD with learning rate 0.9, Xavier initialisation."),
    "modern": _("ReLU, max pooling, Muon and a one-cycle learning rate in place of the note’s choices."),
    "sprint": _(
        "The modern recipe in {n} small steps: with the complete data past the note’s test accuracy of 0.805 in about a "
        "second."
    ).format(n=RECIPES["sprint"].steps),
}
DEVICES = {"auto": _("the fastest here"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
SOURCES = {
    "auto": _("the best that is here"),
    "full": _("complete: 60,000 + 10,000 images"),
    "sample": _("bundled sample: 6,000 + 1,000 images"),
}
# URL names of what a recipe decides: forgotten when another recipe is chosen.
SETTINGS = (
    "epochs", "act", "pool", "init", "opt", "lr", "muon", "mom", "wd", "sched", "warm", "batch", "smooth", "aug",
)  # fmt: skip
PLACE = ("seed", "device", "data", "prec")  # URL names of what stays when the recipe changes
Panels = dict[str, tuple[str, Callable[[Run, list[Run]], None]]]
"""By name, what a tab is called and what shows it."""
EVERY_PANEL = 2.0  # seconds between two looks of the open tab at a run that is going on
VIEWS = {"all": _("all"), "last": _("last epoch"), "range": _("a range")}


def start_a_run() -> None:
    """The controls of a new run; Train queues it and puts it on show."""
    take_network()
    names = {name: name for name in RECIPES}
    recipe = ui.choice(
        st.segmented_control,
        _("Recipe"),
        names,
        key="recipe",
        default="classic",
        required=True,
        on_change=forget_settings,
    )
    st.caption(RECIPE_WORDS[recipe])
    config = choose_settings(RECIPES[recipe], brought_network())
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


def take_network() -> None:
    """A network that the architecture page sends to be trained: from now on the one in `?net=`, with its recipe."""
    if "model" in st.session_state:
        model = LeNetConfig.from_dict(st.session_state.pop("model"))
        forget_settings()
        st.session_state["recipe"] = for_network(model).recipe
        st.session_state["net"] = model.to_url()


def brought_network() -> LeNetConfig | None:
    """The network in `?net=`, which the reader may put away again; None where the recipe's own is to be trained."""
    ui.seed_from_url("net", "", lambda raw: raw[:2000], lambda: None)
    text = st.session_state["net"]
    try:
        model = LeNetConfig.from_url(text) if text else None
    except LenetError as error:
        ui.problem(error)
        model = None
    ui.keep_in_url("net", text if model else "", "")
    if model:
        n, _macs = model.cost()
        st.caption(_("Your network from the architecture page: {n} parameters").format(n=f"{n:,}"))
        st.button(_("Back to the recipe’s own network"), on_click=put_network_away, key="own", width="stretch")
    return model


def put_network_away() -> None:
    st.session_state["net"] = ""
    forget_settings()


def choose_settings(recipe: RunConfig, network: LeNetConfig | None) -> RunConfig:
    """The recipe with what the reader has changed of it. Raises LenetError where that cannot be trained."""
    r = replace(recipe, model=network or recipe.model)
    most = hosting.max_epochs(100)
    bar = st.slider if most > 1 else st.number_input
    epochs = ui.number(bar, _("Epochs"), 1, most, key="epochs", default=min(r.epochs, most))
    place = ui.folded(_("Seed, device, data, precision"), key="where", expanded=arrived_with(*PLACE))
    with place:
        number, select = ui.widgets(place.open)
        seed_help = _("Decides the initial weights and the order of the images: the same seed gives the same run.")
        seed = ui.number(number, _("Seed"), 0, MAX_SEED, key="seed", default=0, help=seed_help)
        devices = {d: DEVICES[d] for d in worker.read_state().devices or ("auto", "cpu")}
        device = ui.choice(select, _("Device"), devices, key="device", default="auto")
        source = ui.choice(select, _("Data"), SOURCES, key="data", default="auto")
        precision = ui.choice(
            select, _("Precision"), {p: p for p in PRECISIONS}, key="prec", default="float32",
            help=_("bfloat16 rounds the factors of each product in a step to 8 bits. That helps large networks on a GPU; one as small as LeNet it slows down."),
        )  # fmt: skip
        if place.open:
            ui.guard(ui.data_download)
    rest = ui.folded(_("Everything in the recipe"), key="recipe_more", expanded=arrived_with(*SETTINGS[1:]))
    with rest:
        config = choose_recipe(r, is_open=rest.open)
        if rest.open:
            st.caption(_("Weights and their gradients are float32; Muon orthogonalises in bfloat16."))
    return replace(config, epochs=epochs, seed=seed, device=device, data=source, precision=precision)


def choose_recipe(r: RunConfig, is_open: bool) -> RunConfig:
    """Every setting that makes a recipe; the widgets are drawn where what they stand in is open, and of use."""
    number, select = ui.widgets(is_open)

    def name(label: str, options: tuple[str, ...] | dict[str, str], key: str, default: str) -> str:
        return ui.choice(marking(select, default), label, {o: o for o in options}, key=key, default=default)

    def decimal(label: str, low: float, high: float, key: str, default: float, used: bool = True) -> float:
        widget = marking(number, default) if used else ui.kept
        return ui.decimal(widget, label, low, high, key=key, default=default)

    return replace(
        r,
        model=replace(
            r.model,
            activation=name(_("Activation"), ACTIVATIONS, "act", r.model.activation),
            pooling=name(_("Pooling"), POOLINGS, "pool", r.model.pooling),
        ),
        init=name(_("Initialisation"), INITS, "init", r.init),
        optimizer=(optimizer := name(_("Optimiser"), OPTIMIZERS, "opt", r.optimizer)),
        lr=decimal(_("Learning rate"), 1e-6, 100.0, "lr", r.lr),
        muon_lr=decimal(_("Learning rate of Muon"), 1e-6, 100.0, "muon", r.muon_lr, optimizer == "muon"),
        momentum=decimal(_("Momentum (Adam: β₁)"), 0.0, 0.9999, "mom", r.momentum),
        weight_decay=decimal(_("Weight decay"), 0.0, 10.0, "wd", r.weight_decay),
        schedule=(schedule := name(_("Schedule"), SCHEDULES, "sched", r.schedule)),
        warmup=decimal(_("Warm-up (share of all steps)"), 0.0, 0.9, "warm", r.warmup, schedule != "constant"),
        batch_size=ui.number(
            marking(number, r.batch_size), _("Batch size"), 1, 60_000, key="batch", default=r.batch_size
        ),
        label_smoothing=decimal(_("Label smoothing"), 0.0, 0.9, "smooth", r.label_smoothing),
        augment=name(_("Augmentation"), AUGMENTATIONS, "aug", r.augment),
    )


def marking(widget: Callable[..., Any], default: object) -> Callable[..., Any]:
    """The widget with a dot behind its label where the reader has chosen otherwise than the recipe."""

    def draw(label: str, *args: Any, key: str, **more: Any) -> Any:
        changed = st.session_state[key] != default
        return widget(f"{label} :primary[●]" if changed else label, *args, key=key, **more)

    return draw


def arrived_with(*keys: str) -> bool:
    """Whether the link that the reader came by sets one of these: then they are shown, and so is what is wrong there."""
    if ui.arrived():
        st.session_state["came_with"] = [k for k in st.query_params if k in (*SETTINGS, *PLACE)]
    return any(k in keys for k in st.session_state.get("came_with", ()))


def forget_settings() -> None:
    """Another recipe has other values: take them, also in the URL."""
    for key in SETTINGS:
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)


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
        ui.attempt(worker.ensure_running)
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
    coming = status.active and not status.step and not worker.ahead_of(run)
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
            epochs = min(2 * run.config.epochs, max(hosting.max_epochs(), run.config.epochs + 1))
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


def take_away(run: Run, name: str) -> bytes:
    """The content of a download, made when it is asked for."""
    return script.of_run(run).encode() if name == "train.py" else run.raw(name) or b""


def show_panels(panels: Panels, run: Run, others: list[Run]) -> None:
    """What is below the curve: the open tab. Called again every now and then while a run is going on, for its epochs."""
    for name, tab in ui.tabs({key: label for key, (label, _show) in panels.items()}, key="panel").items():
        if tab.open:
            with tab:
                ui.guard(partial(panels[name][1], run, others))


def show_result(run: Run, others: list[Run]) -> None:
    """What the note prints at the end of training, and what can be taken away."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.code("\n".join(run.log_lines()) or _("No epoch has finished yet."), language=None, wrap_lines=True)
        if how := curves.how_it_ran(run.status()):
            st.caption(ui.plain(how))
        st.page_link(
            "pages/kernels.py", label=_("See its kernels"), icon=":material/grid_view:", query_params={"run": run.id}
        )
        takeaways = {
            _("Metrics (CSV)"): "metrics.csv",
            _("Loss of every step (CSV)"): "steps.csv",
            _("Weights (safetensors)"): "model.safetensors",
            _("PyTorch script of this run"): "train.py",
        }
        for label, name in takeaways.items():
            if name == "train.py" or run.raw(name) is not None:
                st.download_button(
                    label, partial(take_away, run, name), f"{run.id}-{name}", on_click="ignore",
                    icon=":material/download:", key=name,
                )  # fmt: skip
    with right:
        if run.raw("model.safetensors") is not None:
            st.caption(_("Every parameter with its shape and first ten values"))
            st.code(curves.parameter_dump(run), language=None, height=300, wrap_lines=True)


def show_gradients(run: Run, others: list[Run]) -> None:
    """Why sigmoid learns slowly: how much of the gradient reaches each layer."""
    st.caption(
        _(
            "The norm of the loss’s gradient in each layer’s weights. A sigmoid passes on at most a quarter of what "
            "comes back to it, so in the classic network little reaches the first layers (0.weight, 3.weight): the loss "
            "stays on its plateau through the first epoch. ReLU passes on all of it."
        )
    )
    known = [r for r in (run, *others) if curves.gradients(r)]
    if chosen := known[:2]:
        names = curves.short_names(chosen)
        if len(known) > 2:
            st.caption(ui.plain(_("The first two of the runs: {names}").format(names=", ".join(names))))
        panels = [(name if others else "", curves.gradients(r)) for name, r in zip(names, chosen, strict=True)]
        alt = _("Norm of the gradient in each layer over epochs, on a logarithmic scale")
        st.plotly_chart(figures.gradients(panels), key="norms", alt=alt, config=ui.plotly_config("gradients"))


def show_confusion(run: Run, others: list[Run]) -> None:
    """Which classes the network takes for which, and the mistakes of which it was surest."""
    judged = curves.judged_images(run)
    if judged is None:
        st.caption(_("No epoch has finished yet."))
        return
    if others:
        st.caption(ui.plain(_("Of one run alone: {run}").format(run=run.label())))
    images, labels, classes, confidence = judged
    left, right = st.columns(2, gap="medium")
    with left:
        matrix = curves.confusion(labels, classes)
        alt = _("Confusion matrix: test images by label and by the class that the network gave them")
        st.plotly_chart(figures.confusion(matrix), key="confusion", alt=alt, config=ui.plotly_config("confusion"))
    with right:
        st.caption(_("Wrong, and sure of it: label → class given, softmax"))
        worst = curves.worst_mistakes(labels, classes, confidence, 12)
        captions = [curves.mistake_words(labels[i], classes[i], confidence[i]) for i in worst]
        alt = _("Test images that the network got most confidently wrong")
        st.plotly_chart(figures.mistakes(images[worst, 0], captions), key="mistakes", alt=alt)


def show_settings(run: Run, others: list[Run]) -> None:
    """The settings of the run; of several, those in which they differ."""
    if others:
        st.caption(_("The settings in which these runs differ"))
    st.dataframe(curves.settings_table([run, *others], differing=bool(others)), hide_index=True)


def show_speed(run: Run, others: list[Run]) -> None:
    """A larger batch: more throughput, more memory, and fewer steps an epoch."""
    st.caption(
        _(
            "A larger batch trains more examples a second and takes more memory; but it also takes fewer steps an epoch. "
            "Measured with the classic network on {device} by `python -m lenet.bench --batch-sizes`; run it to see yours."
        ).format(device=curves.batch_sizes()["device"])
    )
    st.dataframe(curves.batch_size_rows(), hide_index=True, width="content")


def show_all(run: Run, others: list[Run]) -> None:
    st.dataframe(curves.run_table(), hide_index=True, placeholder="–")
    for sentence in curves.damaged_runs():
        st.caption(ui.plain(sentence))


controls, main = st.columns([1, 3.4], gap="medium")
with controls:
    ui.guard(start_a_run)

labels = curves.run_labels()
words = ui.run_words(labels)
with main:
    left, edit, right, look, axis = st.columns([2, 0.5, 1.9, 1.1, 1.1], vertical_alignment="bottom")
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
        "result": (_("Result"), show_result),
        "gradients": (_("Gradients"), show_gradients),
        "confusion": (_("Confusion"), show_confusion),
        "settings": (_("Settings"), show_settings),
        "speed": (_("Batch size"), show_speed),
        "runs": (_("All runs"), show_all),
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
