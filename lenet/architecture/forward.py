"""LeNet's forward pass in NumPy, for pages that show a network at work and must not wait for torch.

The same numbers as `model.LeNet` to float32 rounding; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from lenet import data
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import Array
from lenet.architecture.weights import Network


def forward(config: LeNetConfig, weights: Mapping[str, Array], pixels: Array) -> list[Array]:
    """The output of every layer, in order, in evaluation mode; the logits are the last.

    `pixels` (channels, height, width) in [0, 1]; `weights` is the state dict of `LeNet(config)`.
    """
    x, out = pixels, []
    for row in config.layers:
        x = row.kind.forward(x, row, weights_of(weights, row.name)).astype(np.float32, copy=False)
        out.append(x)
    return out


def weights_of(weights: Mapping[str, Array], name: str) -> dict[str, Array]:
    """What a state dict holds of the layer `name`: `{"weight": …, "bias": …}`, empty for a layer without weights."""
    prefix = f"{name}."
    return {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}


def of_sample_image(network: Network, index: int = 0) -> tuple[Array, list[Array], int]:
    """A test image of the bundled sample, what a trained network makes of it, and its label.

    Of the network's layers these: activations and poolings of maps, and the logits last.
    """
    return _of_image(network, data.find("sample"), index)


@lru_cache(maxsize=1)
def _of_image(network: Network, source: data.Source, index: int) -> tuple[Array, list[Array], int]:
    if network.load is None:
        raise ValueError("an untrained network has no weights here")
    images, labels = data.load_from(source, "test")
    pixels = images[index].astype(np.float32) / 255
    outputs = forward(network.config, network.load(), pixels)
    layers = zip(network.config.layers, outputs, strict=True)
    shown = [out for row, out in layers if out.ndim == 3 and row.weight_shape is None]
    return pixels, [*shown, outputs[-1]], int(labels[index])
