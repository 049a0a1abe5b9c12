"""The tab of the architecture page on which an image is walked through a network, and what is asked about it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lenet import data, runs, ui
from lenet.architecture import activations, explanations
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import activations as figures
from lenet.common import pictures
from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs import rules

UNTRAINED = "~untrained"  # no run can be called that
WORST = -1  # among the classes to choose from: the network's mistakes
FROM = {
    "test": N_("test images"),
    "mean": N_("mean of a class"),
    "upload": N_("a picture of yours"),
    "draw": N_("drawing"),
}


def show(config: LeNetConfig, tell_refusal: Callable[[], None]) -> None:
    """The whole tab. `config` is the network of the first tab; `tell_refusal` says where it is not what is set there."""
    try:
        source, (images, labels) = "auto", data.load("test")
    except LenetError as error:
        ui.problem(error)
        st.caption(_("The images below are from the sample that comes with the app."))
        source, (images, labels) = "sample", data.load("test", "sample")

    first, second, *cells = st.columns([2.6, 1.5, 1.5, 1.2, 1.2], vertical_alignment="bottom")
    words, default = networks()
    net = ui.choice(first.selectbox, _("Network"), words, key="run", default=default)
    if net == UNTRAINED:
        tell_refusal()
    subject = activations.Subject(config) if net == UNTRAINED else activations.subject_of(runs.find(net))
    network = activations.network(subject)
    how = ui.choice(second.selectbox, _("Image"), {k: _(v) for k, v in FROM.items()}, key="src", default="test")
    image, label = None, None
    match how:
        case "test":
            number = test_image(cells, labels, subject, source)
            image, label = images[number], int(labels[number])
        case "mean":
            label = int(
                ui.choice(
                    cells[0].selectbox, _("Class"), {str(i): c for i, c in classes().items()}, key="of", default="0"
                )
            )
            image = activations.class_mean(label, source)
        case "upload":
            image = uploaded()
        case "draw":
            image = sketched()
    if image is None:
        return
    walked = activations.walk(network, image)
    maps, answer = st.columns([13, 8], gap="medium")
    with maps:
        ui.guard(lambda: show_maps(network, walked))
    with answer:
        probability, n = walked.probabilities[walked.prediction], len(walked.logits)
        st.markdown(explanations.verdict(walked.prediction, label, probability, n))
        st.plotly_chart(
            figures.outputs(walked.logits, walked.probabilities, walked.prediction, label),
            key="outputs", config=ui.plotly_config("outputs"), alt=_("Logits and softmax of the classes as bars"),
        )  # fmt: skip
        st.caption(
            explanations.preparation(
                image.shape[1:], network.config.image_size, network.config.in_channels, label is not None
            )
        )
    deeper = ui.tabs(
        {"versus": _("What did training change?"), "cover": _("Pixels that matter"), "channel": _("One channel")},
        key="deep",
    )
    with deeper["versus"]:
        if deeper["versus"].open:
            ui.guard(lambda: show_versus({words[net]: subject}, image, label))
    with deeper["cover"]:
        if deeper["cover"].open:
            ui.guard(lambda: show_occlusion(network, walked, image))
    with deeper["channel"]:
        if deeper["channel"].open:
            ui.guard(lambda: show_channel(subject, images, labels, source))


def classes() -> dict[int, str]:
    """The names of Fashion-MNIST's classes, in the reader's language."""
    return dict(enumerate(explanations.class_names(10)))


def show_maps(network: Any, walked: activations.Walk) -> None:
    outputs = [s.values for s in walked.steps]
    draw = ui.component("architecture/components/activations")
    draw(key="maps", data=figures.maps(walked.pixels, outputs, network.config.layers, activations.arrays(network)))


def networks() -> tuple[dict[str, str], str]:
    """What can be walked through, by id (every run that has weights, and UNTRAINED), and the one to begin with."""
    weighted = {r.id for r in runs.list_runs() if (r.path / activations.WEIGHTS).is_file()}
    words = {id: name for id, name in ui.run_words().items() if id in weighted}
    words[UNTRAINED] = _("untrained: the network of the first tab")
    return words, "reference-classic" if "reference-classic" in words else next(iter(words))


def test_image(cells: Any, labels: Any, subject: activations.Subject, source: str) -> int:
    """The number of a test image, chosen by class, among the network's mistakes, or itself."""

    def step(by: int) -> None:
        state = st.session_state
        if state._class == WORST:
            state.image = activations.next_of(activations.mistakes(subject, source), state.image, by)
        else:
            state.image = activations.another(labels, state.image - 1 + by, state._class)

    def any_class() -> None:
        if st.session_state._class != WORST and labels[st.session_state.image] != st.session_state._class:
            st.session_state._class = None

    names = {None: _("any"), WORST: _("worst mistakes")} | classes()
    options = [c for c in names if c != WORST or subject.run_id]
    if st.session_state.get("_class") not in options:  # an untrained network has no mistakes worth the name
        st.session_state._class = None
    cells[0].selectbox(
        _("Class"),
        options,
        key="_class",
        on_change=ui.attempt,
        args=(step, 0),
        format_func=lambda c: names.get(c, ""),
    )
    image = ui.number(
        cells[1].number_input,
        _("Test image"),
        0,
        len(labels) - 1,
        key="image",
        default=0,
        on_change=any_class,
    )
    cells[2].button(_("Another"), icon=":material/shuffle:", on_click=ui.attempt, args=(step, 1), width="stretch")
    return image


