"""Images of any size made into images of the size that networks here take: larger ones scaled down, smaller ones padded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PART = 2048
"""Images that are scaled at a time."""


def fitted(images: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Images (N, H, W) as (N, height, width), each in the middle, with 0 around it.

    An image that is higher or wider is scaled down, both ways alike: each new pixel is the mean of the area of the old
    image that it covers.
    """
    n, *old = images.shape
    new = scaled_size((old[0], old[1]), height, width)
    if [*new] == old == [height, width]:
        return images
    out = np.zeros((n, height, width), np.uint8)
    top, left = (height - new[0]) // 2, (width - new[1]) // 2
    inner = out[:, top : top + new[0], left : left + new[1]]
    if [*new] == old:
        inner[:] = images
        return out
    rows, columns = (shares(*sizes) for sizes in zip(old, new, strict=True))
    for i in range(0, n, PART):
        inner[i : i + PART] = (rows @ images[i : i + PART].astype(np.float32) @ columns.T).round()
    return out


def scaled_size(size: tuple[int, int], height: int, width: int) -> tuple[int, int]:
    """(height, width) of an image of that size once it is no larger than `height` and `width`, in its proportions."""
    scale = min(1.0, height / size[0], width / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shares(old: int, new: int) -> NDArray[np.float32]:
    """[new, old]: the share that each old pixel has in each new one, where `old` pixels in a line become `new`."""
    edges = np.arange(new + 1) * (old / new)
    pixels = np.arange(old)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(overlap.clip(0) * (new / old), np.float32)
