"""Kernels that people have written down, of any size, to begin one's own with. NumPy only."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from lenet.common.translation import N_

Kernel = NDArray[np.float64]

NAMES = {
    "sobel_x": N_("Sobel, left to right"),
    "sobel_y": N_("Sobel, top to bottom"),
    "laplace": N_("Laplacian: spots"),
    "blur": N_("Blur"),
    "gabor_0": N_("Gabor, upright"),
    "gabor_45": N_("Gabor, aslant"),
    "gabor_90": N_("Gabor, level"),
    "identity": N_("Identity: one weight of 1"),
    "zero": N_("All zeros"),
}
"""Key → its words, to be translated when shown."""


def _smooth(n: int) -> Kernel:
    """The binomial approximation of a Gaussian, n weights that sum to 1."""
    weights = np.array([comb(n - 1, i) for i in range(n)], float)
    return np.asarray(weights / weights.sum())


def _slope(n: int) -> Kernel:
    """Its derivative, up to a factor: [−1, 0, 1] for three, [−1, −2, 0, 2, 1] for five weights."""
    return np.convolve(_smooth(n - 1), [-0.5, 0.5]) if n > 1 else np.zeros(1)


def make(name: str, size: int) -> Kernel:
    """The kernel called `name` (a key of NAMES), [size, size], scaled so that its |weights| sum to 2 where it is
    signed, and to 1 where it is not."""
    middle = (size - 1) / 2
    y, x = np.mgrid[:size, :size] - middle
    if name == "zero":
        return np.zeros((size, size))
    if name == "identity":
        one = np.zeros((size, size))
        one[size // 2, size // 2] = 1
        return one
    if name == "blur":
        return np.outer(_smooth(size), _smooth(size))
    if name == "sobel_x":
        kernel = np.outer(_smooth(size), _slope(size))
    elif name == "sobel_y":
        kernel = np.outer(_slope(size), _smooth(size))
    elif name == "laplace":
        spread = max(size / 5, 0.5) ** 2
        bell = np.exp(-(x**2 + y**2) / (2 * spread))
        kernel = bell * (1 - (x**2 + y**2) / (2 * spread))
        kernel -= kernel.mean()  # a level image has no spots
    else:
        turn = np.deg2rad(float(name.removeprefix("gabor_")))
        across = x * np.cos(turn) - y * np.sin(turn)
        kernel = np.exp(-(x**2 + y**2) / (2 * (size / 4) ** 2)) * np.cos(2 * np.pi * across / max(size * 0.8, 2))
        kernel -= kernel.mean()
    total = np.abs(kernel).sum()
    return kernel * (2 / total) if total > 1e-12 else np.zeros((size, size))
