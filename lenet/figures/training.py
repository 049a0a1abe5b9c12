"""The training page's figure: loss on the left, accuracy on the right, both over epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lenet.curves import Curve
from lenet.figures import theme
from lenet.i18n import translate as _

GRID = "rgba(128,128,128,0.2)"


def curves(runs: Sequence[Curve], *, epochs: int, log_loss: bool = False, height: int = 400) -> go.Figure:
    """One colour a run. Loss: thin line for steps, markers for epochs. Accuracy: test solid, training dotted.

    `epochs` is the length of the longest run, so that the axis stands still while the curve grows.
    """
    traces: list[dict[str, Any]] = []
    alone = len(runs) == 1
    for color, c in zip(theme.SERIES, runs, strict=False):
        name = "" if alone else c.label
        line = {"color": color, "width": 2.5}
        if len(c.step_x):
            traces.append(
                _line(c.step_x, c.step_loss, _("loss of a step"), c, legend=alone, mode="lines", opacity=0.45)
                | {"line": {"color": color, "width": 1}}
            )
        traces += [
            _line(c.epochs, c.loss, name or _("train loss"), c, legend=True) | {"line": line},
            _line(c.epochs, c.test_acc, _("test acc"), c, legend=alone, right=True)
            | {"line": line | ({"color": theme.SERIES[1]} if alone else {})},
            _line(c.epochs, c.train_acc, _("train acc"), c, legend=alone, right=True)
            | {"line": {"color": theme.SERIES[2] if alone else color, "width": 2, "dash": "dot"}},
        ]
    x = {"range": [0, epochs * 1.02], "gridcolor": GRID, "zeroline": False, "title": {"text": _("epoch")}}
    loss_axis: dict[str, Any] = {"gridcolor": GRID, "zeroline": False, "title": {"text": _("loss")}}
    loss_axis |= {"type": "log"} if log_loss else {"rangemode": "tozero"}
    return theme.figure(
        traces,
        height=height,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        xaxis=x | {"domain": [0, 0.47]},
        yaxis=loss_axis,
        xaxis2=x | {"domain": [0.55, 1], "anchor": "y2"},
        yaxis2={
            "gridcolor": GRID, "zeroline": False, "anchor": "x2", "range": [0, 1.02], "tickformat": ".0%",
            "title": {"text": _("accuracy")},
        },
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="x unified" if alone else "closest",
    )  # fmt: skip


def _line(x: Any, y: Any, name: str, c: Curve, *, legend: bool, right: bool = False, **more: Any) -> dict[str, Any]:
    axes = {"xaxis": "x2", "yaxis": "y2"} if right else {}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x.tolist(),
        "y": y.tolist(),
        "name": name,
        "legendgroup": c.id + name,
        "showlegend": legend,
        "hovertemplate": f"{name} %{{y:.3f}}<extra></extra>",
        **axes,
        **more,
    }


def describe(runs: Sequence[Curve]) -> str:
    """What the figure shows, for those who cannot see it."""
    parts = [
        _("{run}: after epoch {epoch} loss {loss}, test accuracy {acc}.").format(
            run=c.label, epoch=int(c.epochs[-1]), loss=f"{c.loss[-1]:.3f}", acc=f"{c.test_acc[-1]:.1%}"
        )
        for c in runs
        if len(c.epochs)
    ]
    return " ".join([_("Loss and accuracy over epochs."), *parts])
