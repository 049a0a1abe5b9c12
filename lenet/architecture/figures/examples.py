"""The test images that move a channel most, and what each class does to it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours
from lenet.common.translation import translate as _


def gallery(images: NDArray[np.uint8], captions: Sequence[str]) -> go.Figure:
    """Images (N, 1, H, W) side by side, each under its caption."""
    n, _c, height, width = images.shape
    grid = np.full((height, n * (width + 2)), np.nan, np.float32)
    for i, one in enumerate(images):
        grid[:, i * (width + 2) : i * (width + 2) + width] = one[0]
    text = {
        "type": "scatter", "mode": "text", "x": [i * (width + 2) + width / 2 for i in range(n)], "y": [height + 3] * n,
        "text": list(captions), "hoverinfo": "skip", "textfont": {"size": 12},
    }  # fmt: skip
    heat = {
        "type": "heatmap", "z": grid[::-1], "colorscale": colours.GREY, "zmin": 0, "zmax": 255, "showscale": False,
        "hoverinfo": "skip", "hoverongaps": False,
    }  # fmt: skip
    return charts.figure(
        [heat, text],
        height=150,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis=charts.bare_axis(range=[-1, n * (width + 2)]),
        yaxis=charts.bare_axis(range=[-1, height + 8], scaleanchor="x"),
    )


def by_class(values: Sequence[float], classes: Sequence[str]) -> go.Figure:
    """A bar for each of the `classes`, by name; none where the value is NaN."""
    bars = {
        "type": "bar", "x": list(classes), "y": [None if math.isnan(v) else v for v in values],
        "marker": {"color": colours.SERIES[0]},
    }  # fmt: skip
    return charts.figure(
        [bars | {"hovertemplate": "%{x}: %{y:.4g}<extra></extra>"}],
        height=220,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        xaxis={"fixedrange": True, "type": "category"},
        yaxis={"fixedrange": True, "title": {"text": _("mean activation")}},
    )
