"""Kernels from textbooks, in any size: what a kernel of one's own can start from. NumPy only."""

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
    "gabor_0": N_("Gabor, vertical"),
    "gabor_45": N_("Gabor, diagonal"),
    "gabor_90": N_("Gabor, horizontal"),
    "identity": N_("Identity: one weight of 1"),
    "zero": N_("All zeros"),
}
"""For each filter the name that readers see, to be translated when it is shown."""


def make(name: str, size: int) -> Kernel:
    """The filter called `name` (a key of NAMES) as size×size weights.

    The |weights| of blur sum to 1, those of signed filters to 2.
    """
    if name == "zero":
        return np.zeros((size, size))
    if name == "identity":
        one = np.zeros((size, size))
        one[size // 2, size // 2] = 1
        return one
    if name == "blur":
        return np.outer(_binomial(size), _binomial(size))
    if name == "sobel_x":
        return _normalized(np.outer(_binomial(size), _derivative(size)))
    if name == "sobel_y":
        return _normalized(np.outer(_derivative(size), _binomial(size)))
    if name == "laplace":
        return _normalized(_laplacian(size))
    return _normalized(_gabor(size, degrees=float(name.removeprefix("gabor_"))))


def _binomial(n: int) -> Kernel:
    """The binomial approximation of a Gaussian: n weights that sum to 1."""
    weights = np.array([comb(n - 1, i) for i in range(n)], float)
    return np.asarray(weights / weights.sum())


def _derivative(n: int) -> Kernel:
    """The derivative of that, up to a factor: [−1, 0, 1] for three, [−1, −2, 0, 2, 1] for five weights."""
    return np.convolve(_binomial(n - 1), [-0.5, 0.5]) if n > 1 else np.zeros(1)


def _laplacian(size: int) -> Kernel:
    """The Laplacian of a Gaussian, turned over: positive in the middle."""
    y, x = _coordinates(size)
    variance = max(size / 5, 0.5) ** 2
    squared = (x**2 + y**2) / (2 * variance)
    kernel = np.exp(-squared) * (1 - squared)
    return np.asarray(kernel - kernel.mean())  # a uniform image gives 0


def _gabor(size: int, degrees: float) -> Kernel:
    """A cosine wave under a Gaussian; the wave runs in the direction of the angle."""
    y, x = _coordinates(size)
    angle = np.deg2rad(degrees)
    across = x * np.cos(angle) - y * np.sin(angle)
    wave = np.cos(2 * np.pi * across / max(size * 0.8, 2))
    kernel = np.exp(-(x**2 + y**2) / (2 * (size / 4) ** 2)) * wave
    return np.asarray(kernel - kernel.mean())


def _coordinates(size: int) -> tuple[Kernel, Kernel]:
    """Rows and columns of size×size pixels, counted from the middle."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return y, x


def _normalized(kernel: Kernel) -> Kernel:
    """Scaled so that the |weights| sum to 2: the positive and the negative ones to 1 each."""
    total = np.abs(kernel).sum()
    return kernel * (2 / total) if total > 1e-12 else np.zeros_like(kernel)
