"""The settings of the layer on the convolution page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lenet import ui
from lenet.common.activations import ACTIVATIONS
from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.translation import translate as _
from lenet.convolution import PADDING_MODES, Convolution
from lenet.convolution.examples import DILATIONS, KERNELS, PADDINGS, STRIDES
from lenet.convolution.figures.remarks import kernel_name
from lenet.convolution.numbers import Numbers
from lenet.grid import LIMIT
from pages.parts.convolution_numbers import SETTINGS, AnyExample, take_kernel_number, take_known

state = st.session_state
BIAS = Field("bias", float, label="bias", low=-LIMIT, high=LIMIT, key="bias")


@dataclass(frozen=True)
class Settings:
    """What the reader has set beside the numbers; `refusal` says why the bias cannot be used, if it cannot."""

    stride: int
    padding: int
    dilation: int
    padding_mode: Any
    activation: str
    bias: float
    refusal: LenetError | None

    def layer(self, numbers: Numbers) -> Convolution:
        """Raises ConvolutionError where PyTorch refuses."""
        bias = numbers.bias if any(numbers.bias) else None
        return Convolution(
            numbers.weight, bias, self.stride, self.padding, self.dilation, padding_mode=self.padding_mode
        )


def choose_kernel(kernels: int) -> int:
    """The number of the kernel that is shown, from 0; a slider where there are several."""
    widget = st.slider if kernels > 1 else ui.kept
    return ui.number(widget, _("Kernel shown"), 1, kernels, key="out", default=1, on_change=take_kernel_number) - 1


def choose_settings(page: Any, row: Any, example: AnyExample, numbers: Numbers, kernel: int) -> Settings:
    own = example.layer()
    if "conv_more" not in state or ui.arrived():
        state["conv_more"] = any(key in ui.query() for key in SETTINGS)
    with row:
        show_known(numbers, kernel)
        own_bias = 0.0 if own.bias is None or kernel >= len(own.bias) else float(own.bias[kernel])
        bias = ui.setting(BIAS, st, label=_("Bias"), default=own_bias, tell=False, width=130)
        names = {"none": _("None")} | {key: activation.name for key, activation in ACTIVATIONS.items()}
        activation = ui.choice(
            st.selectbox, _("Activation"), names, key="activation", default=example.activation or "none"
        )
        stride = ui.number(st.slider, _("Stride"), *STRIDES, key="conv_stride", default=own.stride[0])
        padding = ui.number(st.slider, _("Padding"), *PADDINGS, key="conv_padding", default=int(own.padding[0]))
        more = st.toggle(_("More"), key="conv_more", persist_state="session")
    place = page.container(horizontal=True, vertical_alignment="bottom", key="convolution_more") if more else None
    dilation = ui.number(
        place.slider if place else ui.kept, _("Dilation"), *DILATIONS, key="conv_dilation", default=1
    )
    modes = {
        "zeros": _("zeros"),
        "reflect": _("mirrored (reflect)"),
        "replicate": _("the edge repeated (replicate)"),
        "circular": _("from the other side (circular)"),
    }
    mode = ui.choice(
        place.segmented_control if place else ui.kept, _("Padding with"), {m: modes[m] for m in PADDING_MODES},
        key="padding_mode", default="zeros", **({"required": True, "wrap": True} if place else {}),
    )  # fmt: skip
    refusal = ui.refusal(BIAS, bias, _("Bias"))
    value = own_bias if refusal or bias is None else float(bias)
    return Settings(stride, padding, dilation, mode, "" if activation == "none" else activation, value, refusal)


def show_known(numbers: Numbers, kernel: int) -> None:
    """The menu of kernels from textbooks; it shows which one the kernel is."""
    name = kernel_name(numbers.weight[kernel]) or "own"
    if state.get("known") != name:
        state["known"] = name
    names = {key: _(known.name) for key, known in KERNELS.items()} | {"own": _("Other numbers")}
    st.selectbox(_("Kernel"), list(names), format_func=names.__getitem__, key="known", on_change=take_known)
