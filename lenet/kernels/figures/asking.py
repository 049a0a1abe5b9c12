"""The kernels that a lesson asks about."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from lenet.common import colours
from lenet.common.translation import cached
from lenet.common.translation import translate as _
from lenet.kernels.figures.sheet import COLUMNS, Sheet, intervals
from lenet.kernels.history import Kernels, color_limit

SET = 190
"""Pixels of a set of kernels side by side."""


@cached(maxsize=16)
def kernels(sets: Sequence[tuple[str, Kernels]]) -> go.Figure:
    """Sets of kernels, each with its name and on one scale, numbered from 1."""
    lines = sum(-(-len(each) // (COLUMNS // 2)) for _name, each in sets)
    return _sheet(sets, COLUMNS).figure(SET * len(sets), _sheet(sets, COLUMNS // 2), 150 * lines)


def _sheet(sets: Sequence[tuple[str, Kernels]], across: int) -> Sheet:
    lines = [(name, each, start) for name, each in sets for start in range(0, len(each), across)]
    columns = intervals(across, 0, 1, 0.02)
    rows = intervals(len(lines), 0, 1, 0.0)[::-1]
    sheet = Sheet()
    for (name, each, start), (bottom, top) in zip(lines, rows, strict=True):
        limit, high = color_limit(each), top - bottom
        for n in range(start, min(start + across, len(each))):
            x = columns[n - start]
            words = f"<b>{n + 1}</b>" if n or len(sets) == 1 else f"<b>{n + 1}</b> · {_(name)}"
            sheet.text(words, sum(x) / 2, top, yanchor="top")
            place = [bottom + 0.03 * high, top - 0.15 * high]
            hover = _("weight") + " %{z:.2f}"
            sheet.picture(each[n].mean(0), x, place, colours.DIVERGING, -limit, limit, hover)
    return sheet
