"""LeNet's forward pass in NumPy, for pages that show a network at work and must not wait for torch.

The same numbers as `model.LeNet` to float32 rounding; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lenet import data, runs
from lenet.architecture import LeNetConfig
from lenet.pooling import Pooling

Array = NDArray[np.float32]

ACTIVATIONS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
}
"""Those of the recipes that ship with the app."""


def correlate(x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0) -> Array:
    """What torch.nn.Conv2d computes for one image: x (C, H, W), weight (O, C, kh, kw), bias (O,) → (O, H', W')."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x, weight.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    out: Array = np.einsum("cijhw,ochw->oij", windows, weight, optimize=True) + bias[:, None, None]
    return out


def forward(config: LeNetConfig, weights: Mapping[str, Array], pixels: Array) -> list[Array]:
    """The maps after each convolution's activation and each pooling, in order, and the logits last.

    `pixels` (channels, height, width) in [0, 1]; `weights` is the state dict of `LeNet(config)`.
    """
    activate, pool = ACTIVATIONS[config.activation], Pooling(mode=config.pooling, kernel_size=2)  # type: ignore[arg-type]
    x, out, layer = pixels, [], 0
    for stride, padding in zip(config.stride, config.padding, strict=True):
        x = activate(correlate(x, weights[f"{layer}.weight"], weights[f"{layer}.bias"], stride, padding))
        out += [x, x := pool(x)]
        layer += 3
    x, layer = x.ravel(), layer + 1
    for _hidden in config.hidden:
        x, layer = activate(weights[f"{layer}.weight"] @ x + weights[f"{layer}.bias"]), layer + 2
    return [*out, weights[f"{layer}.weight"] @ x + weights[f"{layer}.bias"]]


@lru_cache(maxsize=1)
def portrait(run_id: str = "reference-modern", index: int = 0) -> tuple[Array, list[Array], int]:
    """A test image of the bundled sample, what the run's network makes of it (see `forward`), and its label."""
    run = runs.find(run_id)
    images, labels = data.load("test", "sample")
    pixels = images[index].astype(np.float32) / 255
    return pixels, forward(run.config.model, run.weights(), pixels), int(labels[index])
