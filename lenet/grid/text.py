"""Grids of numbers to pool: the examples of the sandbox, and the way between a grid and text.

A grid is a read-only float64 array (channels, height, width), at most 4×28×28, every number finite and at most
10⁶ in size. Text may be what a spreadsheet or a CSV file gives (a row on each line, a blank line between
channels) or what stands in a URL: `0,1,2;3,4,5`, with `|` between channels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Resampling

from lenet import data
from lenet.common import pictures
from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.common.translation import N_

MAX_SIDE = 28
MAX_CHANNELS = 4
LIMIT = 1_000_000
MAX_TEXT = 50_000
URL_NUMBERS = 64
"""A grid with more numbers than this is not put into the URL."""

Grid = NDArray[np.float64]


class GridError(LenetError):
    """A grid, or a cell of one, that cannot be used."""


# -- text and numbers --------------------------------------------------------------------------------------------

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
    return _sealed(
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
    return _sealed(changed)


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


def equal(a: Grid, b: Grid) -> bool:
    return a.shape == b.shape and bool((a == b).all())


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


def _sealed(numbers: Any) -> Grid:
    grid = np.array(numbers, dtype=np.float64)
    grid.flags.writeable = False
    return grid


# -- other sizes, other numbers ----------------------------------------------------------------------------------


def resized(grid: Grid, channels: int, height: int, width: int) -> Grid:
    """The grid cut or extended at its right and lower edge; new cells are 0, a new channel repeats the last one."""
    result = np.zeros((channels, height, width))
    kept = grid[np.minimum(np.arange(channels), len(grid) - 1), :height, :width]
    result[:, : kept.shape[1], : kept.shape[2]] = kept
    return _sealed(result)


def counting(shape: tuple[int, int, int]) -> Grid:
    """0, 1, 2 … in reading order; each further channel begins one higher, as in the note."""
    channels, height, width = shape
    return _sealed(np.arange(height * width).reshape(height, width) + np.arange(channels).reshape(-1, 1, 1))


def random(shape: tuple[int, int, int], seed: int) -> Grid:
    """Whole numbers from −9 to 9; the same for a seed."""
    return _sealed(np.random.default_rng(seed).integers(-9, 10, shape))


def from_picture(file: bytes, side: int = MAX_SIDE, *, color: bool = False) -> Grid:
    """A picture of any size, scaled down so that its longer side is `side`: numbers from 0 (black) to 255 (white).

    One channel of grey, or with `color` red, green and blue. Raises LenetError for a file that `images.decode` refuses.
    """
    flat = pictures.decode(file, 4 * side).convert("RGB" if color else "L")
    scale = min(1.0, side / max(flat.size))
    width, height = (max(1, round(n * scale)) for n in flat.size)
    pixels = np.asarray(flat.resize((width, height), Resampling.BOX), dtype=np.float64)
    return _sealed(pixels.transpose(2, 0, 1) if color else pixels[None])


# -- examples ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preset:
    """An example: a grid, the layer to look at it with, and one sentence on what there is to see.

    `name` and `remark` are English, to be translated when shown.
    """

    name: str
    remark: str
    numbers: Callable[[], Any]
    kernel_size: int
    stride: int
    padding: int
    image: bool = False

    @cache  # noqa: B019 - the presets live as long as the module
    def grid(self) -> Grid:
        """(channels, height, width). The image raises DataError if the bundled sample is damaged."""
        return _sealed(self.numbers())


def _two_channels() -> Any:
    x = np.arange(16.0).reshape(1, 4, 4)
    return np.concatenate([x, x + 1])


PRESETS: dict[str, Preset] = {
    "3x3": Preset(
        N_("3×3"),
        N_("A 2×2 window moves over the grid one cell at a time and keeps one number for each place it stops."),
        lambda: np.arange(9.0).reshape(1, 3, 3),
        kernel_size=2,
        stride=1,
        padding=0,
    ),
    "4x4": Preset(
        N_("4×4, padding 1"),
        N_("Padding lets the window hang over the edge; a stride of 2 makes it skip every other place."),
        lambda: np.arange(16.0).reshape(1, 4, 4),
        kernel_size=3,
        stride=2,
        padding=1,
    ),
    "channels": Preset(
        N_("Two channels"),
        N_(
            "torch.cat((X, X + 1), 1) joins along the channel axis: one sample with two channels, shape "
            "(1, 2, 4, 4). Pooling treats every channel by itself, so two channels go in and two come out."
        ),
        _two_channels,
        kernel_size=3,
        stride=2,
        padding=1,
    ),
    "negative": Preset(
        N_("Negative numbers"),
        N_("Every number here is below zero, so a padding of zeros would win every window that touches it."),
        lambda: [[[-3, -1, -4, -1], [-5, -9, -2, -6], [-5, -3, -5, -8], [-9, -7, -9, -3]]],
        kernel_size=3,
        stride=2,
        padding=1,
    ),
    "image": Preset(
        N_("Image"),
        N_(
            "An ankle boot, 28×28 pixels from 0 (black) to 255 (white): a quarter of the numbers still shows the boot."
        ),
        lambda: data.load("test", "sample")[0][0],
        kernel_size=2,
        stride=2,
        padding=0,
        image=True,
    ),
}
