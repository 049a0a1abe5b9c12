"""Figures of the architecture page: the network as a flow, an image on its way through it, a comparison of networks.

Each of the two drawings has one pair of axes with the same scale, so that square maps stay square on every screen;
lengths are in units of about a pixel.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.architecture import Field, LayerRow, activation_bytes, receptive_fields
from lenet.errors import LenetError
from lenet.explain import class_names, cost_line, kind, shape_text
from lenet.figures import theme
from lenet.i18n import language
from lenet.i18n import translate as _
from lenet.wording import memory, number

COLORS = {
    "input": "#64748b",
    "conv": theme.SERIES[0],
    "other": "#8fb4e3",
    "norm": "#b6cdec",
    "dropout": "#cbd5e1",
    "pool": theme.SERIES[2],
    "flatten": "#94a3b8",
    "dense": theme.SERIES[3],
}
"""What made a map or a vector: the kind of its layer (`explain.kind`), or the image itself."""

_FLOW = theme.PADDING
"""Lines from layer to layer: a tone that is quiet on white and on black."""

Shape = dict[str, Any]

# -- the network as a flow ---------------------------------------------------------------------------------------

_COLUMN = 100.0  # width of a layer's place
_HEIGHT = 236.0  # of the drawing between its labels
_SIDE = 64.0  # the largest map
_DEPTH = 26.0  # how far a stack of maps reaches back
_PLANES = 16  # so many maps of a stack are drawn; its label tells how many there are
_BAR = 190.0  # the longest vector
_LABELS = 40.0  # room above and below for two lines of text
_PIXELS = 300  # height on the screen
_UPRIGHT = 18  # columns, at most, over which labels stand upright
_FEWEST = 9  # columns that fill the width: a network of few layers is not drawn larger
_BROKEN = theme.SERIES[5]


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


def network(rows: Sequence[LayerRow], selected: int) -> go.Figure:
    """The image and the output of each layer, left to right; layer `selected` (from 0) is marked.

    Maps are drawn as stacked planes (side in proportion to their height), vectors as bars (length in proportion to
    the square root of their size). Each layer has invisible markers whose `customdata` is its index, for clicks.
    """
    return _network(tuple(rows), selected, language())


def broken_network(input_shape: tuple[int, ...], built: Sequence[LayerRow], name: str, why: str) -> go.Figure:
    """A network that stops at a layer that cannot be: what there is before it, then its place in red with the reason.

    `name` is the class of the layer, `why` its numbers (`5×5 > 4×4`).
    """
    return _network(tuple(built), -1, language(), input_shape, (name, why))


@lru_cache(maxsize=32)
def _network(
    rows: tuple[LayerRow, ...],
    selected: int,
    _language: str,
    input_shape: tuple[int, ...] = (),
    broken: tuple[str, str] | None = None,
) -> go.Figure:
    shapes = [rows[0].input_shape if rows else input_shape, *(r.output_shape for r in rows)]
    kinds = ["input", *(kind(r) for r in rows)]
    side = max((max(s[2:]) for s in shapes if len(s) == 4), default=1)
    longest = max((s[1] for s in shapes if len(s) == 2), default=1)
    places = [_place(i, s, side, longest) for i, s in enumerate(shapes)]

    drawn: list[Shape] = [_mark(selected + 1)] if selected >= 0 else []
    windows: list[Shape] = []  # on top of all maps
    field = receptive_fields(rows)[selected] if selected >= 0 else None
    for i, (shape, what, place) in enumerate(zip(shapes, kinds, places, strict=True)):
        if i:
            drawn += _link(rows[i - 1], places[i - 1], place)
        drawn += _planes(shape, COLORS[what], place) if place.cell else [_bar(COLORS[what], place)]
        if i + 1 < len(shapes) and rows[i].kernel_size and place.cell:
            framed = bool(i or not field or field.size != rows[0].kernel_size)  # else the field's dots frame it
            windows += _window(rows[i], place, places[i + 1], framed)
    if field:
        windows.append(_seen(field, places[0]))

    sizes = [shape_text(s) for s in shapes]
    more: list[dict[str, Any]] = []
    columns = len(shapes)
    if broken:
        drawn += _missing(columns)
        more.append(_broken_labels(columns, *broken))
        columns += 1
    upright = columns <= _UPRIGHT
    names = [f"<b>{_('Input')}</b>"]
    names += [f"<b>{i}</b>{'<br>' if upright else ' '}{_in_lines(r.type)}" for i, r in enumerate(rows, 1)]
    centres = [(i + 0.5) * _COLUMN for i in range(len(shapes))]
    labels = {
        "type": "scatter",
        "mode": "text",
        "x": centres * 2,
        "y": [_HEIGHT + _LABELS / 2] * len(shapes) + [-_LABELS / 3] * len(shapes),
        "text": names + sizes,
        "textfont": {"size": min(14.0, 14 * 13.5 / columns)},
        "hoverinfo": "skip",
    }
    turned = [
        {"x": x, "y": y, "yanchor": anchor, "text": text, "textangle": -90, "showarrow": False, "font": {"size": 11}}
        for y, anchor, texts in ((_HEIGHT, "bottom", names), (0.0, "top", sizes))
        for x, text in zip(centres, texts, strict=True)
    ]
    pixels, (low, high) = _extent(columns)
    hover = [
        f"<b>{i} · {r.type}</b><br>{shape_text(r.input_shape)} → {shape_text(r.output_shape)}<br>"
        + _("Parameters: {n}").format(n=number(r.params))
        for i, r in enumerate(rows, 1)
    ]
    # Markers over the whole of a layer's column: a click anywhere in it opens the layer.
    heights = [_HEIGHT * f for f in (-0.05, 0.25, 0.5, 0.75, 1.05)]
    invisible = {"marker": {"opacity": 0}}
    clicks = {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x in centres[1:] for _h in heights],
        "y": heights * len(rows),
        "customdata": [[i] for i in range(len(rows)) for _h in heights],
        "hovertext": [h for h in hover for _h in heights],
        "hoverinfo": "text",
        "marker": {"symbol": "square", "size": 72, "opacity": 0},
        "selected": invisible,
        "unselected": invisible,
    }
    return theme.figure(
        [labels, clicks, *more] if upright else [clicks, *more],
        height=pixels,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        shapes=drawn + windows,
        modebar={"orientation": "v"},
        hovermode="closest",
        xaxis=theme.bare_axis(range=[0, _width(columns)]),
        yaxis=theme.bare_axis(range=[low, high], scaleanchor="x", scaleratio=1),
        **({} if upright else {"annotations": turned}),
    )


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
    return name if len(name) <= 11 else name.replace("Avg", "<br>Avg")


def network_alt(rows: Sequence[LayerRow]) -> str:
    """The drawing in words, for those who do not see it."""
    steps = " → ".join(f"{r.type} {shape_text(r.output_shape)}" for r in rows)
    return _("The network as a flow: image {shape} → {steps}").format(
        shape=shape_text(rows[0].input_shape), steps=steps
    )


def layer_keys(rows: Sequence[LayerRow], selected: int) -> dict[str, Any]:
    """What the component `layer_keys` lays over `network`: where each layer stands, and its name."""
    steps = (
        f"{i} · {r.type}, {shape_text(r.input_shape)} → {shape_text(r.output_shape)}" for i, r in enumerate(rows, 1)
    )
    pixels, (low, high) = _extent(len(rows) + 1)
    return {
        "label": _("The layers of the network: arrows move, Enter opens"),
        "selected": selected,
        "mark": theme.WINDOW,
        "height": pixels,
        "range": [_width(len(rows) + 1), high - low],
        "layers": [
            {"name": name, "from": i * _COLUMN + 4, "to": (i + 1) * _COLUMN - 4} for i, name in enumerate(steps, 1)
        ],
    }


def _place(i: int, shape: tuple[int, ...], side: int, longest: int) -> _Place:
    centre = (i + 0.5) * _COLUMN
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
    box = _rect(x + 4, -_LABELS * 0.65, x + _COLUMN - 4, _HEIGHT + _LABELS * 0.95, theme.WINDOW)
    return box | {"opacity": 0.22, "line": {"width": 0}}


def _seen(field: Field, image: _Place) -> Shape:
    """The pixels of the image on which one number of the chosen layer depends: its field, around the first window."""
    box = _rect(*_part(image, *field.size), "rgba(0,0,0,0)")
    return box | {"line": {"color": theme.WINDOW, "width": 2, "dash": "dot"}}


def _part(place: _Place, rows: int, columns: int) -> tuple[float, float, float, float]:
    """A part of a map of so many rows and columns, to scale: x0, y0, x1, y1. Smaller ones lie inside larger ones."""
    whole_width, whole_height = place.x1 - place.x0, place.y1 - place.y0
    height, width = min(rows * place.cell, whole_height), min(columns * place.cell, whole_width)
    x1, y0 = place.x1 - 0.12 * (whole_width - width), place.y0 + 0.2 * (whole_height - height)
    return x1 - width, y0, x1, y0 + height


def _missing(stage: int) -> Iterator[Shape]:
    """The place of a layer that cannot be built: a crossed box."""
    x, y, r = (stage + 0.5) * _COLUMN, _HEIGHT / 2, _SIDE / 2
    yield _rect(x - r, y - r, x + r, y + r, "rgba(185,28,28,0.12)") | {
        "line": {"color": _BROKEN, "width": 2, "dash": "dash"}
    }
    for sign in (1, -1):
        yield _line(x - 0.5 * r, y - 0.5 * r * sign, x + 0.5 * r, y + 0.5 * r * sign, _BROKEN)


def _broken_labels(stage: int, name: str, why: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "text", "x": [(stage + 0.5) * _COLUMN] * 2,
        "y": [_HEIGHT + _LABELS / 2, -_LABELS / 3], "text": [f"<b>{stage}</b><br>{name}", f"<b>{why}</b>"],
        "textfont": {"size": 14, "color": _BROKEN}, "hoverinfo": "skip",
    }  # fmt: skip


def _window(row: LayerRow, source: _Place, target: _Place, framed: bool) -> Iterator[Shape]:
    """The window of a convolution or pooling on its input, to scale, and the one number that it becomes."""
    x0, y0, x1, y1 = _part(source, *(row.kernel_size or (1, 1)))
    point = (target.x0 + 0.3 * (target.x1 - target.x0), target.y0 + 0.4 * (target.y1 - target.y0))
    for y in (y0, y1):
        yield _line(x1, y, *point, theme.WINDOW)
    yield _rect(x0, y0, x1, y1, "rgba(245,158,11,0.35)") | {"line": {"color": theme.WINDOW, "width": 1.5 * framed}}


def _link(row: LayerRow, source: _Place, target: _Place) -> Iterator[Shape]:
    """From every number to every number: a fan. One to one: a line. Windows draw their own lines."""
    if row.type in ("Linear", "Flatten"):
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


def parameters(weight: NDArray[np.float32]) -> go.Figure:
    """The weights of a layer on a scale centred on zero.

    A convolution (out, in, kh, kw) has a column of kernels for each output channel, a row for each input channel; a
    dense layer (out, in) is its matrix. Of very large layers the first rows and columns are drawn.
    """
    if weight.ndim == 4:
        out, inputs, kh, kw = (min(n, 64) for n in weight.shape)
        grid = np.full((inputs * (kh + 1) - 1, out * (kw + 1) - 1), np.nan, np.float32)
        for o, i in np.ndindex(out, inputs):
            grid[i * (kh + 1) : i * (kh + 1) + kh, o * (kw + 1) : o * (kw + 1) + kw] = weight[o, i]
    else:
        grid = np.atleast_2d(weight)[:256, :512]
    most = float(np.abs(weight).max()) or 1.0
    heat = {
        "type": "heatmap", "z": grid[::-1], "colorscale": theme.DIVERGING, "zmin": -most, "zmax": most,
        "hoverongaps": False, "hovertemplate": "%{z:.4f}<extra></extra>",
        "colorbar": {"thickness": 10, "tickformat": ".2g"},
    }  # fmt: skip
    rows, columns = grid.shape
    return theme.figure(
        [heat],
        height=int(np.clip(340 * rows / columns + 40, 90, 340)),
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        xaxis=theme.bare_axis(constrain="domain"),
        yaxis=theme.bare_axis(scaleanchor="x", constrain="domain"),
    )


# -- an image on its way through ---------------------------------------------------------------------------------


MAX_NUMBERS = 500_000
"""In the maps of one walk: 2.7 MB on their way to the browser; LeNet has 15 402."""


def maps(
    pixels: NDArray[np.float32],
    outputs: Sequence[NDArray[np.float32]],
    rows: Sequence[LayerRow],
    weights: Mapping[str, NDArray[np.float32]],
) -> dict[str, Any]:
    """What the component `walk_maps` draws: the image (channels, height, width), every layer's output as a strip on
    one scale, and the numbers that its arithmetic needs.

    `weights` is the state dict as arrays. Signed values are coloured on a diverging scale centred on zero, others from
    their smallest to their largest; both ends are written at the left. Dense layers send no weights: they are many.
    Raises LenetError for more numbers than a browser should get.
    """
    numbers = sum(values.size for values in outputs)
    if numbers > MAX_NUMBERS:
        raise LenetError("too_large_to_draw", numbers=number(numbers), limit=number(MAX_NUMBERS))
    stages = [_stage(_("Input"), "", pixels) | {"scale": _grey()}]
    for i, (row, values, field) in enumerate(zip(rows, outputs, receptive_fields(rows), strict=True), 1):
        stage = _stage(f"{i} {row.type}", row.type, values)
        if row.kernel_size:
            stage |= {"kernel": row.kernel_size, "stride": row.stride, "padding": row.padding}
        if field:
            stage["field"] = {"size": field.size, "step": field.step, "start": field.start}
        weight, bias = weights.get(f"{row.name}.weight"), weights.get(f"{row.name}.bias")
        if weight is not None and bias is not None:
            if row.type == "BatchNorm2d":  # in evaluation it is one factor and one summand a map
                scale = weight / np.sqrt(weights[f"{row.name}.running_var"] + 1e-5)
                weight, bias = scale, bias - weights[f"{row.name}.running_mean"] * scale
            stage["bias"] = _packed(bias)
            if row.type != "Linear":
                stage["weights"] = _packed(weight)
        stages.append(stage)
    return {
        "layers": stages,
        "colors": {"mark": theme.WINDOW, "padding": theme.PADDING, "diverging": theme.DIVERGING},
        "words": {
            "title": _("The output of every layer as a strip of maps"),
            "hint": [
                _("Point at a number in any map: what it saw"),
                _("and the sum that made it appear here."),
                _("A click holds it: then point at the enlarged map."),
                _("Keys: Tab, arrows, Escape."),
            ],
            "place": _("{name}, channel {channel}, row {row}, column {column}"),
            "unit": _("{name}, number {n}"),
            "shown": _("channel {n}, shown: {sum}"),
            "others": _("+ {n} other channels: {sum}"),
            "products": _("sum of {n} products: {sum}"),
            "bias": _("+ bias {bias}"),
            "max": _("largest"),
            "mean": _("mean of {n}"),
            "copy": _("the same number"),
        },
    }


def _stage(title: str, type: str, values: NDArray[np.float32]) -> dict[str, Any]:
    low, high = float(values.min()), float(values.max())
    span = f"{low:.3g} … {high:.3g}".replace("-", "−")
    label = f"{title}, {shape_text((1, *values.shape))}, {span}"
    return {
        "title": title, "type": type, "shape": values.shape, "values": _packed(values), "range": span, "label": label,
        "scale": _scale(low, high),
    }  # fmt: skip


def _packed(values: NDArray[Any]) -> str:
    """Numbers as little-endian float32 in base64."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode("ascii")


