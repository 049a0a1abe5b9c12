"""The picture on the home page: one image on its way through a trained LeNet, from pixels to ten numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.architecture.layers import LayerRow
from lenet.common import charts, colours
from lenet.common.translation import cached
from lenet.common.translation import translate as _


@cached(4)
def overview(
    pixels: NDArray[np.float32],
    outputs: Sequence[NDArray[np.float32]],
    rows: Sequence[LayerRow],
    classes: Sequence[str],
) -> go.Figure:
    """Pixels (channels, height, width), the maps after each stage, the logits last: blocks from left to right.

    `rows` are the layers of the network, of which the dense ones are only named, `classes` the names of its outputs.
    """
    blocks, logits = [pixels, *outputs[:-1]], outputs[-1]
    names = [_("image")]
    for i in range(1, len(blocks)):
        names.append(_("convolution + activation") if i % 2 else _("pooling"))
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    x = 0.0
    for i, (block, name) in enumerate(zip(blocks, names, strict=True)):
        tiled = _tile(block)
        height = 100.0
        width = height * tiled.shape[1] / tiled.shape[0]
        traces.append(
            {
                "type": "heatmap", "z": tiled[::-1], "x0": x, "dx": width / tiled.shape[1],
                "y0": 0, "dy": height / tiled.shape[0], "showscale": False, "hoverinfo": "skip",
                "colorscale": colours.GREY if i == 0 else colours.SEQUENTIAL,
            }
        )  # fmt: skip
        notes.append(_note(x + width / 2, 108, f"<b>{'×'.join(map(str, block.shape))}</b>"))
        notes.append(_note(x + width / 2, -12, name))
        x += width + 16
        notes.append(_note(x - 9.5, 50, "→", size=20))
    scores = np.exp(logits - logits.max())
    scores /= scores.sum()
    best = int(scores.argmax())
    for i, (name, score) in enumerate(zip(classes, scores, strict=True)):
        y = 95 - i * 10
        color = colours.WINDOW if i == best else colours.PADDING
        bar = {"type": "rect", "x0": x, "x1": x + 2 + 48 * float(score), "y0": y - 3.5, "y1": y + 3.5}
        traces.append({"type": "scatter", "x": [x + 54], "y": [y], "mode": "text", "text": [name],
                       "textposition": "middle right", "hoverinfo": "skip",
                       "textfont": {"size": 12 if i != best else 14}})  # fmt: skip
        notes.append(bar | {"fillcolor": color, "line": {"width": 0}})
    dense = " → ".join(str(row.output_shape[1]) for row in rows if row.kind.group == "dense")
    notes.append(_note(x + 60, 108, f"<b>{dense}</b>"))
    notes.append(_note(x + 60, -12, _("three dense layers, then softmax")))
    return charts.figure(
        traces,
        height=250,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        annotations=[n for n in notes if "text" in n],
        shapes=[n for n in notes if "text" not in n],
        xaxis=charts.bare_axis(range=[-8, x + 120]),
        yaxis=charts.bare_axis(range=[-20, 118], scaleanchor="x", scaleratio=1),
    )


def _tile(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps (n, height, width) as one picture, rather tall than wide, with a gap of NaN between two of them."""
    n, height, width = maps.shape
    columns = math.isqrt(n)
    rows = -(-n // columns)
    gap = max(1, height // 12)
    out = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan, np.float32)
    for i, one in enumerate(maps):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        out[top : top + height, left : left + width] = one / (np.abs(one).max() or 1)
    return out


def _note(x: float, y: float, text: str, size: int = 13) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": size}}
