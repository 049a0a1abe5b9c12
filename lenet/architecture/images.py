"""The image to send through a network: the next of a class or of an order, and the mean of a class. No torch here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet import data


def next_of_class(labels: NDArray[np.int64], index: int, wanted: int | None) -> int:
    """The next image after `index`, of class `wanted` (None: of any); after the last one comes the first."""
    order = np.roll(np.arange(len(labels)), -index - 1)
    if wanted is not None:
        order = order[labels[order] == wanted]
    return int(order[0]) if len(order) else index


def next_in(order: NDArray[np.int64], index: int, by: int) -> int:
    """The image `by` places after `index` in `order`, round and round; the first one where `index` is not in it."""
    if not len(order):
        return index
    at = np.flatnonzero(order == index)
    return int(order[(at[0] + by) % len(order)] if len(at) else order[0])


def class_mean(label: int, source: str) -> NDArray[np.uint8]:
    """The mean of all test images of a class, as an image (1, height, width)."""
    images, labels = data.load("test", source)
    mean = images[labels == label].mean(0)
    return np.asarray(mean.round(), np.uint8)