def _grey() -> dict[str, Any]:
    return {"stops": theme.GREY, "low": 0.0, "high": 1.0}


def _scale(low: float, high: float) -> dict[str, Any]:
    if low < 0:
        most = max(-low, high)
        return {"stops": theme.DIVERGING, "low": -most, "high": most}
    # all alike (a dead layer): one pale colour, not an accident of rounding
    return {"stops": theme.SEQUENTIAL, "low": low, "high": high if high > low else low + 1.0}


def outputs(
    logits: NDArray[np.float32], probabilities: NDArray[np.float64], prediction: int, label: int | None
) -> go.Figure:
    """Logits and softmax of each class as bars; the predicted class is dark, the image's own label is bold."""
    classes = class_names(len(logits))
    ticks = [f"<b>{c}</b>" if i == label else c for i, c in enumerate(classes)]
    colors = [theme.SERIES[0] if i == prediction else "#a9c3e6" for i in range(len(classes))]

    def bars(values: NDArray[Any], axis: str, form: str) -> dict[str, Any]:
        return {
            "type": "bar", "orientation": "h", "x": values.tolist(), "y": list(range(len(classes))), "xaxis": axis,
            "text": [form.format(v).replace("-", "−") for v in values], "textposition": "outside",
            "marker": {"color": colors},
            "cliponaxis": False, "hovertext": classes, "hovertemplate": "%{hovertext}: %{text}<extra></extra>",
        }  # fmt: skip

    low, high = min(0.0, float(logits.min())), max(0.0, float(logits.max()))
    room = 0.32 * ((high - low) or 1.0)

    def axis(title: str, **more: Any) -> dict[str, Any]:
        return theme.bare_axis(visible=True, showticklabels=False, title={"text": title, "standoff": 4}, **more)

    return theme.figure(
        [bars(logits, "x", "{:.2f}"), bars(probabilities, "x2", "{:.3f}")],
        height=340,
        margin={"l": 8, "r": 8, "t": 4, "b": 30},
        showlegend=False,
        bargap=0.3,
        xaxis=axis(_("logits"), domain=[0, 0.52], range=[low - room * (low < 0), high + room], zeroline=True),
        xaxis2=axis(_("softmax"), domain=[0.6, 1.0], range=[0, 1.32]),
        yaxis={
            "autorange": "reversed", "tickvals": list(range(len(classes))), "ticktext": ticks, "fixedrange": True,
            "showgrid": False, "zeroline": False, "automargin": True,
        },
    )  # fmt: skip


