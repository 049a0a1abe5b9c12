"""The words and formulas around the window: what there is to see, and why the output has its size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.grid import Grid, equal, tidy
from lenet.grid.words import size_lines
from lenet.pooling import zero_padding
from lenet.pooling.arguments import PoolingError
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.examples import Example


def size_formula(grid: Grid, pool: Pooling) -> list[str]:
    """The formula of the output's size, a line each (see `size_lines`)."""
    sizes = grid.shape[1], grid.shape[2]
    axes = list(zip(sizes, pool.kernel_size, pool.stride, pool.padding, pool.dilation, strict=True))
    return size_lines(axes, pool.output_size(sizes), pool.ceil_mode)


def remarks(example: Example, grid: Grid, pool: Pooling) -> str:
    """All there is to say about what is on screen, in the reader's language, as paragraphs of Markdown."""
    said = (remark(example, grid, pool), rounding_sentence(grid, pool), zero_padding_sentence(grid, pool))
    return "  \n".join(sentence for sentence in said if sentence)


def remark(example: Example, grid: Grid, pool: Pooling) -> str:
    """What there is to see in an example, in the reader's language; "" once its grid or layer was changed."""
    layer = Pooling(pool.mode, example.kernel_size, example.stride, example.padding)
    if pool != layer or not equal(grid, example.grid()):
        return ""
    return _(example.remark if pool.mode == "max" else example.remark_on_average or example.remark)


def rounding_sentence(grid: Grid, pool: Pooling) -> str:
    """What the other rounding of the output size would give, in the reader's language; "" where it gives the same."""
    size = grid.shape[1], grid.shape[2]
    other = replace(pool, ceil_mode=not pool.ceil_mode)
    try:
        out = other.output_size(size)
    except PoolingError:
        return ""
    if out == pool.output_size(size):
        return ""
    if pool.ceil_mode:
        told = _("The windows do not fit evenly: rounded down (ceil_mode=False), the output would be {size}.")
    else:
        told = _("The windows do not fit evenly: rounded up (ceil_mode=True), the output would be {size}.")
    return told.format(size="×".join(map(str, out)))


def zero_padding_sentence(grid: Grid, pool: Pooling) -> str:
    """One or two sentences on padding with 0 instead of −∞, in the reader's language; "" where there is no padding."""
    if pool.mode != "max" or pool.padding == (0, 0):
        return ""
    changed = zero_padding.changed_cells(grid, pool)
    lead = _("PyTorch pads max pooling with −∞, not with 0, so padding is never larger than a number.")
    if not changed:
        same = _("With a padding of 0 the output would be the same here: no window at the edge is all negative.")
        return paragraph(lead, same)
    named = [
        _("row {row}, column {column}: 0 instead of {value}").format(row=i + 1, column=j + 1, value=tidy(value))
        for c, i, j, value in changed[:4]
    ]
    places = _("; ").join([*named, "…"] if len(changed) > len(named) else named)
    total = len(grid) * int(np.prod(pool.output_size((grid.shape[1], grid.shape[2]))))
    wrong = _("With a padding of 0, {n} of {total} output cells would be wrong ({places}).")
    return paragraph(lead, wrong.format(n=len(changed), total=total, places=places))
