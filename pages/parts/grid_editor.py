"""The numbers of a grid as text, and its size: what both sandboxes offer under “Your own”."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.common import pictures
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.runs import rules

state = st.session_state


@dataclass(frozen=True)
class GridEditor:
    """The widgets that change one grid of a page.

    `change(make, cut=…)` replaces the grid by what `make` makes of it, or tells why it cannot; a grid that was only `cut`
    can be restored. `prefix` keeps apart the widgets of several grids.
    """

    change: Callable[..., None]
    prefix: str = ""

    def key(self, name: str) -> str:
        return self.prefix + name

    def take_text(self, key: str) -> None:
        """Use the numbers of the text area `key`, or ask which of its meanings is meant."""
        try:
            self.take_reading(grids.read(state[key]))
        except LenetError as error:
            state["grid_problem"] = error
            state.pop(self.key("understood"), None)  # that is said of an earlier text
            state[self.key("readings")] = error.readings if isinstance(error, grids.AmbiguousText) else []

    def take_reading(self, reading: grids.Reading) -> None:
        """Use one of the grids that a text can mean."""
        self.change(lambda _grid: reading.grid)
        state[self.key("understood")] = reading

    def understood(self, grid: grids.Grid) -> str:
        """How the reader's text was understood; "" once its grid is another."""
        reading: grids.Reading | None = state.get(self.key("understood"))
        if reading and grids.equal(reading.grid, grid):
            return _("Your text was read as {reading}.").format(reading=reading)
        return ""

    def show_numbers(self, grid: grids.Grid) -> None:
        key = self.key(f"text_{crc32(grid.tobytes()):08x}")  # the typed text is kept until the grid changes
        readings: list[grids.Reading] = state.get(self.key("readings"), [])
        with st.form(self.key("text"), border=False):
            st.text_area(
                _(
                    "One row on each line, an empty line between channels; up to {n}×{n} numbers and {channels} channels."
                ).format(n=grids.MAX_SIDE, channels=grids.MAX_CHANNELS),
                grids.to_text(grid),
                key=key,
                height=100 if readings else 200,
                help=_(
                    "Separate numbers with tabs, commas, semicolons or spaces. You can also paste ranges of spreadsheets, "
                    "Markdown tables, and arrays and tensors as Python, NumPy and PyTorch print them."
                ),
            )
            st.form_submit_button(
                _("Use these numbers"),
                key=self.key("use"),
                on_click=self.take_text,
                args=(key,),
                type="primary",
            )
        if readings:
            ui.markdown(_("The text can be read in more than one way. Use:"))
        for n, reading in enumerate(readings):
            label = _("{reading}: {beginning}").format(reading=reading, beginning=reading.beginning)
            st.button(
                ui.plain(label),
                key=self.key(f"reading{n}"),
                on_click=self.take_reading,
                args=(reading,),
                width="stretch",
            )

    def show_size(self, grid: grids.Grid) -> None:
        sides = {"channels": _("Channels"), "rows": _("Rows"), "columns": _("Columns")}

        def resize() -> None:
            channels, rows, columns = (state[self.key(side)] for side in sides)
            self.change(lambda grid: grids.resized(grid, channels, rows, columns), cut=True)

        for (side, label), n in zip(sides.items(), grid.shape, strict=True):
            most = max(n, grids.MAX_CHANNELS if side == "channels" else grids.MAX_SIDE)
            self.slider(label, side, n, most, resize)
        count, chance = st.columns(2)
        count.button(
            "0, 1, 2 …", key=self.key("count"), width="stretch",
            on_click=self.change, args=(lambda grid: grids.counting(grid.shape),),
        )  # fmt: skip
        chance.button(
            _("Random"), key=self.key("random"), width="stretch", icon=":material/casino:",
            on_click=self.change, args=(lambda grid: grids.random(grid.shape, crc32(grid.tobytes())),),
        )  # fmt: skip

    def show_picture(self, take: Callable[[], None]) -> None:
        """A picture in the place of the grid; `take` uses it, as `from_picture` reads it."""
        st.file_uploader(
            _("A picture of any size: only its scaled-down numbers are kept."),
            list(pictures.FORMATS),
            key=self.key("picture"),
            max_upload_size=rules.upload_mb(pictures.MAX_MB),
            on_change=take,
        )
        st.slider(
            _("Scale down to (pixels)"), 4, grids.MAX_SIDE, grids.MAX_SIDE, key=self.key("side"), on_change=take
        )
        st.toggle(_("Red, green and blue as channels"), key=self.key("color"), on_change=take)

    def has_picture(self) -> bool:
        return state[self.key("picture")] is not None

    def from_picture(self, _grid: grids.Grid) -> grids.Grid:
        """The picture as a grid. Raises LenetError if the file is none."""
        side, color = state[self.key("side")], state[self.key("color")]
        file = state[self.key("picture")].getvalue()
        return grids.from_picture(file, side, color=color, limit_mb=rules.upload_mb(pictures.MAX_MB))

    def slider(self, label: str, name: str, n: int, most: int, on_change: Callable[[], Any]) -> None:
        key = self.key(name)
        if state.get(key) != n:  # setting it again would move the slider while the reader drags it
            state[key] = n
        st.slider(label, 1, most, key=key, on_change=on_change)
