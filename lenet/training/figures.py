"""Figures of training: curves of loss and accuracy, gradients, the confusion matrix, mistakes."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours
from lenet.common.formatting import percent
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.grid.asking import HIDDEN
from lenet.training.curves import Curve, until

HALF = 440
"""Pixels: half a laptop's page has more, half a tablet's or a phone's whole one has fewer."""


@cached(maxsize=64)  # many visitors watch the same run
def curves(
    runs: Sequence[Curve], *, view: tuple[float, float], log_loss: bool = False, height: int = 400
) -> go.Figure:
    """Loss on the left (of steps a thin line), accuracy on the right; of the validation and test images, what there is.

    Of one run the colour says of which images a line is, the same left and right. Of several runs each has its colour, and
    the line says of which images: training dotted (without label smoothing, so that recipes compare), validation dashed,
    test solid.

    `view` is the range of epochs to show: given from outside, because Streamlit forgets the zoom of a chart that is
    updated, and so that the axis stands still while the curve grows. From the start loss and accuracy are shown down to
    0; of a later range, as near as what is seen of them allows.
    """
    low, high = view
    traces: list[dict[str, Any]] = []
    alone = len(runs) == 1  # then the legend has a name for each kind of images, else for each run
    for color, c in zip(colours.SERIES, runs, strict=False):
        traces += _lines_of(c, color, alone)
    x = {
        "range": [low - 0.01 * (high - low), high + 0.02 * (high - low)],
        "gridcolor": colours.GRID,
        "zeroline": False,
        "title": {"text": _("epoch")},
    }
    validated = any("val_acc" in c.more for c in runs)
    dashes = _("solid: test · dotted: training")
    if validated:
        dashes = _("solid: test · dotted: training · dashed: validation")
    legend = {} if alone else {"title": {"text": dashes, "side": "top"}}
    loss_axis: dict[str, Any] = {
        "gridcolor": colours.GRID,
        "zeroline": False,
        "title": {"text": _("loss"), "standoff": 6},
    }
    loss_axis |= {"type": "log", "dtick": 1} if log_loss else {"rangemode": "tozero"}
    accuracy_axis: dict[str, Any] = {"range": [0, 1.02]}
    if low > 0 or log_loss:
        losses = ("train_cross_entropy", "test_loss", "val_loss")
        loss_lines = [xy for c in runs for xy in ((c.step_x, c.step_loss), (c.epochs, c.loss))]
        loss_lines += [(c.epochs, c.more[key]) for c in runs for key in losses if key in c.more]
        loss_axis |= _near(loss_lines, view, log_loss)
    if low > 0:
        accuracy_lines = [(c.epochs, y) for c in runs for y in (c.test_acc, c.train_acc)]
        accuracy_lines += [(c.epochs, c.more["val_acc"]) for c in runs if "val_acc" in c.more]
        accuracy_axis |= _near(accuracy_lines, view)
    if log_loss and "range" in loss_axis:
        loss_axis |= _decades(*loss_axis["range"], whole=low == 0)
    entries = [trace["name"] for trace in traces if trace["showlegend"]]
    return charts.figure(
        traces,
        height=height + 24 * (len(runs) - 1),  # for their names below it
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        xaxis=x | {"domain": [0, 0.47]},
        yaxis=loss_axis,
        xaxis2=x | {"domain": [0.55, 1], "anchor": "y2"},
        yaxis2={
            "gridcolor": colours.GRID, "zeroline": False, "anchor": "x2", "tickformat": ".3~%",
            "title": {"text": _("accuracy"), "standoff": 6},
        } | accuracy_axis,
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0} | legend,
        hovermode="x unified" if alone else "closest",
        narrow=charts.one_above_the_other(400 + charts.legend_height(entries)) | {"margin.t": 8},
    )  # fmt: skip


