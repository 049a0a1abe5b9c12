"""Cells as a component draws them: a number as text, and its place on a colour scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common import colours
from lenet.grid import tidy

Shades = Callable[[NDArray[np.float64]], list[list[int | None]]]
"""Maps (channels, height, width) → for each channel the places of its cells on the scale, 0 to 100; None: not finite."""


def texts(values: NDArray[np.float64]) -> list[list[str]]:
    """The numbers of each channel, row by row, as a reader likes them."""
    return [[tidy(value) for value in channel] for channel in values.reshape(len(values), -1).tolist()]


def shading(maps: Sequence[NDArray[np.float64]], image: bool) -> tuple[list[list[Any]], Shades]:
    """The colour scale for maps that are seen together, and the function that places values on it."""
    if image:
        scale, low, high = colours.GREY, 0.0, 255.0
    else:
        finite = np.concatenate([values[np.isfinite(values)] for values in maps])
        low, high = float(finite.min()), float(finite.max())
        scale = colours.SEQUENTIAL
        if low < 0:  # signed: centred on zero
            scale, high = colours.DIVERGING, max(-low, high)
            low = -high
        else:
            low = 0.0

    def shades(values: NDArray[np.float64]) -> list[list[int | None]]:
        span = high - low or 1.0
        flat = values.reshape(len(values), -1)
        place = np.clip(np.where(np.isfinite(flat), (flat - low) / span * 100, -1), -1, 100).round().astype(int)
        return [[None if s < 0 else s for s in channel] for channel in place.tolist()]

    return scale, shades
