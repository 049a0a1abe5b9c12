"""The pooling sandbox: a grid, one pooling layer, and the window that moves between them."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.errors import LenetError
from lenet.figures import pooling as figures
from lenet.i18n import translate as _
from lenet.pooling import Pooling, PoolingError

# Settings behind “More”, with their values in every example.
EXTRAS: dict[str, Any] = {
    "kernel_w": None, "stride_w": None, "padding_w": None,
    "dilation": 1, "ceil": False, "include_pad": True, "divisor": None,
}  # fmt: skip
ui.inside_app()
figure = ui.component("pooling_grid")


# -- the grid in use: one for the session, in the URL where it is small and not the example's own ------------------


def use_grid(preset: str, grid: grids.Grid) -> None:
    st.session_state["grid"] = {preset: grid}
    own = grids.PRESETS[preset].grid()
    ui.keep_in_url("grid", "" if grids.equal(own, grid) else grids.to_url(grid) or "", "")


def current_grid(preset: str) -> grids.Grid:
    """The grid of the link that the reader arrived by, or the one in use, or the example's own."""
    asked = st.query_params.get("grid")
    held: dict[str, grids.Grid] = st.session_state.get("grid", {})
    if asked is not None and (not held or st.session_state["arrived"]):
        try:
            return grids.parse(asked)
        except grids.GridError as error:
            ui.problem(error)
    elif preset in held:
        return held[preset]
    return grids.PRESETS[preset].grid()


def take_example() -> None:
    """Set grid and layer to the example's own."""
    example = grids.PRESETS[st.session_state["preset"]]
    own = {"kernel": example.kernel_size, "stride": example.stride, "padding": example.padding, "mode": "max"}
    st.session_state.update(own | EXTRAS)
    st.session_state.pop("grid", None)
    st.query_params.pop("grid", None)


def change_grid(text_key: str | None = None) -> None:
    """Take over the text or the cell that the reader typed; where it cannot be used the old grid stays."""
    [(preset, grid)] = st.session_state["grid"].items()
    try:
        if text_key is not None:
            grid = grids.parse(st.session_state[text_key])
        else:
            grid = grids.with_cell(grid, st.session_state["figure"]["edit"])
    except grids.GridError as error:
        st.session_state["grid_problem"] = error
    use_grid(preset, grid)


# -- controls ----------------------------------------------------------------------------------------------------


def slider(label: str, key: str, low: int, high: int, value: int) -> int:
    ui.check_query(key, low=low, high=high, whole=True)
    return st.slider(label, low, high, value, key=key, bind="query-params")


def number(label: str, key: str, low: int, high: int, *, unset: str = "", off: str = "") -> int | None:
    """A number behind “More”; `unset` says what no number means, `off` why it cannot be set now."""
    ui.check_query(key, low=low, high=high, whole=True)
    value: int | None = st.number_input(
        label, low, high, EXTRAS[key], 1, key=key, bind="query-params", placeholder=unset, disabled=bool(off),
        help=off or None,
    )  # fmt: skip
    return value


def switch(label: str, key: str, *, off: str = "") -> bool:
    ui.check_query(key, options=["true", "false"])
    return st.toggle(label, EXTRAS[key], key=key, bind="query-params", disabled=bool(off), help=off or None)


notes = st.container()
examples, text, back = st.columns([7, 1.6, 0.6], vertical_alignment="bottom")
with examples:
    name = ui.choice(
        st.segmented_control,
        _("Example"),
        {key: _(example.name) for key, example in grids.PRESETS.items()},
        key="preset",
        default="3x3",
        required=True,
        on_change=take_example,
        label_visibility="collapsed",
    )
with notes:
    if "grid_problem" in st.session_state:
        ui.problem(st.session_state.pop("grid_problem"))
    try:
        grid = current_grid(name)
    except LenetError as error:  # the image's file is damaged
        ui.problem(error)
        name = "3x3"
        grid = grids.PRESETS[name].grid()
example = grids.PRESETS[name]
use_grid(name, grid)

