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
from pages.parts.lessons import Bar
from pages.parts.pooling_grid import EXTRAS

MORE = [key for key in EXTRAS if key != "zero"]
"""The settings behind “More”."""


def choose_layer(page: Any, example: Example, lesson: Bar | None) -> tuple[dict[str, Any], LenetError | None]:
    """The arguments of `Pooling` that the reader has set, and why a number among them cannot be used, if one cannot."""
    control = lesson.control if lesson else ""
    state = st.session_state
    if "more_settings" not in state or ui.arrived():
        state["more_settings"] = any(key in ui.query() for key in MORE if key != control)
    with page.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="pooling_layer"):
        mode = ui.choice(
            st.segmented_control,
            _("Pooling"),
            {"max": _("Max"), "avg": _("Average")},
            key="mode",
            default="max",
            required=True,
        )
        kernel = ui.number(
            st.slider, _("Kernel (window size)"), *KERNEL_SIZES, key="kernel", default=example.kernel_size
        )
        stride = ui.number(st.slider, _("Stride"), *STRIDES, key="stride", default=example.stride)
        padding = ui.number(st.slider, _("Padding"), *PADDINGS, key="padding", default=example.padding)
        more = st.toggle(_("More"), key="more_settings", persist_state="session")
    place = page.container(horizontal=True, vertical_alignment="bottom", key="pooling_more") if more else None
    only_max = "" if mode == "max" else _("Only max pooling has dilation.")
    only_avg = "" if mode == "avg" else _("Only average pooling divides.")

    def place_of(key: str) -> Any:
        return lesson.place if lesson and key == control else place

    same = _("same as height")
    kernel_w = number(place, _("Kernel width"), "kernel_w", 1, grids.MAX_SIDE, unset=same)
    stride_w = number(place, _("Stride width"), "stride_w", 1, grids.MAX_SIDE, unset=same)
    padding_w = number(place, _("Padding width"), "padding_w", 0, grids.MAX_SIDE // 2, unset=same)
    dilation = number(place, _("Dilation"), "dilation", 1, grids.MAX_SIDE, off=only_max)
    divisor = number(
        place, _("Divide by (divisor_override)"), "divisor", 1, 1000, unset=_("cells of the window"), off=only_avg
    )
    ceil = switch(place_of("ceil"), _("Round the output size up (ceil_mode)"), "ceil")
    include_pad = switch(
        place_of("include_pad"), _("Count padding in the average (count_include_pad)"), "include_pad", off=only_avg
    )
    refusal = first_refusal(kernel_w, stride_w, padding_w, dilation, divisor)
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
    return layer, refusal


def number(
    place: Any, label: str, key: str, low: int, high: int, *, unset: str = "", off: str = ""
) -> int | LenetError | None:
    """A number among “More”, or why what is written is none; `unset` says what an empty field means, `off` why it cannot
    be set now. It is not drawn where `place` is None."""
    field = Field(key, int, label=label, low=low, high=high, key=key)
    more: dict[str, Any] = {"placeholder": unset} if unset else {}
    value: int | None = ui.setting(
        field, place, label=label, default=EXTRAS[key], tell=False, disabled=bool(off), help=off or None, width=170, **more
    )  # fmt: skip
    return (None if off else ui.refusal(field, value, label)) or value


def first_refusal(*values: int | LenetError | None) -> LenetError | None:
    """The first of these that is no number."""
    return next((value for value in values if isinstance(value, LenetError)), None)


def switch(place: Any, label: str, key: str, *, off: str = "") -> bool:
    """A switch among “More”; `off` says why it cannot be set now. It is not drawn where `place` is None."""
    return ui.toggle(label, key=key, default=EXTRAS[key], place=place, disabled=bool(off), help=off or None)
