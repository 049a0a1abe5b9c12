"""The test images that tell most of a network: its worst mistakes, and those that move one channel most. Imports torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from lenet.architecture.images import LabelledImages
from lenet.architecture.inference import affordable, batch_size, build, prepare, softmax
from lenet.architecture.weights import Network

# -- mistakes ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def test_set_softmax(network: Network, shown: LabelledImages) -> NDArray[np.float32]:
    """The network's softmax for the first test images (all 10 000 for a network of LeNet's size): (images, classes)."""
    return softmax(build(network), shown.images[: affordable(network.config, len(shown.images))])


@lru_cache(maxsize=32)
def mistakes(network: Network, shown: LabelledImages) -> NDArray[np.int64]:
    """Test images that are wrongly classified, the worst first: those whose own class got the least probability.

    Only for a network that has the classes of these images (`Network.fits`).
    """
    p = test_set_softmax(network, shown)
    labels = shown.labels[: len(p)]
    own = p[np.arange(len(p)), labels]
    wrong = np.flatnonzero(p.argmax(1) != labels)
    return np.asarray(wrong[np.argsort(own[wrong], kind="stable")])


# -- one channel -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
@torch.inference_mode()
def channel_values(
    network: Network, layer: int, shown: LabelledImages
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the first test images do to the channels (or numbers) of layer `layer` (from 0).

    The largest value of each map for each image, and its mean: two arrays (images, channels).
    """
    images = shown.images[: affordable(network.config, min(len(shown.images), 2000))]
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
    each has in the channel, and the channel's mean for each class, NaN for one that has no image among these."""

    images: int
    strongest: NDArray[np.int64]
    largest: NDArray[np.float32]
    class_means: list[float]


def of_channel(network: Network, layer: int, channel: int, shown: LabelledImages, n: int = 10) -> ChannelExamples:
    """The `n` test images with the largest number in a channel, and the channel's mean for each class."""
    largest, means = (values[:, channel] for values in channel_values(network, layer, shown))
    labels = shown.labels[: len(largest)]
    strongest = np.argsort(-largest, kind="stable")[:n]
    of_class = [means[labels == c] for c in range(len(shown.data_set.classes))]
    by_class = [float(values.mean()) if len(values) else math.nan for values in of_class]
    return ChannelExamples(len(largest), strongest, largest[strongest], by_class)
