"""The test images that move a channel most, and what each class does to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours
from lenet.common.translation import translate as _

IN_ROW = 5
"""Images side by side on a phone."""


def gallery(images: NDArray[np.uint8], captions: Sequence[str]) -> go.Figure:
    """Images (N, 1, H, W) side by side, each under its caption; on a phone in rows."""
    n = len(images)
    wide, narrow = _rows(images, n), _rows(images, min(n, IN_ROW))
    text = {
        "type": "scatter", "mode": "text", "x": wide.x, "y": wide.y, "text": list(captions), "hoverinfo": "skip",
        "textfont": {"size": 12}, "meta": {"narrow": {"x": narrow.x, "y": narrow.y, "textfont.size": 11}},
    }  # fmt: skip
    heat = {
        "type": "heatmap", "z": wide.grid, "colorscale": colours.GREY, "zmin": 0, "zmax": 255, "showscale": False,
        "hoverinfo": "skip", "hoverongaps": False, "meta": {"narrow": {"z": charts.packed(narrow.grid)}},
    }  # fmt: skip
    height, width = narrow.grid.shape
    return charts.figure(
        [heat, text],
        height=150,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        narrow={
            "height": round(350 * (height + 2) / width), "xaxis.range": [-1, width + 1], "yaxis.range": [-1, height],
        },
        xaxis=charts.bare_axis(range=[-1, wide.grid.shape[1] + 1]),
        yaxis=charts.bare_axis(range=[-1, wide.grid.shape[0]], scaleanchor="x"),
    )  # fmt: skip


@dataclass(frozen=True)
class _Rows:
    """Images in rows with room above each, from the bottom up as Plotly draws; and where the middle of each caption is."""

    grid: NDArray[np.float32]
    x: list[float]
    y: list[float]


def _rows(images: NDArray[np.uint8], columns: int) -> _Rows:
    n, _channels, height, width = images.shape
    rows = math.ceil(n / columns)
    room = round(0.45 * height) if rows > 1 else 8  # on a phone images are smaller, beside letters of the same size
    pitch = height + room
    grid = np.full((rows * pitch, columns * (width + 2) - 2), np.nan, np.float32)
    x, y = [], []
    for i, one in enumerate(images):
        left, top = i % columns * (width + 2), i // columns * pitch + room
        grid[top : top + height, left : left + width] = one[0]
        x.append(left + width / 2)
        y.append(len(grid) - top + room / 2 - 1)
    return _Rows(grid[::-1], x, y)


def by_class(values: Sequence[float], classes: Sequence[str]) -> go.Figure:
    """A bar for each of the `classes`, by name; none where the value is NaN. On a phone the bars lie."""
    heights = [None if math.isnan(v) else v for v in values]
    names = list(classes)
    lying = {"orientation": "h", "x": heights, "y": names, "hovertemplate": "%{y}: %{x:.4g}<extra></extra>"}
    bars = {
        "type": "bar", "x": names, "y": heights, "marker": {"color": colours.SERIES[0]}, "orientation": "v",
        "hovertemplate": "%{x}: %{y:.4g}<extra></extra>", "meta": {"narrow": lying},
    }  # fmt: skip
    title = _("mean activation")
    return charts.figure(
        [bars],
        height=220,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        narrow={
            "height": 70 + 22 * len(names), "margin.l": 8, "xaxis.type": "linear", "xaxis.title.text": title,
            "yaxis.type": "category", "yaxis.title.text": "", "yaxis.autorange": "reversed",
        },
        xaxis={"fixedrange": True, "type": "category", "title": {"text": ""}},
        yaxis={"fixedrange": True, "type": "linear", "title": {"text": title}, "automargin": True, "autorange": True},
    )  # fmt: skip
