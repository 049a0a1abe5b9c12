"""Activation functions: a registry with one entry for each. Loads NumPy alone.

A new one is one more entry of ACTIVATIONS. The convolution sandbox applies it, sends gradients back through it and writes
it as code; networks can be built with it, and their layer table, explanations and code show it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lenet.common.arguments import N_

Function = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True)
class Activation:
    """One activation function.

    `name` is what stands in arithmetic, `type` its class in torch.nn, used with its defaults. `function` and its derivative
    `slope` are in NumPy. In the codes {x} stands for the number, or for the array of them; they may use `math`. `what` is the formula in words,
    `training` what the derivative means for training: English, to be translated when shown. `keeps` says whether PyTorch
    computes the derivative from the input or from the output.
    """

    name: str
    type: str
    function: Function
    slope: Function
    pytorch: str
    python: str
    numpy: str
    what: str
    training: str
    keeps: Literal["input", "output"] = "input"
    remark: str = ""
    """Behind the codes of Python and NumPy."""


def _sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(0.5 + 0.5 * np.tanh(x / 2))  # 1 / (1 + e^-x), which overflows nowhere


def _normal(x: NDArray[Any]) -> NDArray[Any]:
    """The cumulative distribution function of the standard normal distribution."""
    return np.asarray((1 + np.vectorize(math.erf, [float])(x / math.sqrt(2))) / 2)


ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": Activation(
        name="sigmoid", type="Sigmoid",
        function=_sigmoid,
        slope=lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
        pytorch="torch.sigmoid({x})",
        python="0.5 + 0.5 * math.tanh({x} / 2)",
        numpy="0.5 + 0.5 * np.tanh({x} / 2)",
        remark="  # the sigmoid, 1 / (1 + e^-x), in a form that never overflows",
        what=N_("σ(x) = 1/(1 + e^−x), applied to each number separately: the results lie between 0 and 1."),
        training=N_(
            "On the way back a gradient is multiplied by its slope: at most 1/4, and almost 0 far from 0. Unless large "
            "weights make up for that, gradients fade from sigmoid to sigmoid. Newer networks use ReLU instead."
        ),
        keeps="output",
    ),
    "tanh": Activation(
        name="tanh", type="Tanh",
        function=np.tanh,
        slope=lambda x: 1 - np.tanh(x) ** 2,
        pytorch="torch.tanh({x})", python="math.tanh({x})", numpy="np.tanh({x})",
        what=N_("tanh(x), applied to each number separately: the results lie between −1 and 1."),
        training=N_(
            "It is centred on zero. On the way back a gradient is multiplied by its slope: 1 at zero, but almost 0 far "
            "away. LeNet-5 of 1998 used a scaled tanh."
        ),
        keeps="output",
    ),
    "relu": Activation(
        name="ReLU", type="ReLU",
        function=lambda x: np.maximum(x, 0),
        slope=lambda x: np.where(x > 0, 1.0, 0.0),
        pytorch="torch.relu({x})", python="max(0.0, {x})", numpy="np.maximum({x}, 0)",
        what=N_("max(0, x), applied to each number separately: negative numbers become 0, the others stay the "
                "same."),
        training=N_(
            "On the way back it leaves the gradient of a positive number as it is and stops that of a negative one. By "
            "itself that does not keep gradients from fading: the weights between two ReLUs scale them as well. A unit "
            "that is negative for all images gets no gradient."
        ),
        keeps="output",
    ),
    "leaky_relu": Activation(
        name="LeakyReLU", type="LeakyReLU",
        function=lambda x: np.where(x > 0, x, 0.01 * x),
        slope=lambda x: np.where(x > 0, 1.0, 0.01),
        pytorch="torch.nn.functional.leaky_relu({x})",
        python="max({x}, 0.01 * {x})",
        numpy="np.maximum({x}, 0.01 * {x})",
        what=N_("x where x is positive and 0.01·x elsewhere, applied to each number separately."),
        training=N_(
            "Like ReLU, but it lets a hundredth of the gradient through where the number is negative: no unit is cut off "
            "for good."
        ),
    ),
    "gelu": Activation(
        name="GELU", type="GELU",
        function=lambda x: x * _normal(x),
        slope=lambda x: _normal(x) + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi),
        pytorch="torch.nn.functional.gelu({x})",
        python="{x} * (1 + math.erf({x} / math.sqrt(2))) / 2",
        numpy="{x} * (1 + np.vectorize(math.erf)({x} / math.sqrt(2))) / 2",
        what=N_("x·Φ(x), applied to each number separately; Φ is the cumulative distribution function of the "
                "standard normal distribution."),
        training=N_("A smooth ReLU, common in transformers."),
    ),
}  # fmt: skip
"""By their names in settings and in URLs; readers are offered them in this order, the note's first."""
