"""One pooling layer as a Plotly figure, for notebooks: the input with its padding, and the output."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from lenet.common import charts, colours
from lenet.common.translation import translate as _
from lenet.grid import tidy
from lenet.pooling.arguments import PoolingError, as_array
from lenet.pooling.arithmetic import Pooling

MOST_TEXTS = 20
"""Cells along a side in which numbers can still be read."""
CELL = 34  # pixels
HEIGHT = 180, 640  # pixels, at least and at most


def figure(pool: Pooling, array: ArrayLike) -> go.Figure:
    """The plane `array` (H, W), its padding, and what `pool` makes of it (H', W'), side by side on one colour scale.

    Raises PoolingError where the array is no plane, or the layer does not fit it.
    """
    plane = as_array("array", array)
    if plane.ndim != 2:
        raise PoolingError("plane_dims", {"argument": "array", "value": plane.ndim})
    output = pool(plane)
    rows, columns = pool.padded_extent((plane.shape[0], plane.shape[1]))
    padded = np.full((rows[1] - rows[0], columns[1] - columns[0]), np.nan)
    padded[-rows[0] : plane.shape[0] - rows[0], -columns[0] : plane.shape[1] - columns[0]] = plane
    finite = np.concatenate([m[np.isfinite(m)] for m in (plane.astype(float), output.astype(float))])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    scale, low, high = colours.scale(low, high)
    tall = max(len(padded), len(output))
    figure = go.Figure(
        [
            _cells(padded, rows[0], columns[0], scale, (low, high), ""),
            _cells(output, 0, 0, scale, (low, high), "2"),
        ]
    )
    share = padded.shape[1] / (padded.shape[1] + output.shape[1])
    left, right = [0.0, max(share - 0.04, 0.1)], [min(share + 0.04, 0.9), 1.0]
    axis = {"showgrid": False, "zeroline": False, "constrain": "domain", "dtick": 1 if tall <= MOST_TEXTS else 4}
    figure.update_layout(
        charts.common_layout(min(max(CELL * tall + 60, HEIGHT[0]), HEIGHT[1])) | {"margin": {"l": 30, "r": 8, "t": 40, "b": 24}},
        xaxis=axis | {"domain": left},
        yaxis=axis | {"autorange": "reversed", "scaleanchor": "x"},
        xaxis2=axis | {"domain": right, "anchor": "y2"},
        yaxis2=axis | {"autorange": "reversed", "scaleanchor": "x2", "anchor": "x2"},
        annotations=[_title(_("Input {shape}").format(shape=_shape(plane)), left), _title(_("Output {shape}").format(shape=_shape(output)), right)],
        shapes=_padding(pool, (plane.shape[0], plane.shape[1]), rows, columns),
    )  # fmt: skip
    return figure


def _cells(
    values: NDArray[Any], top: int, left: int, scale: Any, limits: tuple[float, float], axis: str
) -> dict[str, Any]:
    """A map as a heatmap; its first cell is row `top`, column `left`. Padding is NaN here, and left empty."""
    texts = [["" if value != value else tidy(value) for value in row] for row in values.astype(float).tolist()]
    return {
        "type": "heatmap", "z": values.astype(float), "x0": left, "y0": top, "dx": 1, "dy": 1, "xgap": 1, "ygap": 1,
        "zmin": limits[0], "zmax": limits[1], "colorscale": scale, "showscale": False, "hoverongaps": False,
        "xaxis": f"x{axis}", "yaxis": f"y{axis}", "text": texts,
        "texttemplate": "%{text}" if max(values.shape) <= MOST_TEXTS else "",
        "hovertemplate": _("row {row}, column {column}").format(row="%{y}", column="%{x}") + ": %{text}<extra></extra>",
    }  # fmt: skip


def _padding(
    pool: Pooling, size: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
) -> list[dict[str, Any]]:
    """The ring of padding in its muted tone, below the cells; dashed, what the last window reaches beyond it."""
    height, width = size
    ring = {
        "type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": colours.PADDING, "opacity": 0.35,
        "x0": -pool.padding[1] - 0.5, "x1": width + pool.padding[1] - 0.5,
        "y0": -pool.padding[0] - 0.5, "y1": height + pool.padding[0] - 0.5,
    }  # fmt: skip
    all_there_is = {
        "type": "rect", "layer": "below", "line": {"width": 1, "dash": "dot", "color": colours.PADDING},
        "x0": columns[0] - 0.5, "x1": columns[1] - 0.5, "y0": rows[0] - 0.5, "y1": rows[1] - 0.5,
    }  # fmt: skip
    return [ring, all_there_is]


def _title(text: str, domain: list[float]) -> dict[str, Any]:
    where = {"xref": "paper", "yref": "paper", "x": sum(domain) / 2, "y": 1, "yshift": 18}
    return where | {"text": text, "showarrow": False, "xanchor": "center", "yanchor": "bottom"}


def _shape(values: NDArray[Any]) -> str:
    return "×".join(map(str, values.shape))
