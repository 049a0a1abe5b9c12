"""Activation functions. A new one is one more line of KINDS."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.architecture.layers.kind import Array, Choice, Kept, LayerKind, LayerRow, Place, Weights
from lenet.common.translation import N_, paragraph
from lenet.common.translation import translate as _

Function = Callable[[NDArray[Any]], NDArray[Any]]

NON_LINEAR = N_(
    "Convolutions and dense layers alone, however many, could do no more than a single linear layer: the "
    "activation makes the network non-linear."
)


def activation(
    setting: str, type: str, function: Function, what: str, slope: str, keeps: Kept = "input"
) -> LayerKind:
    """An activation: its value in `LeNetConfig.activation`, its class in torch.nn (with its defaults), and the function in NumPy.

    `what` is its formula in words, `slope` what its derivative means for training; English, translated when shown. `keeps`
    says whether PyTorch computes the derivative from its input or its output.
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
        keeps=keeps,
        choice=Choice("activation", setting, type),  # PyTorch's names, alike in every language
    )


KINDS = (
    activation(
        "sigmoid", "Sigmoid", lambda x: 1 / (1 + np.exp(-x)),
        N_("σ(x) = 1/(1 + e^−x), applied to each number separately: the results lie between 0 and 1."),
        N_(
            "On the way back a gradient is multiplied by its slope: at most 1/4, and almost 0 far from 0. Unless large "
            "weights make up for that, gradients fade from sigmoid to sigmoid. Newer networks use ReLU instead."
        ),
        keeps="output",
    ),
    activation(
        "tanh", "Tanh", np.tanh,
        N_("tanh(x), applied to each number separately: the results lie between −1 and 1."),
        N_(
            "It is centred on zero. On the way back a gradient is multiplied by its slope: 1 at zero, but almost 0 far "
            "away. LeNet-5 of 1998 used a scaled tanh."
        ),
        keeps="output",
    ),
    activation(
        "relu", "ReLU", lambda x: np.maximum(x, 0),
        N_("max(0, x), applied to each number separately: negative numbers become 0, the others stay the "
           "same."),
        N_(
            "On the way back it leaves the gradient of a positive number as it is and stops that of a negative one. By "
            "itself that does not keep gradients from fading: the weights between two ReLUs scale them as well. A unit "
            "that is negative for all images gets no gradient."
        ),
        keeps="output",
    ),
    activation(
        "leaky_relu", "LeakyReLU", lambda x: np.where(x > 0, x, 0.01 * x),
        N_("x where x is positive and 0.01·x elsewhere, applied to each number separately."),
        N_(
            "Like ReLU, but it lets a hundredth of the gradient through where the number is negative: no unit is cut off "
            "for good."
        ),
    ),
    activation(
        "gelu", "GELU", lambda x: x * (1 + np.vectorize(math.erf, [float])(x / math.sqrt(2))) / 2,
        N_("x·Φ(x), applied to each number separately; Φ is the cumulative distribution function of the "
           "standard normal distribution."),
        N_("A smooth ReLU, common in transformers."),
    ),
)  # fmt: skip
