"""A network as a flow, left to right: the image and the output of each layer, to scale.

The drawing has one pair of axes with the same scale, so that square maps stay square on every screen; lengths are in
units of about a pixel.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from lenet.architecture.figures import layer_colours
from lenet.architecture.layers import LayerRow, layer_label, shape_text
from lenet.architecture.layers.receptive_field import Field, receptive_fields
from lenet.common import charts, colours
from lenet.common.formatting import number
from lenet.common.translation import cached
from lenet.common.translation import translate as _

_FLOW = colours.PADDING
"""Lines from layer to layer: a tone that is quiet on white and on black."""

Shape = dict[str, Any]

_COLUMN = 100.0  # width of a layer's place
_HEIGHT = 236.0  # of the drawing between its labels
_SIDE = 64.0  # the largest map
_DEPTH = 26.0  # how far a stack of maps reaches back
_PLANES = 16  # maps of a stack that are drawn, at most; its label tells how many there are
_BAR = 190.0  # the longest vector
_LABELS = 40.0  # room above and below for two lines of text
_PIXELS = 300  # height on the screen
_UPRIGHT = 18  # columns, at most, over which labels stand upright
_FEWEST = 9  # columns that fill the width: a network of few layers is not drawn larger
_BROKEN = colours.SERIES[5]


@dataclass(frozen=True)
class _Place:
    """Where a stage (the image or a layer's output) is drawn: its front map or its bar, and the far corner."""

    x0: float
    x1: float
    y0: float
    y1: float
    back: float  # how far right and up the last map of a stack lies
    cell: float  # side of one cell of a map; 0 for a bar

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1 + self.back) / 2


@cached(32)
def network(rows: Sequence[LayerRow], selected: int) -> go.Figure:
    """The image and the output of each layer, left to right; layer `selected` (from 0) is marked.

    Maps are drawn as stacked planes (side in proportion to their height), vectors as bars (length in proportion to
    the square root of their size). Each layer has invisible markers whose `customdata` is its index, for clicks.
    """
    return _draw(rows[0].input_shape, rows, selected)


@cached(32)
def broken_network(input_shape: tuple[int, ...], built: Sequence[LayerRow], name: str, why: str) -> go.Figure:
    """A network with a layer that cannot be built: the layers before it, then its place in red with the reason.

    `name` is the class of the layer, `why` its numbers (`5×5 > 4×4`).
    """
    return _draw(input_shape, built, -1, (name, why))


def _draw(
    input_shape: tuple[int, ...], rows: Sequence[LayerRow], selected: int, broken: tuple[str, str] | None = None
) -> go.Figure:
    shapes = [input_shape, *(r.output_shape for r in rows)]
    columns = len(shapes) + bool(broken)
    upright = columns <= _UPRIGHT
    names = [f"<b>{_('Input')}</b>"]
    names += [f"<b>{i}</b>{'<br>' if upright else ' '}{_in_lines(r.type)}" for i, r in enumerate(rows, 1)]
    sizes = [shape_text(s) for s in shapes]
    drawn, traces = _drawing(rows, shapes, selected), [_clicks(rows)]
    if upright:
        traces.insert(0, _labels(names, sizes, columns))
    if broken:
        drawn += _missing(len(shapes))
        traces.append(_broken_labels(len(shapes), *broken))
    pixels, (low, high) = _extent(columns)
    return charts.figure(
        traces,
        height=pixels,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        shapes=drawn,
        modebar={"orientation": "v"},
        hovermode="closest",
        xaxis=charts.bare_axis(range=[0, _width(columns)]),
        yaxis=charts.bare_axis(range=[low, high], scaleanchor="x", scaleratio=1),
        **({} if upright else {"annotations": _turned_labels(names, sizes)}),
    )


def _drawing(rows: Sequence[LayerRow], shapes: Sequence[tuple[int, ...]], selected: int) -> list[Shape]:
    """Maps, bars and what links them; `shapes` are those of the image and of each layer's output."""
    side = max((max(s[2:]) for s in shapes if len(s) == 4), default=1)
    longest = max((s[1] for s in shapes if len(s) == 2), default=1)
    places = [_place(i, s, side, longest) for i, s in enumerate(shapes)]
    fills = [layer_colours.INPUT, *(layer_colours.of_layer(r) for r in rows)]
    field = receptive_fields(rows)[selected] if selected >= 0 else None
    field = field if field and field.is_part else None
    drawn = [_mark(selected + 1)] if selected >= 0 else []
    windows: list[Shape] = []  # on top of all maps
    for i, (shape, fill, place) in enumerate(zip(shapes, fills, places, strict=True)):
        if i:
            drawn += _link(rows[i - 1], places[i - 1], place)
        drawn += _planes(shape, fill, place) if place.cell else [_bar(fill, place)]
        if i < len(rows) and rows[i].kernel_size and place.cell:
            framed = bool(i or not field or field.size != rows[0].kernel_size)  # else the field's dots frame it
            windows += _window(rows[i], place, places[i + 1], framed)
    return drawn + windows + ([_seen(field, places[0])] if field else [])


