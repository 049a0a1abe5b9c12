"""The numbers of the convolution page: its grid, its kernels and their biases; one set per session.

The URL holds those on screen, as far as they are not the example's own and there is room: the grid, and the kernel that is
shown with its bias.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.convolution import Convolution
from lenet.convolution.examples import EXAMPLES, KERNELS, Example
from lenet.convolution.numbers import Numbers
from lenet.grid import Grid
from lenet.kernels.layers import TRAINED_LAYERS, TrainedLayer
from pages.parts.grid_editor import GridEditor

state = st.session_state
AnyExample = Example | TrainedLayer
ALL: dict[str, AnyExample] = {**EXAMPLES, **TRAINED_LAYERS}
DEFAULT = next(iter(EXAMPLES))
SETTINGS: dict[str, Any] = {"conv_dilation": 1, "padding_mode": "zeros"}
"""Settings that no example changes, by their keys in the URL."""


def own(example: str) -> Numbers:
    """The numbers of an example. Raises LenetError if a file that it needs cannot be read."""
    grid = ALL[example].grid()
    return Numbers.of(grid, ALL[example].layer(), is_picture=ALL[example].is_image(grid))


# -- which numbers are shown -------------------------------------------------------------------------------------------


def shown_kernel() -> int:
    """The number of the kernel that is shown, from 0."""
    n: int = state.get("out", 1) - 1
    return n


def current(example: str) -> Numbers:
    """The numbers of the reader's link but for the kernel, or the current ones, or the example's own."""
    held: dict[str, Numbers] = state.get("convolution", {})
    if _is_linked():
        grid = _linked("grid")
        return own(example).with_grid(grid[0]) if grid else own(example)
    if example in held and not ui.went_back():
        return held[example]
    return own(example)


def with_linked_kernel(numbers: Numbers) -> Numbers:
    """With the kernel of the reader's link, if these numbers come from one."""
    kernel = _linked("weights") if _is_linked() else []
    return numbers.with_kernel(min(shown_kernel(), numbers.count - 1), kernel[0]) if kernel else numbers


def _is_linked() -> bool:
    """Whether the reader has come with numbers in the link."""
    return ("grid" in ui.query() or "weights" in ui.query()) and ("convolution" not in state or ui.arrived())


def _linked(key: str) -> list[Grid]:
    """The grid in the link under this key; none, and a sentence, where it cannot be used."""
    asked = ui.query().get(key)
    if asked is None or ui.tell_empty(key):
        return []
    try:
        return [grids.from_url(asked)]
    except LenetError as error:
        ui.problem(error)
        return []


def use(example: str, numbers: Numbers) -> None:
    """Show these numbers, in the session and in the URL."""
    state["convolution"] = {example: numbers}
    grid, kernel, before = numbers.grid, numbers.kernel(shown_kernel()), own(example).grid
    linked = grids.to_url(grid) or ""
    ui.keep_in_url("grid", "" if grids.equal(grid, before) else linked, "")
    fits = linked or len(grid) == len(before)  # without its grid the kernel of a link has the example's to lie on
    known = grids.equal(kernel, alike(example, numbers).kernel(shown_kernel()))
    ui.keep_in_url("weights", "" if known or not fits else grids.to_url(kernel) or "", "")


def alike(example: str, numbers: Numbers) -> Numbers:
    """The example's own kernels over a grid, as many and in as many groups as there are."""
    return replace(own(example).with_count(numbers.count).with_grid(numbers.grid), groups=numbers.groups)


def remark(example: str, layer: Convolution, grid: Grid) -> str:
    """What there is to see in an example, in the reader's language; "" once its numbers or its layer were changed."""
    own_layer = ALL[example].layer()
    same = layer == own_layer and grids.equal(grid, ALL[example].grid())
    return _(ALL[example].remark) if same else ""


def notes(example: str, numbers: Numbers) -> str:
    """How the reader's text was understood, and what a link to these numbers will not hold."""
    n = shown_kernel()
    kernel = numbers.kernel(n)
    told = [grid_editor().understood(numbers.grid), kernel_editor().understood(kernel)]
    lost = [
        given
        for given, before in ((numbers.grid, own(example).grid), (kernel, alike(example, numbers).kernel(n)))
        if not grids.equal(given, before) and grids.to_url(given) is None
    ]
    if lost:
        told.append(
            _(
                "A link to this page does not hold all of these numbers: the address has room for {limit} of a grid. "
                "Whoever opens the link, or reloads the page, sees the example’s. To keep them, copy their text from "
                "**Own numbers**."
            ).format(limit=grids.URL_NUMBERS)
        )
    return paragraph(*told)


