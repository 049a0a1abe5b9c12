"""Helpers for charts on pages."""

from __future__ import annotations

from typing import Any


def plotly_config(name: str) -> dict[str, Any]:
    """Options of a chart: a reduced mode bar, whose camera button saves a large picture as `name`.png."""
    keep = {"format": "png", "filename": name.replace("~", ""), "scale": 2}
    return {"displaylogo": False, "toImageButtonOptions": keep, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
