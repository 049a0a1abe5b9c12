"""The same detector, learned again: two sets of kernels matched one to one, and how a set divides the work."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from lenet.common.errors import LenetError
from lenet.kernels.history import History, Kernels, cosines, flat

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """Kernel `first` of one set and kernel `second` of the other; `correlation` is negative where the sign differs."""

    first: int
    second: int
    correlation: float

    @property
    def sign(self) -> int:
        return -1 if self.correlation < 0 else 1


def correlations(a: Kernels, b: Kernels) -> Array:
    """Pearson's correlation of the weights of every kernel of `a` with every one of `b`, [len(a), len(b)].

    0 where a kernel is the same everywhere.
    """

    def standard(kernels: Kernels) -> Array:
        vectors = flat(kernels)
        vectors = vectors - vectors.mean(1, keepdims=True)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 1e-12))

    return np.asarray(np.clip(standard(a) @ standard(b).T, -1, 1))


def assign(gain: Array) -> NDArray[np.int64]:
    """For each row of `gain` [n, m], n ≤ m, a column of its own, so that the sum of the gains is the largest possible.

    The Hungarian method with potentials (Jonker and Volgenant 1987): a row at a time enters by the cheapest
    augmenting path. O(n²·m).
    """
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
    return columns


def match(a: Kernels, b: Kernels) -> list[Pair]:
    """Pairs of kernels, the strongest first, with the largest possible sum of |correlation|; the smaller set whole.

    Over all permutations and signs. Raises LenetError where the kernels of the two sets differ in size.
    """
    if a.shape[1:] != b.shape[1:]:
        raise LenetError("kernels_differ", a=_size(a), b=_size(b))
    r = correlations(a, b)
    if len(a) <= len(b):
        pairs = [(i, int(j)) for i, j in enumerate(assign(np.abs(r)))]
    else:
        pairs = [(int(i), j) for j, i in enumerate(assign(np.abs(r).T))]
    return sorted((Pair(i, j, float(r[i, j])) for i, j in pairs), key=lambda p: -abs(p.correlation))


def _size(kernels: Kernels) -> str:
    _out, channels, high, wide = kernels.shape
    return f"{channels}×{high}×{wide}"


def before(history: History) -> Kernels | None:
    """The kernels before the first step; None where the history does not reach back to them."""
    if len(history.steps) < 2 or history.steps[0] != 0:
        return None
    first: Kernels = history.kernels[0]
    return first


def likeness(kernels: Kernels) -> float:
    """Mean |cosine| between two different kernels: 1 where all do the same work, 0 where no two share any.

    NaN for a single kernel.
    """
    n = len(kernels)
    between = np.abs(cosines(kernels))[~np.eye(n, dtype=bool)]
    return float(between.mean()) if n > 1 else float("nan")


def shapes(kernels: Kernels) -> Kernels:
    """Kernels [out, in, kh, kw] without the mean of each: what is left answers nothing to an even image."""
    return np.asarray(kernels - kernels.mean((1, 2, 3), keepdims=True))


def chance(size: int) -> float:
    """Mean |cosine| between two random directions of `size` dimensions: Γ(size/2) / (√π · Γ((size+1)/2))."""
    return exp(lgamma(size / 2) - lgamma((size + 1) / 2)) / sqrt(pi)
