"""What a kernel responds to: an image, edges in every direction, and spatial frequencies. NumPy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.architecture.layers.convolution import correlate
from lenet.kernels.history import Kernels, finite

Array = NDArray[np.float64]

ANGLES = 72
"""Directions of edges: one every 5°."""
FREQUENCIES = 32
"""Frequencies along each axis of a spectrum."""


def pixels(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """An image (1, height, width) as (height, width) from 0 to 1, as the network gets it."""
    return np.asarray(image[0], np.float32) / np.float32(255)


def responses(kernels: Kernels, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weighted sums of kernels [out, in, kh, kw] at every position of one `image` (height, width) from 0 to 1.

    Zero padding of half a kernel keeps the size for odd kernels; no bias, no activation. A kernel of several channels
    gets the same image in each of them.
    """
    weights = finite(kernels).astype(np.float32)
    _out, channels, high, wide = weights.shape
    padded = np.pad(image, ((high // 2, high // 2), (wide // 2, wide // 2)))
    x = np.broadcast_to(padded, (channels, *padded.shape)).astype(np.float32)
    return correlate(x, weights, np.zeros(len(weights), np.float32))


def edges(high: int, wide: int) -> Array:
    """Ideal edges on a patch of high×wide pixels, [ANGLES, positions, high, wide]: +½ on the bright side, −½ on the dark.

    The angle points to the bright side. It counts counter-clockwise from the right, as the picture is seen. At each
    angle the edge stands at every half pixel from one end of the patch to the other.
    """
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    rows, columns = np.mgrid[:high, :wide]
    up, right = (high - 1) / 2 - rows, columns - (wide - 1) / 2
    along = np.cos(angle)[:, None, None] * right + np.sin(angle)[:, None, None] * up
    reach = np.hypot(high, wide) / 2
    positions = np.arange(-np.ceil(2 * reach), np.ceil(2 * reach) + 1) / 2
    # A pixel that the edge crosses gets, to first order, the mean of its two sides.
    return np.asarray(np.clip(along[:, None] - positions[None, :, None, None], -0.5, 0.5))


def edge_responses(kernels: Kernels) -> Array:
    """The largest response of each kernel to an edge of contrast 1 in each direction, [out, ANGLES].

    Largest over all positions of the edge. It is at least half the |sum of the weights|, the response to a patch that
    lies wholly on one side of the edge. All channels of a kernel see the same edge.
    """
    weights = finite(kernels).astype(np.float64).sum(1)
    patches = edges(*weights.shape[1:])
    return np.asarray(np.einsum("ohw,aphw->oap", weights, patches, optimize=True).max(-1))


def selectivity(strength: Array) -> tuple[Array, Array]:
    """How much each kernel prefers some directions, from 0 (none) to 1 (a single one), and its best angle in degrees.

    From `edge_responses` [out, ANGLES]: the length of the mean of unit vectors weighted with them, which is one minus
    the circular variance (Mardia and Jupp, Directional Statistics, 2.3).
    """
    unit = np.exp(2j * np.pi * np.arange(ANGLES) / ANGLES)
    total = strength.sum(1)
    length = np.divide(np.abs(strength @ unit), total, out=np.zeros_like(total), where=total > 0)
    return length, strength.argmax(1) * (360 / ANGLES)


def spectra(kernels: Kernels) -> Array:
    """Magnitude of the 2-D Fourier transform of each kernel, [out, FREQUENCIES, FREQUENCIES].

    Zero frequency is in the middle, at row and column FREQUENCIES // 2; the first row and column are −½ cycles per
    pixel. The power of the channels is added.
    """
    weights = finite(kernels).astype(np.float64)
    transformed = np.fft.fftshift(np.fft.fft2(weights, (FREQUENCIES, FREQUENCIES)), axes=(-2, -1))
    return np.asarray(np.sqrt((np.abs(transformed) ** 2).sum(1)))
