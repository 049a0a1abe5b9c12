"""A grid as text, and cells of text as a grid. What a pasted text means is told by `lenet.grid.reading`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from numpy.typing import NDArray

from lenet.common.formatting import number
from lenet.common.numbers import meanings
from lenet.grid.values import LIMIT, MAX_CHANNELS, MAX_SIDE, Grid, GridError, sealed

URL_NUMBERS = 64
"""A grid with more numbers than this is not put into the URL."""


MOST_EDITS = 100
"""Cells that are changed at once; nobody types more within a few seconds."""


def parse_number(text: str, channel: int, row: int, column: int) -> float:
    """The number typed into a cell; the place (counted from 0) is named in the GridError if it cannot be used.

    A comma can only be a decimal comma here, or stand between thousands.
    """
    found = meanings(text)
    if len(found) > 1:
        one, other = map(tidy, found)
        raise GridError(
            "cell_ambiguous", value=_shown(text.strip()), one=one, other=other, **_place(channel, row, column)
        )
    return _checked(found[0] if found else None, text, channel, row, column)


def grid_of(channels: Sequence[Sequence[Sequence[str]]], meaning: Callable[[str], float | None]) -> Grid:
    """The grid of cells given as text; `meaning` is the number of a cell's text, or None.

    Raises GridError with the first thing that is wrong: sizes first, then cells in reading order.
    """
    if not channels or not channels[0] or not channels[0][0]:
        raise GridError("grid_empty")
    if len(channels) > MAX_CHANNELS:
        raise GridError("grid_too_many_channels", found=len(channels), limit=MAX_CHANNELS)
    height, width = len(channels[0]), len(channels[0][0])
    found = {"height": max(map(len, channels)), "width": max(len(row) for rows in channels for row in rows)}
    if max(found.values()) > MAX_SIDE:
        raise GridError("grid_too_large", limit=MAX_SIDE, **found)
    for c, rows in enumerate(channels):
        if len(rows) != height:
            raise GridError("grid_channels_differ", channel=c + 1, found=len(rows), expected=height)
        for r, row in enumerate(rows):
            if len(row) != width:
                raise GridError("grid_ragged", channel=c + 1, row=r + 1, found=len(row), expected=width)
    return sealed(
        [
            [[_checked(meaning(cell), cell, c, i, j) for j, cell in enumerate(row)] for i, row in enumerate(rows)]
            for c, rows in enumerate(channels)
        ]
    )


def _checked(number: float | None, text: str, channel: int, row: int, column: int) -> float:
    """The number that a cell's text means, if it is one and within the limit."""
    place = _place(channel, row, column)
    if not text.strip():
        raise GridError("cell_empty", **place)
    if number is None:
        raise GridError(
            "cell_other_decimals" if meanings(text) else "cell_not_number", value=_shown(text.strip()), **place
        )
    if abs(number) > LIMIT:
        raise GridError("cell_too_large", value=_shown(text.strip()), **place)
    return number


def _place(channel: int, row: int, column: int) -> dict[str, Any]:
    return {"channel": channel + 1, "row": row + 1, "column": column + 1, "limit": number(LIMIT)}


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
    """The grid as text that `read` reads back exactly: lines of `1, 2, 3`, a blank line between channels."""
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


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
