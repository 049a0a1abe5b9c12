"""A data set as tensors on the device that trains, and what a network predicts for it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from lenet import data


@dataclass(frozen=True)
class Split:
    """One split on the device: pixels uint8 (N, 1, 28, 28), a quarter of the size of floats; labels int64 (N,)."""

    pixels: Tensor
    labels: Tensor

    @classmethod
    def load(cls, split: str, source: data.Source, device: torch.device) -> Split:
        """The split `"train"` or `"test"` of `source`. Raises what `data.load_from` raises."""
        images, labels = data.load_from(source, split)
        return cls(torch.from_numpy(images.copy()).to(device), torch.from_numpy(labels.copy()).to(device))

    @property
    def device(self) -> torch.device:
        return self.pixels.device

    def __len__(self) -> int:
        return len(self.labels)

    def images(self, which: Tensor | slice) -> Tensor:
        """The images numbered `which`, float32 (n, 1, 28, 28) in [0, 1] as torchvision's ToTensor gives them."""
        pixels = self.pixels[which] if isinstance(which, slice) else self.pixels.index_select(0, which)
        return pixels.to(torch.float32).div_(255)

    def part(self, which: Tensor) -> Split:
        """The images numbered `which`, int64 (n,), as a split of their own."""
        which = which.to(self.device)
        return Split(self.pixels.index_select(0, which), self.labels.index_select(0, which))

    def accuracy(self, classes: Tensor) -> float:
        """The share of images whose label is the one in `classes`, int64 (N,)."""
        return int((classes == self.labels).sum()) / len(self)


class DatasetCache:
    """The last data set used, on its device: a worker trains many runs on the same one."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] = ()
        self._splits: tuple[Split, Split] | None = None

    def get(self, source: data.Source, device: torch.device) -> tuple[Split, Split]:
        """Training and test images of `source` on `device`."""
        if self._splits is None or self._key != (source, device):
            self._splits = None  # let the old one go before the new one comes
            self._splits = self.load(source, device)
            self._key = (source, device)
        return self._splits

    def load(self, source: data.Source, device: torch.device) -> tuple[Split, Split]:
        """The same, from the files."""
        return Split.load("train", source, device), Split.load("test", source, device)


Arrays = tuple[tuple[data.Images, data.Labels], tuple[data.Images, data.Labels]]
"""Images of each split with their labels."""


class SentImages(DatasetCache):
    """The same for images that another process has sent. On a CPU they stay where they are: in memory that all processes of a
    machine share."""

    arrays: Arrays

    def load(self, source: data.Source, device: torch.device) -> tuple[Split, Split]:
        """The images of `source`, which are in `arrays`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that they cannot be written to
            train, test = (
                Split(torch.from_numpy(images).to(device), torch.from_numpy(labels).to(device))
                for images, labels in self.arrays
            )
        return train, test


class Predictions(NamedTuple):
    """What a network says of N images, on the device."""

    classes: Tensor
    """int64 (N,): the most probable class of each image."""
    confidence: Tensor
    """float32 (N,): the softmax of that class."""
    losses: Tensor
    """float32 (N,): the cross-entropy of each image with its label."""


@torch.no_grad()
def predict(net: Callable[[Tensor], Tensor], split: Split, batch_size: int = 0) -> Predictions:
    """What `net` says of each image of `split`, in one pass. A module is to be in evaluation mode."""
    batch_size = batch_size or (1000 if split.device.type == "cpu" else 10_000)
    found = []
    for part in (slice(n, n + batch_size) for n in range(0, len(split), batch_size)):
        logits = net(split.images(part))
        confidence, classes = F.softmax(logits, 1).max(1)
        found.append((classes, confidence, F.cross_entropy(logits, split.labels[part], reduction="none")))
    return Predictions(*map(torch.cat, zip(*found, strict=True)))
