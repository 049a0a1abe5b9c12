"""Questions about an image that was sent through a network: what training changed, which pixels matter, and what a
channel responds to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lenet import runs, ui
from lenet.architecture import answers, examples, explanations, inference, occlusion, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import examples as example_figures
from lenet.architecture.figures import occlusion as occlusion_figure
from lenet.architecture.figures import predictions as prediction_figures
from lenet.architecture.images import LabelledImages
from lenet.architecture.layers import layer_label
from lenet.common.formatting import number
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.data import DataSet


def show_versus(networks: dict[str, weights.Network], image: Any, label: int | None, data_set: DataSet) -> None:
    """The predictions of these networks, of those that came with the app and of an untrained one, side by side.

    `data_set` is the one that the image is of; networks with other classes are left out.
    """
    for run in runs.references():
        networks.setdefault(ui.run_words()[run.id], weights.of_run(run))
    start = LeNetConfig(num_classes=len(data_set.classes))
    networks.setdefault(_("untrained LeNet"), weights.Network(start))
    found, names = inference.answers(networks, image, data_set), data_set.class_names()
    st.plotly_chart(
        prediction_figures.side_by_side(list(found.items()), label, names),
        key="answers", config=ui.plotly_config("answers"),
        alt=_("Softmax of each network for each class, as a table"),
    )  # fmt: skip
    trained, untrained = (
        {ui.plain(name): p for name, p in found.items() if bool(networks[name].load) == is_trained}
        for is_trained in (True, False)
    )
    if found:
        said = answers.what_training_changed(trained, untrained, label, names)
        ui.caption(paragraph(_("Softmax for this image."), said))
    text = _("Not included: {name}. It has {n} classes of its own, not those of these images.")
    for name, network in networks.items():
        if name not in found:
            ui.caption(ui.plain(text.format(name=name, n=network.config.num_classes)))


def show_occlusion(
    net: Any, walked: inference.Activations, image: Any, label: int | None, names: Sequence[str]
) -> None:
    """How much each part of the image contributes to the prediction; `names` are those of the classes."""
    found = occlusion.occlusion(net, image)
    figure, words = st.columns([3, 2], vertical_alignment="center")
    figure.plotly_chart(
        occlusion_figure.occlusion(walked.pixels, found.falls), key="cover", config=ui.plotly_config("occlusion"),
        alt=_("The image, and beside it how much each part of it matters"),
    )  # fmt: skip
    right = names[label] if label is not None and label != walked.prediction else None
    words.markdown(occlusion.explain(found, names[walked.prediction], right))
    words.caption(occlusion.method(found))


def show_channel(network: weights.Network, shown: LabelledImages) -> None:
    """The test images with the largest value in one channel, and its mean activation for each class."""
    rows = network.config.layers
    layers = {str(i + 1): layer_label(i, row) for i, row in enumerate(rows) if row.kind.source != "moved"}
    layer_cell, channel_cell, __ = st.columns([1.5, 1, 4])
    layer = int(ui.choice(layer_cell.selectbox, _("Layer"), layers, key="at", default="1")) - 1
    channels = rows[layer].output_shape[1]
    channel = ui.typed_number(channel_cell, _("Channel"), 1, channels, key="channel", default=1) - 1
    with st.spinner(_("Sending the test images through the network …")):
        found = examples.of_channel(network, layer, channel, shown)
    names = shown.data_set.class_names()
    captions = explanations.captions(shown.labels[found.strongest], found.largest, names)
    st.plotly_chart(
        example_figures.gallery(shown.images[found.strongest], captions),
        key="gallery", config=ui.plotly_config("channel"), alt=_("The test images with the largest value in this channel"),
    )  # fmt: skip
    ui.caption(
        _(
            "Of the first {n} test images, those with the largest number in this channel; below, the "
            "mean activation of the channel for each class."
        ).format(n=number(found.images))
    )
    st.plotly_chart(
        example_figures.by_class(found.class_means, names), key="by_class", config=ui.plotly_config("by-class"),
        alt=_("Mean activation of this channel for each class, as bars"),
    )  # fmt: skip
