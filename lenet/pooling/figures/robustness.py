"""The sandbox's figures of robustness: what a change of the input does to it and to its pooled maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours
from lenet.common.formatting import decimals, number, percent
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.grid import Grid, tidy
from lenet.pooling import robustness
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.robustness import AMOUNTS, DRAWS, Change, Moved, Response

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
    scale, low, high = colours.scale(float(finite.min()), float(finite.max()), image=image)
    most = max(float(np.abs(np.nan_to_num(d)).max()) for d in difference) or 1.0
    rows = [(before, low, high, scale), (after, low, high, scale), (difference, -most, most, colours.DIVERGING)]
    signs = _("red: more"), _("blue: less")
    titles = (
        _("before"),
        _("after"),
        "<br>".join([_("difference"), *(f"<span style='font-size:11px'>{sign}</span>" for sign in signs)]),
    )
    told = []
    for name, response in found.items():
        size = "×".join(map(str, response.before.shape[1:]))
        change = _("changed by {percent}").format(percent=percent(response.change))
        told.append((words[name], size, _("the same everywhere") if response.is_plain else change))
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    narrow: dict[str, Any] = {"height": NARROW_HEAD + 85 * len(found)}
    for r, (maps, zmin, zmax, colors) in enumerate(rows):
        for c, values in enumerate(maps):
            n = r * len(maps) + c + 1
            axis = "" if n == 1 else str(n)
            traces.append(
                _heatmap(values, zmin, zmax, colors) | {"xaxis": f"x{axis}", "yaxis": f"y{axis}"},
            )
            x, y = _place(c, len(maps), r, len(rows), LEFT, 44 / 314)
            layout[f"xaxis{axis}"] = charts.bare_axis(domain=x, constrain="domain")
            layout[f"yaxis{axis}"] = charts.bare_axis(
                domain=y, scaleanchor=f"x{axis}", autorange="reversed", constrain="domain"
            )
            narrow[f"xaxis{axis}.domain"], narrow[f"yaxis{axis}.domain"] = _place(
                r, len(rows), c, len(maps), NARROW_LEFT, NARROW_HEAD / narrow["height"]
            )
    notes = [_note(title, 0, _middle(r, len(rows), 44 / 314), "left") for r, title in enumerate(titles)]
    notes += [
        _note(f"<b>{name}</b><br>{size} · {change}", _centre(c, len(told), LEFT), 1.0, "center") | {"yanchor": "top"}
        for c, (name, size, change) in enumerate(told)
    ]
    # On a phone the maps are below one another, each with its words on the left
    narrow["annotations"] = [
        _note(title, _centre(r, len(rows), NARROW_LEFT), 1.0, "center") | {"yanchor": "top"}
        for r, title in enumerate(titles)
    ] + [
        _note("<br>".join([f"<b>{charts.folded(name, 15)}</b>", size, charts.folded(change, 17)]), 0,
              _middle(c, len(told), NARROW_HEAD / narrow["height"]), "left") | {"align": "left", "font": {"size": 12}}
        for c, (name, size, change) in enumerate(told)
    ]  # fmt: skip
    return charts.figure(
        traces, height=330, annotations=notes, showlegend=False, narrow=narrow, below=NARROW, **layout
    )


LEFT, NARROW_LEFT = 0.085, 0.31
"""The share of the width that words take on the left."""
NARROW_HEAD = 56
"""Pixels that three lines of words take above the narrow figure."""
NARROW = 520
"""Pixels: in fewer the maps are below one another, and not side by side."""


def _place(
    column: int, columns: int, row: int, rows: int, left: float, head: float
) -> tuple[list[float], list[float]]:
    """The intervals of the width and of the height that a picture has; `head` is the height of what is above all."""
    across, down = (1 - left) / columns, (1 - head) / rows
    top = 1 - head - row * down
    x = [left + column * across + 0.008, left + (column + 1) * across - 0.008]
    return x, [top - down + 0.02, top - 0.005]


def _centre(column: int, columns: int, left: float) -> float:
    return left + (column + 0.5) * (1 - left) / columns


def _middle(row: int, rows: int, head: float) -> float:
    return (1 - head) * (1 - (row + 0.5) / rows)


def _heatmap(values: NDArray[Any], low: float, high: float, colors: Any) -> dict[str, Any]:
    return {
        "type": "heatmap", "z": values, "zmin": low, "zmax": high, "colorscale": colors, "showscale": False,
        "hovertemplate": "%{z:.4~g}<extra></extra>",
    }  # fmt: skip


def _note(text: str, x: float, y: float, align: str) -> dict[str, Any]:
    where = {"xref": "paper", "yref": "paper", "x": x, "y": y, "xanchor": align, "yanchor": "middle"}
    return where | {"showarrow": False} | {"text": text, "font": {"size": 13}}


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
    title = _("shift to the right, cells") if kind == "shift" else _("noise, percent of the range")
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
        narrow={"height": 300 + charts.legend_height([words[name] for name in found]), "margin.l": 8},
        xaxis={
            "title": {"text": title},
            "gridcolor": colours.GRID,
            "zeroline": False,
            "fixedrange": True,
            "dtick": 1 if kind == "shift" else 10,
        },
        yaxis={
            "title": {"text": _("change, percent of what is seen")},
            "gridcolor": colours.GRID,
            "rangemode": "tozero",
            "fixedrange": True,
        },
    )


def sentence(found: Mapping[str, Response], words: Mapping[str, str], sizes: tuple[int, int]) -> str:
    """The comparison in words: how many numbers of the grid pooling keeps (`sizes`), and what changed least."""
    kept = _("Pooling turns {n} numbers into {m} ({percent}).").format(
        n=number(sizes[0]), m=number(sizes[1]), percent=percent(sizes[1] / sizes[0])
    )
    return paragraph(kept, _change_sentence(found, words))


def _change_sentence(found: Mapping[str, Response], words: Mapping[str, str]) -> str:
    if found["input"].is_plain:
        return _("All numbers of a channel are the same: there is nothing to see that could change.")
    if found["input"].change == 0:
        return _("The input did not change.")
    maps = {name: response.change for name, response in found.items() if name != "input" and not response.is_plain}
    if not maps:
        return _("No output shows anything: each is the same everywhere.")
    least = min(maps.values())
    names = [words[name] for name in sorted(maps) if percent(maps[name]) == percent(least)]
    return _("The input changed by {input}; the output that changed least is that of {least}: {percent}.").format(
        input=percent(found["input"].change), least=_(" and ").join(names), percent=percent(least)
    )


def shift_sentence(moved: Mapping[str, Moved], stride: int, amount: int) -> str:
    """What a shift by `amount` cells does to the maps of average and max pooling: whether they move, and what stays."""
    avg, best = moved["avg"], moved["max"]
    if amount == 0:
        return ""
    if amount % stride == 0:
        return ngettext(
            "{amount} cells are {n} × the stride of {stride}: both pooled maps hold the same numbers as before, moved by "
            "exactly {n} cell. Pooling is **equivariant** to such a shift: the map moves with its input and does not stay "
            "as it was.",
            "{amount} cells are {n} × the stride of {stride}: both pooled maps hold the same numbers as before, moved by "
            "exactly {n} cells. Pooling is **equivariant** to such a shift: the map moves with its input and does not stay "
            "as it was.",
            amount // stride,
        ).format(amount=amount, n=amount // stride, stride=stride)
    told = _(
        "{amount} is no multiple of the stride of {stride}. Compared with the old map moved by a whole number of cells, the "
        "map of average pooling differs by {avg} (moved by {n}) and that of max pooling by {max} (moved by {m})."
    ).format(
        amount=amount, stride=stride, avg=percent(avg.change), n=avg.cells, max=percent(best.change), m=best.cells
    )
    if amount > stride:
        return told
    stayed = _(
        "A shift smaller than the stride can leave numbers as they were, which is **invariance**: here {kept} of the {shown} "
        "cells that show something in a map of max pooling, and {kept_avg} of {shown_avg} with average pooling."
    ).format(kept=best.kept, shown=best.shown, kept_avg=avg.kept, shown_avg=avg.shown)
    return paragraph(told, stayed)


def noise_table(cases: Mapping[str, tuple[float | None, Mapping[str, Response]]], words: Mapping[str, str]) -> str:
    """A table in Markdown: for each named grid the likeness of its neighbours and the noise against what is seen."""
    names = list(next(iter(cases.values()))[1])
    lines = [
        ["", _("likeness of neighbours"), *(words[name] for name in names)],
        ["---", *["---:"] * (len(names) + 1)],
    ]
    for title, (likeness, found) in cases.items():
        told = ["–" if found[name].is_plain else percent(found[name].change) for name in names]
        lines.append([title, "–" if likeness is None else decimals(likeness, 2), *told])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def measure(grid: Grid, pool: Pooling, kind: Change) -> str:
    """How the change is measured, and on what."""
    if kind == "noise":
        return _(
            "Noise against what is seen: ‖after − before‖ / ‖before − mean‖, the change against the spread of the map. "
            "Averaging n numbers divides independent noise by √n; it divides the spread too, but by less the more alike "
            "neighbours are (their correlation is in the table). Noise is Gaussian; the figures are means over {n} random "
            "draws, and the pictures show the first draw."
        ).format(n=DRAWS)
    left, right = robustness.room(grid.shape[2], pool)
    return _(
        "Change: ‖after − before‖ / ‖before − empty‖, where “empty” is what comes of the canvas alone. The canvas has {left} "
        "columns of room at the left of the grid and {right} at the right, so that nothing is cut off; they hold the "
        "median of the grid’s border: {value}."
    ).format(left=left, right=right, value=_(", ").join(map(tidy, robustness.background(grid).ravel().tolist())))
