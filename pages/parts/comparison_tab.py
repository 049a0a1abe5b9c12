"""The tab of the architecture page that sets networks side by side."""

from __future__ import annotations

import streamlit as st

from lenet import data, runs, ui
from lenet.architecture import explanations, network, presets
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import comparison
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from pages.parts import network_settings
from pages.parts.network_tab import choose_batch


def show(config: LeNetConfig, refusal: LenetError | None) -> None:
    """The whole tab. `config` is the network of the first tab, `refusal` explains why it is not the one set there."""
    network_settings.tell_refusal(refusal)
    offered = presets.for_classes(len(data.here().classes))
    ours = {"~mine": config} | {f"~{key}": preset.config for key, preset in offered.items()}
    words = {"~mine": _("this network")} | {f"~{key}": preset.title for key, preset in offered.items()}
    words |= ui.run_words()
    which, size = st.container(key="comparison_settings").columns([5, 1], vertical_alignment="bottom")
    with which:
        chosen = ui.choices(_("Networks"), words, key="nets", placeholder=_("choose two or three"), at_most=3)
    batch = choose_batch(size)
    nets = []
    for key in chosen or ["~mine", "~gap", "~mlp"]:
        try:
            net = ours.get(key) or runs.find(key).config.model
            nets.append((words[key], network.lenet_table(net)))
        except LenetError as error:
            ui.problem(error)
    if not nets:
        return
    with st.container(key="comparison_figure"):
        draw = ui.component("architecture/components/comparison")
        draw(key="comparison", data=comparison.comparison(nets, batch))
    ui.markdown(explanations.summary(config.layers, network.mlp_table()))
    ui.markdown(explanations.why_dense_layers_are_large(LeNetConfig().layers))
    for key in chosen or ["~gap"]:
        if preset := presets.PRESETS.get(key.removeprefix("~")):
            ui.markdown(f"**{words[key]}** · {_(preset.about)}")
