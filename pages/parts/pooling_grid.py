"""The current grid of the pooling page: one per session, in the URL if it is small and not the example's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.pooling.examples import EXAMPLES, Example
from pages.parts.grid_editor import GridEditor

EXTRAS: dict[str, Any] = {
    "kernel_w": None, "stride_w": None, "padding_w": None,
    "dilation": 1, "ceil": False, "include_pad": True, "divisor": None, "zero": False,
}  # fmt: skip
"""Settings behind “More” and “What if?” by their keys in the URL, with their values in every example."""

state = st.session_state


def use_grid(example: str, grid: grids.Grid) -> None:
    """Replace the example's numbers by `grid`, in the session and in the URL."""
    state["grid"] = {example: grid}
    own = EXAMPLES[example].grid()
    ui.keep_in_url("grid", "" if grids.equal(own, grid) else grids.to_url(grid) or "", "")


def current_grid(example: str) -> grids.Grid:
    """The grid of the reader's link, or the current one, or the example's own."""
    asked = ui.query().get("grid")
    held: dict[str, grids.Grid] = state.get("grid", {})
    if asked is not None and (not held or ui.arrived()):
        if not ui.tell_empty("grid"):
            try:
                return grids.from_url(asked)
            except LenetError as error:
                ui.problem(error)
    elif example in held and not ui.went_back():
        return held[example]
    return EXAMPLES[example].grid()


def take_example() -> None:
    """Set grid and layer to those of the selected example."""
    example = EXAMPLES.get(state["preset"], EXAMPLES["3x3"])
    own = {"kernel": example.kernel_size, "stride": example.stride, "padding": example.padding, "mode": "max"}
    state.update(own | EXTRAS)
    for name in ("grid", "uncut", "lesson", "readings", "understood"):
        state.pop(name, None)
    ui.query().pop("grid", None)


def begin_lesson(beginning: Mapping[str, Any]) -> None:
    """Set everything to the beginning of a lesson."""
    state["preset"] = beginning["preset"]
    take_example()
    change_settings(beginning)


def change_settings(settings: Mapping[str, Any]) -> None:
    """Set these widgets by their keys, and the grid, which is written as in the URL."""
    others = dict(settings)
    if "grid" in others:
        state["grid"] = {state["preset"]: grids.from_url(others.pop("grid"))}
    state.update(others)


def change_grid(make: Callable[[grids.Grid], grids.Grid], *, cut: bool = False) -> None:
    """Replace the current grid; if `make` raises a LenetError, the old one is kept.

    A grid that was only `cut` to another size can be restored: the whole of it is remembered.
    """
    [(example, grid)] = state.get("grid", {"3x3": EXAMPLES["3x3"].grid()}).items()
    whole = state.get("uncut", grid)
    try:
        grid = make(whole if cut else grid)
    except LenetError as error:
        state["grid_problem"] = error
    else:
        state["uncut"] = whole if cut else grid
        state.pop("readings", None)
    use_grid(example, grid)


def grid_notes(example: Example, grid: grids.Grid) -> str:
    """How the reader's text was understood, and what a link to this grid will not hold; "" for the example's own."""
    told = [editor().understood(grid)]
    if not grids.equal(example.grid(), grid) and grids.to_url(grid) is None:
        told.append(
            _(
                "A link to this page does not hold this grid: it has {n} numbers, and the address has room for {limit}. "
                "Whoever opens the link, or reloads the page, sees the example. To keep the numbers, copy their text "
                "from **Your own grid**."
            ).format(n=grid.size, limit=grids.URL_NUMBERS)
        )
    return paragraph(*told)


def take_picture() -> None:
    """Show the uploaded picture in place of the example's."""
    if not editor().has_picture():
        return
    if state["preset"] != "image":
        state["preset"] = "image"
        take_example()
        state["grid"] = {"image": EXAMPLES["image"].grid()}
    change_grid(editor().from_picture)


# -- the reader's own grid ---------------------------------------------------------------------------------------


def editor() -> GridEditor:
    return GridEditor(change_grid)


def show_editor(grid: grids.Grid) -> None:
    """The contents of “Your own grid”: numbers as text, another size, or a picture."""
    numbers, size, picture = st.tabs([_("Numbers"), _("Size"), _("Picture")], width=440)
    with numbers:
        editor().show_numbers(grid)
    with size:
        editor().show_size(grid)
    with picture:
        ui.guard(partial(editor().show_picture, take_picture))