def _centre(stage: int) -> float:
    return (stage + 0.5) * _COLUMN


def _labels(names: Sequence[str], sizes: Sequence[str], columns: int) -> dict[str, Any]:
    """The name of each stage above it, its shape below."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [_centre(i) for i in range(len(names))] * 2,
        "y": [_HEIGHT + _LABELS / 2] * len(names) + [-_LABELS / 3] * len(names),
        "text": [*names, *sizes],
        "textfont": {"size": min(14.0, 14 * 13.5 / columns)},
        "hoverinfo": "skip",
    }


def _turned_labels(names: Sequence[str], sizes: Sequence[str]) -> list[dict[str, Any]]:
    """The same where there are too many for upright ones."""
    return [
        {
            "x": _centre(i), "y": y, "yanchor": anchor, "text": text, "textangle": -90, "showarrow": False,
            "font": {"size": 11},
        }
        for y, anchor, texts in ((_HEIGHT, "bottom", names), (0.0, "top", sizes))
        for i, text in enumerate(texts)
    ]  # fmt: skip


def _clicks(rows: Sequence[LayerRow]) -> dict[str, Any]:
    """Invisible markers over the whole of a layer's column: a click anywhere in it opens the layer."""
    hover = [
        f"<b>{layer_label(i, r)}</b><br>{shape_text(r.input_shape)} → {shape_text(r.output_shape)}<br>"
        + _("Parameters: {n}").format(n=number(r.params))
        for i, r in enumerate(rows)
    ]
    heights = [_HEIGHT * f for f in (-0.05, 0.25, 0.5, 0.75, 1.05)]
    invisible = {"marker": {"opacity": 0}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [_centre(i) for i in range(1, len(rows) + 1) for _h in heights],
        "y": heights * len(rows),
        "customdata": [[i] for i in range(len(rows)) for _h in heights],
        "hovertext": [h for h in hover for _h in heights],
        "hoverinfo": "text",
        "marker": {"symbol": "square", "size": 72, "opacity": 0},
        "selected": invisible,
        "unselected": invisible,
    }


def _width(columns: int) -> float:
    """Of the drawing, with room at the right for the chart's buttons."""
    return max(columns, _FEWEST) * _COLUMN + 20


def _extent(columns: int) -> tuple[int, tuple[float, float]]:
    """Height of the drawing on the screen, and from where to where it reaches; labels that are turned need more."""
    if columns <= _UPRIGHT:
        return _PIXELS, (-_LABELS * 0.7, _HEIGHT + _LABELS)
    room = max(0.28 * _COLUMN * columns - _HEIGHT, 0) / 2  # as high as the drawing gets on a page of 1200 pixels
    return _PIXELS + 40, (-room, _HEIGHT + room)


def _in_lines(name: str) -> str:
    """The name of a layer as it fits over its column: AdaptiveAvgPool2d on two lines."""
    return name if len(name) <= 11 else re.sub(r"(?<=[a-z])(?=[A-Z])", "<br>", name, count=1)


def network_alt(rows: Sequence[LayerRow]) -> str:
    """The drawing in words, for those who do not see it."""
    steps = " → ".join(f"{r.type} {shape_text(r.output_shape)}" for r in rows)
    return _("The network as a flow: image {shape} → {steps}").format(
        shape=shape_text(rows[0].input_shape), steps=steps
    )


def layer_keys(rows: Sequence[LayerRow], selected: int) -> dict[str, Any]:
    """What the component `layer_list` lays over `network`: where each layer stands, and its name."""
    steps = (
        f"{layer_label(i, r)}, {shape_text(r.input_shape)} → {shape_text(r.output_shape)}" for i, r in enumerate(rows)
    )
    pixels, (low, high) = _extent(len(rows) + 1)
    return {
        "label": _("The layers of the network: arrows move, Enter opens"),
        "selected": selected,
        "mark": colours.WINDOW,
        "height": pixels,
        "range": [_width(len(rows) + 1), high - low],
        "layers": [
            {"name": name, "from": i * _COLUMN + 4, "to": (i + 1) * _COLUMN - 4} for i, name in enumerate(steps, 1)
        ],
    }


def _place(i: int, shape: tuple[int, ...], side: int, longest: int) -> _Place:
    centre = _centre(i)
    if len(shape) == 4:
        height = max(4.0, _SIDE * shape[2] / side)
        width = max(4.0, _SIDE * shape[3] / side)
        back = _DEPTH * min(1.0, (min(shape[1], _PLANES) - 1) / 8)
        x0, y0 = centre - (width + back) / 2, (_HEIGHT - height - back) / 2
        return _Place(x0, x0 + width, y0, y0 + height, back, min(height / shape[2], width / shape[3]))
    length = max(4.0, _BAR * math.sqrt(shape[1] / longest))
    return _Place(centre - 7, centre + 7, (_HEIGHT - length) / 2, (_HEIGHT + length) / 2, 0.0, 0.0)


