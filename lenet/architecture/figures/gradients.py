"""How much of the gradient is left at each layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import plotly.graph_objects as go

from lenet.architecture.figures import layer_colours
from lenet.architecture.layers import LayerRow, layer_label
from lenet.common import charts, colours
from lenet.common.formatting import percent
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


class Passage(Protocol):
    """What is drawn of a layer: see `lenet.architecture.gradients.Passage`, which needs torch."""

    @property
    def row(self) -> LayerRow: ...
    @property
    def arriving(self) -> float: ...
    @property
    def slope(self) -> float | None: ...


def slopes(networks: Mapping[str, Sequence[Passage]]) -> go.Figure:
    """How much of the gradient of one image arrives at each layer of two networks, by their names, side by side.

    A bar is the share of its length at the network's output; over an activation stands its mean slope.
    """
    traces: list[dict[str, Any]] = []
    titles: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    shares = {name: _shares(passages) for name, passages in networks.items()}
    found = [math.log10(share) for each in shares.values() for share in each if share] or [0.0]
    for n, (name, passages) in enumerate(networks.items()):
        end = "" if n == 0 else str(n + 1)
        x = list(range(1, len(passages) + 1))
        traces.append(
            {
                "type": "bar",
                "x": x,
                "y": [share or None for share in shares[name]],  # a logarithm has no 0
                "xaxis": f"x{end}",
                "yaxis": f"y{end}",
                "marker": {"color": [layer_colours.of_layer(passage.row) for passage in passages]},
                "text": ["" if p.slope is None else f"×{p.slope:.2f}" for p in passages],
                "textposition": "outside",
                "textfont": {"size": 11},
                "textangle": 0,
                "constraintext": "none",  # never smaller
                "cliponaxis": False,
                "hovertext": [_hover(i, passage, shares[name][i]) for i, passage in enumerate(passages)],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )
        axes[f"xaxis{end}"] = {
            "fixedrange": True, "showgrid": False, "tickvals": x, "ticktext": [p.row.type for p in passages],
            "tickangle": -60, "tickfont": {"size": 11}, "anchor": f"y{end}", "domain": [0, 0.47] if n == 0 else [0.55, 1],
        }  # fmt: skip
        axes[f"yaxis{end}"] = {
            "type": "log", "fixedrange": True, "automargin": True, "gridcolor": colours.GRID, "exponentformat": "power",
            "dtick": 1, "range": [min(found) - 0.3, max(found) + 0.5], "anchor": f"x{end}",
        }  # fmt: skip
        titles.append(
            {
                "text": f"<b>{name}</b>", "showarrow": False, "xref": f"x{end} domain", "yref": f"y{end} domain",
                "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom",
            }
        )  # fmt: skip
    return charts.figure(
        traces,
        height=340,
        margin={"l": 8, "r": 8, "t": 30, "b": 80},
        showlegend=False,
        bargap=0.25,
        annotations=titles,
        narrow=charts.one_above_the_other(620) | {"yaxis.domain": [0.62, 1], "yaxis2.domain": [0, 0.38]},
        **axes,
    )


def slopes_alt(networks: Mapping[str, Sequence[Passage]]) -> str:
    """The figure of `slopes` in words."""
    text = _("Share of the gradient that arrives at each layer, as bars: {networks}")
    return text.format(networks=" · ".join(networks))


def _shares(passages: Sequence[Passage]) -> list[float]:
    whole = passages[-1].arriving
    return [passage.arriving / whole if whole else 0.0 for passage in passages]


def _hover(i: int, passage: Passage, share: float) -> str:
    text = f"{layer_label(i, passage.row)}: {share:.2e}"
    return (
        text
        if passage.slope is None
        else text + "<br>" + _("mean slope {slope}").format(slope=percent(passage.slope))
    )
