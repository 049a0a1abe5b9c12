"""The one visual language: what a colour means, and the layout that every figure starts from.

Backgrounds stay transparent and text colours are left to Streamlit's theme, so that one figure serves light and
dark. All scales run over lightness as well as hue: they survive colour-blindness and a weak projector.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
from numpy.typing import NDArray

from lenet.common.arrays import to_base64

SEQUENTIAL = [[0.0, "#f1f5fb"], [0.25, "#bcd3ee"], [0.5, "#6f9fd8"], [0.75, "#2f68b1"], [1.0, "#0b2f6b"]]
"""Activations and other amounts ≥ 0: pale (none) to deep blue (most)."""
DIVERGING = [[0.0, "#053061"], [0.25, "#4393c3"], [0.5, "#f7f7f7"], [0.75, "#d6604d"], [1.0, "#67001f"]]
"""Kernels and other signed values, always centred on zero: blue is negative, red is positive."""
GREY = [[0.0, "#000000"], [1.0, "#ffffff"]]
"""Images as they are: 0 is black."""

WINDOW = "#f59e0b"
"""“This window”: the same amber in every figure."""
PADDING = "#94a3b8"
"""Padding: a muted tone, hatched where a figure can hatch."""

GRID = "rgba(128,128,128,0.2)"
"""Lines behind a curve: quiet on white and on black."""

WRONG = "#dc2626"
"""What would be wrong; always with a dashed line or a word, never by its colour alone."""

SERIES = ("#3b7dd8", "#d97706", "#0d9488", "#b44aa0", "#71809a", "#dc4545", "#5f9a12", "#8b5cf6")
"""Runs and other series, told apart in this order (blue and amber first: safe for all common colour-blindness). Each
stands out from the light and the dark background by at least 3:1."""


class Drawn(go.Figure):  # type: ignore[misc]  # Plotly is not typed
    """A figure that is its plain dict, and hands that out as it is: not to be changed by who gets it.

    Plotly's own checks and deeply copies every value where it is built and again where it is drawn: 3 to 10 ms a chart.
    The tests put every figure through Plotly's validation once.
    """

    def __init__(self, plain: dict[str, Any]) -> None:
        self.__dict__["plain"] = plain

    def to_dict(self) -> dict[str, Any]:
        return self.__dict__["plain"]  # type: ignore[no-any-return]


def figure(data: list[dict[str, Any]], *, height: int, **layout: Any) -> go.Figure:
    """A figure of plain trace dicts in the common layout; `height` in pixels. Arrays are packed."""
    traces = [{k: packed(v) if isinstance(v, np.ndarray) else v for k, v in trace.items()} for trace in data]
    template = {"template": _template(pio.templates.default)} if pio.templates.default else {}
    return Drawn({"data": traces, "layout": common_layout(height) | template | layout})


@lru_cache(maxsize=4)
def _template(name: str) -> Any:
    """What Plotly's default template says (under Streamlit: its theme's colours) as a plain dict."""
    return pio.templates[name].to_plotly_json()


def packed(values: NDArray[Any]) -> Any:
    """Numbers as Plotly's typed arrays: quicker to write than digits, and a third as long. What else there is, as a list."""
    if values.dtype.kind not in "fiub":
        return values.tolist()
    kind = "u1" if values.dtype in (np.uint8, np.bool_) else "f4" if values.dtype.kind == "f" else "i4"
    spec = {"dtype": kind, "bdata": to_base64(values, kind)}
    return spec | ({"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {})


def common_layout(height: int) -> dict[str, Any]:
    """The layout that all figures start from; `height` in pixels."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "template": None,
        "hoverlabel": {"font": {"size": 13}},
    }


def bare_axis(**more: Any) -> dict[str, Any]:
    """An axis without line, grid, ticks or zoom: for pictures."""
    return {"visible": False, "fixedrange": True, "showgrid": False, "zeroline": False} | more


def text_on(color_fraction: float) -> str:
    """Black or white, whichever reads better on SEQUENTIAL at this fraction."""
    return "#ffffff" if color_fraction > 0.55 else "#0f172a"
