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
    """min(n, m) pairs of a row and a column of `gain` [n, m], none twice, with the largest possible sum of gains."""
    # Not at the top: it takes a quarter of a second and 37 MB, and only a comparison needs it.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(gain, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _size(kernels: Kernels) -> str:
    _out, channels, high, wide = kernels.shape
    return f"{channels}×{high}×{wide}"
