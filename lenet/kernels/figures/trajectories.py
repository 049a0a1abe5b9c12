"""How kernels moved during training."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from lenet.common import charts, colours
from lenet.common.formatting import decimals
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.kernels import similarity
from lenet.kernels.figures.sheet import page
from lenet.kernels.history import Course, History


def trajectories(history: History, course: Course | None, start: int = 0) -> go.Figure:
    """Length of the path and cosine to the final form (right of it, or below) over training, with the test accuracy.

    One page of kernels, from `start` on. x is in epochs, or in steps if the course does not tell how many steps an
    epoch has.
    """
    distance, cosine = similarity.trajectories(history)
    per_epoch = course.steps_per_epoch if course else 0
    x = (history.steps / per_epoch).tolist() if per_epoch else history.steps.tolist()
    data: list[dict[str, Any]] = []
    for place, n in enumerate(page(start, len(history.final))):
        name = _("Kernel {n}").format(n=n + 1)
        curve = {
            "type": "scatter", "mode": "lines", "x": x, "name": name, "legendgroup": str(n),
            "line": {"color": colours.SERIES[place], "width": 2, "dash": ("solid", "dash")[place // 3]},
            "hovertemplate": name + ": %{y:.2f}<extra></extra>",
        }  # fmt: skip
        data.append(curve | {"y": distance[:, n].round(4).tolist()})
        data.append(curve | {"y": cosine[:, n].round(4).tolist(), "xaxis": "x2", "yaxis": "y2", "showlegend": False})
    if course is not None and per_epoch:
        data.append(
            {
                "type": "scatter", "mode": "lines+markers", "x": course.curve.epochs.tolist(),
                "y": course.curve.test_acc.tolist(), "xaxis": "x2", "yaxis": "y2", "name": _("test acc"),
                "line": {"color": colours.MUTED, "width": 1.5}, "marker": {"size": 6, "symbol": "diamond-open"},
                "hovertemplate": _("test acc") + " %{y:.1%}<extra></extra>",
            }
        )  # fmt: skip
    axis = {
        "gridcolor": colours.faded(colours.MUTED, 0.3),
        "zerolinecolor": colours.faded(colours.MUTED, 0.6),
        "fixedrange": True,
    }
    low = min(0.0, float(cosine.min())) - 0.05
    at_the_bottom = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0}
    title = _("epoch") if per_epoch else _("Training step")
    return charts.figure(
        data,
        height=430,
        margin={"l": 56, "r": 8, "t": 30, "b": 44},
        xaxis=axis | {"domain": [0, 0.45], "title": {"text": title}},
        xaxis2=axis | {"domain": [0.55, 1], "title": {"text": title}, "anchor": "y2"},
        yaxis=axis | {"title": {"text": _("length of the path")}},
        yaxis2=axis | {"title": {"text": _("cosine to the final form")}, "anchor": "x2", "range": [low, 1.05]},
        legend={"orientation": "h", "y": 1.12},
        hovermode="x",
        narrow=charts.one_above_the_other(540) | {"margin.l": 8, "legend": at_the_bottom},
    )


def trajectories_alt(history: History, start: int = 0) -> str:
    """The ends of both curves of each kernel in words."""
    distance, cosine = similarity.trajectories(history)
    parts = [
        _("Kernel {n}: length of the path {distance}; cosine between its start and its end {cosine}.").format(
            n=n + 1, distance=decimals(distance[-1, n], 2), cosine=decimals(cosine[0, n], 2)
        )
        for n in page(start, len(history.final))
    ]
    return paragraph(*parts)