def uploaded() -> Any:
    """A picture of the reader's, and what was done to it; None as long as there is none."""
    choose, show = st.columns([2, 5], gap="medium")
    with choose:
        file = st.file_uploader(
            _("Picture"),
            type=["png", "jpg", "jpeg", "gif", "bmp", "webp"],
            key="_file",
            max_upload_size=rules.upload_mb(pictures.MAX_MB),
        )
        invert = ui.choice(
            st.segmented_control, _("Light on dark"), {k: _(v) for k, v in pictures.INVERSIONS.items()}, key="invert",
            default="auto", required=True,
        )  # fmt: skip
    if file is None:
        show.caption(_("Any size, colour or grey, dark on light or light on dark: it is shown how it was prepared."))
        return None
    try:
        prepared = pictures.prepare(file.getvalue(), invert)
    except LenetError as error:
        ui.problem(error)
        return None
    for cell, (words, picture) in zip(show.columns(6), prepared.steps, strict=False):
        cell.image(pictures.framed(picture), caption=_(words), width=112)
    return prepared.image


def sketched() -> Any:
    """What the reader draws."""
    kept = st.session_state.get("_drawing", "")
    words = {"label": _("Draw here; arrows move the pen, Space draws, Delete wipes"), "wipe": _("Wipe")}
    drawing = ui.component("architecture/components/drawing_pad")(
        key="sketch", data={"words": words, "pixels": kept}, on_pixels_change=lambda: None
    )
    if drawing.pixels is not None:
        st.session_state["_drawing"] = drawing.pixels
    image = pictures.drawn(st.session_state.get("_drawing"))
    if image is None:
        st.caption(_("Nothing is drawn yet: the network answers as soon as there is a stroke."))
    return image


def show_versus(nets: dict[str, activations.Subject], image: Any, label: int | None) -> None:
    """The answers of the network, of those that came with the app and of an untrained one, side by side."""
    for run in runs.references():
        nets.setdefault(ui.run_words()[run.id], activations.subject_of(run))
    nets.setdefault(_("untrained LeNet"), activations.Subject(LeNetConfig()))
    others = {name: s for name, s in nets.items() if s.config.num_classes != len(classes())}
    found = [
        (name, activations.answers(activations.network(s), image[None])[0])
        for name, s in nets.items()
        if name not in others
    ]
    st.plotly_chart(
        figures.answers(found, label), key="answers", config=ui.plotly_config("answers"),
        alt=_("Softmax of each network for each class, as a table"),
    )  # fmt: skip
    st.caption(
        _(
            "Softmax for this image. An untrained network gives every class about the same; training moved its weights "
            "until the right class stood out."
        )
    )
    for name, s in others.items():
        text = _("Not among them: {name}. It has {n} classes of its own, not the ten of these images.")
        st.caption(ui.plain(text.format(name=name, n=s.config.num_classes)))


def show_occlusion(network: Any, walked: activations.Walk, image: Any) -> None:
    falls = activations.occlusion(network, image)
    figure, words = st.columns([3, 2], vertical_alignment="center")
    figure.plotly_chart(
        figures.occlusion(walked.pixels, falls), key="cover", config=ui.plotly_config("occlusion"),
        alt=_("The image, and beside it how much each part of it matters"),
    )  # fmt: skip
    name = explanations.class_names(len(walked.logits))[walked.prediction]
    words.markdown(
        _(
            "A black square is moved over the image. Where covering it makes the probability of **{name}** fall, the map is "
            "red: the network needs what is there. Blue: without it the network is surer still. Black on black changes nothing."
        ).format(name=name)
    )


def show_channel(subject: activations.Subject, images: Any, labels: Any, source: str) -> None:
    """The test images that move one channel most, and what each class does to it on average."""
    rows = subject.config.layers
    words = {str(i): f"{i} · {r.type}" for i, r in enumerate(rows, 1) if r.type != "Flatten"}
    pick, which, __ = st.columns([1.5, 1, 4])
    layer = int(ui.choice(pick.selectbox, _("Layer"), words, key="at", default="1")) - 1
    channel = (
        ui.number(
            which.number_input,
            _("Channel"),
            1,
            rows[layer].output_shape[1],
            key="channel",
            default=1,
        )
        - 1
    )
    with st.spinner(_("Sending the test images through …")):
        found = activations.most_exciting(subject, layer, channel, source)
    st.plotly_chart(
        figures.gallery(images[found.best], explanations.captions(labels[found.best], found.peaks)),
        key="gallery", config=ui.plotly_config("channel"), alt=_("The test images with the largest value in this channel"),
    )  # fmt: skip
    st.caption(
        _(
            "Of the first {n} test images those with the largest number in this channel; below, its mean for each class."
        ).format(n=number(found.images))
    )
    st.plotly_chart(
        figures.by_class(found.by_class), key="by_class", config=ui.plotly_config("by-class"),
        alt=_("Mean activation of this channel for each class, as bars"),
    )  # fmt: skip
