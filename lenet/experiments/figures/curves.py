"""The curves of all runs as bands: for each arm the mean of every epoch, between its lowest and its highest run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours, files
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.experiments.wording import percent
from lenet.runs.parsing import Arrays

Runs = Mapping[int, Arrays]
"""The metrics of an arm's runs, by seed."""
ACCURACY, LOSS = "test_acc", "test_loss"


@cached(maxsize=32)
def bands(arms: Sequence[tuple[str, Runs]], height: int = 380) -> go.Figure:
    """Test accuracy on the left, test loss on the right. `arms` are (name, metrics of its runs)."""
    traces: list[dict[str, Any]] = []
    for place, (name, runs) in enumerate(arms):
        color = colours.SERIES[place % len(colours.SERIES)]
        traces += _band(name, place, runs, ACCURACY, color, {})
        traces += _band(name, place, runs, LOSS, color, {"xaxis": "x2", "yaxis": "y2"})
    names = [charts.folded(name, charts.PHONE_LETTERS) for name, _runs in arms if name]
    longest = max((int(m["epoch"][-1]) for _name, runs in arms for m in runs.values() if len(m["epoch"])), default=1)
    x = {
        "range": [0.5 if longest == 1 else 1 - 0.02 * longest, longest + (0.5 if longest == 1 else 0.02 * longest)],
        "gridcolor": colours.GRID, "zeroline": False, "title": {"text": _("epoch")}, "tickformat": "d",
    }  # fmt: skip
    if longest <= 10:
        x["dtick"] = 1
    y = {"gridcolor": colours.GRID, "zeroline": False}
    return charts.figure(
        traces,
        height=height + (24 if names else 0),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis=x | {"domain": [0, 0.47]},
        yaxis=y
        | {"range": _accuracies(arms), "tickformat": ".3~%", "title": {"text": _("test accuracy"), "standoff": 6}},
        xaxis2=x | {"domain": [0.55, 1], "anchor": "y2"},
        yaxis2=y | {"anchor": "x2", "rangemode": "tozero", "title": {"text": _("test loss"), "standoff": 6}},
        showlegend=len(names) > 1,
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        hovermode="closest",
        narrow=charts.one_above_the_other(400 + charts.legend_height(names)),
    )


def _band(
    name: str, place: int, runs: Runs, column: str, color: str, axes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The mean of a column over runs as a line, on the band from the lowest to the highest."""
    epochs, values = by_epoch(runs, column)
    if not len(epochs):
        return []
    n = [len(v) for v in values]
    low, high, mean = ([float(f(v)) for v in values] for f in (np.min, np.max, np.mean))
    group = {"legendgroup": str(place), "name": charts.folded(name, charts.PHONE_LETTERS), **axes}
    told = f"{name}<br>" if name else ""
    number = ":.2%" if column == ACCURACY else ":.3f"
    hover = _("epoch %{x}: mean %{y}, %{customdata[0]} to %{customdata[1]}, %{customdata[2]} runs")
    for key in ("y", "customdata[0]", "customdata[1]"):
        hover = hover.replace(f"%{{{key}}}", f"%{{{key}{number}}}")
    edge = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    bar: dict[str, Any] = {"visible": False}
    if len(epochs) == 1:  # a band of one epoch has no width
        bar = {
            "array": [high[0] - mean[0]],
            "arrayminus": [mean[0] - low[0]],
            "color": color,
            "thickness": 2,
            "width": 6,
        }
    return [
        edge | {"x": epochs, "y": np.array(high)} | group,
        edge | {"x": epochs, "y": np.array(low), "fill": "tonexty", "fillcolor": colours.faded(color, 0.18)} | group,
        {
            "type": "scatter", "mode": "lines+markers", "x": epochs, "y": np.array(mean),
            "line": {"color": color, "width": 2.5}, "marker": {"size": 5}, "error_y": bar, "showlegend": column == ACCURACY,
            "customdata": [list(row) for row in zip(low, high, n, strict=True)],
            "hovertemplate": told + hover + "<extra></extra>",
        } | group,
    ]  # fmt: skip


def _accuracies(arms: Sequence[tuple[str, Runs]]) -> list[float]:
    """From where to where the accuracies of all runs go, with a little air."""
    values = [v for _name, runs in arms for found in by_epoch(runs, ACCURACY)[1] for v in found.tolist()]
    low, high = min(values, default=0.0), max(values, default=1.0)
    air = max(0.05 * (high - low), 0.005)
    return [low - air, high + air]


def by_epoch(runs: Runs, column: str) -> tuple[NDArray[np.int64], list[NDArray[Any]]]:
    """The epochs that at least one run has finished, and what each run has there that has come so far.

    What is not finite, as the loss of a run that diverged, is left out.
    """
    having = [(m["epoch"].astype(int), m[column]) for m in runs.values() if column in m]
    epochs = np.unique(np.concatenate([epoch for epoch, _values in having])) if having else np.zeros(0, int)
    found = [np.concatenate([v[(e == epoch) & np.isfinite(v)] for e, v in having]) for epoch in epochs]
    kept = [bool(len(values)) for values in found]
    return epochs[kept], [values for values in found if len(values)]


def bands_alt(arms: Sequence[tuple[str, Runs]]) -> str:
    """The bands in words."""
    told = []
    for name, runs in arms:
        epochs, values = by_epoch(runs, ACCURACY)
        if len(epochs):
            text = _("{name}: after epoch {epoch}, {n} runs between {low} and {high}, mean {mean}.")
            told.append(
                text.format(
                    name=name or _("All runs"),
                    epoch=int(epochs[-1]),
                    n=len(values[-1]),
                    low=percent(float(values[-1].min())),
                    high=percent(float(values[-1].max())),
                    mean=percent(float(values[-1].mean())),
                )
            )
    return paragraph(
        _("Test accuracy and loss over epochs, a band for each arm from its lowest to its highest run."), *told
    )


def bands_csv(arms: Sequence[tuple[str, Runs]]) -> str:
    """A row for each arm and epoch."""
    rows: list[tuple[Any, ...]] = []
    for name, runs in arms:
        losses = dict(zip(*by_epoch(runs, LOSS), strict=True))
        for epoch, accuracy in zip(*by_epoch(runs, ACCURACY), strict=True):
            cells: list[Any] = [name, int(epoch), len(accuracy)]
            for values in (accuracy, losses.get(epoch)):
                cells += ["", "", ""] if values is None else [float(f(values)) for f in (np.mean, np.min, np.max)]
            rows.append(tuple(cells))
    kinds = [f"{column}_{what}" for column in (ACCURACY, LOSS) for what in ("mean", "min", "max")]
    return files.csv_text(("arm", "epoch", "runs", *kinds), rows)
