"""Home: what LeNet is, where it came from, the path through the pages, and the state of this installation."""

from __future__ import annotations

import streamlit as st

from lenet import course, data, runs, ui
from lenet.architecture import forward, weights
from lenet.architecture.figures import overview
from lenet.common import paths
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _


def show_overview() -> None:
    """One image on its way through a trained network."""
    network = weights.of_run(runs.find("reference-modern"))
    pixels, outputs, label = forward.of_sample_image(network)
    fashion = data.DATA_SETS[data.DEFAULT]
    classes = fashion.class_names()
    draw = ui.component("architecture/components/overview")
    draw(
        key="overview",
        data=overview.overview(pixels, outputs, network.config.layers, classes, classes[label]),
    )
    text = _(
        "One test image of {name} in the trained network that comes with the app: every picture "
        "shows computed values."
    )
    ui.markdown(text.format(name=fashion.name))


def show_path() -> None:
    """The stations of the course; one whose link was followed opens."""
    draw = ui.component("course/component")
    followed = draw(key="path", data=course.scene(ui.address_of), on_open_change=lambda: None).get("open")
    if station := course.STATIONS.get(str(followed)):
        st.switch_page(f"{station.page}.py", query_params=dict(station.query))


def show_installation() -> None:
    """The data, the device and the runs of this installation."""
    state = runs.read_state()
    n = len(ui.run_words())
    folder = paths.runs_dir() if ui.operator() else paths.runs_dir().name
    facts = (
        (_("Data:"), ui.data_words()),
        (_("Training on:"), state.device_name or _("not known yet")),
        (_("Trainer:"), state.words()),
        (_("Runs:"), ngettext("{n} run in {folder}", "{n} runs in {folder}", n).format(n=n, folder=folder)),
    )
    ui.markdown("\n".join(f"- **{name}** {ui.plain(words)}" for name, words in facts))
    ui.guard(ui.data_download)
    if ui.operator():
        st.page_link("status.py", label=_("Status of this server"), icon=":material/monitor_heart:")


introduction = st.container(key="introduction")
introduction.markdown(
    _(
        "**LeNet** is one of the first convolutional neural networks in practical use: Yann LeCun and "
        "his colleagues built it in the 1990s to read handwritten digits, such as postcodes and the "
        "amounts on cheques. Convolution, pooling and dense layers, trained end to end by gradient "
        "descent: today’s networks, from ResNet to YOLO, still follow its design. Here you can take it "
        "apart, train it yourself in half a minute, and look at what it learned."
    )
)
with introduction:
    ui.guard(show_overview)
show_path()
st.page_link(
    "experiments.py",
    label=_("Is ReLU better than sigmoid, by how much, and how sure is that? Ask many runs."),
    icon=":material/science:",
)
ui.caption(
    _(
        "The explorer grew from a reader’s note on pooling and LeNet: 深度学习之卷积神经网络 (LXG, 2026). What the "
        "note prints, such as its kernels and its accuracy, is shown beside the numbers that are computed here."
    )
)
with st.expander(_("This installation")):
    show_installation()
