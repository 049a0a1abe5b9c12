"""The tab of the architecture page on which an image is sent through a network, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lenet import runs, ui
from lenet.architecture import answers, explanations, inference, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import activations as maps_of_layers
from lenet.architecture.figures import predictions as figures
from lenet.common import pictures
from lenet.common.errors import LenetError
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from pages.parts import image_choice, network_settings, shown_images, walk_questions
from pages.parts.lessons import Bar

UNTRAINED = "~untrained"  # not a valid id of a run


def show(config: LeNetConfig, refusal: LenetError | None, lesson: Bar | None) -> None:
    """The whole tab. `config` is the network of the first tab, `refusal` explains why it is not the one set there."""
    settings = st.container(key="walk_settings")
    network_cell, *cells = settings.columns([2.6, 1.5, 1.5, 1.2, 1.2], vertical_alignment="bottom")
    names, default = networks()
    chosen = ui.choice(network_cell.selectbox, _("Network"), names, key="run", default=default)
    if chosen == UNTRAINED:
        network_settings.tell_refusal(refusal)
        network, shown = weights.Network(config), shown_images.of_this_machine()
    else:
        run = runs.find(chosen)
        network, shown = weights.of_run(run), shown_images.of_run(run)
    net = inference.build(network)
    with settings:
        image, label = image_choice.choose(cells, network, shown)
    own_label, classes = label, network.class_names(shown.data_set)
    if not network.fits(shown.data_set):
        ui.caption(ui.plain(explanations.other_classes(network, shown.data_set)))
        own_label = None  # it is none of the network's classes
    found = None if image is None else inference.of_image(net, image)
    if lesson:
        lesson.tell(lesson.lesson.seen([(layer.type, layer.values) for layer in found.layers]) if found else "")
    if found is None:
        return
    if lesson and lesson.is_asked:
        with st.container(key="walk_figure"):
            show_maps(net, found, first=1 if "maps" in lesson.hides else None)
        return
    maps, answer = st.container(key="walk_figure").columns([13, 8], gap="medium")
    with maps:
        ui.guard(lambda: show_maps(net, found))
    with answer:
        show_answer(net, found, image, own_label, classes, labelled=label is not None)
    questions = ui.tabs(
        {"versus": _("What did training change?"), "cover": _("Pixels that matter"), "channel": _("One channel")},
        key="deep",
    )
    contents = {
        "versus": lambda: walk_questions.show_versus({names[chosen]: network}, image, label, shown.data_set),
        "cover": lambda: walk_questions.show_occlusion(net, found, image, own_label, classes),
        "channel": lambda: walk_questions.show_channel(network, shown),
    }
    for name, panel in questions.items():
        if panel.open:
            with panel:
                ui.guard(contents[name])


def networks() -> tuple[dict[str, str], str]:
    """The names of the networks by id (every run that has weights, and UNTRAINED), and the default."""
    weighted = {r.id for r in runs.list_runs() if r.has_weights}
    names = {id: name for id, name in ui.run_words().items() if id in weighted}
    names[UNTRAINED] = _("untrained: the network of the first tab")
    return names, runs.DEFAULT_REFERENCE if runs.DEFAULT_REFERENCE in names else next(iter(names))


def show_maps(net: Any, found: inference.Activations, first: int | None = None) -> None:
    """The output of every layer, or of so many, as a strip of maps, with the arithmetic for each number."""
    outputs = [layer.values for layer in found.layers[:first]]
    draw = ui.component("architecture/components/activations")
    draw(
        key="maps",
        data=maps_of_layers.maps(found.pixels, outputs, net.config.layers[:first], inference.state_arrays(net)),
    )  # fmt: skip


def show_answer(
    net: Any, found: inference.Activations, image: Any, label: int | None, classes: Sequence[str], *, labelled: bool
) -> None:
    """The prediction for the image, in a sentence and as logits and softmax.

    `classes` are the names of the outputs, and `label` is the right one, if it is one of them. `labelled`: the image has
    a label, if only of other classes.
    """
    prediction = found.prediction
    probability = found.probabilities[prediction]
    with st.container(key="walk_verdict"):
        ui.markdown(explanations.verdict(prediction, label, probability, classes))
        if pictures.is_blank(image):
            said = answers.of_blank(image, classes[prediction], probability, len(classes))
            st.info(said, icon=":material/info:")
    st.plotly_chart(
        figures.outputs(found.logits, found.probabilities, prediction, label, classes),
        key="outputs", config=ui.plotly_config("outputs"), alt=_("Logits and softmax of the classes as bars"),
    )  # fmt: skip
    size, channels = net.config.image_size, net.config.in_channels
    prepared = explanations.preparation(image.shape[1:], size, channels, label is not None)
    ui.caption(prepared if labelled else paragraph(answers.without_label(len(classes)), prepared))