def answers(nets: Sequence[tuple[str, NDArray[Any]]], label: int | None) -> go.Figure:
    """The softmax of several networks for one image, a row a network: `nets` are (name, probabilities of 10 classes)."""
    classes = class_names(len(nets[0][1]))
    p = np.array([values for _name, values in nets])
    names = [name for name, _values in nets]
    heat = {
        "type": "heatmap", "z": p, "x": classes, "y": names, "colorscale": theme.SEQUENTIAL, "zmin": 0, "zmax": 1,
        "showscale": False, "xgap": 2, "ygap": 2, "hovertemplate": "%{y}<br>%{x}: %{z:.4f}<extra></extra>",
    }  # fmt: skip
    text = {
        "type": "scatter", "mode": "text", "x": classes * len(nets), "y": [n for n in names for _c in classes],
        "text": [f"<b>{v:.2f}</b>" if v == row.max() else f"{v:.2f}" for row in p for v in row], "hoverinfo": "skip",
        "textfont": {"color": [theme.text_on(v) for v in p.ravel()]},
    }  # fmt: skip
    return theme.figure(
        [heat, text],
        height=46 + 40 * len(nets),
        margin={"l": 8, "r": 8, "t": 34, "b": 4},
        showlegend=False,
        xaxis={
            "side": "top", "fixedrange": True, "showgrid": False,
            "tickvals": classes, "ticktext": [f"<b>{c}</b>" if i == label else c for i, c in enumerate(classes)],
        },
        yaxis={"autorange": "reversed", "fixedrange": True, "automargin": True, "showgrid": False},
    )  # fmt: skip


