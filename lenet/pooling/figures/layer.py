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
MOST_TERMS = 25
"""Numbers of a window that are listed on hovering."""
CELL = 40  # pixels, unless the figure would be lower or higher than HEIGHT
HEIGHT = 180, 640  # pixels, at least and at most
HEAD = 40  # pixels above the cells, for the titles
FOOT = 24  # pixels below them


def figure(pool: Pooling, array: ArrayLike) -> go.Figure:
    """The plane `array` (H, W), its padding, and what `pool` makes of it (H', W'), side by side on one colour scale.

        figure(Pooling("max", kernel_size=2, stride=1), [[0, 1, 2], [3, 4, 5], [6, 7, 8]]).show()

    Hovering over an output cell tells the numbers of its window. Raises PoolingError where the array is no plane, or the
    layer does not fit it. Needs no torch.
    """
    plane = as_array("array", array)
    if plane.ndim != 2:
        raise PoolingError("plane_dims", {"argument": "array", "value": plane.ndim})
    output = pool(plane)
    size = plane.shape[0], plane.shape[1]
    rows, columns = pool.padded_extent(size)
    padded = np.full((rows[1] - rows[0], columns[1] - columns[0]), np.nan)
    padded[-rows[0] : size[0] - rows[0], -columns[0] : size[1] - columns[0]] = plane
    with_texts = max(*padded.shape, *output.shape) <= MOST_TEXTS
    finite = np.concatenate([m[np.isfinite(m)] for m in (plane.astype(float), output.astype(float))])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    scale, *limits = colours.scale(low, high)

    before = _cells(padded, rows[0], columns[0], with_texts) | {"xaxis": "x", "yaxis": "y"}
    after = _cells(output, 0, 0, with_texts) | {"xaxis": "x2", "yaxis": "y2"}
    if with_texts and pool.kernel_size[0] * pool.kernel_size[1] <= MOST_TERMS:
        after |= {"customdata": _formulas(pool, plane, output), "hovertemplate": _hover("%{customdata}")}
    share = padded.shape[1] / (padded.shape[1] + output.shape[1])
    left, right = [0.0, max(share - 0.03, 0.1)], [min(share + 0.03, 0.9), 1.0]
    axis = {"showgrid": False, "zeroline": False, "constrain": "domain", "dtick": 1 if with_texts else 4}
    down = axis | {"autorange": "reversed", "constraintoward": "top", "scaleanchor": "x"}  # cells of one size, square
    layout = {
        "margin": {"l": 30, "r": 8, "t": HEAD, "b": FOOT},
        "plot_bgcolor": "rgba(0,0,0,0)",  # padding is the only grey
        "xaxis": axis | {"domain": left, "constraintoward": "right"},
        "yaxis": down,
        "xaxis2": axis | {"domain": right, "constraintoward": "left", "anchor": "y2", "scaleanchor": "x"},
        "yaxis2": down | {"anchor": "x2"},
        "annotations": [
            _title(_("Input {shape}"), plane, "x"),
            _title(_("Output {shape}"), output, "x2"),
        ],
        "shapes": _padding(pool, size, rows, columns),
    }
    height = HEAD + CELL * max(len(padded), len(output)) + FOOT
    common = charts.common_layout(min(max(height, HEIGHT[0]), HEIGHT[1]))
    traces = [trace | {"colorscale": scale, "zmin": limits[0], "zmax": limits[1]} for trace in (before, after)]
    return charts.notebook_figure({"data": traces, "layout": common | layout})


def _cells(values: NDArray[Any], top: int, left: int, with_texts: bool) -> dict[str, Any]:
    """A map as a heatmap; its first cell is row `top`, column `left`. Padding is NaN here, and left empty."""
    texts = [["" if value != value else tidy(value) for value in row] for row in values.astype(float).tolist()]
    return {
        "type": "heatmap", "z": values.astype(float), "x0": left, "y0": top, "dx": 1, "dy": 1, "xgap": 1, "ygap": 1,
        "showscale": False, "hoverongaps": False, "text": texts, "texttemplate": "%{text}" if with_texts else "",
        "hovertemplate": _hover("%{text}"),
    }  # fmt: skip


def _hover(number: str) -> str:
    return _("row {row}, column {column}").format(row="%{y}", column="%{x}") + f": {number}<extra></extra>"


def _formulas(pool: Pooling, plane: NDArray[Any], output: NDArray[Any]) -> list[list[str]]:
    """For each output cell the numbers of its window and what becomes of them: `max(0, 1, 3, 4) = 4`."""
    size = plane.shape[0], plane.shape[1]
    return [
        [f"{_formula(pool, plane, i, j, size)} = {tidy(value)}" for j, value in enumerate(row)]
        for i, row in enumerate(output.astype(float).tolist())
    ]


def _formula(pool: Pooling, plane: NDArray[Any], i: int, j: int, size: tuple[int, int]) -> str:
    terms = [tidy(term) for term in pool.terms(plane, i, j)]
    if pool.mode == "max":
        return f"max({', '.join(terms)})"
    mean = f"({' + '.join(terms)}) / {pool.window(i, j, size).divisor}"
    return f"trunc({mean})" if plane.dtype.kind == "i" else mean  # as PyTorch averages whole numbers


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


def _title(text: str, values: NDArray[Any], axis: str) -> dict[str, Any]:
    """The title of a map: `text` with its shape, above the middle of its cells."""
    height, width = values.shape
    where = {"xref": axis, "x": (width - 1) / 2, "yref": "paper", "y": 1, "yshift": 12, "yanchor": "bottom"}
    return where | {"text": text.format(shape=f"{height}×{width}"), "showarrow": False}
