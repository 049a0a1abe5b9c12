"""The tab of the architecture page that draws the network, opens its layers and lists them in a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from lenet import data, runs, ui
from lenet.architecture import explanations, gradients, inference, network, presets, table, weights
from lenet.architecture.configuration import CannotBuild, LeNetConfig, repairs
from lenet.architecture.figures import flow
from lenet.architecture.figures import gradients as gradients_figure
from lenet.architecture.figures import weights as weights_figure
from lenet.architecture.layers import LayerRow
from lenet.common.errors import LenetError
from lenet.common.errors import explain as explain_error
from lenet.common.translation import translate as _
from lenet.runs import configuration
from pages.parts import network_settings
from pages.parts.lessons import Bar


def show(
    config: LeNetConfig, values: dict[str, Any] | LenetError, refusal: LenetError | None, lesson: Bar | None
) -> None:
    """The whole tab; `values` are the arguments of LeNetConfig that are set, `refusal` explains why `config` differs."""
    drawing = st.container(key="network_drawing")
    if lesson:
        lesson.tell("" if refusal else lesson.lesson.seen(network.lenet_table(config)))
    if isinstance(refusal, CannotBuild) and isinstance(values, dict):
        with drawing:
            show_broken(values, refusal)
        return
    rows = network.lenet_table(config)
    layer = choose_layer(len(rows))
    if lesson and lesson.is_asked:
        with drawing:
            ui.component("architecture/components/flow")(key="asked_flow", data=flow.asking(rows, lesson.hides))
        return
    with drawing:
        network_settings.tell_refusal(refusal)
        draw = ui.component("architecture/components/flow")
        draw(key="flow", data=flow.network(rows) | {"selected": layer}, on_open_change=open_layer)
    with st.container(key="network_summary", horizontal=True, vertical_alignment="center", gap="medium"):
        st.container(width="stretch").markdown(explanations.summary(rows, network.mlp_table()))
        with st.container(width="content"):
            offer_training(config, refusal)
    with st.container(key="network_layer"):
        show_layer(config, rows, layer)
    with st.container(key="network_table"):
        ui.guard(partial(show_table, rows))


def choose_layer(n: int) -> int:
    """The layer of `n` that is open, from 0, in the URL as `?layer=` from 1: the drawing itself is its widget."""
    numbers = {str(i): str(i) for i in range(1, n + 1)}
    return int(ui.choice(ui.kept, "", numbers, key="layer", default="1")) - 1


def open_layer() -> None:
    """Callback: a layer was chosen in the drawing."""
    st.session_state.layer = str(st.session_state.flow["open"] + 1)


def offer_training(config: LeNetConfig, refusal: LenetError | None) -> None:
    """A button that opens the network on the training page, or the reason why the one that is set cannot be trained."""
    if refusal:
        with st.popover(_("Train this"), icon=":material/model_training:"):
            ui.markdown(ui.plain(explain_error(refusal)))
        return
    try:
        configuration.for_network(config)
    except LenetError as error:
        with st.popover(_("Train this"), icon=":material/model_training:"):
            ui.markdown(ui.plain(explain_error(error)))
            offer_fitting(config)
        return
    if st.button(_("Train this"), icon=":material/model_training:", key="train"):
        st.session_state["model"] = config.to_dict()
        st.switch_page("training.py")


def offer_fitting(config: LeNetConfig) -> None:
    """List the changes needed to fit the data set, and offer to make them."""
    data_set = data.here()
    fitted = presets.fitted(config, data_set)
    if fitted is None:
        text = _("It cannot be adapted: with images of {size} its feature maps would shrink to nothing.")
        ui.markdown(text.format(size=data_set.size_text))
    elif changes := presets.changes(config, fitted):
        ui.markdown(_("Changes needed to fit the data set:") + "".join(f"\n- {line}" for line in changes))
        st.button(
            _("Adapt it to {name}").format(name=data_set.words()), on_click=network_settings.take, args=(fitted,),
            key="fit",
        )  # fmt: skip


def show_layer(config: LeNetConfig, rows: Sequence[LayerRow], layer: int) -> None:
    """One layer in words and arithmetic, and its weights."""
    text = explanations.explain_layer(rows, layer)
    words, sums = st.columns([7, 5], gap="medium")
    words.markdown(f"## {text.title}\n\n{text.what}\n\n{text.why}")
    with sums:
        ui.markdown(_("Output size:") + f" `{text.shape}`")
        ui.markdown(_("Parameters:") + (f" `{text.params}`" if text.params else " " + _("none")))
        ui.markdown(explanations.receptive_field_text(rows, layer))
    if rows[layer].weight_shape:
        drawn = ui.folded(_("Show its weights"), key="drawn")
        if drawn.open:
            with drawn:
                ui.guard(lambda: show_weights(config, layer))
    measured = ui.folded(_("Measure the gradient"), key="measured")
    if measured.open:
        with measured:
            ui.guard(lambda: show_gradients(config, rows, layer))


def show_gradients(config: LeNetConfig, rows: Sequence[LayerRow], layer: int) -> None:
    """How much of the gradient arrives at each layer of this network before it is trained."""
    found = gradients.at_start(config)
    ui.markdown(gradients.explain(found, layer))
    st.plotly_chart(
        gradients_figure.gradients(rows, found.lengths, layer), key="gradients", config=ui.plotly_config("gradients"),
        alt=_("Length of the gradient at each layer, as bars"),
    )  # fmt: skip
    ui.caption(gradients.words(found))


def show_weights(config: LeNetConfig, layer: int) -> None:
    """The weights of the selected run, or of one that came with the app, if it has this network; else untrained ones."""
    run_id = st.session_state.get("run", "")
    candidates = [*(r for r in runs.list_runs() if r.id == run_id), *runs.references()]
    found = weights.first_with(config, candidates)
    weight = inference.layer_weights(found, layer)
    st.plotly_chart(
        weights_figure.weights(weight), key="weights", config=ui.plotly_config("weights"),
        alt=_("The weights of this layer as coloured cells"),
    )  # fmt: skip
    name = ui.run_words()[found.run_id] if found.run_id else _("untrained, as PyTorch initialises it")
    ui.caption(_("Red weights are positive, blue ones negative. Network: {name}").format(name=ui.plain(name)))


# -- the table ---------------------------------------------------------------------------------------------------


def show_table(rows: Sequence[LayerRow]) -> None:
    """The layers in numbers, and the same for download."""
    place = st.container()
    size, as_csv, as_markdown, costs = st.columns([1.1, 1.4, 1.8, 2.6], vertical_alignment="bottom")
    batch = choose_batch(size)
    place.markdown(table.on_page(rows, batch))
    download = partial(st.download_button, icon=":material/download:", on_click="ignore", width="stretch")
    with as_csv:
        download(_("Table as CSV"), table.as_csv(rows, batch), "lenet-layers.csv", "text/csv")
    with as_markdown:
        download(_("Table as Markdown"), table.as_markdown(rows, batch), "lenet-layers.md", "text/markdown")
    costs.markdown(explanations.cost_line(rows, batch))
    st.expander(_("What the columns mean")).markdown(table.meanings(rows, batch))


def choose_batch(cell: Any) -> int:
    """The batch size for which memory is counted: at most all training images."""
    most = data.here().sizes["train"]
    return ui.typed_number(cell, _("Batch size"), 1, most, key="batch", default=min(256, most))


# -- a network that cannot be built ----------------------------------------------------------------------------------------


def show_broken(values: dict[str, Any], error: CannotBuild) -> None:
    """Why a layer cannot be built, it and the layers before it, and single changes that would help."""
    ui.problem(error)
    why = explanations.too_large_window(error)
    draw = ui.component("architecture/components/flow")
    draw(key="broken", data=flow.broken_network(presets.image_shape(values), error.built, error.type, why))
    if offers := repairs(values):
        ui.markdown(_("One of these changes is enough:"))
        with st.container(horizontal=True):
            for offer in offers:
                st.button(
                    presets.repair_words(offer), key=f"repair_{offer.setting}", on_click=network_settings.take,
                    args=(offer.config,),
                )  # fmt: skip
