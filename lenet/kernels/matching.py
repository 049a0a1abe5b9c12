"""Two sets of kernels matched one to one: which kernel of one network did another network learn again?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.common.errors import LenetError
from lenet.kernels.history import Kernels
from lenet.kernels.similarity import vectors

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """Kernel `first` of one set and kernel `second` of the other; `correlation` is negative if their signs differ."""

    first: int
    second: int
    correlation: float

    @property
    def sign(self) -> int:
        """By which to multiply `second` so that it looks like `first`: 1 or −1."""
        return -1 if self.correlation < 0 else 1


def match(a: Kernels, b: Kernels) -> list[Pair]:
    """Pairs of kernels of `a` and `b`, [out, in, kh, kw] each, the strongest first.

    Of all permutations and signs, the one with the largest sum of |correlation|. Every kernel of the smaller set is
    in one pair. Raises LenetError if the kernels of the two sets differ in size.
    """
    if a.shape[1:] != b.shape[1:]:
        raise LenetError("kernels_differ", a=_size(a), b=_size(b))
    r = correlations(a, b)
    pairs = [Pair(i, j, float(r[i, j])) for i, j in assign(np.abs(r))]
    return sorted(pairs, key=lambda pair: -abs(pair.correlation))


def correlations(a: Kernels, b: Kernels) -> Array:
    """Pearson's correlation of the weights of every kernel of `a` with every one of `b`, [len(a), len(b)].

    0 if all weights of a kernel are equal.
    """

    def standardized(kernels: Kernels) -> Array:
        rows = vectors(kernels)
        rows = rows - rows.mean(1, keepdims=True)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 1e-12))

    return np.asarray(np.clip(standardized(a) @ standardized(b).T, -1, 1))


def assign(gain: Array) -> list[tuple[int, int]]:
    """min(n, m) pairs of a row and a column of `gain` [n, m], none twice, with the largest possible sum of gains.

    The Hungarian method with potentials (Jonker and Volgenant 1987): a row at a time enters by the cheapest
    augmenting path. O(n²·m).
    """
    if len(gain) > gain.shape[1]:
        return [(row, column) for column, row in assign(gain.T)]
    n, m = gain.shape
    cost = -gain
    row_price, column_price = np.zeros(n + 1), np.zeros(m + 1)
    owner = np.zeros(m + 1, int)  # the row (from 1) that a column (from 1) belongs to; 0: none
    for row in range(1, n + 1):
        owner[0], column = row, 0
        least, came_from = np.full(m + 1, np.inf), np.zeros(m + 1, int)
        seen = np.zeros(m + 1, bool)
        while owner[column]:
            seen[column] = True
            here = owner[column]
            slack = cost[here - 1] - row_price[here] - column_price[1:]
            better = ~seen[1:] & (slack < least[1:])
            least[1:][better], came_from[1:][better] = slack[better], column
            column = int(np.where(seen, np.inf, least)[1:].argmin()) + 1
            step = least[column]
            row_price[owner[seen]] += step
            column_price[seen] -= step
            least[~seen] -= step
        while column:
            owner[column] = owner[came_from[column]]
            column = came_from[column]
    columns = np.empty(n, np.int64)
    columns[owner[1:][owner[1:] > 0] - 1] = np.flatnonzero(owner[1:])
    return list(enumerate(columns.tolist()))


def _size(kernels: Kernels) -> str:
    _out, channels, high, wide = kernels.shape
    return f"{channels}×{high}×{wide}"
