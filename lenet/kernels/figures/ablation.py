"""What the test images say of the kernels: their strongest patches, and the accuracy that is lost without each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lenet.common import charts, colours
from lenet.common.formatting import decimals, percent
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.kernels.ablation import AblationResult
from lenet.kernels.figures.sheet import Sheet, intervals, page

BETWEEN_ROWS = 2
"""Cells between the patches of two kernels."""
NUMBERS, TITLE = 4.5, 3.0
"""Cells to the left of the patches, for the numbers of the kernels, and above them, for what they are."""
NARROW = 520
"""Pixels: in fewer the weakest patches are below the strongest, and not beside them."""


@cached(maxsize=32)
def patches(result: AblationResult, start: int, classes: Sequence[str]) -> go.Figure:
    """The patches of the test set that excite each kernel most (left) and least (right), one row per kernel.

    One page of kernels, from `start` on; `classes` are the names of the classes.
    """
    shown = page(start, len(result.patches))
    _out, sides, many, high, wide = result.patches.shape
    size = len(shown) * (high + BETWEEN_ROWS) - BETWEEN_ROWS, many * (wide + 1) - 1
    beside, below = intervals(sides, 0, 1, 0.01), intervals(sides, 0, 1, 0.01)[::-1]
    sheet, narrow = Sheet(), Sheet()
    for side, title in enumerate((_("most"), _("least"))):
        cells, texts = np.full(size, None, object), np.full(size, "", object)
        for row, i in np.ndindex(len(shown), many):
            n, top, left = shown[row], row * (high + BETWEEN_ROWS), i * (wide + 1)
            area = slice(top, top + high), slice(left, left + wide)
            cells[area] = result.patches[n, side, i]
            texts[area] = f"{classes[result.labels[n, side, i]]}, {decimals(result.sums[n, side, i], 2)}"
        for each, x, y in ((sheet, beside[side], [0.0, 1.0]), (narrow, [0.0, 1.0], below[side])):
            each.picture(cells, x, y, colours.GREY, 0, 255, "%{text}", left=NUMBERS, top=TITLE)
            each.traces[side]["text"] = texts.tolist()
            each.text(title, -0.5, -0.5 - TITLE / 2, 13, "left", axes=side)
            for row, n in enumerate(shown):
                middle = row * (high + BETWEEN_ROWS) + (high - 1) / 2
                each.text(f"<b>{n + 1}</b>", -0.5 - NUMBERS / 2, middle, 13, axes=side)
    return sheet.figure(330, narrow, 600, NARROW)


def patches_alt(result: AblationResult, start: int, classes: Sequence[str]) -> str:
    """The strongest and the weakest patch of each kernel in words; `classes` are the names of the classes."""
    return paragraph(
        *(
            _(
                "Kernel {n}: largest sum {most} in an image of class {name}, smallest {least} in one of class {other}."
            ).format(
                n=n + 1,
                most=decimals(result.sums[n, 0, 0], 2),
                name=classes[result.labels[n, 0, 0]],
                least=decimals(result.sums[n, 1, 0], 2),
                other=classes[result.labels[n, 1, 0]],
            )
            for n in page(start, len(result.patches))
        )
    )


def accuracy_lost(result: AblationResult) -> go.Figure:
    """Percentage points of test accuracy that are lost without each kernel."""
    names = [str(n + 1) for n in range(len(result.zero_accuracy))]
    bars = [
        (_("its map set to 0"), result.zero_accuracy, colours.SERIES[0]),
        (_("its map replaced by its mean"), result.mean_accuracy, colours.SERIES[1]),
    ]
    data = [
        {
            "type": "bar", "name": name, "x": names, "marker": {"color": color},
            "y": ((result.accuracy - accuracy) * 100).round(2).tolist(),
            "hovertemplate": "%{x}: %{y:.1f}<extra></extra>",
        }
        for name, accuracy, color in bars
    ]  # fmt: skip
    lines = {"gridcolor": colours.faded(colours.MUTED, 0.3), "zerolinecolor": colours.faded(colours.MUTED, 0.8)}
    return charts.figure(
        data,
        height=300,
        margin={"l": 60, "r": 8, "t": 8, "b": 40},
        xaxis={"title": {"text": _("kernel")}, "type": "category", "fixedrange": True},
        yaxis=lines | {"title": {"text": _("accuracy lost, percentage points")}, "fixedrange": True},
        legend={"orientation": "h", "y": 1.15},
        narrow={"margin.t": 56, "margin.l": 8, "height": 340},
    )


def accuracy_lost_alt(result: AblationResult) -> str:
    """The test accuracy with all kernels and without each in words."""
    return _("Test accuracy with all kernels: {whole}. Without one of them: {each}.").format(
        whole=percent(result.accuracy),
        each=_(", ").join(f"{n + 1}: {percent(accuracy)}" for n, accuracy in enumerate(result.zero_accuracy)),
    )
