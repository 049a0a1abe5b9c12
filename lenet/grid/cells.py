"""Cells as a component draws them: a number as text, and its place on a colour scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common import colours
from lenet.grid.text import tidy

Shades = Callable[[NDArray[np.float64]], list[list[int | None]]]
"""Maps (channels, height, width) → for each channel the places of its cells on the scale, 0 to 100; None: not finite."""


def texts(values: NDArray[np.float64]) -> list[list[str]]:
    """The numbers of each channel, row by row, as a reader likes them."""
    return [[tidy(value) for value in channel] for channel in values.reshape(len(values), -1).tolist()]


def shading(maps: Sequence[NDArray[np.float64]], image: bool) -> tuple[list[list[Any]], Shades, dict[str, Any]]:
    """For maps that are seen together: the colour scale, what places values on it, and a legend.

    The legend is the part of the scale that is used, `range` (places from 0 to 100), with `ticks`: (place, text) of the
    smallest number, the largest, and 0 where it lies between them.
    """
    finite = np.concatenate([values[np.isfinite(values)] for values in maps])
    smallest, largest = float(finite.min()), float(finite.max())
    scale, low, high = colours.scale(smallest, largest, image=image)

    def place(value: float) -> float:
        return min(max((value - low) / (high - low) * 100, 0.0), 100.0)

    def shades(values: NDArray[np.float64]) -> list[list[int | None]]:
        flat = values.reshape(len(values), -1)
        at = np.clip(np.where(np.isfinite(flat), (flat - low) / (high - low) * 100, -1), -1, 100).round().astype(int)
        return [[None if s < 0 else s for s in channel] for channel in at.tolist()]

    ends = (0.0, 255.0) if image else (min(smallest, 0.0), max(largest, 0.0))
    ticks = sorted({(place(value), tidy(value)) for value in (*ends, 0.0)})
    return scale, shades, {"range": [place(end) for end in ends], "ticks": ticks}
