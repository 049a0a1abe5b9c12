"""What each colour means, the same in every figure and component, in light and dark.

All scales vary in lightness as well as hue, so they remain readable with colour blindness and on a weak projector.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEQUENTIAL = [[0.0, "#f1f5fb"], [0.25, "#bcd3ee"], [0.5, "#6f9fd8"], [0.75, "#2f68b1"], [1.0, "#0b2f6b"]]
"""Activations and other amounts ≥ 0: pale (none) to deep blue (most)."""
DIVERGING = [[0.0, "#053061"], [0.25, "#4393c3"], [0.5, "#f7f7f7"], [0.75, "#d6604d"], [1.0, "#67001f"]]
"""Kernels and other signed values, always centred on zero: blue is negative, red is positive."""
GREY = [[0.0, "#000000"], [1.0, "#ffffff"]]
"""Images as they are: 0 is black."""


def scale(low: float, high: float, *, image: bool = False) -> tuple[list[list[Any]], float, float]:
    """The colours for numbers from `low` to `high`, and the numbers at their two ends: one rule for every grid.

    Pale is 0, and a number is the darker the further it is from 0. Numbers that are never negative are blue; where there
    are negative ones those are blue and the positive ones red. An `image` is shown as it is, from 0 to 255.
    """
    if image:
        return GREY, 0.0, 255.0
    if low >= 0:
        return SEQUENTIAL, 0.0, high or 1.0
    most = max(-low, high)
    return DIVERGING, -most, most


def rgb(places: NDArray[Any], scale: Sequence[Sequence[Any]]) -> NDArray[np.uint8]:
    """Red, green and blue [..., 3] at `places` [...] of a scale, 0 to 1."""
    stops = [float(stop) for stop, _color in scale]
    colors = np.array([list(bytes.fromhex(color[1:])) for _stop, color in scale], float)
    return np.stack([np.interp(places, stops, channel) for channel in colors.T], -1).round().astype(np.uint8)


WINDOW = "#f59e0b"
"""“This window”: the same amber in every figure."""
PADDING = "#94a3b8"
"""Padding: a muted tone, hatched where a figure can hatch."""

MUTED = "#64748b"
"""Grey, for what stands beside the point."""
GRID = "rgba(128,128,128,0.2)"
"""Lines behind a curve: quiet on white and on black."""

WRONG = "#dc2626"
"""Marks what is wrong; always together with a dashed line or a word, never by colour alone."""

SERIES = ("#3b7dd8", "#d97706", "#0d9488", "#b44aa0", "#71809a", "#dc4545", "#5f9a12", "#8b5cf6")
"""Runs and other series, in this order (blue and amber first: safe for all common forms of colour blindness). Each
contrasts with the light and the dark background by at least 3:1."""


def faded(color: str, opacity: float) -> str:
    """A colour `#rrggbb` with so much opacity, 0 to 1, as Plotly and CSS take it: `rgba(245,158,11,0.35)`."""
    red, green, blue = bytes.fromhex(color[1:])
    return f"rgba({red},{green},{blue},{opacity:g})"


def text_on(color_fraction: float) -> str:
    """Black or white, whichever reads better on SEQUENTIAL at this fraction."""
    return "#ffffff" if color_fraction > 0.55 else "#0f172a"
