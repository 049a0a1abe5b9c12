"""The tabs of the convolution page: each shows one aspect of a grid and a convolution."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.common.translation import translate as _
from lenet.convolution import Convolution, ConvolutionError, code
from lenet.convolution.figures import gradient, remarks, window
from lenet.convolution.numbers import Numbers
from lenet.grid.asking import asking
from pages.parts import convolution_numbers, layer_code, layer_figure, layer_gradient
from pages.parts.convolution_controls import Settings
from pages.parts.convolution_numbers import change_grid, change_kernel, take_edits
from pages.parts.lessons import Bar, is_asked


class Shown(NamedTuple):
    """What is on screen: kernel number `kernel` of the layer, and the activation behind it ("": none)."""

    grid: grids.Grid
    layer: Convolution
    kernel: int
    activation: str
    image: bool


def seen(lesson: Bar, numbers: Numbers, settings: Settings) -> str:
    """What there is to see in a lesson; "" for a layer that does not fit, about which a sentence stands in the figure's place."""
    try:
        return lesson.lesson.seen(numbers.grid, settings.layer(numbers), settings.activation)
    except ConvolutionError:
        return ""


def show_window(shown: Shown, lesson: Bar | None) -> None:
    """The grid, the kernel that moves over it, and one output channel."""
    scene = window.scene(*shown[:4], image=shown.image)
    if lesson and is_asked(lesson):
        layer_figure.show(asking(scene, lesson.hides), key="convolution_figure", page="convolution")
        return
    layer_figure.show(
        scene,
        key="convolution_figure",
        page="convolution",
        on_edit_change=partial(take_edits, "edit", change_grid),
        on_edit_kernel_change=partial(take_edits, "edit_kernel", change_kernel),
    )


def show_remarks(shown: Shown, example: str, remark: str) -> None:
    """What there is to say about the window, and its numbers as a file."""
    numbers: Numbers = st.session_state["convolution"][example]
    told = [
        convolution_numbers.notes(example, numbers),
        remarks.remarks(remark, shown.grid, shown.layer, shown.kernel),
    ]
    ui.markdown("  \n".join(filter(None, told)), width="stretch")
    st.download_button(
        # made on request: one for each change of a slider would expire before the browser requests it
        _("Numbers (CSV)"), lambda: grids.to_csv(window.output(*shown[:4])), "convolution.csv", "text/csv",
        key="convolution_csv", on_click="ignore",
    )  # fmt: skip


def show_gradient(shown: Shown) -> None:
    """The gradient passed back through one kernel: to the input, to its weights and to its bias."""
    numbered = layer_gradient.choose_arriving(
        _(
            "In training, each output cell receives a gradient. The convolution passes it back to its input, its weights and "
            "its bias."
        )
    )
    scene = gradient.scene(*shown[:4], numbered=numbered)
    layer_figure.show(scene, key="convolution_gradient", page="convolution")
    with st.container(horizontal=True, key="gradient_remarks"):
        ui.markdown(gradient.remarks(*shown[:4]), width="stretch")
        st.download_button(
            _("Numbers (CSV)"), lambda: gradient.to_csv(gradient.gradients(*shown[:4], numbered=numbered)),
            "convolution-gradient.csv", "text/csv", key="gradient_csv", on_click="ignore",
        )  # fmt: skip


def show_code(shown: Shown) -> None:
    """The layer and its grid as code."""

    def written(language: str) -> str:
        return code.CODES[language](shown.grid, shown.layer, shown.activation)

    many = shown.grid.size + shown.layer.weight.size > 100
    layer_code.show("convolution_code", _("Plain loops"), written, many=many)