# -- what changes them -------------------------------------------------------------------------------------------------


def take_example() -> None:
    """Set everything to the selected example."""
    name = state["example"] if state["example"] in ALL else DEFAULT
    ui.attempt(partial(_take, name))
    for key in (
        "lesson",
        "convolution",
        "in_uncut",
        "kernel_uncut",
        *(p + k for p in ("in_", "kernel_") for k in _TEXTS),
    ):
        state.pop(key, None)
    for key in ("grid", "weights"):
        ui.query().pop(key, None)


_TEXTS = ("readings", "understood")


def _take(name: str) -> None:
    example = ALL[name]
    layer = example.layer()
    bias = 0.0 if layer.bias is None else float(layer.bias[0])
    state.update({"out": 1, "bias": bias, "activation": example.activation or "none", **SETTINGS})
    state.update({"conv_kernels": layer.out_channels, "groups": str(layer.groups)})
    state.update({"conv_stride": layer.stride[0], "conv_padding": int(layer.padding[0])})


def take_kernel_number() -> None:
    """Show the bias of the kernel that is chosen."""
    [numbers] = state.get("convolution", {"": None}).values()
    if numbers is not None and shown_kernel() < len(numbers.bias):
        state["bias"] = numbers.bias[shown_kernel()]
    ui.query().pop("weights", None)


def take_kernel_count() -> None:
    """Show the kernel that was added, or the last one that is left."""
    [(example, numbers)] = state.get("convolution", {DEFAULT: None}).items()
    before, count = numbers.count if numbers else 1, state["conv_kernels"]
    if numbers is not None and (count > before or shown_kernel() >= count):
        state["convolution"] = {example: numbers.with_count(count)}
        state["out"] = count
        take_kernel_number()


def change_grid(make: Callable[[Grid], Grid], *, cut: bool = False) -> None:
    """Replace the grid; if `make` raises a LenetError, the old one is kept.

    What was only `cut` to another size can be restored: the whole of it is remembered.
    """
    [example] = state.get("convolution", [DEFAULT])

    def put(numbers: Numbers, grid: Grid) -> Numbers:
        is_same = cut or grid.shape == numbers.grid.shape
        return numbers.with_grid(grid, is_picture=None if is_same else ALL[example].is_image(grid))

    _change("in_", lambda numbers: numbers.grid, make, put, cut)


def take_picture() -> None:
    """Show the uploaded picture in place of the grid; the kernels and the layer stay."""
    if grid_editor().has_picture():
        _change(
            "in_", lambda numbers: numbers.grid, grid_editor().from_picture,
            partial(Numbers.with_grid, is_picture=True), False,
        )  # fmt: skip


def change_kernel(make: Callable[[Grid], Grid], *, cut: bool = False) -> None:
    """Replace the kernel that is shown, likewise."""
    n = shown_kernel()
    _change(
        "kernel_", lambda numbers: numbers.kernel(n), make, lambda old, kernel: old.with_kernel(n, kernel), cut
    )  # fmt: skip


def _change(
    prefix: str,
    part: Callable[[Numbers], Grid],
    make: Callable[[Grid], Grid],
    put: Callable[[Numbers, Grid], Numbers],
    cut: bool,
) -> None:
    [(example, numbers)] = state.get("convolution", {DEFAULT: None}).items()
    numbers = numbers or own(example)
    whole = state.get(f"{prefix}uncut", part(numbers))
    try:
        changed = make(whole if cut else part(numbers))
    except LenetError as error:
        state["grid_problem"] = error
        return
    state[f"{prefix}uncut"] = whole if cut else changed
    state.pop(f"{prefix}readings", None)
    state["convolution"] = {example: put(numbers, changed)}


def take_edits(key: str, change: Callable[..., None]) -> None:
    """Use the cells that the reader has edited: the last one, and those before it that may not have arrived."""
    edits = state["convolution_figure"].get(key)
    for edit in edits[-grids.MOST_EDITS :] if isinstance(edits, list) else [edits]:
        change(partial(grids.with_cell, edit=edit))


def take_known() -> None:
    """Use the kernel from textbooks that is selected, in every channel."""
    if state["known"] in KERNELS:
        change_kernel(lambda kernel: grids.sealed(KERNELS[state["known"]].weight(len(kernel))[0]))


# -- their editors -----------------------------------------------------------------------------------------------------


def grid_editor() -> GridEditor:
    return GridEditor(change_grid, "in_")


def kernel_editor() -> GridEditor:
    return GridEditor(change_kernel, "kernel_")
