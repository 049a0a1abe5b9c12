"""The kernels that a lesson asks about."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from lenet.common import colours
from lenet.common.translation import cached
from lenet.common.translation import translate as _
from lenet.kernels.figures.sheet import COLUMNS, Sheet, intervals
from lenet.kernels.history import Kernels, color_limit

HEIGHTS = {COLUMNS: 190, COLUMNS // 2: 150}
"""Pixels of a line of so many kernels; of two sets on a phone, which stand in one line each, of COLUMNS."""
CLOSE = 105


@cached(maxsize=16)
def kernels(sets: Sequence[tuple[str, Kernels]]) -> go.Figure:
    """Sets of kernels, each with its name and on one scale, numbered from 1."""
    across = COLUMNS // 2 if len(sets) == 1 else COLUMNS
    height = CLOSE if len(sets) > 1 else HEIGHTS[across]
    lines = sum(-(-len(each) // across) for _name, each in sets)
    wide = HEIGHTS[COLUMNS]
    return _sheet(sets, COLUMNS, wide).figure(wide * len(sets), _sheet(sets, across, height), height * lines)


def _sheet(sets: Sequence[tuple[str, Kernels]], across: int, height: int) -> Sheet:
    """So many kernels side by side, in lines of `height` pixels. The name of a set stands on the left above its first line."""
    lines = [(name, each, start) for name, each in sets for start in range(0, len(each), across)]
    columns = intervals(across, 0, 1, 0.02)
    rows = intervals(len(lines), 0, 1, 0.0)[::-1]
    sheet = Sheet()
    for (name, each, start), (bottom, top) in zip(lines, rows, strict=True):
        limit, pixel = color_limit(each), (top - bottom) / height
        if len(sets) > 1:
            sheet.text(_(name), 0, top, xanchor="left", yanchor="top")
            top -= 20 * pixel
        for n in range(start, min(start + across, len(each))):
            x = columns[n - start]
            sheet.text(f"<b>{n + 1}</b>", sum(x) / 2, top, yanchor="top")
            place, hover = [bottom + 4 * pixel, top - 20 * pixel], _("weight") + " %{z:.2f}"
            sheet.picture(each[n].mean(0), x, place, colours.DIVERGING, -limit, limit, hover)
    return sheet
