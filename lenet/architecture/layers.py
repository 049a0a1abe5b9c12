"""Layers: the kinds that a network can be made of, and one layer as it runs. No torch here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ACTIVATIONS = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU", "leaky_relu": "LeakyReLU", "gelu": "GELU"}
"""Setting → name of the torch.nn class."""
POOLINGS = {"avg": "AvgPool2d", "max": "MaxPool2d", "conv": "Conv2d", "none": ""}
"""Setting → name of the torch.nn class, with kernel_size=2, stride=2; `conv` keeps the number of channels."""
HEADS = ("flatten", "gap")
"""What stands before the dense layers: all numbers of the last maps, or the mean of each map (global average pooling)."""


@dataclass(frozen=True)
class LayerRow:
    """One layer as it runs: a row of `LeNetConfig.layers` and of `model.layer_table`. Shapes include the batch axis.

    `params` counts weights and biases. `kernel_size`, `stride` and `padding` are (height, width) of the window
    of a convolution or pooling, None elsewhere.
    """

    name: str
    type: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    params: int
    weight_shape: tuple[int, ...] | None = None
    bias: bool = False
    kernel_size: tuple[int, int] | None = None
    stride: tuple[int, int] | None = None
    padding: tuple[int, int] | None = None

    @property
    def macs(self) -> int:
        """Multiply-accumulates for the whole batch, as textbooks count them: one for each weight at each place.

        Additions of biases, activations, poolings and batch norm count nothing. torchinfo counts one more for every
        bias at every place, and the parameters of a batch norm once.
        """
        if self.weight_shape is None or not (self.type == "Linear" or self.type.startswith("Conv")):
            return 0
        return math.prod(self.weight_shape) * self.output_shape[0] * math.prod(self.output_shape[2:])

    @property
    def activations(self) -> int:
        """Numbers that the layer puts into memory for the whole batch; Flatten gives its input another shape only."""
        return 0 if self.type == "Flatten" else math.prod(self.output_shape)


BYTES = 4
"""Of a float32."""


def activation_bytes(rows: Sequence[LayerRow], batch: int = 1) -> int:
    """Bytes of the outputs of all layers, float32, for a batch: what training keeps for the way back."""
    return sum(r.activations // r.output_shape[0] for r in rows) * batch * BYTES
