"""The grid of numbers that a reader edits: its limits, and how another grid is made of it.

A grid is a read-only float64 array (channels, height, width), at most 4×28×28, every number finite and at most
10⁶ in size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Resampling

from lenet.common import pictures
from lenet.common.errors import LenetError

MAX_SIDE = 28
MAX_CHANNELS = 4
LIMIT = 1_000_000
"""The largest size of a number."""

Grid = NDArray[np.float64]


class GridError(LenetError):
    """A grid, or a cell of one, that cannot be used."""


def sealed(numbers: Any) -> Grid:
    """Nested lists or an array (channels, height, width) as a grid that nobody can change."""
    grid = np.array(numbers, dtype=np.float64)
    grid.flags.writeable = False
    return grid


def equal(a: Grid, b: Grid) -> bool:
    """Whether two grids have the same shape and numbers."""
    return a.shape == b.shape and bool((a == b).all())


def resized(grid: Grid, channels: int, height: int, width: int) -> Grid:
    """The grid cut or extended at its right and lower edge; new cells are 0, a new channel repeats the last one."""
    result = np.zeros((channels, height, width))
    kept = grid[np.minimum(np.arange(channels), len(grid) - 1), :height, :width]
    result[:, : kept.shape[1], : kept.shape[2]] = kept
    return sealed(result)


def counting(shape: tuple[int, int, int]) -> Grid:
    """0, 1, 2 … in reading order; each further channel begins one higher, as in the note."""
    channels, height, width = shape
    return sealed(np.arange(height * width).reshape(height, width) + np.arange(channels).reshape(-1, 1, 1))


def random(shape: tuple[int, int, int], seed: int) -> Grid:
    """Whole numbers from −9 to 9; the same for a seed."""
    return sealed(np.random.default_rng(seed).integers(-9, 10, shape))


def from_picture(
    file: bytes, side: int = MAX_SIDE, *, color: bool = False, limit_mb: float = pictures.MAX_MB
) -> Grid:
    """A picture of any size, scaled down so that its longer side is `side`: numbers from 0 (black) to 255 (white).

    One channel of grey, or with `color` red, green and blue. Raises LenetError for a file
    that `pictures.decode` refuses, or of more than `limit_mb` megabytes.
    """
    flat = pictures.decode(file, 4 * side, limit_mb).convert("RGB" if color else "L")
    scale = min(1.0, side / max(flat.size))
    width, height = (max(1, round(n * scale)) for n in flat.size)
    pixels = np.asarray(flat.resize((width, height), Resampling.BOX), dtype=np.float64)
    return sealed(pixels.transpose(2, 0, 1) if color else pixels[None])
