"""The image that is sent through a network: a test image, the mean of a class, the reader's picture or drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lenet import ui
from lenet.architecture import examples, images
from lenet.architecture.images import LabelledImages
from lenet.architecture.weights import Network
from lenet.common import pictures
from lenet.common.errors import LenetError
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs import rules

MISTAKES = -1  # an option beside the classes: the images that the network gets wrong
FROM = {
    "test": N_("test images"),
    "mean": N_("mean of a class"),
    "upload": N_("your own picture"),
    "draw": N_("drawing"),
}


def choose(cells: Sequence[Any], network: Network, shown: LabelledImages) -> tuple[Any, int | None]:
    """The image (1, height, width) as uint8, None as long as there is none, and its label, if that is known.

    The first cell gets the choice of the source, the others the widgets for that source.
    """
    where, *cells = cells
    kind = ui.choice(where.selectbox, _("Image"), {k: _(v) for k, v in FROM.items()}, key="src", default="test")
    if kind == "test":
        index = choose_test_image(cells, network, shown)
        return shown.images[index], int(shown.labels[index])
    if kind == "mean":
        names = {str(label): name for label, name in shown.class_names().items()}
        of = int(ui.choice(cells[0].selectbox, _("Image class"), names, key="of", default=next(iter(names))))
        return shown.class_mean(of), of
    side = shown.data_set.image_shape[1]
    return (upload(side) if kind == "upload" else draw(side)), None


def choose_test_image(cells: Sequence[Any], network: Network, shown: LabelledImages) -> int:
    """The index of a test image, chosen by class, among the network's mistakes, or by number."""
    labels = shown.labels

    def step(by: int) -> None:
        state = st.session_state
        now = 0 if isinstance(state.image, ui.Refused) else state.image
        if state._class == MISTAKES:
            state.image = images.next_in(examples.mistakes(network, shown), now, by)
        else:
            state.image = images.next_of_class(labels, now - 1 + by, state._class)

    def any_class() -> None:
        now = st.session_state.image
        if not isinstance(now, ui.Refused) and st.session_state._class not in (MISTAKES, labels[now]):
            st.session_state._class = None

    names = {None: _("any"), MISTAKES: _("worst mistakes")} | shown.class_names()
    judged = network.run_id and network.fits(shown.data_set)  # others have no right answers, nor mistakes
    options = [c for c in names if c != MISTAKES or judged]
    if st.session_state.setdefault("_class", None) not in options:
        st.session_state._class = None
    ui.renew_words("_class", names.get)
    cells[0].selectbox(
        _("Image class"),
        options,
        key="_class",
        on_change=ui.attempt,
        args=(step, 0),
        format_func=lambda c: names.get(c, ""),
        placeholder=names[None],
    )
    cells[2].button(_("Another"), icon=":material/shuffle:", on_click=ui.attempt, args=(step, 1), width="stretch")
    return ui.typed_number(
        cells[1], _("Test image"), 0, len(labels) - 1, key="image", default=0, on_change=any_class
    )  # fmt: skip


def upload(side: int) -> Any:
    """The reader's picture as an image of side×side, with the steps of its preparation; None as long as there is none."""
    left, right = st.columns([2, 5], gap="medium")
    with left:
        file = st.file_uploader(
            _("Picture"), type=list(pictures.FORMATS), key="_file",
            max_upload_size=rules.upload_mb(pictures.MAX_MB),
        )  # fmt: skip
        invert = ui.choice(
            st.segmented_control, _("Invert"), {k: _(v) for k, v in pictures.INVERSIONS.items()}, key="invert",
            default="auto", required=True,
        )  # fmt: skip
    ui.follow_restarts()
    if file is None:
        if ui.arrived() and ui.query().get("src") == "upload":
            ui.notice("picture_gone")
        right.caption(
            _(
                "Any size, colour or grey, dark on light or light on dark. The page shows how "
                "the picture was prepared."
            )
        )
        return None
    try:
        prepared = pictures.prepare(file.getvalue(), side, invert, rules.upload_mb(pictures.MAX_MB))
    except LenetError as error:
        ui.problem(error)
        return None
    for cell, (words, picture) in zip(right.columns(6), prepared.steps, strict=False):
        cell.image(pictures.framed(picture), caption=_(words), width=112)
    return prepared.image


def draw(side: int) -> Any:
    """The reader's drawing as an image of side×side; None before the first stroke."""
    words = {"label": _("Draw here: arrow keys move the pen, Space draws, Delete clears"), "wipe": _("Clear")}
    pixels = st.session_state.get("_drawing", "")
    pad = ui.component("architecture/components/drawing_pad")
    drawing = pad(key="sketch", data={"words": words, "side": side, "pixels": pixels}, on_pixels_change=lambda: None)
    if drawing.pixels is not None:
        st.session_state["_drawing"] = drawing.pixels
    image = pictures.drawn(st.session_state.get("_drawing"), side)
    if image is None:
        ui.caption(_("Nothing is drawn yet: the network makes its prediction as soon as there is a stroke."))
    return image
