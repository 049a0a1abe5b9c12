"""Activation functions. A new one is one more line of KINDS."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.architecture.layers.kind import Array, Choice, LayerKind, LayerRow, Place, Weights
from lenet.common.translation import N_, paragraph
from lenet.common.translation import translate as _

Function = Callable[[NDArray[Any]], NDArray[Any]]

NON_LINEAR = N_(
    "Convolutions and dense layers alone, however many, could do no more than a single linear layer: the "
    "activation makes the network non-linear."
)


def activation(setting: str, type: str, function: Function, what: str, slope: str) -> LayerKind:
    """An activation: its value in `LeNetConfig.activation`, its class in torch.nn (with its defaults), and the function in NumPy.

    `what` is its formula in words, `slope` what its derivative means for training; English, translated when shown.
    """

    def forward(x: Array, row: LayerRow, weights: Weights) -> Array:
        return function(x)

    def what_now(place: Place) -> str:
        return _(what)

    def why(place: Place) -> str:
        return paragraph(_(NON_LINEAR) if place.is_first else "", _(slope))

    def number_sum(row: LayerRow) -> str:
        return f"{type}({{input}}) = {{output}}"

    return LayerKind(
        type=type,
        group="activation",
        source="number",
        forward=forward,
        what=what_now,
        why=why,
        number_sum=number_sum,
        choice=Choice("activation", setting, type),  # PyTorch's names, alike in every language
    )


KINDS = (
    activation(
        "sigmoid", "Sigmoid", lambda x: 1 / (1 + np.exp(-x)),
        N_("σ(x) = 1/(1 + e^−x), applied to each number separately: the results lie between 0 and 1."),
        N_(
            "Its slope is at most 1/4, and almost 0 far from 0: gradients fade on their way back through several "
            "sigmoids. Newer networks use ReLU instead."
        ),
    ),
    activation(
        "tanh", "Tanh", np.tanh,
        N_("tanh(x), applied to each number separately: the results lie between −1 and 1."),
        N_(
            "It is centred on zero and its slope is 1 there, but almost 0 far away. LeNet-5 of 1998 used a scaled "
            "tanh."
        ),
    ),
    activation(
        "relu", "ReLU", lambda x: np.maximum(x, 0),
        N_("max(0, x), applied to each number separately: negative numbers become 0, the others stay the "
           "same."),
        N_(
            "Its slope is 1 for every positive number, so gradients do not fade on their way back. A "
            "unit that is negative for all images stops learning."
        ),
    ),
    activation(
        "leaky_relu", "LeakyReLU", lambda x: np.where(x > 0, x, 0.01 * x),
        N_("x where x is positive and 0.01·x elsewhere, applied to each number separately."),
        N_("Like ReLU, but the slope is never 0, so every unit goes on learning."),
    ),
    activation(
        "gelu", "GELU", lambda x: x * (1 + np.vectorize(math.erf, [float])(x / math.sqrt(2))) / 2,
        N_("x·Φ(x), applied to each number separately; Φ is the cumulative distribution function of the "
           "standard normal distribution."),
        N_("A smooth ReLU, common in transformers."),
    ),
)  # fmt: skip
