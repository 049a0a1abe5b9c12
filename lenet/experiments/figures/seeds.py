"""The strip of seeds: a point for each run, a row for each arm, and the mean of each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from lenet.common import charts, colours, files
from lenet.common.translation import cached, ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import statistics
from lenet.experiments.samples import RunIds
from lenet.experiments.statistics import Sample
from lenet.experiments.store import Place
from lenet.experiments.wording import digits_for, percent, range_of_shares, shortened

ROW, LOW_ROW, FEW_ARMS = 92, 64, 8
"""Pixels of an arm's row, of one of more than a few, and how many are few. Within it, in its own units from the top: the name, the points, the mean with its interval."""
TOP_POINT, LAST_POINT, MEAN = 0.34, 0.66, 0.84
JOINED = 40
"""Up to so many seeds, the runs of one seed are joined from row to row."""


@cached(maxsize=64)  # many visitors watch the same experiment
def strip(samples: Sequence[Sample], run_ids: RunIds) -> go.Figure:
    """The runs that have finished, by their test accuracy. `customdata` of a point is its run's id, "" where it has none."""
    method = statistics.method_for(samples)
    seeds = sorted({seed for sample in samples for seed in sample.values})
    place = {seed: TOP_POINT + (LAST_POINT - TOP_POINT) * (i + 0.5) / len(seeds) for i, seed in enumerate(seeds)}
    traces: list[dict[str, Any]] = []
    if len(samples) > 1 and len(seeds) <= JOINED:
        traces += _joined(samples, place)
    notes = []
    for row, sample in enumerate(samples):
        color = colours.SERIES[row % len(colours.SERIES)]
        traces += [_points(row, sample, place, run_ids, color), *_mean(row, sample, method, color)]
        notes.append(_name(row, sample, method))
    values = [value for sample in samples for value in sample.values.values()]
    values += _ends(samples, method)
    return charts.figure(
        traces,
        height=(ROW if len(samples) <= FEW_ARMS else LOW_ROW) * len(samples) + 44,
        showlegend=False,
        annotations=notes,
        hovermode="closest",
        margin={"l": 8, "r": 8, "t": 4, "b": 8},
        xaxis={
            "range": _range(values), "tickformat": ".3~%", "showgrid": True, "gridcolor": colours.GRID, "zeroline": False,
            "title": {"text": _("test accuracy"), "standoff": 8},
        },
        yaxis=charts.bare_axis(range=[len(samples), 0]),
        narrow={"xaxis.nticks": 5, "xaxis.fixedrange": True},
    )  # fmt: skip


def _points(row: int, sample: Sample, place: Mapping[int, float], run_ids: RunIds, color: str) -> dict[str, Any]:
    """An arm's runs, each at the height of its seed."""
    seeds = sorted(sample.values)
    name = f"{sample.name}<br>" if sample.name else ""
    return {
        "type": "scatter", "mode": "markers", "name": sample.name,
        "x": [sample.values[seed] for seed in seeds], "y": [row + place[seed] for seed in seeds],
        "text": [str(seed) for seed in seeds], "customdata": [run_ids.get((row, seed), "") for seed in seeds],
        "marker": {"color": color, "size": 10, "opacity": 0.85, "line": {"width": 1, "color": "#ffffff"}},
        "selected": {"marker": {"opacity": 1, "size": 15}}, "unselected": {"marker": {"opacity": 0.85}},
        "hovertemplate": name + _("seed %{text}: %{x:.2%}") + "<extra></extra>",
    }  # fmt: skip


def place_of(point: Mapping[str, Any]) -> Place | None:
    """The arm and the seed of a point that was clicked, as Streamlit tells of it; None for the mean of an arm."""
    with suppress(KeyError, TypeError, ValueError):
        return int(point["y"]), int(point["text"])
    return None