def occlusion(pixels: NDArray[np.float32], falls: NDArray[np.float32]) -> go.Figure:
    """The image (channels, height, width) beside the fall of its class's probability where pixels are switched off."""
    most = max(float(np.abs(falls).max()), 1e-6)
    common = {"type": "heatmap", "hovertemplate": "%{z:.3f}<extra></extra>"}
    image = common | {
        "z": pixels.mean(0)[::-1], "colorscale": theme.GREY, "zmin": 0, "zmax": 1, "showscale": False,
    }  # fmt: skip
    heat = common | {
        "z": falls[::-1], "colorscale": theme.DIVERGING, "zmin": -most, "zmax": most, "xaxis": "x2", "yaxis": "y2",
        "colorbar": {"thickness": 12, "title": {"text": _("fall"), "side": "right"}},
    }  # fmt: skip
    return theme.figure(
        [image, heat],
        height=300,
        xaxis=theme.bare_axis(domain=[0, 0.46], constrain="domain"),
        yaxis=theme.bare_axis(scaleanchor="x", constrain="domain"),
        xaxis2=theme.bare_axis(domain=[0.5, 0.96], constrain="domain"),
        yaxis2=theme.bare_axis(scaleanchor="x2", anchor="x2", constrain="domain"),
    )


def gallery(images: NDArray[np.uint8], captions: Sequence[str]) -> go.Figure:
    """Images (N, 1, H, W) side by side, each under its caption."""
    n, _c, height, width = images.shape
    grid = np.full((height, n * (width + 2)), np.nan, np.float32)
    for i, one in enumerate(images):
        grid[:, i * (width + 2) : i * (width + 2) + width] = one[0]
    text = {
        "type": "scatter", "mode": "text", "x": [i * (width + 2) + width / 2 for i in range(n)], "y": [height + 3] * n,
        "text": list(captions), "hoverinfo": "skip", "textfont": {"size": 12},
    }  # fmt: skip
    heat = {
        "type": "heatmap", "z": grid[::-1], "colorscale": theme.GREY, "zmin": 0, "zmax": 255, "showscale": False,
        "hoverinfo": "skip", "hoverongaps": False,
    }  # fmt: skip
    return theme.figure(
        [heat, text],
        height=150,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis=theme.bare_axis(range=[-1, n * (width + 2)]),
        yaxis=theme.bare_axis(range=[-1, height + 8], scaleanchor="x"),
    )


