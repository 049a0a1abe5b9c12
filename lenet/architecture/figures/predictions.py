"""What networks say of an image: logits and softmax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours
from lenet.common.translation import translate as _


def outputs(
    logits: NDArray[np.float32],
    probabilities: NDArray[np.float64],
    prediction: int,
    label: int | None,
    classes: Sequence[str],
) -> go.Figure:
    """Logits and softmax of each of the `classes`, by name, as bars; the predicted one is dark, the image's label is bold."""
    ticks = [f"<b>{c}</b>" if i == label else c for i, c in enumerate(classes)]
    colors = [colours.SERIES[0] if i == prediction else "#a9c3e6" for i in range(len(classes))]

    def bars(values: NDArray[Any], axis: str, form: str) -> dict[str, Any]:
        return {
            "type": "bar", "orientation": "h", "x": values.tolist(), "y": list(range(len(classes))), "xaxis": axis,
            "text": [form.format(v).replace("-", "−") for v in values], "textposition": "outside",
            "textfont": font, "constraintext": "none",
            "marker": {"color": colors},
            "cliponaxis": False, "hovertext": classes, "hovertemplate": "%{hovertext}: %{text}<extra></extra>",
        }  # fmt: skip

    font = {} if len(classes) <= charts.FEW_CLASSES else {"size": 10}
    low, high = min(0.0, float(logits.min())), max(0.0, float(logits.max()))
    room = 0.32 * ((high - low) or 1.0)

    def axis(title: str, **more: Any) -> dict[str, Any]:
        return charts.bare_axis(visible=True, showticklabels=False, title={"text": title, "standoff": 4}, **more)

    return charts.figure(
        [bars(logits, "x", "{:.2f}"), bars(probabilities, "x2", "{:.3f}")],
        height=max(340, 40 + 13 * len(classes)),
        margin={"l": 8, "r": 8, "t": 4, "b": 30},
        showlegend=False,
        bargap=0.3,
        xaxis=axis(_("logits"), domain=[0, 0.52], range=[low - room * (low < 0), high + room], zeroline=True),
        xaxis2=axis(_("softmax"), domain=[0.6, 1.0], range=[0, 1.32]),
        yaxis={
            "autorange": "reversed", "tickvals": list(range(len(classes))), "ticktext": ticks, "tickfont": font,
            "fixedrange": True, "showgrid": False, "zeroline": False, "automargin": True,
        },
    )  # fmt: skip


def side_by_side(nets: Sequence[tuple[str, NDArray[Any]]], label: int | None, classes: Sequence[str]) -> go.Figure:
    """The softmax of several networks for one image, a row a network: `nets` are (name, probabilities of the classes).

    On a phone a column a network.
    """
    p = np.array([values for _name, values in nets])
    names, classes, few = [name for name, _values in nets], list(classes), len(classes) <= charts.FEW_CLASSES
    heat = {
        "type": "heatmap", "z": p, "x": classes, "y": names, "colorscale": colours.SEQUENTIAL, "zmin": 0, "zmax": 1,
        "showscale": False, "xgap": 2, "ygap": 2, "hovertemplate": "%{y}<br>%{x}: %{z:.4f}<extra></extra>",
        "meta": {
            "narrow": {"z": p.T.tolist(), "x": names, "y": classes, "hovertemplate": "%{x}<br>%{y}: %{z:.4f}<extra></extra>"}
        },
    }  # fmt: skip
    across, down = classes * len(nets), [n for n in names for _c in classes]
    text = {
        "type": "scatter", "mode": "text", "x": across, "y": down,
        "text": [_in_cell(v, v == row.max(), few) for row in p for v in row], "hoverinfo": "skip",
        "textfont": {"color": [colours.text_on(v) for v in p.ravel()]} | ({} if few else {"size": 10}),
        "meta": {"narrow": {"x": down, "y": across, "textfont.size": 12}},
    }  # fmt: skip
    named = {"tickvals": classes, "ticktext": [f"<b>{c}</b>" if i == label else c for i, c in enumerate(classes)]}
    narrow = {
        "height": 80 + 24 * len(classes), "margin.t": 76,
        "xaxis.tickvals": names, "xaxis.ticktext": [_in_lines(name) for name in names], "xaxis.tickangle": 0,
        "xaxis.tickfont.size": 11, "yaxis.tickvals": classes, "yaxis.ticktext": named["ticktext"],
    }  # fmt: skip
    return charts.figure(
        [heat, text],
        height=46 + 40 * len(nets),
        margin={"l": 8, "r": 8, "t": 34, "b": 4},
        showlegend=False,
        narrow=narrow,
        xaxis={
            "side": "top", "fixedrange": True, "showgrid": False, "type": "category",
        } | (named if few else {"tickfont": {"size": 10}, "tickangle": 0}),  # of many, as have room
        yaxis={"autorange": "reversed", "fixedrange": True, "automargin": True, "showgrid": False, "type": "category"},
    )  # fmt: skip


def _in_lines(name: str) -> str:
    """The name of a network over its column on a phone."""
    lines = charts.folded(name, 13).split("<br>")
    return "<br>".join(lines[:5]) + (" …" if len(lines) > 5 else "")


def _in_cell(probability: float, is_largest: bool, few: bool) -> str:
    """The number in a cell; of many classes only the larger ones have room."""
    if not few and probability < 0.1:
        return ""
    return f"<b>{probability:.2f}</b>" if is_largest else f"{probability:.2f}"
