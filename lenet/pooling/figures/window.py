"""What the pooling sandbox draws: plain data for the grid's component, and its words.

All arithmetic is done by `lenet.pooling`; the browser gets its results as text and only moves the window.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lenet.common import colours
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.grid import Grid, tidy
from lenet.pooling import zero_padding
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.figures.cells import shading, texts
from lenet.pooling.figures.remarks import size_formula

KINDS = {"input": 0, "padding": 1, "beyond": 2}
"""What a row or column is, as a number: a cell is whatever is greater of its row and its column."""


def scene(grid: Grid, pool: Pooling, *, image: bool = False, zero: bool = False) -> dict[str, Any]:
    """Everything the component draws, as JSON values, in the reader's language.

    `input` and `output` hold, for each channel, the cells row by row: their `texts` and their `shades` (0–100 on
    `scale`, None for what is not finite). `rows[i]` and `columns[j]` are the cells of the window of output
    (i, j), counted from the input's corner; `row_kinds` and `column_kinds` say what they are (see KINDS), from
    `first` = (row, column) on. `start` is the output cell to begin with: the middle of an image, whose corners are black.
    `winners` (max) are flat input indices, -1 for none, and `ties` how many cells hold each maximum; `sums` and `divisors` (avg) are texts. With `zero` a max is
    padded with 0 instead of −∞: `wrong` lists the output cells that this changes, `truth` has the right output. Raises PoolingError if the layer does not fit the grid.
    """
    size: tuple[int, int] = grid.shape[1], grid.shape[2]
    height, width = pool.output_size(size)
    (top, bottom), (left, right) = pool.padded_extent(size)
    first_column = [pool.window(i, 0, size) for i in range(height)]
    first_row = [pool.window(0, j, size) for j in range(width)]
    truth = output = pool(grid)
    zero = zero and pool.mode == "max"
    if zero:
        output = zero_padding.zero_padded(grid, pool)
    scale, shades, legend = shading([grid, output], image)
    drawn: dict[str, Any] = {
        "mode": pool.mode,
        "image": image,
        "channels": len(grid),
        "size": size,
        "out_size": (height, width),
        "first": (top, left),
        "start": height // 2 * width + width // 2 if image else 0,
        "row_kinds": [_kind(r, size[0], pool.padding[0]) for r in range(top, bottom)],
        "column_kinds": [_kind(c, size[1], pool.padding[1]) for c in range(left, right)],
        "rows": [window.rows for window in first_column],
        "columns": [window.columns for window in first_row],
        "input": {"texts": texts(grid), "shades": shades(grid)},
        "output": {"texts": texts(output), "shades": shades(output)},
        "padding_text": "0" if zero else tidy(pool.padding_value),
        "padding_counts": pool.mode == "max" or pool.count_include_pad,
        "scale": scale,
        "legend": legend,
        "colors": {"window": colours.WINDOW, "padding": colours.PADDING, "wrong": colours.WRONG},
        "formula": size_formula(grid, pool),
        "words": _words(grid.shape, pool, zero),
    }
    if zero:
        drawn["wrong"] = [np.flatnonzero(a != b).tolist() for a, b in zip(output, truth, strict=True)]
        drawn["truth"] = texts(truth)
    if pool.mode == "max":
        drawn["winners"] = pool.argmax(grid).reshape(len(grid), -1).tolist()
        drawn["ties"] = pool.ties(grid).reshape(len(grid), -1).tolist()
    else:
        sums = Pooling("avg", pool.kernel_size, pool.stride, pool.padding, 1, pool.ceil_mode, True, 1)(grid)
        drawn["sums"] = texts(sums)
        drawn["divisors"] = [tidy(d) for d in pool.divisors(size).ravel().tolist()]
    return drawn


def gradient_scene(grid: Grid, pool: Pooling, *, numbered: bool = False) -> dict[str, Any]:
    """The gradient's way back through the layer, for the same component (see `scene`).

    `output` is the gradient that arrives: 1 for every output cell, or with `numbered` 1, 2, 3 … in reading order, so
    that each number can be followed. `input` is what `Pooling.gradient` makes of it, `shares` what one cell of each
    window gets (max: the winner; avg: every cell).
    """
    height, width = pool.output_size((grid.shape[1], grid.shape[2]))
    arriving = np.ones((len(grid), height, width))
    if numbered:
        arriving[:] = np.arange(1, height * width + 1).reshape(height, width)
    routed = pool.gradient(grid, arriving)
    shares = arriving / pool.divisors((grid.shape[1], grid.shape[2]))
    scale, shades, legend = shading([routed, arriving, shares], image=False)
    words = {
        "input": _("Gradient of the input"),
        "output": _("Gradient of the output"),
        "hint": _(
            "Hover over an output cell to see where its gradient goes, or over an input cell to see what it receives."
        ),
        "hint_touch": _(
            "Tap an output cell to see where its gradient goes, or an input cell to see what it receives."
        ),
        "alt_input": paragraph(
            _("Gradient of the input. Arrow keys choose a cell."),
            _("Page Up and Page Down change the channel.") if len(grid) > 1 else "",
        ),
        "alt_output": _("Gradient of the output. Arrow keys move the window."),
        "alt": _("The gradient flowing back: {size} from {out}").format(
            size="×".join(map(str, grid.shape)), out=f"{len(grid)}×{height}×{width}"
        ),
    }
    return scene(grid, pool) | {
        "back": True,
        "image": False,
        "input": {"texts": texts(routed), "shades": shades(routed)},
        "output": {"texts": texts(arriving), "shades": shades(arriving)},
        "shares": {"texts": texts(shares), "shades": shades(shares)},
        "zero_shade": shades(np.zeros((1, 1, 1)))[0][0],
        "scale": scale,
        "legend": legend,
        "formula": [],
        "words": _words(grid.shape, pool, False) | words,
    }


def _kind(cell: int, n: int, padding: int) -> int:
    return KINDS["input" if 0 <= cell < n else "padding" if cell < n + padding else "beyond"]


@cached(maxsize=256)
def _words(shape: tuple[int, int, int], pool: Pooling, zero: bool) -> dict[str, str]:
    """The words of the component; `{…}` in them is filled in the browser."""
    channels, height, width = shape
    out = "×".join(map(str, pool.output_size((height, width))))
    override = _("Divided by {n}: set by divisor_override.")
    rule = {
        "divisor_override": override,
        "count_include_pad": _("Divided by {n}: the input and padding cells of this window."),
        "input_only": _("Divided by {n}: only the input cells of this window count (count_include_pad=False)."),
    }
    divided_by = pool.window(0, 0, (height, width)).divisor_rule or "count_include_pad"
    return {
        "input": _("Input {shape}").format(shape=f"{channels}×{height}×{width}"),
        "output": _("Output {shape}").format(shape=f"{channels}×{out}"),
        "window": _("Window of output row {row}, column {column}"),
        "channel": _("channel {n}"),
        "row_column": _("row {row}, column {column}"),
        "padding": _("hatched: padding, as if it counted as 0")
        if zero
        else _("hatched: padding, counts as {value}").format(value=tidy(pool.padding_value))
        if pool.mode == "max" or pool.count_include_pad
        else _("hatched: padding, not counted here"),
        "beyond": _("dashed: beyond the padding, never counted")
        if pool.padding != (0, 0)
        else _("dashed: beyond the input, never counted"),
        "contained": _("windows that contain this cell: {n}"),
        "divisor": override if divided_by == "divisor_override" else _("Divided by {n}: the cells of this window."),
        "divisor_padding": rule[divided_by],
        "divisor_beyond": _("Cells beyond the padding are left out.")
        if pool.padding != (0, 0)
        else _("Cells beyond the input are left out."),
        "no_input": _("This window touches no cell of the input."),
        "more_cells": _("… {n} cells …"),
        "not_value": _("not {value}"),
        "padding_wins": _("A padding of 0 is larger than every number in this window."),
        "ties": _("{n} cells hold the maximum: the first in reading order counts as its place."),
        "ties_back": _("{n} cells hold the maximum: the first in reading order gets the whole gradient."),
        "to_each": _("to each cell"),
        "to_none": _("to no cell: the window touches none"),
        "received": _("The sum of the gradients that its windows send to this cell."),
        "received_none": _("0: no window sends anything here"),
        "rule": _("Max: the whole gradient goes to the maximum, the other cells get 0.")
        if pool.mode == "max"
        else _("Average: every cell of the window gets the same share."),
        "share_lost": _("The shares of padding cells are lost."),
        "previous": _("Previous window"),
        "play": _("Play: fill the output window by window"),
        "play_still": _("Play one step for each press: your device asks for little motion"),
        "pause": _("Pause"),
        "next": _("Next window"),
        "all": _("Show the whole output"),
        "all_short": _("Show all"),
        "slider": _("Position of the window"),
        "step": _("Step {n} of {total}"),
        "speed": _("Speed, windows per second"),
        "per_second": _("{n}/s"),
        "save": _("Picture (SVG)"),
        "edit": _("New value for row {row}, column {column}"),
        "hint": _("Hover over a cell to see its window, click to keep it. Double-click an input cell to change it."),
        "hint_touch": _(
            "Tap a cell to see its windows, an input cell twice to change it. Swipe sideways to move the window."
        ),
        "cell_wins": _("wins windows {windows}"),
        "cell_wins_one": _("wins window {windows}"),
        "cell_inside": _("in windows {windows}"),
        "cell_inside_one": _("in window {windows}"),
        "cell_outside": _("in no window"),
        "comma": _(", "),
        "semicolon": _("; "),
        "told": _("{name}: {what}"),
        "alt_input": paragraph(
            _("Input grid. Arrow keys choose a cell, Enter or a digit changes it."),
            _("Page Up and Page Down change the channel.") if channels > 1 else "",
        ),
        "alt_output": _("Output grid. Arrow keys move the window."),
        "alt": _("{mode} over an input of {size}, output {out}").format(
            mode=_("Max pooling") if pool.mode == "max" else _("Average pooling"),
            size=f"{channels}×{height}×{width}",
            out=f"{channels}×{out}",
        ),
    }
