"""Many small pictures in one Plotly figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts

COLUMNS = 6
"""Kernels side by side in a figure; more of them go to further pages."""


def page(start: int, kernels: int) -> range:
    """The indices of the kernels of one page, which begins with `start`, of so many `kernels`."""
    return range(start, min(start + COLUMNS, kernels))


def intervals(n: int, low: float, high: float, gap: float) -> list[list[float]]:
    """`n` intervals [start, end] of equal length from `low` to `high`, with a `gap` between two of them."""
    width = (high - low - gap * (n - 1)) / n
    starts = [low + i * (width + gap) for i in range(n)]
    return [[round(start, 6), round(start + width, 6)] for start in starts]


class Sheet:
    """A figure that is put together from pictures and texts.

    Positions are fractions of the figure, x from the left and y from the bottom; a picture has an interval of each.
    """

    def __init__(self) -> None:
        self.traces: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {"annotations": [], "showlegend": False}
        self.axes = 0

    def picture(
        self, values: NDArray[Any], x: list[float], y: list[float], scale: Any, low: float, high: float, hover: str,
        *, left: float = 0, top: float = 0,
    ) -> None:  # fmt: skip
        """Add `values` [rows, columns] as square cells, the first row on top; colours run from `low` to `high`.

        `left` and `top` are cells that are left free for texts.
        """
        self.axes += 1
        n = "" if self.axes == 1 else str(self.axes)
        self.traces.append(
            {
                "type": "heatmap", "z": values, "colorscale": scale, "zmin": low, "zmax": high,
                "showscale": False, "xaxis": f"x{n}", "yaxis": f"y{n}", "hovertemplate": hover + "<extra></extra>",
            }
        )  # fmt: skip
        rows, columns = values.shape
        self.layout[f"xaxis{n}"] = charts.bare_axis(
            domain=x, anchor=f"y{n}", constrain="domain", range=[-0.5 - left, columns - 0.5]
        )
        self.layout[f"yaxis{n}"] = charts.bare_axis(
            domain=y, anchor=f"x{n}", constrain="domain", range=[rows - 0.5, -0.5 - top], scaleanchor=f"x{n}"
        )

    def text(
        self, text: str, x: float, y: float, size: int = 13, xanchor: str = "center", yanchor: str = "middle",
        *, axes: int | None = None,
    ) -> None:  # fmt: skip
        """Add a text, in the colour of the theme. With `axes`, its place is in cells of the picture of that index."""
        n = "" if not axes else str(axes + 1)
        refs = ("paper", "paper") if axes is None else (f"x{n}", f"y{n}")
        self.layout["annotations"].append(
            {
                "text": text, "x": x, "y": y, "xref": refs[0], "yref": refs[1], "showarrow": False,
                "xanchor": xanchor, "yanchor": yanchor, "font": {"size": size}, "align": "left",
            }
        )  # fmt: skip

    def figure(self, height: int, narrow: Sheet, narrow_height: int, below: int = charts.PHONE) -> go.Figure:
        """What was put together, for a page; heights in pixels. `narrow` has the same pictures at other places, for where
        there are no more than `below` pixels."""
        traces = [
            {name: charts.packed(v) if isinstance(v, np.ndarray) else v for name, v in trace.items()}
            for trace in self.traces
        ]
        domains = {
            f"{name}.domain": part["domain"]
            for name, part in narrow.layout.items()
            if isinstance(part, dict) and "domain" in part
        }
        differing = {"height": narrow_height, "annotations": narrow.layout["annotations"]} | domains
        meta = {"meta": {"narrow": differing, "below": below}}
        return charts.Drawn({"data": traces, "layout": charts.common_layout(height) | self.layout | meta})

    def notebook_figure(self, height: int) -> go.Figure:
        """The same for a notebook."""
        return charts.notebook_figure({"data": self.traces, "layout": charts.common_layout(height) | self.layout})
