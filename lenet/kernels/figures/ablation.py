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
from lenet.kernels.figures.sheet import Sheet, page

BETWEEN_ROWS = 2
BETWEEN_SIDES = 4
"""Cells between the patches of two kernels, and between the strongest and the weakest patches."""
LEFT, TOP = 0.04, 0.92
"""Where the patches begin, as fractions of the figure: the rest is for the texts."""


@cached(maxsize=32)
def patches(result: AblationResult, start: int, classes: Sequence[str]) -> go.Figure:
    """The patches of the test set that excite each kernel most (left) and least (right), one row per kernel.

    One page of kernels, from `start` on; `classes` are the names of the classes.
    """
    shown = page(start, len(result.patches))
    _out, sides, many, high, wide = result.patches.shape
    side_width = many * (wide + 1) - 1
    second_side = side_width + BETWEEN_SIDES
    cells = np.full((len(shown) * (high + BETWEEN_ROWS) - BETWEEN_ROWS, second_side + side_width), None, object)
    texts = np.full(cells.shape, "", object)
    for row, n in enumerate(shown):
        for side, i in np.ndindex(sides, many):
            top, left = row * (high + BETWEEN_ROWS), side * second_side + i * (wide + 1)
            area = slice(top, top + high), slice(left, left + wide)
            cells[area] = result.patches[n, side, i]
            texts[area] = f"{classes[result.labels[n, side, i]]}, {decimals(result.sums[n, side, i], 2)}"
    sheet = Sheet()
    sheet.picture(cells, [LEFT, 1], [0, TOP], colours.GREY, 0, 255, "%{text}")
    sheet.traces[0]["text"] = texts.tolist()
    for row, n in enumerate(shown):
        middle = row * (high + BETWEEN_ROWS) + (high - 1) / 2
        sheet.text(f"<b>{n + 1}</b>", LEFT / 2, TOP * (1 - (middle + 0.5) / len(cells)), 13)
    sheet.text(_("most"), LEFT, 1, 13, "left", "top")
    sheet.text(_("least"), LEFT + (1 - LEFT) * second_side / cells.shape[1], 1, 13, "left", "top")
    sheet.layout["plot_bgcolor"] = colours.faded(colours.PADDING, 0.35)
    # The cells fill the picture, so that the numbers on the left are level with their rows.
    del sheet.layout["yaxis"]["scaleanchor"]
    return sheet.figure(330)


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
    )


def accuracy_lost_alt(result: AblationResult) -> str:
    """The test accuracy with all kernels and without each in words."""
    return _("Test accuracy with all kernels: {whole}. Without one of them: {each}.").format(
        whole=percent(result.accuracy),
        each=_(", ").join(f"{n + 1}: {percent(accuracy)}" for n, accuracy in enumerate(result.zero_accuracy)),
    )