def asking(curve: Curve, *, last: int, seen: float, hides: Collection[str], height: int) -> go.Figure:
    """The curve of a run of `last` epochs while a lesson asks about it: what is not `seen` is not in it, but covered.

    `hides` may name the `accuracy`.
    """
    plain = curves((until(curve, seen or last),), view=(0.0, float(last)), height=height).to_dict()
    is_hidden = "accuracy" in hides
    traces = [trace for trace in plain["data"] if not (is_hidden and trace.get("xaxis") == "x2")]
    covered = [(axis, seen or last) for axis in ("", "2")]
    if is_hidden:
        covered = [("2", 0.0)]
    ends = [(axis, start) for axis, start in covered if start < last]
    cover = {"type": "rect", "fillcolor": colours.faded(colours.MUTED, 0.15), "line": {"width": 0}, "y0": 0, "y1": 1}
    sign = {"text": HIDDEN, "showarrow": False, "y": 0.5, "font": {"size": 40, "color": colours.MUTED}}
    more = {
        "shapes": [
            cover | {"xref": f"x{axis}", "yref": f"y{axis} domain", "x0": start, "x1": last} for axis, start in ends
        ],
        "annotations": [
            sign | {"xref": f"x{axis}", "yref": f"y{axis} domain", "x": (start + last) / 2} for axis, start in ends
        ],
    }  # fmt: skip
    return charts.Drawn({"data": traces, "layout": plain["layout"] | more})


def live(key: str, figure: go.Figure, view: str, *, growing: bool) -> dict[str, Any]:
    """What the component of a live chart needs (see component/zoom.js), where the page draws `figure` under `key`.

    `view` is what the chart shows, in any words. Only the lines and annotations of a `growing` chart are sent.
    """
    silent = _(
        "Nothing has come from the server for ten seconds: the connection may be broken. Training goes on without it."
    )
    plain = figure.to_dict()
    axes = [name for name in ("xaxis", "yaxis", "xaxis2", "yaxis2") if name in plain["layout"]]
    ranges = {name: plain["layout"][name].get("range") for name in axes}
    scene = {"chart": key, "view": view, "ranges": ranges, "traces": plain["data"] if growing else None}
    scene |= {"annotations": plain["layout"]["annotations"]} if growing and "annotations" in plain["layout"] else {}
    return scene | {"silent": silent, "beat": time.monotonic()} if growing else scene


def _lines_of(c: Curve, color: str, alone: bool) -> list[dict[str, Any]]:
    """The lines of a run, whose colour is `color` where it is not `alone`.

    The legend has one entry for all lines of the same images, or of the same run, which a click on it hides.
    """
    of_train: dict[str, Any] = {"color": color, "width": 2.5 if alone else 2} | ({} if alone else {"dash": "dot"})
    of_test = {"color": colours.SERIES[1] if alone else color, "width": 2.5}
    of_val = {"color": colours.SERIES[3] if alone else color, "width": 2, "dash": "dash"}
    smoothed = c.more.get("train_cross_entropy")
    lines: list[dict[str, Any]] = []

    def line(x: Any, y: Any, words: str, entry: str, style: dict[str, Any], **more: Any) -> None:
        name = entry if alone else charts.folded(c.label, charts.PHONE_LETTERS)
        shown = (alone or words != step) and all(other["name"] != name for other in lines if other["showlegend"])
        lines.append(_line(x, y, words, name, c.id + name, line=style, showlegend=shown, **more))

    step, training = _("loss of a step"), _("training images")
    test, validation = _("test images"), _("validation images")
    if len(c.step_x):
        line(c.step_x, c.step_loss, step, step, {"color": color, "width": 1}, mode="lines", opacity=0.8)
    if alone or smoothed is None:
        line(c.epochs, c.loss, _("train loss"), training, of_train)
    if smoothed is not None:
        plain = of_train | {"dash": "dot"}
        line(c.epochs, smoothed, _("train cross-entropy"), _("training images, without label smoothing"), plain)
    if "test_loss" in c.more:
        line(c.epochs, c.more["test_loss"], _("test loss"), test, of_test)
    if "val_loss" in c.more:
        line(c.epochs, c.more["val_loss"], _("validation loss"), validation, of_val)
    right = {"xaxis": "x2", "yaxis": "y2"}
    line(c.epochs, c.test_acc, _("test acc"), test, of_test, **right)
    line(c.epochs, c.train_acc, _("train acc"), training, of_train, **right)
    if "val_acc" in c.more:
        line(c.epochs, c.more["val_acc"], _("validation acc"), validation, of_val, **right)
    return lines


