"""LeNet: the network as a flow, every layer with its shape and parameters, beside others, and as code.

The tab on which an image is walked through it is `pages/parts/walk_tab.py`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import streamlit as st

from lenet import runs, ui
from lenet.architecture import explanations, presets
from lenet.architecture.configuration import CannotBuild, LeNetConfig, repairs
from lenet.architecture.figures import activations as walk_figures
from lenet.architecture.figures import comparison, flow
from lenet.common.errors import LenetError
from lenet.common.errors import explain as explain_error
from lenet.common.translation import translate as _
from lenet.runs import configuration

ui.inside_app()

# 2 s, once in the life of the server; after that a spinner would only start a thread in every run
with nullcontext() if "torch" in sys.modules else st.spinner(_("Loading PyTorch…")), ui.first_import:
    from lenet.architecture import activations, network
    from pages.parts import walk_tab

    activations.use_one_thread()

layer_keys = ui.component("architecture/components/layer_list")

# -- the controls ------------------------------------------------------------------------------------------------

IN_ROW = ("c1", "k1", "c2", "k2", "h1", "h2", "act", "pool")


def setting(key: str, cell: Any = None, **more: Any) -> None:
    """One control, drawn in `cell`, or not drawn but kept."""
    label, first, more = presets.label(key), presets.DEFAULTS[key], {"help": presets.hint(key)} | more
    if key in presets.NUMBERS:
        low, high, _first = presets.NUMBERS[key]
        ui.number(cell.number_input if cell else ui.kept, label, low, high, key=key, default=int(first), **more)
    else:
        ui.choice(cell.selectbox if cell else ui.kept, label, presets.words(key), key=key, default=str(first), **more)


def controls() -> dict[str, Any]:
    """The arguments of LeNetConfig that the reader has set."""
    open_network_of_link()
    state = st.session_state
    for key in ("convs", "dense"):
        setting(key)
    used = presets.in_use(state)
    preset, *cells, more = st.columns(
        [1.9, 1, 1, 1, 1, 1, 1, 1.1, 1.1, 0.95], vertical_alignment="bottom", gap="xsmall"
    )
    for key, cell in zip(IN_ROW, cells, strict=True):
        setting(key, cell, disabled=key not in used)
    panel = more.popover(_("More"), key="more", on_change="rerun", width="stretch")
    if panel.open:
        with panel:
            show_more(used)
    for key in used.difference(IN_ROW, ("convs", "dense")):
        if not panel.open:
            setting(key)
    for key in set(presets.DEFAULTS).difference(used).intersection(st.query_params):
        del st.query_params[key]
    values = presets.to_values(state)
    names = {k: _(p.name) for k, p in presets.PRESETS.items()}
    state["preset"] = presets.which(values)
    preset.selectbox(
        _("Network"), [*names, *([] if state["preset"] else [""])], key="preset", on_change=take_preset,
        format_func=lambda k: names.get(k) or _("your own"),
        help="\n\n".join(f"**{names[k]}** · {_(p.about)}" for k, p in presets.PRESETS.items()),
    )  # fmt: skip
    return values


def show_more(used: set[str]) -> None:
    """The settings for which there is no room in the row."""
    for keys in (("size", "width", "ch", "classes"), ("convs", "dense", "drop"), ("bn", "head")):
        for key, cell in zip(keys, st.columns(len(keys), vertical_alignment="bottom"), strict=True):
            setting(key, cell)
    for i in range(1, st.session_state.convs + 1):
        for letter, cell in zip("ckps", st.columns(4), strict=True):
            if f"{letter}{i}" not in IN_ROW:
                setting(f"{letter}{i}", cell)
    wide = [f"h{i}" for i in range(3, st.session_state.dense + 1)]
    for key, cell in zip(wide, st.columns(max(4, len(wide))), strict=False):
        setting(key, cell)
    st.selectbox(
        _("Open the network of a run"), list(words := ui.run_words()), index=None, key="_open", on_change=take_run,
        format_func=lambda i: words.get(i, i), placeholder=_("choose a run"),
    )  # fmt: skip


def take(config: LeNetConfig) -> None:
    """Set all controls to this network."""
    st.session_state.update(presets.to_settings(config))


def take_preset() -> None:
    if st.session_state.preset in presets.PRESETS:
        take(presets.PRESETS[st.session_state.preset].config)


def take_run() -> None:
    if st.session_state._open:
        ui.attempt(lambda: take(runs.find(st.session_state._open).config.model))


def open_network_of_link() -> None:
    """A link that holds a network as the training page's do, or names a run (and not the walk), opens that network.

    Settings in the link go first.
    """
    query = st.query_params
    if ui.arrived() and "net" in query:
        text = query["net"]
        del query["net"]
        if not set(presets.DEFAULTS) & set(query):
            ui.attempt(lambda: take(LeNetConfig.from_url(text)))
    if not ui.arrived() or "run" not in query or query.get("tab") == "walk":
        return
    run_id = query["run"]
    del query["run"]
    try:
        run = runs.find(run_id)
        if not set(presets.DEFAULTS) & set(query):
            take(run.config.model)
            st.session_state["run"] = run_id
    except LenetError as error:
        ui.problem(error)


# -- the network -------------------------------------------------------------------------------------------------


def tell_refusal() -> None:
    if refusal:
        ui.problem(refusal)
        st.caption(_("What you see is the last network that could be built."))


def show_network(config: LeNetConfig) -> None:
    if isinstance(refusal, CannotBuild):
        return show_broken(refusal)
    tell_refusal()
    rows = network.lenet_table(config)
    place = st.container(gap=None)
    pills, line, train = st.columns([5, 5.8, 1.5], vertical_alignment="center")
    numbers = {str(n): str(n) for n in range(1, len(rows) + 1)}
    layer = ui.choice(
        pills.pills,
        _("Layer"),
        numbers,
        key="layer",
        default="1",
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
    line.markdown(explanations.summary(rows, network.mlp_table()))
    with train:
        offer_training(config)
    place.plotly_chart(
        flow.network(rows, int(layer) - 1),
        key="flow", on_select=partial(ui.pick, "flow", "layer"), selection_mode="points",
        config=ui.plotly_config("lenet"), alt=flow.network_alt(rows),
    )  # fmt: skip
    with place:
        layer_keys(key="layer_keys", data=flow.layer_keys(rows, int(layer) - 1), on_open_change=open_layer)
    words, table = st.columns([3, 8], gap="medium")
    with words:
        text = explanations.explain_layer(rows, int(layer) - 1)
        st.markdown(f"##### {text.title}\n\n{text.what}\n\n{text.why}")
        st.markdown(_("Output size:") + f" `{text.shape}`")
        st.markdown(_("Parameters:") + (f" `{text.params}`" if text.params else " " + _("none")))
        st.markdown(explanations.sees(rows, int(layer) - 1))
        if rows[int(layer) - 1].weight_shape:
            drawn = ui.folded(_("Its weights, drawn"), key="drawn")
            if drawn.open:
                with drawn:
                    ui.guard(lambda: show_weights(config, int(layer) - 1))
    with table:
        show_table(rows)


def show_weights(config: LeNetConfig, layer: int) -> None:
    subject = activations.known(config, st.session_state.get("run", ""))
    weight = activations.arrays(activations.network(subject))[f"{layer}.weight"]
    st.plotly_chart(
        walk_figures.parameters(weight), key="weights", config=ui.plotly_config("weights"),
        alt=_("The weights of this layer as coloured cells"),
    )  # fmt: skip
    name = ui.run_words()[subject.run_id] if subject.run_id else _("untrained, as PyTorch initialises it")
    st.caption(_("Red raises, blue lowers. Network: {name}").format(name=ui.plain(name)))


def show_table(rows: Any) -> None:
    """The layers in numbers, and the same to take home."""
    table = st.container()
    size, as_csv, as_markdown, costs = st.columns([1.1, 1.4, 1.8, 2.6], vertical_alignment="bottom")
    batch = ui.number(size.number_input, _("Batch size"), 1, 60_000, key="batch", default=256)
    help_, columns = explanations.column_help(batch), explanations.columns(rows, batch)
    numeric = {name for name, values in columns.items() if isinstance(values[0], int | float)}
    table.dataframe(
        ui.table(columns), hide_index=True, row_height=27, height="content", alt=_("The layers as a table"),
        column_config={
            list(columns)[1]: st.column_config.Column(width=24 + 8 * max(len(r.type) for r in rows)),
        } | {
            name: st.column_config.NumberColumn(
                format="%.1f" if isinstance(columns[name][0], float) and max(columns[name]) < 1000 else "localized",
                help=help_.get(name),
            )
            if name in numeric
            else st.column_config.Column(help=help_[name])
            for name in columns if name in help_ or name in numeric
        },
    )  # fmt: skip
    for cell, label, content, name, mime in (
        (as_csv, _("Table as CSV"), explanations.as_csv(rows, batch), "lenet-layers.csv", "text/csv"),
        (
            as_markdown,
            _("Table as Markdown"),
            explanations.as_markdown(rows, batch),
            "lenet-layers.md",
            "text/markdown",
        ),
    ):
        cell.download_button(
            label, content, name, mime, icon=":material/download:", on_click="ignore", width="stretch"
        )  # fmt: skip
    costs.caption(explanations.cost_line(rows, batch))


def show_broken(error: CannotBuild) -> None:
    """What is there before the layer that cannot be, why it cannot, and single changes that would help."""
    ui.problem(error)
    if offers := repairs(values):
        st.markdown(_("One of these changes is enough:"))
        with st.container(horizontal=True):
            for r in offers:
                st.button(presets.repair_words(r), key=f"repair_{r.setting}", on_click=take, args=(r.config,))
    st.plotly_chart(
        flow.broken_network(presets.image_shape(values), error.built, error.type, explanations.broken(error)),
        key="broken", config=ui.plotly_config("lenet"), alt=str(error),
    )  # fmt: skip


def open_layer() -> None:
    """Enter on a layer in the drawing."""
    st.session_state.layer = str(st.session_state.layer_keys["open"] + 1)


def offer_training(config: LeNetConfig) -> None:
    """Take the network to the training page, or say why it cannot be trained there."""
    try:
        configuration.for_network(config)
    except LenetError as error:
        fitted = presets.fitted(config)
        with st.popover(_("Train this"), icon=":material/model_training:"):
            st.markdown(ui.plain(explain_error(error)))
            if fitted is None:
                st.markdown(_("It cannot be made to fit: with images of 28×28 its maps would shrink to nothing."))
            elif changes := presets.changes(config, fitted):
                st.markdown(_("To fit it must change:") + "".join(f"\n- {line}" for line in changes))
                st.button(_("Make it fit Fashion-MNIST"), on_click=take, args=(fitted,), key="fit")
        return
    if st.button(_("Train this"), icon=":material/model_training:", key="train", width="stretch"):
        st.session_state["model"] = config.to_dict()
        st.switch_page("pages/training.py")


# -- several networks side by side -------------------------------------------------------------------------------


def show_comparison(config: LeNetConfig) -> None:
    tell_refusal()
    ours = {"~mine": config} | {f"~{name}": preset.config for name, preset in presets.PRESETS.items()}
    words = {"~mine": _("this network")} | {f"~{k}": _(p.name) for k, p in presets.PRESETS.items()} | ui.run_words()
    which, size = st.columns([5, 1], vertical_alignment="bottom")
    with which:
        chosen = ui.choices(_("Networks"), words, key="nets", placeholder=_("choose two or three"), at_most=3)
    batch = ui.number(size.number_input, _("Batch size"), 1, 60_000, key="batch", default=256)
    nets = []
    for key in chosen or ["~mine", "~gap", "~mlp"]:
        try:
            net = ours.get(key) or runs.find(key).config.model
            nets.append((words[key], network.lenet_table(net)))
        except LenetError as error:
            ui.problem(error)
    if not nets:
        return
    st.plotly_chart(
        comparison.comparison(nets, batch), key="comparison", config=ui.plotly_config("comparison"),
        alt=comparison.comparison_alt(nets, batch),
    )  # fmt: skip
    st.caption(_("Point at a segment to see its layer."))
    st.markdown(explanations.summary(config.layers, network.mlp_table()))
    st.markdown(explanations.why_dense_layers_are_large(LeNetConfig().layers))
    for key in chosen or ["~gap"]:
        if preset := presets.PRESETS.get(key.removeprefix("~")):
            st.markdown(f"**{words[key]}** · {_(preset.about)}")


def show_code(config: LeNetConfig) -> None:
    tell_refusal()
    st.markdown(_("The network as set on the first tab; it runs as copied and prints its number of parameters."))
    st.code(explanations.as_code(config), language="python")
    try:
        run = configuration.for_network(config)
    except LenetError as error:
        st.markdown(ui.plain(explain_error(error)))
        return
    st.markdown(_("Its training as a file, for the command line:"))
    st.code("python -m lenet.train --config lenet.json", language="bash")
    st.download_button(
        _("Configuration (JSON)"), json.dumps(run.to_dict(), indent=1), "lenet.json", "application/json",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


# -- the page ----------------------------------------------------------------------------------------------------

panels = ui.tabs(
    {
        "network": _("The network"),
        "walk": _("Walk an image through"),
        "compare": _("Side by side"),
        "code": _("As code"),
    },
    key="tab",
)
refusal: LenetError | None = None
with panels["network"]:
    values = controls()
try:
    config = st.session_state["architecture"] = LeNetConfig(**values)
except LenetError as error:
    refusal, config = error, st.session_state.get("architecture", LeNetConfig())

SHOW: dict[str, Callable[[LeNetConfig], None]] = {
    "network": show_network,
    "walk": partial(walk_tab.show, tell_refusal=tell_refusal),
    "compare": show_comparison,
    "code": show_code,
}
for name, panel in panels.items():
    if panel.open:
        with panel:
            ui.guard(lambda: SHOW[name](config))  # noqa: B023 - called at once
