"""The kernels of all runs of an arm side by side, and how often which kind of them is learned."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts, colours, files
from lenet.common.formatting import decimals
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.experiments.detectors import Detectors, Member
from lenet.kernels.matching import STRONG

MAX_DETECTORS = 8
"""Kinds of kernels that are drawn, and have a letter and a colour."""
MAX_ROWS = 12
"""Kernels of a run that are drawn: those that match best."""
ACROSS = 16
"""Runs side by side; more of them go to a further line. On a phone each run is a line."""
GAP, LETTER = 1, 3
"""Cells between two kernels, and below a kernel for its letter."""


@dataclass(frozen=True)
class Tile:
    """A kernel in a picture: its top left cell, in cells."""

    member: Member
    row: int
    column: int


@dataclass(frozen=True)
class Picture:
    """Where kernels stand in a picture of `height` × `width` cells, and the seeds of their runs beside them."""

    tiles: list[Tile]
    seeds: list[dict[str, Any]]
    height: int
    width: int


@cached(maxsize=16)
def wall(found: Detectors, run_ids: Mapping[int, str]) -> go.Figure:
    """A column for each run, where kernels that were matched stand in a row. Each has its own scale and its sign is matched.

    On a phone each run is a row. `run_ids` are by seed. `customdata` of a kernel is its run's id, "" where it has none.
    """
    wide, narrow = _wide(found), _narrow(found)
    members = [tile.member for tile in wide.tiles]  # in both in the same order
    image = {
        "type": "heatmap", "z": _image(found, wide), "colorscale": colours.DIVERGING, "zmin": -1, "zmax": 1,
        "showscale": False, "hoverinfo": "skip", "meta": {"narrow": {"z": charts.packed(_image(found, narrow))}},
    }  # fmt: skip
    points = {
        "type": "scatter", "mode": "markers", **_middles(found, wide), "meta": {"narrow": _middles(found, narrow)},
        "text": [_told(found, member) for member in members],
        "customdata": [run_ids.get(found.seeds[member.run], "") for member in members],
        "marker": {"size": 30, "opacity": 0, "symbol": "square"}, "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}}, "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    return charts.figure(
        [image, points],
        height=min(1100, max(200, 12 * wide.height)),
        showlegend=False,
        hovermode="closest",
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        xaxis=charts.bare_axis(range=[-0.7, wide.width - 0.3], constrain="domain"),
        yaxis=charts.bare_axis(range=[wide.height - 0.5, -0.5], scaleanchor="x", constrain="domain"),
        annotations=wide.seeds + _letters(found, wide),
        shapes=_frames(found, wide),
        narrow={
            "height": round(370 / narrow.width * narrow.height) + 8,
            "annotations": narrow.seeds + _letters(found, narrow), "shapes": _frames(found, narrow),
            "xaxis.range": [-0.7, narrow.width - 0.3], "yaxis.range": [narrow.height - 0.5, -0.5],
        },
    )  # fmt: skip


def _wide(found: Detectors) -> Picture:
    """Runs side by side, ACROSS in a line, their seeds above."""
    high, wide = found.kernels.shape[3:]
    rows, runs, head = min(len(found.places[0]), MAX_ROWS), len(found.seeds), 2
    line = head + rows * (high + LETTER)
    corners = [(run // ACROSS * line, run % ACROSS * (wide + GAP)) for run in range(runs)]
    tiles = [
        Tile(found.places[run][row], top + head + row * (high + LETTER), left)
        for run, (top, left) in enumerate(corners)
        for row in range(rows)
    ]
    seeds = [
        _note(str(seed), left + (wide - 1) / 2, top + 0.4)
        for seed, (top, left) in zip(found.seeds, corners, strict=True)
    ]
    return Picture(tiles, seeds, -(-runs // ACROSS) * line, min(runs, ACROSS) * (wide + GAP) - GAP)


def _narrow(found: Detectors) -> Picture:
    """A run below the other, their seeds to the left."""
    high, wide = found.kernels.shape[3:]
    columns, runs, head = min(len(found.places[0]), MAX_ROWS), len(found.seeds), 3
    tiles = [
        Tile(found.places[run][column], run * (high + LETTER), head + column * (wide + GAP))
        for run in range(runs)
        for column in range(columns)
    ]
    seeds = [_note(str(seed), 1, run * (high + LETTER) + (high - 1) / 2) for run, seed in enumerate(found.seeds)]
    return Picture(tiles, seeds, runs * (high + LETTER), head + columns * (wide + GAP) - GAP)


def _image(found: Detectors, picture: Picture) -> NDArray[np.float32]:
    """All kernels as one image, from −1 to 1 each; NaN between them."""
    image = np.full((picture.height, picture.width), np.nan, np.float32)
    high, wide = found.kernels.shape[3:]
    for tile in picture.tiles:
        kernel = tile.member.sign * found.kernels[tile.member.run, tile.member.kernel].mean(0)
        largest = float(np.abs(kernel).max()) or 1.0
        image[tile.row : tile.row + high, tile.column : tile.column + wide] = kernel / largest
    return image


def _middles(found: Detectors, picture: Picture) -> dict[str, list[float]]:
    """The middles of kernels."""
    high, wide = found.kernels.shape[3:]
    return {
        "x": [tile.column + (wide - 1) / 2 for tile in picture.tiles],
        "y": [tile.row + (high - 1) / 2 for tile in picture.tiles],
    }


def _frames(found: Detectors, picture: Picture) -> list[dict[str, Any]]:
    """Around each kernel of a kind that has a letter, a frame in its colour."""
    high, wide = found.kernels.shape[3:]
    return [
        {
            "type": "rect", "x0": tile.column - 0.5, "x1": tile.column + wide - 0.5, "y0": tile.row - 0.5,
            "y1": tile.row + high - 0.5, "line": {"width": 2, "color": colours.SERIES[kind]},
        }
        for tile in picture.tiles
        if (kind := _kind(found, tile.member)) is not None
    ]  # fmt: skip


def _letters(found: Detectors, picture: Picture) -> list[dict[str, Any]]:
    """Below each of these kernels, the letter."""
    high, wide = found.kernels.shape[3:]
    return [
        _note(string.ascii_uppercase[kind], tile.column + (wide - 1) / 2, tile.row + high + 0.6)
        for tile in picture.tiles
        if (kind := _kind(found, tile.member)) is not None
    ]


def _note(text: str, x: float, y: float) -> dict[str, Any]:
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"size": 11}}


def _kind(found: Detectors, member: Member) -> int | None:
    kind = found.of(member.run, member.kernel)
    return kind if kind is not None and kind < MAX_DETECTORS else None


def _told(found: Detectors, member: Member) -> str:
    """A kernel in words."""
    text = _("seed {seed}, kernel {kernel}").format(seed=found.seeds[member.run], kernel=member.kernel + 1)
    if member.sign < 0:
        text += " × (−1)"
    kind = found.of(member.run, member.kernel)
    if kind is None:
        return text + "<br>" + _("like that of no other run")
    if kind >= MAX_DETECTORS:
        return text
    text += "<br>" + _("{letter}: learned in {n} of {runs} runs")
    return text.format(letter=string.ascii_uppercase[kind], n=found.detectors[kind].runs, runs=len(found.seeds))


@cached(maxsize=16)
def frequencies(found: Detectors) -> go.Figure:
    """In how many runs each kind of kernel is learned, beside how many sets of kernels of chance have one; below, its mean."""
    shown = found.detectors[:MAX_DETECTORS]
    runs = len(found.seeds)
    high, wide = found.kernels.shape[3:]
    step = wide + 2
    middles = [i * step + (wide - 1) / 2 for i in range(len(shown))]
    image = np.full((high, max(len(shown), 1) * step - 2), np.nan, np.float32)
    for i, detector in enumerate(shown):
        mean = detector.mean.mean(0)
        image[:, i * step : i * step + wide] = mean / (float(np.abs(mean).max()) or 1.0)
    letters = [string.ascii_uppercase[i] for i in range(len(shown))]
    chance = _("initial kernels of the same seeds") if found.from_initial else _("random kernels")
    bars = [
        {
            "type": "bar", "name": name, "x": [x + shift for x in middles], "y": values, "width": 0.45 * wide,
            "marker": {"color": color}, "text": [str(value) for value in values], "textposition": "outside",
            "cliponaxis": False, "customdata": letters,
            "hovertemplate": "%{customdata}: " + _("{n} of {runs} runs").format(n="%{y}", runs=runs) + "<extra></extra>",
        }
        for name, values, shift, color in (
            (_("learned"), [detector.runs for detector in shown], -0.24 * wide, colours.SERIES[0]),
            (chance, [detector.by_chance for detector in shown], 0.24 * wide, colours.PADDING),
        )
    ]  # fmt: skip
    picture = {
        "type": "heatmap", "z": image, "colorscale": colours.DIVERGING, "zmin": -1, "zmax": 1, "showscale": False,
        "hoverinfo": "skip", "yaxis": "y2",
    }  # fmt: skip
    columns = max(image.shape[1], 4 * step - 2)  # few are not drawn larger
    return charts.figure(
        [*bars, picture],
        height=360,
        barmode="overlay",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={
            "range": [-1, columns], "tickvals": middles, "ticktext": letters, "showgrid": False, "zeroline": False,
            "fixedrange": True, "anchor": "y",
        },
        yaxis={
            "domain": [0.42, 1], "range": [0, runs * 1.12], "gridcolor": colours.GRID, "fixedrange": True,
            "title": {"text": _("runs"), "standoff": 6}, "nticks": 6,
        },
        yaxis2=charts.bare_axis(
            domain=[0, 0.3], range=[high - 0.5, -0.5], scaleanchor="x", constrain="domain", constraintoward="top"
        ),
        narrow={"height": 300, "yaxis.domain": [0.34, 1], "yaxis2.domain": [0, 0.2]},
    )  # fmt: skip


def wall_alt(found: Detectors) -> str:
    """The wall in words."""
    return _(
        "First-layer kernels of {n} runs as heatmaps, a column for each run. Kernels that look the same stand in a row; "
        "{framed} of {all} are framed, because other runs have learned them too."
    ).format(
        n=len(found.seeds),
        framed=sum(len(detector.members) for detector in found.detectors[:MAX_DETECTORS]),
        all=found.kernels.shape[0] * found.kernels.shape[1],
    )


def frequencies_alt(found: Detectors) -> str:
    """The bars in words."""
    return paragraph(
        *(
            _("Kind {letter}: learned in {n} of {runs} runs, by chance in {chance}.").format(
                letter=string.ascii_uppercase[i], n=d.runs, runs=len(found.seeds), chance=d.by_chance
            )
            for i, d in enumerate(found.detectors[:MAX_DETECTORS])
        )
    )


def about_the_wall() -> str:
    """How to read it."""
    return _(
        "Each kernel has its own scale, blue below 0 and red above; a kernel that looks like the others with all signs "
        "changed is shown with them changed. Kernels of one kind have a mean |correlation| of {strong} or more."
    ).format(strong=decimals(STRONG, 1))


def kernels_csv(found: Detectors) -> str:
    """A row for each kernel: which kind it is of, and its sign in it."""
    rows = [
        (found.seeds[member.run], member.kernel + 1, place + 1, member.sign)
        for place, detector in enumerate(found.detectors)
        for member in sorted(detector.members, key=lambda member: (member.run, member.kernel))
    ]
    return files.csv_text(("seed", "kernel", "kind", "sign"), rows)
