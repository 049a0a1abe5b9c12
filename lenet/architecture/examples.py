"""The test images that tell most of a network: its worst mistakes, and those that move one channel most. Imports torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from lenet import data
from lenet.architecture.inference import affordable, batch_size, build, prepare, softmax
from lenet.architecture.weights import Network

# -- mistakes ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def test_set_softmax(network: Network, source: str) -> NDArray[np.float32]:
    """The network's softmax for the first test images (all 10 000 for a network of LeNet's size): (images, classes)."""
    images, _labels = data.load("test", source)
    return softmax(build(network), images[: affordable(network.config, len(images))])


@lru_cache(maxsize=32)
def mistakes(network: Network, source: str) -> NDArray[np.int64]:
    """Test images that are wrongly classified, the worst first: those whose own class got the least probability."""
    p = test_set_softmax(network, source)
    labels = data.load("test", source)[1][: len(p)]
    own = p[np.arange(len(p)), labels] if p.shape[1] > labels.max(initial=0) else np.zeros(len(p), np.float32)
    wrong = np.flatnonzero(p.argmax(1) != labels)
    return np.asarray(wrong[np.argsort(own[wrong], kind="stable")])


# -- one channel -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
@torch.inference_mode()
def channel_values(network: Network, layer: int, source: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the first test images do to the channels (or numbers) of layer `layer` (from 0).

    The largest value of each map for each image, and its mean: two arrays (images, channels).
    """
    images, _labels = data.load("test", source)
    images = images[: affordable(network.config, min(len(images), 2000))]
    net, largest, means = build(network), [], []
    n = batch_size(network.config)
    for i in range(0, len(images), n):
        x = prepare(net, images[i : i + n])
        for module in list(net)[: layer + 1]:
            x = module(x)
        flat = x.flatten(2) if x.dim() == 4 else x[:, :, None]
        largest.append(flat.amax(2))
        means.append(flat.mean(2))
    return np.asarray(torch.cat(largest).numpy()), np.asarray(torch.cat(means).numpy())


@dataclass(frozen=True)
class ChannelExamples:
    """What moves one channel: of the first `images` test images the `strongest` by index, with the `largest` value that
    each has in the channel, and the channel's mean for each class."""

    images: int
    strongest: NDArray[np.int64]
    largest: NDArray[np.float32]
    class_means: list[float]


def of_channel(network: Network, layer: int, channel: int, source: str, n: int = 10) -> ChannelExamples:
    """The `n` test images with the largest number in a channel, and the channel's mean for each class."""
    largest, means = (values[:, channel] for values in channel_values(network, layer, source))
    labels = data.load("test", source)[1][: len(largest)]
    strongest = np.argsort(-largest, kind="stable")[:n]
    by_class = [float(means[labels == c].mean()) for c in range(len(data.data_set().classes))]
    return ChannelExamples(len(largest), strongest, largest[strongest], by_class)
