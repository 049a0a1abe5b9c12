"""Maxima of windows, taken along one axis after the other.

An average needs every cell of the window; a maximum over a rectangle is a maximum over rows, then one over columns.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common.windows import Array, Axis


def lowest(dtype: np.dtype[Any]) -> float | int:
    return -math.inf if dtype.kind == "f" else int(np.iinfo(dtype).min)


def maximum(x: Array, axes: tuple[Axis, Axis]) -> Array:
    # A maximum over rows, then one over columns, is the maximum over the rectangle: k + k steps, not k * k.
    height, width = axes
    tall = np.full((*x.shape[:-2], height.n_out, width.n), lowest(x.dtype), x.dtype)
    for out, cells in height.offsets():
        part = tall[..., out, :]
        np.maximum(part, x[..., cells, :], out=part)
    best = np.full((*x.shape[:-2], height.n_out, width.n_out), lowest(x.dtype), x.dtype)
    for out, cells in width.offsets():
        part = best[..., out]
        np.maximum(part, tall[..., cells], out=part)
    return best


def argmax(x: Array, axes: tuple[Axis, Axis]) -> NDArray[np.int64]:
    # The same in two passes, along the rows first: the first maximum in reading order is the first one within
    # the first row that has it. Each pass works on the last axis, then swaps the last two: two swaps undo it.
    value = x
    place = np.broadcast_to(np.arange(x.shape[-2] * x.shape[-1]).reshape(x.shape[-2:]), x.shape)
    for axis in reversed(axes):
        shape = (*value.shape[:-1], axis.n_out)
        best, index = np.full(shape, lowest(x.dtype), x.dtype), np.full(shape, -1)
        for out, cells in axis.offsets():
            new, held, kept = value[..., cells], best[..., out], index[..., out]
            # Greater, or NaN, or the first cell of its window.
            take = (new > held) | (new != new) | (kept < 0)
            np.copyto(held, new, where=take)
            np.copyto(kept, place[..., cells], where=take)
        value, place = best.swapaxes(-1, -2), index.swapaxes(-1, -2)
    return place