def _joined(samples: Sequence[Sample], place: Mapping[int, float]) -> list[dict[str, Any]]:
    """Light lines between the runs of one seed in neighbouring rows."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, (above, below) in enumerate(pairwise(samples)):
        for seed in sorted(above.values.keys() & below.values.keys()):
            x += [above.values[seed], below.values[seed], None]
            y += [row + place[seed], row + 1 + place[seed], None]
    line = {"color": colours.faded(colours.MUTED, 0.45), "width": 1}
    return [{"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}] if x else []


def _mean(row: int, sample: Sample, method: str, color: str) -> list[dict[str, Any]]:
    """The mean and its interval, below the points."""
    found = statistics.mean_interval(list(sample.values.values()), method=method)
    if found is None or found.n < 2:
        return []
    digits = digits_for(found)
    words = _("mean {mean}{interval}, {n} runs").format(
        mean=percent(found.mean, digits), interval=range_of_shares(found, digits), n=found.n
    )
    bar: dict[str, Any] = {"visible": False}
    if found.low is not None and found.high is not None:
        bar = {"array": [found.high - found.mean], "arrayminus": [found.mean - found.low]}
        bar |= {"color": color, "thickness": 3, "width": 7}
    return [
        {
            "type": "scatter", "mode": "markers", "x": [found.mean], "y": [row + MEAN], "error_x": bar,
            "marker": {"symbol": "diamond", "size": 11, "color": color},
            "selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}},
            "hovertemplate": words + "<extra></extra>", "meta": {"narrow": {"marker.size": 10}},
        }
    ]  # fmt: skip


def _name(row: int, sample: Sample, method: str) -> dict[str, Any]:
    """What a row is, its mean, and how many of its runs there are."""
    done, every = len(sample.values), len(sample.values) + len(sample.failed) + len(sample.waiting)
    told = ngettext("{done} of {n} run", "{done} of {n} runs", every).format(done=done, n=every)
    if sample.failed:
        told += ngettext(", {n} failed", ", {n} failed", len(sample.failed)).format(n=len(sample.failed))
    found = statistics.mean_interval(list(sample.values.values()), method=method)
    if found is not None and found.n > 1:
        told = f"{percent(found.mean, digits_for(found))} · {told}"
    text = f"<b>{shortened(sample.name)}</b> {told}" if sample.name else told
    return {
        "text": text, "x": 0, "xref": "paper", "xanchor": "left", "y": row + 0.04, "yanchor": "top", "showarrow": False,
        "font": {"size": 13}, "align": "left",
    }  # fmt: skip


def _ends(samples: Sequence[Sample], method: str) -> list[float]:
    """The ends of the intervals, but of those that are long beside the runs: the runs are to be told apart."""
    values = [value for sample in samples for value in sample.values.values()]
    room = 2 * (max(values) - min(values)) if values else 0.0
    found = [
        statistics.mean_interval(list(sample.values.values()), method=method) for sample in samples if sample.values
    ]
    ends = [(i.low, i.high) for i in found if i is not None and i.low is not None and i.high is not None]
    return [end for low, high in ends if high - low <= room for end in (low, high)]


def _range(values: Sequence[float]) -> list[float]:
    """From where to where the axis goes: beyond all values, in steps, so that it stands still while runs end."""
    if not values:
        return [0, 1]
    low, high = min(values), max(values)
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if 6 * step >= high - low)
    air = 0.3 * step
    return [
        max(-0.02, step * ((low - air) // step)),
        min(1.02, step * -(-(high + air) // step)),
    ]


def strip_alt(samples: Sequence[Sample]) -> str:
    """The strip in words."""
    method = statistics.method_for(samples)
    told = []
    for sample in samples:
        found = statistics.mean_interval(list(sample.values.values()), method=method)
        if found is None:
            continue
        digits = digits_for(found)
        text = _("{name}: {n} runs between {low} and {high}, mean {mean}{interval}.")
        told.append(
            text.format(
                name=sample.name or _("All runs"),
                n=found.n,
                low=percent(min(sample.values.values()), digits),
                high=percent(max(sample.values.values()), digits),
                mean=percent(found.mean, digits),
                interval=range_of_shares(found, digits),
            )
        )
    return paragraph(_("Test accuracy of each run, a row for each arm."), *told)


def strip_csv(samples: Sequence[Sample], run_ids: RunIds) -> str:
    """A row for each point."""
    rows = [
        (sample.name, seed, run_ids.get((arm, seed), ""), value)
        for arm, sample in enumerate(samples)
        for seed, value in sorted(sample.values.items())
    ]
    return files.csv_text(("arm", "seed", "run", "test_acc"), rows)
