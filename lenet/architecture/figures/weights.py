"""The weights of a layer as coloured cells."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours


def weights(weight: NDArray[np.float32]) -> go.Figure:
    """The weights of a layer on a scale centred on zero.

    A convolution (out, in, kh, kw) has a column of kernels for each output channel, a row for each input channel; a
    dense layer (out, in) is its matrix. Of very large layers the first rows and columns are drawn.
    """
    if weight.ndim == 4:
        out, inputs, kh, kw = (min(n, 64) for n in weight.shape)
        grid = np.full((inputs * (kh + 1) - 1, out * (kw + 1) - 1), np.nan, np.float32)
        for o, i in np.ndindex(out, inputs):
            grid[i * (kh + 1) : i * (kh + 1) + kh, o * (kw + 1) : o * (kw + 1) + kw] = weight[o, i]
    else:
        grid = np.atleast_2d(weight)[:256, :512]
    most = float(np.abs(weight).max()) or 1.0
    heat = {
        "type": "heatmap", "z": grid[::-1], "colorscale": colours.DIVERGING, "zmin": -most, "zmax": most,
        "hoverongaps": False, "hovertemplate": "%{z:.4f}<extra></extra>",
        "colorbar": {"thickness": 10, "tickformat": ".2g"},
    }  # fmt: skip
    rows, columns = grid.shape
    return charts.figure(
        [heat],
        height=int(np.clip(340 * rows / columns + 40, 90, 340)),
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        xaxis=charts.bare_axis(constrain="domain"),
        yaxis=charts.bare_axis(scaleanchor="x", constrain="domain"),
    )
