"""Two sets of kernels matched one to one, and how well random kernels match: what another network learned again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common.errors import LenetError
from lenet.kernels.history import Kernels
from lenet.kernels.similarity import vectors

Array = NDArray[np.float64]

STRONG = 0.8
"""From this |correlation| on, two kernels look the same."""


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


def align(reference: Kernels, kernels: Kernels, *, signed: bool = True) -> list[Pair]:
    """Pairs of a kernel of `reference` and one of `kernels`, [out, in, kh, kw] each, the strongest first.

    Of all permutations and signs, the one with the largest sum of |correlation|; of all permutations alone, the one with
    the largest sum of correlations, if not `signed`. Every kernel of the smaller set is in one pair. Raises LenetError if
    the kernels of the two sets differ in size.
    """
    if reference.shape[1:] != kernels.shape[1:]:
        raise LenetError("kernels_differ", a=_size(reference), b=_size(kernels))
    r = correlations(reference, kernels)
    gain = np.abs(r) if signed else r
    pairs = [Pair(i, j, float(r[i, j])) for i, j in assign(gain)]
    return sorted(pairs, key=lambda pair: -gain[pair.first, pair.second])


def correlations(a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]) -> Array:
    """Pearson's correlation of the weights of every kernel of `a` with every one of `b`, [len(a), len(b)].

    0 if all weights of a kernel are equal.
    """

    def standardized(kernels: NDArray[np.floating[Any]]) -> Array:
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


# -- by chance ----------------------------------------------------------------------------------------------------

TRIALS = 400
"""Simulated comparisons; fewer for large sets, whose mean varies less."""
CORRELATIONS = 400_000
"""Correlations that are computed in all trials together, but for at least 20 trials."""


# Equal only if it is the same object: arrays have no truth value.
@dataclass(frozen=True, eq=False)
class Chance:
    """How well random kernels match: `trials` [trials, pairs], the correlations of each trial, the strongest first."""

    trials: Array

    @property
    def mean(self) -> float:
        """The mean correlation of a pair."""
        return float(self.trials.mean())

    @property
    def band(self) -> tuple[Array, Array]:
        """The range in which 90 % of the trials lie, for each pair by its rank: [pairs] each."""
        low, high = np.quantile(self.trials, [0.05, 0.95], axis=0)
        return np.asarray(low), np.asarray(high)

    def strong(self, threshold: float) -> float:
        """How many pairs of a trial reach the threshold, on average."""
        return float((self.trials >= threshold).sum(1).mean())


@lru_cache(maxsize=64)
def chance(n: int, size: int, *, partners: int | None = None, signed: bool = True) -> Chance:
    """How well `n` kernels of `size` weights match `partners` others (`n` if None) when all weights are random.

    Both sets are drawn from a normal distribution again and again, always with the same seed, and matched as `align` does:
    by permutation and sign, or by permutation alone if not `signed`. The best of many permutations is far above zero.
    """
    rng = np.random.default_rng(0)
    m = n if partners is None else partners
    trials = max(20, min(TRIALS, CORRELATIONS // (n * m)))
    found = np.empty((trials, min(n, m)))
    for trial in found:
        r = correlations(rng.standard_normal((n, size)), rng.standard_normal((m, size)))
        gain = np.abs(r) if signed else r
        trial[:] = sorted((gain[pair] for pair in assign(gain)), reverse=True)
    return Chance(found)


def _size(kernels: Kernels) -> str:
    _out, channels, high, wide = kernels.shape
    return f"{channels}×{high}×{wide}"
