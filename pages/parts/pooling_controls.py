"""The settings of the layer on the pooling page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.translation import translate as _
from lenet.pooling.examples import KERNEL_SIZES, PADDINGS, STRIDES, Example
from pages.parts.pooling_grid import EXTRAS


def choose_layer(example: Example) -> tuple[dict[str, Any], LenetError | None]:
    """The arguments of `Pooling` that the reader has set, and why a number among them cannot be used, if one cannot."""
    modes, kernels, strides, paddings, more = st.columns(
        [2.2, 2, 2, 2, 1.2], gap="medium", vertical_alignment="bottom"
    )
    with modes:
        mode = ui.choice(
            st.segmented_control,
            _("Pooling"),
            {"max": _("Max"), "avg": _("Average")},
            key="mode",
            default="max",
            required=True,
        )
    with kernels:
        kernel = ui.number(
            st.slider, _("Kernel (window size)"), *KERNEL_SIZES, key="kernel", default=example.kernel_size
        )
    with strides:
        stride = ui.number(st.slider, _("Stride"), *STRIDES, key="stride", default=example.stride)
    with paddings:
        padding = ui.number(st.slider, _("Padding"), *PADDINGS, key="padding", default=example.padding)
    with more, st.popover(_("More"), width="stretch"):
        only_max = "" if mode == "max" else _("Only max pooling has dilation.")
        only_avg = "" if mode == "avg" else _("Only average pooling divides.")
        a, b, c = st.columns(3)
        with a:
            kernel_w = number(_("Kernel width"), "kernel_w", 1, grids.MAX_SIDE, unset=_("same as height"))
        with b:
            stride_w = number(_("Stride width"), "stride_w", 1, grids.MAX_SIDE, unset=_("same as height"))
        with c:
            padding_w = number(_("Padding width"), "padding_w", 0, grids.MAX_SIDE // 2, unset=_("same as height"))
        tell_first_refusal(kernel_w, stride_w, padding_w)
        dilation = number(_("Dilation"), "dilation", 1, grids.MAX_SIDE, off=only_max)
        tell_first_refusal(dilation)
        ceil = switch(_("Round the output size up (ceil_mode)"), "ceil")
        include_pad = switch(_("Count padding in the average (count_include_pad)"), "include_pad", off=only_avg)
        divisor = number(
            _("Divide by (divisor_override)"), "divisor", 1, 1000, unset=_("cells of the window"), off=only_avg
        )
        tell_first_refusal(divisor)
    own = (
        {"dilation": dilation or 1}
        if mode == "max"
        else {"count_include_pad": include_pad, "divisor_override": divisor}
    )
    layer = {
        "mode": mode,
        "kernel_size": (kernel, kernel_w or kernel),
        "stride": (stride, stride_w or stride),
        "padding": (padding, padding if padding_w is None else padding_w),
        "ceil_mode": ceil,
        **own,
    }
    return layer, first_refusal(kernel_w, stride_w, padding_w, dilation, divisor)


def number(label: str, key: str, low: int, high: int, *, unset: str = "", off: str = "") -> int | LenetError | None:
    """A number behind “More”, or why what is written is none; `unset` says what an empty field means, `off` why it
    cannot be set now."""
    field = Field(key, int, label=label, low=low, high=high, key=key)
    value: int | None = ui.setting(
        field, st, label=label, default=EXTRAS[key], tell=False, placeholder=unset, disabled=bool(off), help=off or None
    )  # fmt: skip
    return (None if off else ui.refusal(field, value, label)) or value


def first_refusal(*values: int | LenetError | None) -> LenetError | None:
    """The first of these that is no number."""
    return next((value for value in values if isinstance(value, LenetError)), None)


def tell_first_refusal(*values: int | LenetError | None) -> None:
    """Say why the first of these is no number, below their fields."""
    if error := first_refusal(*values):
        ui.problem(error)


def switch(label: str, key: str, *, off: str = "") -> bool:
    """A switch behind “More”; `off` says why it cannot be set now."""
    return ui.toggle(label, key=key, default=EXTRAS[key], disabled=bool(off), help=off or None)
