"""The kernels of a run as a Plotly figure, for notebooks. The gallery itself draws its wall in the browser (wall.py)."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
import plotly.graph_objects as go

from lenet.common import colours
from lenet.common.formatting import percent
from lenet.common.translation import translate as _
from lenet.kernels.figures.sheet import Sheet, intervals
from lenet.kernels.history import History, color_limit

# Pixels
WIDTH = 600  # of the wall in a notebook, without the colour bar; in another width cells stay square
MAX_CELL = 40
NUMBER = 26  # above each kernel
MARGIN = {"l": 8, "r": 8, "t": 50, "b": 12}


def wall(label: str, history: History, test_acc: float | None = None) -> go.Figure:
    """The last kernels of a history as heatmaps on one diverging scale that is centred on zero.

    The channels of a kernel stand side by side. The title has `label`, the step, and the test accuracy if it is known.
    """
    out, channels, high, wide = history.final.shape
    limit = color_limit(history.final)
    columns = min(out, ceil(sqrt(1.5 * out / channels)))
    rows = ceil(out / columns)
    cell = min(MAX_CELL, 0.9 * WIDTH / columns / (channels * (wide + 1) - 1))
    height = rows * (high * cell + NUMBER)
    across = intervals(columns, 0, 1, 0.1 / columns)
    down = intervals(rows, 0, 1 - NUMBER / height, NUMBER / height)[::-1]

    sheet = Sheet()
    gap = np.full((high, 1), np.nan, np.float32)
    for n, kernel in enumerate(history.final):
        x, y = across[n % columns], down[n // columns]
        cells = np.concatenate([part for channel in kernel for part in (channel, gap)][:-1], axis=1)
        sheet.picture(cells, x, y, colours.DIVERGING, -limit, limit, _("weight") + " %{z:.4f}")
        sheet.text(f"<b>{n + 1}</b>", sum(x) / 2, y[1], yanchor="bottom")
    sheet.traces[0] |= {"showscale": True, "colorbar": {"title": {"text": _("weight")}}}

    title = [label, _("step {step}").format(step=history.steps[-1])]
    if test_acc is not None:
        title.append(f"{_('test acc')} {percent(test_acc)}")
    sheet.layout["title"] = {
        "text": " · ".join(title),
        "font": {"size": 15},
        "y": 1,
        "yanchor": "top",
        "pad": {"t": 16},
    }
    sheet.layout["margin"] = MARGIN
    return sheet.notebook_figure(round(height) + MARGIN["t"] + MARGIN["b"])