def _near(lines: Sequence[tuple[Any, Any]], view: tuple[float, float], log: bool = False) -> dict[str, Any]:
    """The `range` of an axis that holds what is seen of `lines` (x, y) in `view`, and a little air; {} if nothing is."""
    low, high = view
    seen = [y[(x >= low) & (x <= high)] for x, y in ((np.asarray(x), np.asarray(y)) for x, y in lines)]
    values = np.concatenate(seen)
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not len(values):
        return {}
    ends = (float(values.min()), float(values.max()))
    bottom, top = np.log10(ends) if log else ends
    air = max(0.06 * (top - bottom), 0.002)
    return {"range": [bottom - air, top + air]}


def _decades(bottom: float, top: float, *, whole: bool) -> dict[str, Any]:
    """Ticks of a logarithmic axis from 10^bottom to 10^top: its decades, with fine lines between them.

    A `whole` axis begins at a decade. Any other with less than two decades in it has ticks at equal distances of the value:
    one number says nothing, and Plotly's own between them would be single digits.
    """
    if whole:
        bottom = math.floor(bottom)
    if whole or math.ceil(bottom) < math.floor(top):
        minor = {"dtick": "D1", "showgrid": True, "gridcolor": colours.GRID, "griddash": "dot"}
        return {"range": [bottom, top], "dtick": 1, "minor": minor}
    step = (10**top - 10**bottom) / 4
    unit = 10 ** math.floor(math.log10(step))
    nice = next(n * unit for n in (1, 2, 5, 10) if n * unit >= step)
    return {"range": [bottom, top], "dtick": f"L{nice:.6g}"}


def gradients(runs: Sequence[tuple[str, Mapping[str, tuple[Any, Any]]]], height: int = 340) -> go.Figure:
    """The gradient's norm in each layer's weights over epochs, on a log scale; a panel for each run, side by side.

    `runs` are (label, name of the weight → (x, y)).
    """
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    width = 1 / len(runs)
    for i, (label, layers) in enumerate(runs, start=1):
        suffix = "" if i == 1 else str(i)
        for color, (name, (x, y)) in zip(colours.SERIES, layers.items(), strict=False):
            traces.append(
                {
                    "type": "scatter", "mode": "lines", "x": x, "y": y, "name": name,
                    "legendgroup": name, "showlegend": i == 1, "xaxis": f"x{suffix}", "yaxis": f"y{suffix}",
                    "line": {"color": color, "width": 1.6}, "hovertemplate": f"{name} %{{y:.2e}}<extra></extra>",
                }
            )  # fmt: skip
        left = (i - 1) * width
        layout[f"xaxis{suffix}"] = {
            "domain": [left, left + width - (0.05 if i < len(runs) else 0)], "anchor": f"y{suffix}",
            "title": {"text": f"{label} · {_('epoch')}" if label else _("epoch")}, "gridcolor": colours.GRID, "zeroline": False,
        }  # fmt: skip
        layout[f"yaxis{suffix}"] = {
            "type": "log", "anchor": f"x{suffix}", "gridcolor": colours.GRID, "exponentformat": "none", "dtick": 1,
        } | ({"matches": "y", "showticklabels": True} if i > 1 else {"title": {"text": _("norm of the gradient")}})  # fmt: skip
    narrow: dict[str, Any] = {"height": height + 100}
    if len(runs) > 1:
        narrow = charts.one_above_the_other(600) | {"yaxis.domain": [0.58, 1], "yaxis2.domain": [0, 0.42]}
        narrow |= {
            f"{axis}.title.text": charts.folded(layout[axis]["title"]["text"], charts.PHONE_LETTERS)
            for axis in ("xaxis", "xaxis2")
        }
    return charts.figure(
        traces,
        height=height,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        narrow=narrow,
        **layout,
    )


