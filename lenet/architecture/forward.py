"""LeNet's forward pass in NumPy, for pages that show a network at work and must not wait for torch.

The same numbers as `model.LeNet` to float32 rounding; a test compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lenet import data, runs
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import LayerRow
from lenet.pooling import Pooling

Array = NDArray[np.float32]

ACTIVATIONS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Tanh": np.tanh,
    "ReLU": lambda x: np.maximum(x, 0),
    "LeakyReLU": lambda x: np.where(x > 0, x, 0.01 * x),
    "GELU": lambda x: x * (1 + np.vectorize(math.erf, [float])(x / math.sqrt(2))) / 2,
}
"""By the name of the torch.nn class, with its defaults."""


def correlate(x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0) -> Array:
    """What torch.nn.Conv2d computes for one image: x (C, H, W), weight (O, C, kh, kw), bias (O,) → (O, H', W')."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x, weight.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    out: Array = np.einsum("cijhw,ochw->oij", windows, weight, optimize=True) + bias[:, None, None]
    return out


def forward(config: LeNetConfig, weights: Mapping[str, Array], pixels: Array) -> list[Array]:
    """The output of every layer, in order, in evaluation mode; the logits are the last.

    `pixels` (channels, height, width) in [0, 1]; `weights` is the state dict of `LeNet(config)`.
    """
    x, out = pixels, []
    for row in config.layers:
        w, b = weights.get(f"{row.name}.weight"), weights.get(f"{row.name}.bias")
        match row:
            case LayerRow(type="Conv2d", stride=(stride, _), padding=(padding, _)) if w is not None and b is not None:
                x = correlate(x, w, b, stride, padding)
            case LayerRow(type="BatchNorm2d") if w is not None and b is not None:
                mean, variance = weights[f"{row.name}.running_mean"], weights[f"{row.name}.running_var"]
                scale = w / np.sqrt(variance + 1e-5)  # torch's eps
                x = (x - mean[:, None, None]) * scale[:, None, None] + b[:, None, None]
            case LayerRow(type="AvgPool2d" | "MaxPool2d"):
                x = Pooling(mode="avg" if row.type == "AvgPool2d" else "max", kernel_size=2)(x)
            case LayerRow(type="AdaptiveAvgPool2d"):
                x = x.mean((1, 2), keepdims=True)
            case LayerRow(type="Flatten"):
                x = x.ravel()
            case LayerRow(type="Linear") if w is not None and b is not None:
                x = w @ x + b
            case LayerRow(type=name) if name in ACTIVATIONS:
                x = ACTIVATIONS[name](x).astype(np.float32, copy=False)
        out.append(x)
    return out


@lru_cache(maxsize=1)
def portrait(run_id: str = "reference-modern", index: int = 0) -> tuple[Array, list[Array], int]:
    """A test image of the bundled sample, what the run's network makes of it, and its label.

    Of the network's layers these: activations and poolings of maps, and the logits last.
    """
    run = runs.find(run_id)
    images, labels = data.load("test", "sample")
    pixels = images[index].astype(np.float32) / 255
    outputs = forward(run.config.model, run.weights(), pixels)
    rows = run.config.model.layers
    shown = [out for row, out in zip(rows, outputs, strict=True) if out.ndim == 3 and row.weight_shape is None]
    return pixels, [*shown, outputs[-1]], int(labels[index])
