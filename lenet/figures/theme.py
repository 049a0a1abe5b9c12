"""The one visual language: what a colour means, and the layout that every figure starts from.

Backgrounds stay transparent and text colours are left to Streamlit's theme, so that one figure serves light and
dark. All scales run over lightness as well as hue: they survive colour-blindness and a weak projector.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

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

WRONG = "#dc2626"
"""What would be wrong; always with a dashed line or a word, never by its colour alone."""

SERIES = ("#2f68b1", "#d97706", "#0f766e", "#9f3a8c", "#64748b", "#b91c1c", "#4d7c0f", "#7c3aed")
"""Runs and other series, told apart in this order (blue and amber first: safe for all common colour-blindness)."""


class Finished(go.Figure):  # type: ignore[misc]  # Plotly is not typed
    """A figure that is kept and drawn for many visitors, so not to be changed.

    It hands out one dictionary where Plotly copies it deeply, which takes 3 ms for a drawing of 150 shapes.
    """

    def to_dict(self) -> Any:
        if not hasattr(self, "_finished"):
            self._finished = super().to_dict()
        return self._finished


def figure(data: list[dict[str, Any]], *, height: int, kept: bool = False, **layout: Any) -> go.Figure:
    """A figure of plain trace dicts in the common layout; `height` in pixels. `kept` makes it a `Finished` one.

    Validation is skipped: it costs 10 ms a figure, and the tests validate every figure once.
    """
    return (Finished if kept else go.Figure)(
        {"data": data, "layout": common_layout(height) | layout}, _validate=False
    )


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
