"""Where the cells of a window come from: the input cell itself, or for a padding cell what its mode puts there."""

import numpy as np
from numpy.typing import NDArray

from lenet.common.windows import Axis
from lenet.convolution.arguments import PaddingMode

ZERO = -1
"""In place of an input cell: the number is 0."""


def furthest(mode: PaddingMode, n: int) -> int | None:
    """The largest padding of n cells; None where there is no limit."""
    return {"reflect": n - 1, "circular": n}.get(mode)


def sources(axis: Axis, mode: PaddingMode) -> NDArray[np.int64]:
    """(kernel, n_out) input cells: ``[k, i]`` is the one that the kernel's cell k meets in window i, or ZERO."""
    kernel = np.arange(axis.kernel, dtype=np.int64)[:, None] * axis.dilation
    window = np.arange(axis.n_out, dtype=np.int64) * axis.stride
    return source(kernel + window - axis.padding, axis.n, mode)


def source(cell: NDArray[np.int64], n: int, mode: PaddingMode) -> NDArray[np.int64]:
    """The input cells, 0 … n-1, whose numbers stand in these cells; ZERO for zero padding."""
    if mode == "zeros":
        return np.where((cell >= 0) & (cell < n), cell, ZERO)
    if mode == "replicate":
        return np.minimum(np.maximum(cell, 0), n - 1)
    if mode == "circular":
        return cell % n
    there = cell % max(1, 2 * (n - 1))  # there and back again, the edge itself only once
    return np.minimum(there, 2 * (n - 1) - there)
