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
from lenet.convolution.examples import DILATIONS, KERNELS, KERNELS_AT_ONCE, PADDINGS, STRIDES
from lenet.convolution.figures.remarks import kernel_name
from lenet.convolution.numbers import Numbers
from lenet.grid import LIMIT
from pages.parts.convolution_numbers import (
    SETTINGS,
    AnyExample,
    take_kernel_count,
    take_kernel_number,
    take_known,
)

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
            numbers.weight, bias, self.stride, self.padding, self.dilation, numbers.groups, self.padding_mode
        )


def more_row(page: Any) -> Any:
    """The row for the settings behind “More”; None while it is closed."""
    if "conv_more" not in state or ui.arrived():
        state["conv_more"] = any(key in ui.query() for key in ("conv_kernels", "groups", *SETTINGS))
    if not state["conv_more"]:
        return None
    return page.container(horizontal=True, vertical_alignment="bottom", key="convolution_more")


def choose_kernels(place: Any, own: Numbers) -> int:
    """How many kernels there are."""
    low, high = KERNELS_AT_ONCE
    return ui.number(
        place.slider if place else ui.kept, _("Number of kernels"), low, max(high, own.count),
        key="conv_kernels", default=own.count, on_change=take_kernel_count,
    )  # fmt: skip


def choose_groups(place: Any, channels: int, own: Numbers) -> int:
    """Into how many groups the channels are divided; there is nothing to choose for one channel."""
    options = [n for n in range(1, channels + 1) if channels % n == 0]
    words = {str(n): str(n) for n in options}
    if channels > 1:
        words[str(channels)] = _("{n} (depthwise)").format(n=channels)
    widget = place.segmented_control if place and channels > 1 else ui.kept
    more = {"required": True} if widget is not ui.kept else {}
    default = own.groups if own.groups in options else 1
    return int(ui.choice(widget, _("Groups of channels"), words, key="groups", default=str(default), **more))


def choose_kernel(kernels: int) -> int:
    """The number of the kernel that is shown, from 0; a slider where there are several."""
    widget = st.slider if kernels > 1 else ui.kept
    return ui.number(widget, _("Kernel shown"), 1, kernels, key="out", default=1, on_change=take_kernel_number) - 1


def choose_settings(row: Any, place: Any, example: AnyExample, numbers: Numbers, kernel: int) -> Settings:
    """The layer's settings: the first of them in `row`, the others in `place`, unless that is None."""
    own = example.layer()
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
        st.toggle(_("More"), key="conv_more", persist_state="session")
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
        place.selectbox if place else ui.kept, _("Padding with"), {m: modes[m] for m in PADDING_MODES},
        key="padding_mode", default="zeros",
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
