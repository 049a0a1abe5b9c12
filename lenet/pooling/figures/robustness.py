"""The sandbox's figures of robustness: what a change of the input does to it and to its pooled maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours
from lenet.common.formatting import number, percent
from lenet.common.translation import translate as _
from lenet.pooling.robustness import AMOUNTS, Change, Response

COLORS = {
    "input": colours.SERIES[4],
    "strided": colours.SERIES[3],
    "avg": colours.SERIES[1],
    "max": colours.SERIES[0],
}
DASHES = {"input": "dot", "strided": "dash", "avg": "solid", "max": "solid"}


def names(stride: tuple[int, int]) -> dict[str, str]:
    """What is compared (see `robustness.compared`), in the reader's language."""
    step = str(stride[0]) if stride[0] == stride[1] else f"{stride[0]}×{stride[1]}"
    return {
        "input": _("input"),
        "strided": _("stride {n} alone, no pooling").format(n=step),
        "avg": _("average pooling"),
        "max": _("max pooling"),
    }


def pictures(found: Mapping[str, Response], words: Mapping[str, str], *, image: bool) -> go.Figure:
    """A column for each map: before, after, and the difference; the first channel where there are several."""
    before = [response.before[0] for response in found.values()]
    after = [response.after[0] for response in found.values()]
    difference = [b - a for a, b in zip(before, after, strict=True)]
    seen = before if image else [*before, after[0]]  # noise takes an image below black and above white: cut off there
    finite = np.concatenate([m[np.isfinite(m)] for m in seen])
    low, high = float(finite.min()), float(finite.max())
    scale: Any = colours.GREY if image else colours.SEQUENTIAL
    if low < 0 and not image:
        low, high, scale = min(low, -high), max(high, -low), colours.DIVERGING
    most = max(float(np.abs(np.nan_to_num(d)).max()) for d in difference) or 1.0
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    notes: list[dict[str, Any]] = []
    rows = [(before, low, high, scale), (after, low, high, scale), (difference, -most, most, colours.DIVERGING)]
    left, across = 0.085, 0.915 / len(found)
    below = 1 - 44 / 314  # two lines of titles
    down = below / len(rows)
    for r, (maps, zmin, zmax, colors) in enumerate(rows):
        top = below - r * down
        for c, values in enumerate(maps):
            n = r * len(maps) + c + 1
            axis = "" if n == 1 else str(n)
            traces.append(
                _heatmap(values, zmin, zmax, colors) | {"xaxis": f"x{axis}", "yaxis": f"y{axis}"},
            )
            x = [left + c * across + 0.008, left + (c + 1) * across - 0.008]
            layout[f"xaxis{axis}"] = charts.bare_axis(domain=x, constrain="domain")
            layout[f"yaxis{axis}"] = charts.bare_axis(
                domain=[top - down + 0.02, top - 0.005],
                scaleanchor=f"x{axis}",
                autorange="reversed",
                constrain="domain",
            )
        notes.append(_note([_("before"), _("after"), _("difference")][r], 0, top - down / 2, "left"))
    for c, (name, response) in enumerate(found.items()):
        size = "×".join(map(str, response.before.shape[1:]))
        change = _("changed by {percent}").format(percent=percent(response.change))
        text = f"<b>{words[name]}</b><br>{size} · {change}"
        notes.append(_note(text, left + (c + 0.5) * across, 1.0, "center") | {"yanchor": "top"})
    return charts.figure(traces, height=330, annotations=notes, showlegend=False, **layout)


def _heatmap(values: NDArray[Any], low: float, high: float, colors: Any) -> dict[str, Any]:
    return {
        "type": "heatmap", "z": values, "zmin": low, "zmax": high, "colorscale": colors, "showscale": False,
        "hovertemplate": "%{z:.4~g}<extra></extra>",
    }  # fmt: skip


def _note(text: str, x: float, y: float, align: str) -> dict[str, Any]:
    where = {"xref": "paper", "yref": "paper", "x": x, "y": y, "xanchor": align, "showarrow": False}
    return where | {"text": text, "font": {"size": 13}}


def curves(found: Mapping[str, Sequence[float]], words: Mapping[str, str], kind: Change, amount: int) -> go.Figure:
    """The change of each map over the amount; a line marks the amount that the pictures show."""
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines+markers", "name": words[name], "x": AMOUNTS[kind],
            "y": [100 * change for change in changes], "line": {"color": COLORS[name], "dash": DASHES[name], "width": 2.5},
            "hovertemplate": "%{y:.1f}%",
        }
        for name, changes in found.items()
    ]  # fmt: skip
    title = _("shift to the right, cells") if kind == "shift" else _("noise, percent of the range of the numbers")
    mark = {
        "type": "line",
        "x0": amount,
        "x1": amount,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colours.WINDOW},
    }
    return charts.figure(
        traces,
        height=300,
        margin={"l": 56, "r": 8, "t": 30, "b": 44},
        hovermode="x unified",
        shapes=[mark | {"layer": "below"}],
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={
            "title": {"text": title},
            "gridcolor": colours.GRID,
            "zeroline": False,
            "fixedrange": True,
            "dtick": 1 if kind == "shift" else 10,
        },
        yaxis={
            "title": {"text": _("change, percent of the map")},
            "gridcolor": colours.GRID,
            "rangemode": "tozero",
            "fixedrange": True,
        },
    )


def sentence(found: Mapping[str, Response], words: Mapping[str, str]) -> str:
    """The comparison in words: what was kept of the input, and what changed least."""
    numbers = found["input"].before.size, found["max"].before.size
    kept = _("Pooling turns {n} numbers into {m} ({percent}).").format(
        n=number(numbers[0]), m=number(numbers[1]), percent=percent(numbers[1] / numbers[0])
    )
    if found["input"].change == 0:
        return _("{first} {second}").format(first=kept, second=_("The input did not change."))
    least = min(sorted(found.keys() - {"input"}), key=lambda name: found[name].change)
    told = _("The input changed by {input}; the output that changed least is that of {least}: {percent}.").format(
        input=percent(found["input"].change), least=words[least], percent=percent(found[least].change)
    )
    return _("{first} {second}").format(first=kept, second=told)