def confusion(matrix: NDArray[Any], names: Sequence[str], height: int = 460) -> go.Figure:
    """Rows are labels, columns the class given, numbers are images; the diagonal is right and left pale.

    `names` are those of the classes. Of many classes the figure is higher, the numbers appear on hovering only, and the
    columns have as many names as there is room for.
    """
    names, few = list(names), len(names) <= charts.FEW_CLASSES
    axis = {"type": "category", "showgrid": False, "fixedrange": True}
    if not few:
        axis |= {"tickangle": 0, "tickfont": {"size": 10}}
    wrong = matrix - np.diag(np.diag(matrix))
    return charts.figure(
        [
            {
                "type": "heatmap", "z": wrong.tolist(), "text": matrix.tolist(),
                "texttemplate": "%{text}" if few else "",
                "x": names, "y": names, "colorscale": colours.SEQUENTIAL, "showscale": False, "xgap": 1, "ygap": 1,
                "hovertemplate": _("label: %{y}<br>predicted: %{x}<br>%{text} images") + "<extra></extra>",
                "meta": {"narrow": {"textfont.size": 11}},
            }
        ],
        height=max(height, 70 + 13 * len(names)),
        xaxis=axis | {"title": {"text": _("predicted class")}, "side": "bottom"},
        yaxis=axis | {"title": {"text": _("label")}, "autorange": "reversed"} | ({} if few else {"dtick": 1}),
        narrow={"xaxis.title.standoff": 4, "yaxis.title.standoff": 4} | ({"xaxis.tickangle": -90} if few else {}),
        below=HALF,
    )  # fmt: skip


def mistakes(images: NDArray[Any], captions: Sequence[tuple[str, str]]) -> go.Figure:
    """Images (N, 28, 28), 0 to 255, in a grid, two lines of words under each."""
    wide, narrow = (_grid(captions, columns) for columns in (4, 3))
    pictures = [
        {
            "type": "heatmap", "z": image, "colorscale": colours.GREY, "zmin": 0, "zmax": 255, "showscale": False,
            "hoverinfo": "skip", "meta": {"narrow": there}, **here,
        }
        for image, here, there in zip(images, wide.places, narrow.places, strict=True)
    ]  # fmt: skip
    return charts.figure(
        pictures,
        height=wide.height,
        annotations=wide.notes,
        xaxis=charts.bare_axis(range=wide.x),
        yaxis=charts.bare_axis(range=wide.y, scaleanchor="x"),
        narrow={
            "height": narrow.height, "annotations": narrow.notes, "xaxis.range": narrow.x, "yaxis.range": narrow.y,
        },
        below=HALF,
    )  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """Where pictures of 28×28 cells stand in a grid, and the words under them; x and y are in cells."""

    places: list[dict[str, float]]
    notes: list[dict[str, Any]]
    x: list[float]
    y: list[float]
    height: int


def _grid(captions: Sequence[tuple[str, str]], columns: int) -> Grid:
    pitch = 44
    rows = max(-(-len(captions) // columns), 1)
    notes: list[dict[str, Any]] = []
    places: list[dict[str, float]] = []
    for n, (above, below) in enumerate(captions):
        top, left = n // columns * pitch, n % columns * pitch + 8
        places.append({"x0": left, "y0": top})
        note = {"x": left + 14, "y": top + 36, "text": f"<b>{above}</b><br>{below}", "showarrow": False}
        notes.append(note | {"font": {"size": 11}})
    x, y = [-0.5, columns * pitch - 0.5], [rows * pitch - 0.5, -0.5]
    return Grid(places, notes, x, y, rows * (150 if columns == 4 else 120))


def _line(x: Any, y: Any, words: str, name: str, group: str, **more: Any) -> dict[str, Any]:
    """A line of y over x: what it is in `words`, and the `name` that the legend has for its group."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": y,
        "name": name,
        "legendgroup": group,
        "hovertemplate": f"{words} %{{y:.3f}}<extra></extra>",
    } | more


def describe(runs: Sequence[Curve]) -> str:
    """What the figure shows, for those who cannot see it."""
    parts = [
        _("{run}: after epoch {epoch} loss {loss}, test accuracy {acc}.").format(
            run=c.label, epoch=int(c.epochs[-1]), loss=f"{c.loss[-1]:.3f}", acc=percent(c.test_acc[-1])
        )
        for c in runs
        if len(c.epochs)
    ]
    return paragraph(_("Loss and accuracy over epochs."), *parts)
