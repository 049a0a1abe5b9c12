"""Differences between arms: a row for each pair, its seeds, its mean with interval, and a line at 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lenet.common import charts, colours, files
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import statistics
from lenet.experiments.statistics import Comparison, Sample
from lenet.experiments.wording import digits_for, p_value, points, range_of_points, shortened

ROW, NARROW_ROW = 62, 84
MAX_ROWS = 15
"""Pairs that are drawn; the clear ones and the largest first if there are more."""


@cached(maxsize=64)
def forest(samples: Sequence[Sample]) -> go.Figure:
    """How much higher the later arm of each pair is, in points: small dots are seeds, the diamond is their mean.

    Of a clear difference the diamond is full and has the colour of the better arm; any other is open and grey. `customdata`
    of a dot is its seed.
    """
    rows = drawn(samples)
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    narrow_notes: list[dict[str, Any]] = []
    for row, comparison in enumerate(rows):
        name, told = _name(samples, comparison), _told(comparison)
        traces += _row(row + 0.7, comparison, name, len(rows))
        note = {
            "x": 0, "xref": "paper", "xanchor": "left", "y": row + 0.06, "yanchor": "top", "showarrow": False,
            "font": {"size": 13}, "align": "left",
        }  # fmt: skip
        notes.append(note | {"text": f"<b>{name}</b> {told}"})
        narrow_notes.append(note | {"text": f"<b>{_name(samples, comparison, 18)}</b><br>{told}"})
    n = max(len(rows), 1)
    dashed = {"color": colours.MUTED, "width": 1.5, "dash": "dash"}
    zero = [
        {"type": "line", "x0": 0, "x1": 0, "y0": row + 0.5, "y1": row + 0.9, "line": dashed}
        for row in range(len(rows))
    ]
    return charts.figure(
        traces,
        height=ROW * n + 60,
        showlegend=False,
        annotations=notes,
        hovermode="closest",
        margin={"l": 8, "r": 8, "t": 4, "b": 8},
        shapes=zero,
        xaxis={
            "range": _range(rows), "showgrid": True, "gridcolor": colours.GRID, "zeroline": False,
            "title": {"text": _("difference in points of test accuracy"), "standoff": 8},
        },
        yaxis=charts.bare_axis(range=[n, 0]),
        narrow={
            "height": NARROW_ROW * n + 44, "annotations": narrow_notes, "xaxis.nticks": 6, "xaxis.fixedrange": True,
        },
    )  # fmt: skip


def _row(y: float, comparison: Comparison, name: str, m: int) -> list[dict[str, Any]]:
    """A pair: its seeds, and the mean with its interval."""
    d = comparison.difference.turned()
    better = comparison.b if d.mean > 0 else comparison.a
    color = colours.SERIES[better % len(colours.SERIES)] if comparison.is_clear() else colours.MUTED
    bar: dict[str, Any] = {"visible": False}
    if d.low is not None and d.high is not None:
        bar = {"array": [100 * (d.high - d.mean)], "arrayminus": [100 * (d.mean - d.low)]}
        bar |= {"color": color, "thickness": 3, "width": 7}
    words = _("{n} seeds, higher in {wins}").format(n=d.n, wins=d.wins)
    if comparison.corrected_p is not None:
        p = p_value(comparison.corrected_p)
        text = _("<br>p = {p} ({test}, after Holm’s correction)") if m > 1 else _("<br>p = {p} ({test})")
        words += text.format(p=p, test=name_of_test(d.test))
    return [
        {
            "type": "scatter", "mode": "markers", "x": [100 * value for _seed, value in d.differences], "y": [y] * d.n,
            "customdata": [seed for seed, _value in d.differences],
            "marker": {"size": 9, "color": colours.faded(color, 0.4)},
            "hovertemplate": f"{name}<br>" + _("seed %{customdata}: %{x:.2f} points") + "<extra></extra>",
        },
        {
            "type": "scatter", "mode": "markers", "x": [100 * d.mean], "y": [y], "error_x": bar,
            "marker": {
                "symbol": "diamond" if comparison.is_clear() else "diamond-open", "size": 12, "color": color,
                "line": {"width": 2, "color": color},
            },
            "hovertemplate": f"{name}<br>{_told(comparison)}<br>{words}<extra></extra>",
        },
    ]  # fmt: skip


def _name(samples: Sequence[Sample], comparison: Comparison, most: int = 40) -> str:
    a, b = (shortened(samples[arm].name, most) for arm in (comparison.a, comparison.b))
    return _("{b} − {a}").format(a=a, b=b)


def _told(comparison: Comparison) -> str:
    """The difference as it is drawn, later minus earlier, with its interval."""
    d = comparison.difference.turned()
    digits = digits_for(d)
    return points(d.mean, digits) + range_of_points(d, digits)


def drawn(samples: Sequence[Sample]) -> list[Comparison]:
    """The pairs that there is room for."""
    found = statistics.compare(samples, method=statistics.method_for(samples))
    if len(found) <= MAX_ROWS:
        return found
    first = sorted(found, key=lambda c: (not c.is_clear(), -abs(c.difference.mean)))[:MAX_ROWS]
    return [comparison for comparison in found if comparison in first]


def name_of_test(test: str) -> str:
    """What a test is called in the reader's language."""
    names = {
        statistics.PAIRED_T: _("paired t test"),
        statistics.SIGN: _("sign test"),
        statistics.SEQUENTIAL_T: _("sequential t test"),
    }
    return names[test]


def _range(rows: Sequence[Comparison]) -> list[float]:
    """From where to where the axis goes: all that is drawn, and 0. A very long interval, as of two seeds, is cut off."""
    values = [-100 * value for c in rows for _seed, value in c.difference.differences]
    if not values:
        return [-1, 1]
    low, high = min(0, *values), max(0, *values)
    length = max(high - low, 0.2)
    for c in rows:
        if c.difference.low is not None and c.difference.high is not None:
            low = min(low, max(-100 * c.difference.high, low - length))
            high = max(high, min(-100 * c.difference.low, high + length))
    air = 0.06 * max(high - low, 0.2)
    return [low - air, high + air]


def forest_alt(samples: Sequence[Sample]) -> str:
    """The differences in words."""
    told = []
    for comparison in drawn(samples):
        text = _("{b} minus {a}, in points: {difference}, from {n} seeds.")
        told.append(
            text.format(
                a=samples[comparison.a].name,
                b=samples[comparison.b].name,
                difference=_told(comparison),
                n=comparison.difference.n,
            )
        )
    return paragraph(_("Differences in test accuracy of paired seeds, with a line at 0."), *told)


def forest_csv(samples: Sequence[Sample]) -> str:
    """A row for each pair, differences and ends as shares, a minus b."""
    rows = [
        (
            samples[c.a].name, samples[c.b].name, c.difference.n, c.difference.wins, c.difference.ties,
            c.difference.mean, c.difference.low, c.difference.high, c.difference.method,
            c.difference.test, c.difference.p, c.corrected_p,
        )
        for c in statistics.compare(samples, method=statistics.method_for(samples))
    ]  # fmt: skip
    names = ("a", "b", "seeds", "wins", "ties", "difference", "low", "high", "interval", "test", "p", "holm_p")
    return files.csv_text(names, rows)
