"""How much of the gradient is left at each layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lenet.architecture.figures import layer_colours
from lenet.architecture.layers import LayerRow, layer_label
from lenet.common import charts, colours
from lenet.common.translation import translate as _


def gradients(rows: Sequence[LayerRow], lengths: Sequence[float], selected: int) -> go.Figure:
    """A bar a layer on a logarithmic scale; `lengths` are those at the input and at each layer's output.

    Layer `selected` (from 0) has an outline.
    """
    bars: dict[str, Any] = {
        "type": "bar",
        "x": list(range(1, len(rows) + 1)),
        "y": [length or None for length in lengths[1:]],  # a logarithm has no 0
        "marker": {
            "color": [layer_colours.of_layer(row) for row in rows],
            "line": {"color": colours.WINDOW, "width": [3 * (i == selected) for i in range(len(rows))]},
        },
        "hovertext": [layer_label(i, row) for i, row in enumerate(rows)],
        "hovertemplate": "%{hovertext}: %{y:.2e}<extra></extra>",
    }
    found = [math.log10(length) for length in lengths[1:] if length]
    decades = max(found, default=0) - min(found, default=0)
    ticks = {"dtick": math.ceil(decades / 5)} if decades > 1 else {}  # whole powers of ten
    return charts.figure(
        [bars],
        height=220,
        margin={"l": 8, "r": 8, "t": 8, "b": 48},
        showlegend=False,
        bargap=0.3,
        narrow={"xaxis.dtick": math.ceil(len(rows) / 14)},
        xaxis={"fixedrange": True, "showgrid": False, "dtick": 1, "title": {"text": _("layer"), "standoff": 10}},
        yaxis={
            "type": "log", "fixedrange": True, "automargin": True, "gridcolor": colours.GRID, "exponentformat": "power",
            **ticks,
        },
    )  # fmt: skip