def _planes(shape: tuple[int, ...], color: str, place: _Place) -> Iterator[Shape]:
    n = min(shape[1], _PLANES)
    for j in reversed(range(n)):
        d = place.back * j / max(1, n - 1)
        yield _rect(place.x0 + d, place.y0 + d, place.x1 + d, place.y1 + d, color)


def _bar(color: str, place: _Place) -> Shape:
    return _rect(place.x0, place.y0, place.x1, place.y1, color)


def _rect(x0: float, y0: float, x1: float, y1: float, color: str) -> Shape:
    box = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
    return {"type": "rect", "fillcolor": color, "line": {"color": "#ffffff", "width": 0.8}, "layer": "below"} | box


def _mark(stage: int) -> Shape:
    """Behind the chosen layer: the same amber as everywhere."""
    x = stage * _COLUMN
    box = _rect(x + 4, -_LABELS * 0.65, x + _COLUMN - 4, _HEIGHT + _LABELS * 0.95, colours.WINDOW)
    return box | {"opacity": 0.22, "line": {"width": 0}}


def _seen(field: Field, image: _Place) -> Shape:
    """The pixels of the image on which a number of the chosen layer depends: around the first window, or just where they
    are if all numbers depend on the same."""
    part = _part(image, *field.size)
    if field.step == (0, 0):
        x0, y1 = image.x0 + field.width.start * image.cell, image.y1 - field.height.start * image.cell
        part = (x0, y1 - field.size[0] * image.cell, x0 + field.size[1] * image.cell, y1)
    box = _rect(*part, "rgba(0,0,0,0)")
    return box | {"line": {"color": colours.WINDOW, "width": 2, "dash": "dot"}}


def _part(place: _Place, rows: int, columns: int) -> tuple[float, float, float, float]:
    """A part of a map of so many rows and columns, to scale: x0, y0, x1, y1. Smaller ones lie inside larger ones."""
    whole_width, whole_height = place.x1 - place.x0, place.y1 - place.y0
    height, width = min(rows * place.cell, whole_height), min(columns * place.cell, whole_width)
    x1, y0 = place.x1 - 0.12 * (whole_width - width), place.y0 + 0.2 * (whole_height - height)
    return x1 - width, y0, x1, y0 + height


def _missing(stage: int) -> Iterator[Shape]:
    """The place of a layer that cannot be built: a crossed box."""
    x, y, r = _centre(stage), _HEIGHT / 2, _SIDE / 2
    yield _rect(x - r, y - r, x + r, y + r, "rgba(185,28,28,0.12)") | {
        "line": {"color": _BROKEN, "width": 2, "dash": "dash"}
    }
    for sign in (1, -1):
        yield _line(x - 0.5 * r, y - 0.5 * r * sign, x + 0.5 * r, y + 0.5 * r * sign, _BROKEN)


def _broken_labels(stage: int, name: str, why: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "text", "x": [_centre(stage)] * 2,
        "y": [_HEIGHT + _LABELS / 2, -_LABELS / 3], "text": [f"<b>{stage}</b><br>{name}", f"<b>{why}</b>"],
        "textfont": {"size": 14, "color": _BROKEN}, "hoverinfo": "skip",
    }  # fmt: skip


def _window(row: LayerRow, source: _Place, target: _Place, framed: bool) -> Iterator[Shape]:
    """The window of a convolution or pooling on its input, to scale, and the one number that it becomes."""
    x0, y0, x1, y1 = _part(source, *(row.kernel_size or (1, 1)))
    point = (target.x0 + 0.3 * (target.x1 - target.x0), target.y0 + 0.4 * (target.y1 - target.y0))
    for y in (y0, y1):
        yield _line(x1, y, *point, colours.WINDOW)
    yield _rect(x0, y0, x1, y1, colours.faded(colours.WINDOW, 0.35)) | {
        "line": {"color": colours.WINDOW, "width": 1.5 * framed}
    }


def _link(row: LayerRow, source: _Place, target: _Place) -> Iterator[Shape]:
    """From every number to every number: a fan. One to one: a line. Windows draw their own lines."""
    if row.kind.source in ("all", "moved"):
        right = source.x1 + source.back
        path = (
            f"M{right + 3:.1f},{source.y0:.1f}L{target.x0 - 3:.1f},{target.y0:.1f}"
            f"V{target.y1:.1f}L{right + 3:.1f},{source.y1 + source.back:.1f}Z"
        )
        yield {
            "type": "path", "path": path, "fillcolor": _FLOW, "opacity": 0.25, "line": {"width": 0}, "layer": "below",
        }  # fmt: skip
    elif row.kernel_size is None:
        yield _line(source.x1 + source.back + 3, source.middle, target.x0 - 3, target.middle, _FLOW)


def _line(x0: float, y0: float, x1: float, y1: float, color: str) -> Shape:
    ends = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
    return {"type": "line", "line": {"color": color, "width": 1.2}, "layer": "below"} | ends
