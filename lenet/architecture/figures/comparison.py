"""Networks side by side: what each layer of each costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go

from lenet.architecture.explanations import cost_line
from lenet.architecture.figures import layer_colours
from lenet.architecture.layers import LayerRow, layer_label
from lenet.architecture.layers.memory import kept_bytes
from lenet.common import charts
from lenet.common.formatting import byte_size, number
from lenet.common.translation import cached
from lenet.common.translation import translate as _


@cached(16)
def comparison(nets: Sequence[tuple[str, Sequence[LayerRow]]], batch: int) -> go.Figure:
    """Parameters, multiply-accumulates and memory of several networks as bars, a segment a layer.

    `nets` are (name, rows), drawn from top to bottom; memory is what training keeps of `batch` images.
    """
    panels: list[tuple[str, Callable[[Sequence[LayerRow]], list[int]], Callable[[int], str]]] = [
        (_("parameters"), lambda rows: [r.params for r in rows], number),
        (_("multiply-adds per image"), lambda rows: [r.macs // r.output_shape[0] for r in rows], number),
        (_("kept by training, batch of {n}").format(n=batch), lambda rows: kept_bytes(rows, batch), byte_size),
    ]
    names = [name for name, _rows in nets]
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for panel, (title, measure, words) in enumerate(panels):
        axis = f"x{panel + 1}" if panel else "x"
        totals = [sum(measure(rows)) for _name, rows in nets]
        for name, rows in nets:
            for i, (row, value) in enumerate(zip(rows, measure(rows), strict=True)):
                if value:
                    traces.append(
                        {
                            "type": "bar", "orientation": "h", "y": [name], "x": [value], "xaxis": axis,
                            "marker": {"color": layer_colours.of_layer(row), "line": {"color": "#ffffff", "width": 0.6}},
                            "hovertemplate": f"{layer_label(i, row)}: {words(value)}<extra></extra>",
                        }
                    )  # fmt: skip
        traces.append(
            {
                "type": "scatter", "mode": "text", "x": totals, "y": names, "xaxis": axis,
                "text": [f"  <b>{words(t)}</b>" for t in totals], "textposition": "middle right",
                "hoverinfo": "skip", "cliponaxis": False, "textfont": {"size": 14},
            }
        )  # fmt: skip
        axes[axis.replace("x", "xaxis")] = charts.bare_axis(
            visible=True, showticklabels=False, domain=[panel * 0.345, panel * 0.345 + 0.31],
            range=[0, max([*totals, 1]) * 1.45], title={"text": title, "standoff": 6},
        )  # fmt: skip
    return charts.figure(
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
    text = " · ".join(
        f'<span style="color:{layer_colours.GROUPS[group]}">■</span> {word}' for group, word in words.items()
    )
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
