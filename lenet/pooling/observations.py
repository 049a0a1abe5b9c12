"""What there is to see in a lesson, in words: sentences about the grid and the layer on screen.

Each function takes a grid, a layer, and whether a max is shown with a padding of 0. It answers in the reader's language, ""
where there is nothing to say, and raises PoolingError for a layer that does not fit the grid.
"""

from __future__ import annotations

import numpy as np

from lenet.common.formatting import number, pair_text, percent
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.grid import Grid
from lenet.pooling import zero_padding
from lenet.pooling.arguments import Pair
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.stacking import windows

LOST = 1e-9
"""A smaller part of the gradients is not lost but rounded."""


def _size(grid: Grid) -> Pair:
    return grid.shape[1], grid.shape[2]


def _times(pair: Pair) -> str:
    return f"{pair[0]}×{pair[1]}"


def window(grid: Grid, pool: Pooling, _zero: bool) -> str:
    """How many numbers become how many."""
    output = pool.output_size(_size(grid))
    if pool.mode == "max":
        told = _(
            "The {kernel} window stops at {places} places and keeps the largest number of each: {n} numbers become {m}."
        )
    elif pool.divisor_override is None:
        told = _(
            "The {kernel} window stops at {places} places and gives the average of each: {n} numbers become {m}."
        )
    else:
        told = _(
            "The {kernel} window stops at {places} places and gives a sum of each, divided by {divisor}: {n} numbers become {m}."
        )
    places = output[0] * output[1]
    return told.format(
        kernel=_times(pool.kernel_size),
        places=number(places),
        n=number(grid.size),
        m=number(len(grid) * places),
        divisor=pool.divisor_override,
    )


def stride(grid: Grid, pool: Pooling, _zero: bool) -> str:
    """Whether neighbouring windows overlap, and the sizes."""
    output = pool.output_size(_size(grid))
    sizes = _("The output is {output}, the input {input}.").format(output=_times(output), input=_times(_size(grid)))
    shared = {k - s for k, s in zip(pool.kernel_size, pool.stride, strict=True)}
    if len(shared) > 1 or pool.dilation != (1, 1) or min(output) < 2:
        return sizes
    n = shared.pop()
    if n == 0:
        told = _("With a stride of {stride}, neighbouring windows touch and do not overlap.")
    elif n > 0:
        told = ngettext(
            "With a stride of {stride}, neighbouring windows overlap by {n} row or column.",
            "With a stride of {stride}, neighbouring windows overlap by {n} rows or columns.",
            n,
        )
    else:
        told = ngettext(
            "With a stride of {stride}, neighbouring windows leave {n} row or column between them.",
            "With a stride of {stride}, neighbouring windows leave {n} rows or columns between them.",
            -n,
        )
    return paragraph(told.format(stride=pair_text(pool.stride), n=abs(n)), sizes)


def zero(grid: Grid, pool: Pooling, zero: bool) -> str:
    """What a padding of 0 does to the outputs that are shown."""
    if pool.mode != "max":
        return _("An average does pad with 0: choose **Max**.")
    if pool.padding == (0, 0):
        return _("There is no padding now: drag **Padding** to 1.")
    if not zero:
        return _("Now padding counts as −∞.")
    changed = len(zero_padding.changed_cells(grid, pool))
    total = len(grid) * int(np.prod(pool.output_size(_size(grid))))
    if not changed:
        return _("Now padding counts as 0, and every output is the same.")
    told = _("Now padding counts as 0: {n} of {total} outputs differ from those with −∞ (dashed red).")
    return told.format(n=number(changed), total=number(total))


def divisor(grid: Grid, pool: Pooling, _zero: bool) -> str:
    """What the sums are divided by."""
    if pool.mode != "avg":
        return _("Max pooling divides by nothing: choose **Average**.")
    found = np.unique(pool.divisors(_size(grid))).tolist()
    if pool.divisor_override is not None:
        return _("Every sum is divided by {n}: the divisor is set.").format(n=found[0])
    if len(found) == 1:
        return _("Every sum is divided by {n}.").format(n=found[0])
    told = (
        _("The sums are divided by {divisors}: cells of the input and of the padding count.")
        if pool.count_include_pad and pool.padding != (0, 0)
        else _("The sums are divided by {divisors}: only cells of the input count.")
    )
    return told.format(divisors=_(", ").join(map(str, found)))


