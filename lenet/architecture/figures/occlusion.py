"""Which pixels of an image matter."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours
from lenet.common.translation import translate as _

PALEST = 0.02
"""The end of the scale, at least: changes that round to 0.00 stay pale."""


def occlusion(pixels: NDArray[np.float32], falls: NDArray[np.float32]) -> go.Figure:
    """The image (channels, height, width) beside the fall of its class's probability (height, width) where it is covered."""
    most = max(float(np.abs(falls).max()), PALEST)
    common = {"type": "heatmap", "hovertemplate": "%{z:.3f}<extra></extra>"}
    image = common | {
        "z": pixels.mean(0)[::-1], "colorscale": colours.GREY, "zmin": 0, "zmax": 1, "showscale": False,
    }  # fmt: skip
    heat = common | {
        "z": falls[::-1], "colorscale": colours.DIVERGING, "zmin": -most, "zmax": most, "xaxis": "x2", "yaxis": "y2",
        "colorbar": {"thickness": 12, "title": {"text": _("decrease"), "side": "top"}},
        "meta": {"narrow": {
            "colorbar.orientation": "h", "colorbar.y": -0.02, "colorbar.yanchor": "top", "colorbar.thickness": 10,
        }},
    }  # fmt: skip
    return charts.figure(
        [image, heat],
        height=300,
        narrow={
            "height": 270,
            "xaxis.domain": [0, 0.49],
            "xaxis2.domain": [0.51, 1],
            "margin.b": 60,
        },
        xaxis=charts.bare_axis(domain=[0, 0.46], constrain="domain"),
        yaxis=charts.bare_axis(scaleanchor="x", constrain="domain"),
        xaxis2=charts.bare_axis(domain=[0.5, 0.96], constrain="domain"),
        yaxis2=charts.bare_axis(scaleanchor="x2", anchor="x2", constrain="domain"),
    )
