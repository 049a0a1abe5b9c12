"""What a kernel answers to: an image, edges in every direction, and spatial frequencies. NumPy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.architecture.layers.convolution import correlate
from lenet.kernels.history import Kernels

Array = NDArray[np.float64]

ANGLES = 72
"""Directions of edges: one every 5°."""
FREQUENCIES = 32
"""Frequencies along each axis of a spectrum."""


def responses(kernels: Kernels, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weighted sums of kernels [out, in, kh, kw] at every place of one `image` (height, width) from 0 to 1.

    Zero padding of half a kernel keeps the size for odd kernels; neither bias nor activation is applied. A kernel of
    several channels gets the same image in each of them.
    """
    kernels = np.nan_to_num(kernels, nan=0, posinf=0, neginf=0)
    _out, channels, high, wide = kernels.shape
    pixels = np.pad(image, ((high // 2, high // 2), (wide // 2, wide // 2)))
    x = np.broadcast_to(pixels, (channels, *pixels.shape)).astype(np.float32)
    return correlate(x, kernels.astype(np.float32), np.zeros(len(kernels), np.float32))


def edges(high: int, wide: int) -> Array:
    """Ideal edges on a patch of high×wide pixels, [ANGLES, places, high, wide], +½ on the bright side, −½ on the dark.

    The bright side lies in the direction of the angle, counted from the right and counter-clockwise as the picture is
    seen; at each angle the edge stands at every half pixel from one end of the patch to the other.
    """
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    rows, columns = np.mgrid[:high, :wide]
    up, right = (high - 1) / 2 - rows, columns - (wide - 1) / 2
    along = np.cos(angle)[:, None, None] * right + np.sin(angle)[:, None, None] * up
    reach = np.hypot(high, wide) / 2
    places = np.arange(-np.ceil(2 * reach), np.ceil(2 * reach) + 1) / 2
    # A pixel that the edge crosses is as grey as the edge leaves it, to first order.
    return np.asarray(np.clip(along[:, None] - places[None, :, None, None], -0.5, 0.5))


def edge_responses(kernels: Kernels) -> Array:
    """The strongest answer of each kernel to an edge of contrast 1 in each direction, [out, ANGLES].

    Strongest over all places of the edge on the kernel; never negative, since an edge beyond the kernel leaves it all
    bright or all dark. The channels of a kernel see the same edge.
    """
    weights = np.nan_to_num(kernels.astype(np.float64), nan=0, posinf=0, neginf=0).sum(1)
    patches = edges(*weights.shape[1:])
    return np.asarray(np.einsum("ohw,aphw->oap", weights, patches, optimize=True).max(-1))


def selectivity(answers: Array) -> tuple[Array, Array]:
    """How choosy each kernel is among directions, from 0 (all alike) to 1 (one alone), and its best angle in degrees.

    The length of the mean of unit vectors weighted with the answers [out, ANGLES]: one minus the circular variance
    (Mardia and Jupp, Directional Statistics, 2.3).
    """
    unit = np.exp(2j * np.pi * np.arange(ANGLES) / ANGLES)
    total = answers.sum(1)
    length = np.divide(np.abs(answers @ unit), total, out=np.zeros_like(total), where=total > 0)
    return length, answers.argmax(1) * (360 / ANGLES)


def spectra(kernels: Kernels) -> Array:
    """Magnitude of the 2-D Fourier transform of each kernel, [out, FREQUENCIES, FREQUENCIES].

    Zero frequency stands in the middle, row and column FREQUENCIES // 2; the first row and column are −½ cycles a
    pixel. Channels are added as power.
    """
    weights = np.nan_to_num(kernels.astype(np.float64), nan=0, posinf=0, neginf=0)
    transformed = np.fft.fftshift(np.fft.fft2(weights, (FREQUENCIES, FREQUENCIES)), axes=(-2, -1))
    return np.asarray(np.sqrt((np.abs(transformed) ** 2).sum(1)))
