"""How alike kernels are: among each other, to what they become in training, and by chance. NumPy only."""

from __future__ import annotations

from math import exp, lgamma, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from lenet.kernels.history import History, Kernels, finite

Array = NDArray[np.float64]


def vectors(kernels: Kernels) -> Array:
    """Kernels [out, …] as vectors [out, n] in double precision; a weight that is not finite counts as zero."""
    return finite(kernels).reshape(len(kernels), -1).astype(np.float64)


def cosines(kernels: Kernels) -> Array:
    """Cosine of the angle between every two kernels, [out, out]; 0 for a kernel that is all zeros."""
    rows = vectors(kernels)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return np.asarray(np.clip(unit @ unit.T, -1, 1))


def mean_cosine(kernels: Kernels) -> float:
    """Mean |cosine| between two different kernels: 1 if all are multiples of one, 0 if all are orthogonal.

    NaN for a single kernel.
    """
    n = len(kernels)
    between = np.abs(cosines(kernels))[~np.eye(n, dtype=bool)]
    return float(between.mean()) if n > 1 else float("nan")


def random_cosine(size: int) -> float:
    """Mean |cosine| between two random directions in `size` dimensions: Γ(size/2) / (√π · Γ((size+1)/2))."""
    return exp(lgamma(size / 2) - lgamma((size + 1) / 2)) / sqrt(pi)


def without_means(kernels: Kernels) -> Kernels:
    """Kernels [out, in, kh, kw] minus the mean of each: what is left gives 0 on a uniform image."""
    return np.asarray(kernels - kernels.mean((1, 2, 3), keepdims=True))


def orders(kernels: Kernels) -> dict[str, list[int]]:
    """Two orders in which to show kernels [out, …]: for each, the index of the kernel at every place.

    `norm`: the largest first. `similarity`: the largest first, then always the one of the rest with the largest
    |cosine| to the one before (an edge and its negative are the same edge).
    """
    norms = np.linalg.norm(vectors(kernels), axis=1)
    by_norm = np.argsort(-norms, kind="stable").tolist()
    alike = np.abs(cosines(kernels))
    chain, left = by_norm[:1], set(by_norm[1:])
    while left:
        last = chain[-1]
        chain.append(max(sorted(left), key=lambda n: alike[last, n]))
        left.remove(chain[-1])
    return {"norm": by_norm, "similarity": chain}


def trajectories(history: History) -> tuple[Array, Array]:
    """How each kernel moved during training: (distance, cosine), [T, out] each.

    `distance` is the length of its path so far, from snapshot to snapshot; `cosine` is that of the angle to its
    final form.
    """
    t, out = history.kernels.shape[:2]
    points = vectors(history.kernels).reshape(t, out, -1)
    distance = np.zeros((t, out))
    distance[1:] = np.linalg.norm(np.diff(points, axis=0), axis=2).cumsum(0)
    norms = np.linalg.norm(points, axis=2)
    lengths = norms * norms[-1]
    products = (points * points[-1]).sum(2)
    cosine = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return distance, np.clip(cosine, -1, 1)
