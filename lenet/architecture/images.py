"""Test images to send through a network: the next of a class or of an order, and the mean of a class. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.data import DataSet


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """The test images of a data set, or its first ones: uint8 (N, 1, height, width), with their labels (N,).

    Two are equal where they are the same arrays, which `data.load` and `Run.images` give out again and again: a key for
    whatever is computed of them once for all visitors.
    """

    data_set: DataSet
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LabelledImages) and self.images is other.images

    def __hash__(self) -> int:
        return id(self.images)

    def first_of_each(self) -> dict[int, int]:
        """The index of the first image of each class that has one here, by label."""
        labels, firsts = np.unique(self.labels, return_index=True)
        return dict(zip(labels.tolist(), firsts.tolist(), strict=True))

    def class_names(self) -> dict[int, str]:
        """The names of the classes that have an image here, by label, in the reader's language."""
        names = self.data_set.class_names()
        return {label: names[label] for label in self.first_of_each()}

    def class_mean(self, label: int) -> NDArray[np.uint8]:
        """The mean of all images of a class, as an image (1, height, width)."""
        return np.asarray(self.images[self.labels == label].mean(0).round(), np.uint8)


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
