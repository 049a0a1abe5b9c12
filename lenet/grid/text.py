"""Between a grid and text.

Text may be what a spreadsheet or a CSV file gives (a row on each line, a blank line between
channels) or what stands in a URL: `0,1,2;3,4,5`, with `|` between channels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from numpy.typing import NDArray

from lenet.common.formatting import number
from lenet.grid.values import LIMIT, MAX_CHANNELS, MAX_SIDE, Grid, GridError, sealed

MAX_TEXT = 50_000
URL_NUMBERS = 64
"""A grid with more numbers than this is not put into the URL."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def parse_number(text: str, channel: int, row: int, column: int) -> float:
    """The number in a cell; the place (counted from 0) is named in the GridError if it cannot be used."""
    place = {"channel": channel + 1, "row": row + 1, "column": column + 1, "limit": number(LIMIT)}
    text = text.strip().replace("−", "-")
    if not text:
        raise GridError("cell_empty", **place)
    if not _NUMBER.fullmatch(text):
        raise GridError("cell_not_number", value=_shown(text), **place)
    if abs(value := float(text)) > LIMIT:
        raise GridError("cell_too_large", value=_shown(text), **place)
    return value + 0.0  # -0 is 0 here: it pools the same and reads better


def parse(text: str) -> Grid:
    """A grid from text. Cells are parted by tabs, else by commas, else by spaces.

    Raises GridError with the first thing that is wrong.
    """
    if len(text) > MAX_TEXT:
        raise GridError("grid_text_too_long", found=len(text), limit=MAX_TEXT)
    lines = [line.strip(" ") for line in text.replace("|", "\n\n").replace(";", "\n").splitlines()]
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:  # a line of tabs or commas alone is a row of empty cells
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    channels = [block for block in blocks if block]
    if not channels:
        raise GridError("grid_empty")
    if len(channels) > MAX_CHANNELS:
        raise GridError("grid_too_many_channels", found=len(channels), limit=MAX_CHANNELS)
    rows = [[_cells(line) for line in block] for block in channels]
    height, width = len(rows[0]), len(rows[0][0])
    if max(map(len, rows)) > MAX_SIDE or max(len(row) for block in rows for row in block) > MAX_SIDE:
        found = {"height": max(map(len, rows)), "width": max(len(row) for block in rows for row in block)}
        raise GridError("grid_too_large", limit=MAX_SIDE, **found)
    for c, block in enumerate(rows):
        if len(block) != height:
            raise GridError("grid_channels_differ", channel=c + 1, found=len(block), expected=height)
        for r, row in enumerate(block):
            if len(row) != width:
                raise GridError("grid_ragged", channel=c + 1, row=r + 1, found=len(row), expected=width)
    return sealed(
        [
            [[parse_number(cell, c, i, j) for j, cell in enumerate(row)] for i, row in enumerate(block)]
            for c, block in enumerate(rows)
        ]
    )


def with_cell(grid: Grid, edit: object) -> Grid:
    """The grid after an edit `{"channel", "row", "column", "text"}`, counted from 0, that came from the browser.

    Raises GridError; the grid that was given stays as it is.
    """
    if not isinstance(edit, Mapping) or not isinstance(text := edit.get("text"), str):
        _refuse(edit)
    c, i, j = place = [edit.get(name) for name in ("channel", "row", "column")]
    if not all(type(n) is int and 0 <= n < size for n, size in zip(place, grid.shape, strict=True)):
        _refuse(place)
    changed = grid.copy()
    changed[c, i, j] = parse_number(text, *place)  # type: ignore[arg-type]
    return sealed(changed)


def _refuse(edit: object) -> NoReturn:
    raise GridError("grid_bad_edit", value=_shown(repr(edit)))


def to_text(grid: Grid) -> str:
    """The grid as text that `parse` reads back exactly: lines of `1, 2, 3`, a blank line between channels."""
    return "\n\n".join("\n".join(", ".join(map(_exact, row)) for row in channel.tolist()) for channel in grid)


def to_csv(values: NDArray[Any]) -> str:
    """An array (channels, height, width) as CSV, with a blank line between channels; -inf and NaN as such."""
    return "\n\n".join("\n".join(",".join(map(_exact, row)) for row in channel.tolist()) for channel in values) + "\n"


def to_url(grid: Grid) -> str | None:
    """The grid as the value of `?grid=`, or None if it has too many numbers for a URL."""
    if grid.size > URL_NUMBERS:
        return None
    return "|".join(";".join(",".join(map(_exact, row)) for row in channel.tolist()) for channel in grid)


def tidy(value: float) -> str:
    """A number as a reader likes it: `5`, `−0.25`, `1.3333`; infinities as `∞`, and `NaN`.

    At most four decimals, and four significant digits for what is smaller than they can show.
    """
    if value != value:
        return "NaN"
    if abs(value) == float("inf"):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 0.001 or value == 0 else f"{value:.4g}"
    return text.replace("-", "−") if text != "-0" else "0"


def _exact(value: float) -> str:
    """The shortest text that is read back as this number."""
    return repr(value).removesuffix(".0")


def _cells(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split(",") if "," in line else line.split()


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