def by_class(values: Sequence[float]) -> go.Figure:
    """A bar a class."""
    bars = {"type": "bar", "x": class_names(len(values)), "y": list(values), "marker": {"color": theme.SERIES[0]}}
    return theme.figure(
        [bars | {"hovertemplate": "%{x}: %{y:.4g}<extra></extra>"}],
        height=220,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        xaxis={"fixedrange": True},
        yaxis={"fixedrange": True, "title": {"text": _("mean activation")}},
    )


# -- the comparison ----------------------------------------------------------------------------------------------


def comparison(nets: Sequence[tuple[str, Sequence[LayerRow]]], batch: int) -> go.Figure:
    """Parameters, multiply-accumulates and activation memory of several networks as bars, a segment a layer.

    `nets` are (name, rows), drawn from top to bottom; memory is that of a batch of `batch` images.
    """
    return _comparison(tuple((name, tuple(rows)) for name, rows in nets), batch, language())


@lru_cache(maxsize=16)
def _comparison(nets: tuple[tuple[str, tuple[LayerRow, ...]], ...], batch: int, _language: str) -> go.Figure:
    panels: list[tuple[str, Callable[[LayerRow], int], Callable[[int], str]]] = [
        (_("parameters"), lambda r: r.params, number),
        (_("multiply-adds an image"), lambda r: r.macs // r.output_shape[0], number),
        (_("activations, batch of {n}").format(n=batch), lambda r: activation_bytes([r], batch), memory),
    ]
    names = [name for name, _rows in nets]
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for panel, (title, measure, words) in enumerate(panels):
        axis = f"x{panel + 1}" if panel else "x"
        totals = [sum(measure(r) for r in rows) for _name, rows in nets]
        for name, rows in nets:
            for i, row in enumerate(rows, 1):
                if value := measure(row):
                    traces.append(
                        {
                            "type": "bar", "orientation": "h", "y": [name], "x": [value], "xaxis": axis,
                            "marker": {"color": COLORS[kind(row)], "line": {"color": "#ffffff", "width": 0.6}},
                            "hovertemplate": f"{i} · {row.type}: {words(value)}<extra></extra>",
                        }
                    )  # fmt: skip
        traces.append(
            {
                "type": "scatter", "mode": "text", "x": totals, "y": names, "xaxis": axis,
                "text": [f"  <b>{words(t)}</b>" for t in totals], "textposition": "middle right",
                "hoverinfo": "skip", "cliponaxis": False, "textfont": {"size": 14},
            }
        )  # fmt: skip
        axes[axis.replace("x", "xaxis")] = theme.bare_axis(
            visible=True, showticklabels=False, domain=[panel * 0.345, panel * 0.345 + 0.31],
            range=[0, max([*totals, 1]) * 1.45], title={"text": title, "standoff": 6},
        )  # fmt: skip
    return theme.figure(
        traces,
        height=94 + 62 * len(nets),
        barmode="stack",
        bargap=0.35,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 58},
        yaxis={"autorange": "reversed", "fixedrange": True, "automargin": True, "showgrid": False},
        annotations=[_legend()],
        **axes,
    )


def _legend() -> dict[str, Any]:
    """What the colours of the bars mean, below them."""
    words = {"conv": _("convolution (pale: activation, batch norm)"), "pool": _("pooling"), "dense": _("dense layer")}
    text = " · ".join(f'<span style="color:{COLORS[kind]}">■</span> {word}' for kind, word in words.items())
    return {
        "text": text, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left",
        "yanchor": "top", "yshift": -34, "font": {"size": 13},
    }  # fmt: skip


def comparison_alt(nets: Sequence[tuple[str, Sequence[LayerRow]]], batch: int) -> str:
    """The bars in words."""
    text = _("{name}: {n} parameters, {costs}")
    return " · ".join(
        text.format(name=name, n=number(sum(r.params for r in rows)), costs=cost_line(rows, batch))
        for name, rows in nets
    )