with text, st.popover(_("Edit as text"), icon=":material/edit:", width="stretch"), st.form("text", border=False):
    text_key = f"text_{crc32(grid.tobytes()):08x}"  # what was typed is kept until the grid itself changes
    st.text_area(
        _(
            "One row on each line, a blank line between channels; up to {n}×{n} numbers and {channels} channels."
        ).format(n=grids.MAX_SIDE, channels=grids.MAX_CHANNELS),
        grids.to_text(grid),
        key=text_key,
        height=220,
        help=_("Cells may be parted by tabs, commas or spaces: a range copied from a spreadsheet can be pasted."),
    )
    st.form_submit_button(_("Use these numbers"), on_click=change_grid, args=(text_key,), type="primary")
back.button(
    "",
    key="reset",
    icon=":material/restart_alt:",
    help=_("Back to the example"),
    on_click=take_example,
    width="stretch",
)

modes, kernels, strides, paddings, more = st.columns([2.2, 2, 2, 2, 1.2], gap="medium", vertical_alignment="bottom")
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
    kernel = slider(_("Kernel (window size)"), "kernel", 1, 7, example.kernel_size)
with strides:
    stride = slider(_("Stride"), "stride", 1, 7, example.stride)
with paddings:
    padding = slider(_("Padding"), "padding", 0, 3, example.padding)
with more, st.popover(_("More"), width="stretch"):
    only_max = "" if mode == "max" else _("Only max pooling has dilation.")
    only_avg = "" if mode == "avg" else _("Only average pooling divides.")
    a, b, c = st.columns(3)
    with a:
        kernel_w = number(_("Kernel width"), "kernel_w", 1, grids.MAX_SIDE, unset=_("as height"))
    with b:
        stride_w = number(_("Stride width"), "stride_w", 1, grids.MAX_SIDE, unset=_("as height"))
    with c:
        padding_w = number(_("Padding width"), "padding_w", 0, grids.MAX_SIDE // 2, unset=_("as height"))
    dilation = number(_("Dilation"), "dilation", 1, grids.MAX_SIDE, off=only_max)
    ceil = switch(_("Round the output size up (ceil_mode)"), "ceil")
    include_pad = switch(_("Count padding in the average (count_include_pad)"), "include_pad", off=only_avg)
    divisor = number(
        _("Divide by (divisor_override)"), "divisor", 1, 1000, unset=_("cells of the window"), off=only_avg
    )

# -- the layer and its figure ------------------------------------------------------------------------------------

try:
    pool = Pooling(
        "max" if mode == "max" else "avg",
        (kernel, kernel_w or kernel),
        (stride, stride_w or stride),
        (padding, padding if padding_w is None else padding_w),
        dilation=(dilation or 1) if mode == "max" else 1,
        ceil_mode=ceil,
        count_include_pad=include_pad or mode == "max",
        divisor_override=divisor if mode == "avg" else None,
    )
    scene = figures.scene(grid, pool, image=example.image and grid.shape == example.grid().shape)
except PoolingError as error:
    ui.problem(error)
else:
    figure(key="figure", data=scene, on_edit_change=change_grid)
    words, save = st.columns([6, 1], vertical_alignment="top")
    for sentence in (figures.remark(example, grid, pool), figures.zero_padding_sentence(grid, pool)):
        if sentence:
            words.caption(sentence)
    save.download_button(
        _("Numbers (CSV)"),
        grids.to_csv(pool(grid)),
        "pooling.csv",
        "text/csv",
        on_click="ignore",
        width="stretch",
    )
    why, code = st.tabs([_("What pooling is for"), _("PyTorch code")])
    why.markdown(
        _(
            "Pooling does two things: it **compresses** a neighbourhood into one number, and it makes the map "
            "**robust**, because noise and small shifts change that number little. Max pooling keeps the "
            "strongest response and forgets exactly where it was; average pooling keeps the mean: it blurs as it "
            "compresses. Neither has a parameter to learn, and each channel is pooled by itself."
        )
    )
    code.code(figures.pytorch_code(grid, pool), language="python", height=320 if grid.size > 64 else "content")