def rounding(grid: Grid, pool: Pooling, _zero: bool) -> str:
    """Which rows and columns no window covers, and how far windows reach beyond input and padding."""
    size = _size(grid)
    covered = [{cell for cells in axis for cell in cells} for axis in windows(pool, size)]
    left_out = [sum(cell not in cells for cell in range(n)) for cells, n in zip(covered, size, strict=True)]
    beyond = [
        max(0, stop - n - p)
        for (_first, stop), n, p in zip(pool.padded_extent(size), size, pool.padding, strict=True)
    ]
    told = []
    if any(beyond):
        reach = _("Windows reach beyond the input (dashed cells; rows: {rows}, columns: {columns}).")
        if pool.padding != (0, 0):
            reach = _(
                "Windows reach beyond the input and its padding (dashed cells; rows: {rows}, columns: {columns})."
            )
        told.append(reach.format(rows=beyond[0], columns=beyond[1]))
    if any(left_out):
        none = _("Some cells of the input lie in no window (rows: {rows}, columns: {columns}).")
        told.append(none.format(rows=left_out[0], columns=left_out[1]))
    return paragraph(*told) or _("The windows cover every cell, and none reaches beyond.")


def channels(grid: Grid, pool: Pooling, _zero: bool) -> str:
    """How many channels go in and come out."""
    pool.output_size(_size(grid))
    return ngettext("{n} channel goes in, {n} comes out.", "{n} channels go in, {n} come out.", len(grid)).format(
        n=len(grid)
    )


def fit(grid: Grid, pool: Pooling, _zero: bool) -> str:
    """Why the window fits: the cells there are, and those that it spans."""
    size = _size(grid)
    pool.output_size(size)
    there = [n + 2 * p for n, p in zip(size, pool.padding, strict=True)]
    spans = [(k - 1) * d + 1 for k, d in zip(pool.kernel_size, pool.dilation, strict=True)]
    if there[0] != there[1] or spans[0] != spans[1]:
        return _("Now the window fits.")
    return _("Now the window fits: {n} + 2·{padding} = {there} cells for a window of {span}.").format(
        n=size[0], padding=pool.padding[0], there=there[0], span=spans[0]
    )


def gradient(grid: Grid, pool: Pooling, _zero: bool) -> str:
    """Which cells get a gradient: the one that wins most windows, those that get nothing, ties, and what is lost."""
    size = _size(grid)
    output = pool.output_size(size)
    received = pool.gradient(grid, np.ones((len(grid), *output)))
    nothing = int((received == 0).sum())
    cells = _("{n} of the {total} input cells get nothing.").format(n=number(nothing), total=number(grid.size))
    cells = cells if nothing else _("Every input cell gets a gradient.")
    if pool.mode == "avg":
        shared = _("Every cell of a window gets the same share of its gradient.")
        lost = len(grid) * output[0] * output[1] - float(received.sum())
        is_lost = pool.count_include_pad and pool.divisor_override is None and lost > LOST
        told = _("What falls on padding is lost: {share} of all.")
        share = percent(lost / (len(grid) * output[0] * output[1]))
        return paragraph(shared, told.format(share=share) if is_lost else "", cells)
    winners = pool.argmax(grid)
    places, wins = np.unique(winners[0][winners[0] >= 0], return_counts=True)
    if not len(places):
        return cells
    row, column = divmod(int(places[wins.argmax()]), size[1])
    told = ngettext(
        "The cell in row {row}, column {column} holds the maximum of {n} window and gets its gradient.",
        "The cell in row {row}, column {column} holds the maximum of {n} windows and gets the gradients of all of them.",
        int(wins.max()),
    ).format(row=row + 1, column=column + 1, n=int(wins.max()))
    if len(grid) > 1:
        told = _("Channel 1: {sentence}").format(sentence=told)
    ties = int((pool.ties(grid) > 1).sum())
    tied = ngettext(
        "In {n} window several cells hold the maximum: the first in reading order gets everything.",
        "In {n} windows several cells hold the maximum: the first in reading order gets everything.",
        ties,
    ).format(n=number(ties))
    return paragraph(told, cells, tied if ties else "")
