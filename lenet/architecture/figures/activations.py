"""What is inside a network: the weights of a layer, and what an image becomes on its way through all of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.architecture.explanations import class_names, shape_text
from lenet.architecture.layers import LayerRow
from lenet.architecture.receptive_field import receptive_fields
from lenet.common import charts
from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.common.translation import translate as _

MAX_NUMBERS = 500_000
"""In the maps of one walk: 2.7 MB on their way to the browser; LeNet has 15 402."""


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
        "type": "heatmap", "z": grid[::-1], "colorscale": charts.DIVERGING, "zmin": -most, "zmax": most,
        "hoverongaps": False, "hovertemplate": "%{z:.4f}<extra></extra>",
        "colorbar": {"thickness": 10, "tickformat": ".2g"},
    }  # fmt: skip
    rows, columns = grid.shape
    return charts.figure(
        [heat],
        height=int(np.clip(340 * rows / columns + 40, 90, 340)),
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        xaxis=charts.bare_axis(constrain="domain"),
        yaxis=charts.bare_axis(scaleanchor="x", constrain="domain"),
    )


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
        "colors": {"mark": charts.WINDOW, "padding": charts.PADDING, "diverging": charts.DIVERGING},
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
    return {"stops": charts.GREY, "low": 0.0, "high": 1.0}


def _scale(low: float, high: float) -> dict[str, Any]:
    if low < 0:
        most = max(-low, high)
        return {"stops": charts.DIVERGING, "low": -most, "high": most}
    # all alike (a dead layer): one pale colour, not an accident of rounding
    return {"stops": charts.SEQUENTIAL, "low": low, "high": high if high > low else low + 1.0}


def outputs(
    logits: NDArray[np.float32], probabilities: NDArray[np.float64], prediction: int, label: int | None
) -> go.Figure:
    """Logits and softmax of each class as bars; the predicted class is dark, the image's own label is bold."""
    classes = class_names(len(logits))
    ticks = [f"<b>{c}</b>" if i == label else c for i, c in enumerate(classes)]
    colors = [charts.SERIES[0] if i == prediction else "#a9c3e6" for i in range(len(classes))]

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
        return charts.bare_axis(visible=True, showticklabels=False, title={"text": title, "standoff": 4}, **more)

    return charts.figure(
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
        "type": "heatmap", "z": p, "x": classes, "y": names, "colorscale": charts.SEQUENTIAL, "zmin": 0, "zmax": 1,
        "showscale": False, "xgap": 2, "ygap": 2, "hovertemplate": "%{y}<br>%{x}: %{z:.4f}<extra></extra>",
    }  # fmt: skip
    text = {
        "type": "scatter", "mode": "text", "x": classes * len(nets), "y": [n for n in names for _c in classes],
        "text": [f"<b>{v:.2f}</b>" if v == row.max() else f"{v:.2f}" for row in p for v in row], "hoverinfo": "skip",
        "textfont": {"color": [charts.text_on(v) for v in p.ravel()]},
    }  # fmt: skip
    return charts.figure(
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
        "z": pixels.mean(0)[::-1], "colorscale": charts.GREY, "zmin": 0, "zmax": 1, "showscale": False,
    }  # fmt: skip
    heat = common | {
        "z": falls[::-1], "colorscale": charts.DIVERGING, "zmin": -most, "zmax": most, "xaxis": "x2", "yaxis": "y2",
        "colorbar": {"thickness": 12, "title": {"text": _("fall"), "side": "right"}},
    }  # fmt: skip
    return charts.figure(
        [image, heat],
        height=300,
        xaxis=charts.bare_axis(domain=[0, 0.46], constrain="domain"),
        yaxis=charts.bare_axis(scaleanchor="x", constrain="domain"),
        xaxis2=charts.bare_axis(domain=[0.5, 0.96], constrain="domain"),
        yaxis2=charts.bare_axis(scaleanchor="x2", anchor="x2", constrain="domain"),
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
        "type": "heatmap", "z": grid[::-1], "colorscale": charts.GREY, "zmin": 0, "zmax": 255, "showscale": False,
        "hoverinfo": "skip", "hoverongaps": False,
    }  # fmt: skip
    return charts.figure(
        [heat, text],
        height=150,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis=charts.bare_axis(range=[-1, n * (width + 2)]),
        yaxis=charts.bare_axis(range=[-1, height + 8], scaleanchor="x"),
    )


def by_class(values: Sequence[float]) -> go.Figure:
    """A bar a class."""
    bars = {"type": "bar", "x": class_names(len(values)), "y": list(values), "marker": {"color": charts.SERIES[0]}}
    return charts.figure(
        [bars | {"hovertemplate": "%{x}: %{y:.4g}<extra></extra>"}],
        height=220,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        xaxis={"fixedrange": True},
        yaxis={"fixedrange": True, "title": {"text": _("mean activation")}},
    )
