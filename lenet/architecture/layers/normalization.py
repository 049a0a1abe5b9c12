"""Batch normalisation."""

from __future__ import annotations

import numpy as np

from lenet.architecture.layers.kind import Arguments, Array, LayerKind, LayerRow, Place, Shape, Size, Weights
from lenet.common.translation import translate as _

EPSILON = 1e-5  # PyTorch's default


def factor_and_summand(weights: Weights) -> Weights:
    """In evaluation mode each map is multiplied by one number, `weight`, and another is added, `bias`: (channels,)."""
    factor = weights["weight"] / np.sqrt(weights["running_var"] + EPSILON)
    return {"weight": factor, "bias": weights["bias"] - weights["running_mean"] * factor}


def _forward(x: Array, row: LayerRow, weights: Weights) -> Array:
    now = factor_and_summand(weights)
    out: Array = x * now["weight"][:, None, None] + now["bias"][:, None, None]
    return out


def _weight_shape(inputs: Shape, size: Size) -> Shape:
    return (inputs[1],)


def _arguments(row: LayerRow) -> Arguments:
    return Arguments((row.input_shape[1],))


def _what(place: Place) -> str:
    text = _(
        "In training, normalises each of the {n} maps to mean 0 and variance 1 over all images of the batch, then "
        "scales and shifts it by two numbers that it learns."
    )
    return text.format(n=place.row.output_shape[1])


def _why(place: Place) -> str:
    return _(
        "Keeps what reaches the activation on one scale, whatever the weights before it do, so that larger learning "
        "rates work. After training it uses running averages of mean and variance, which are stored with the weights "
        "but are not parameters."
    )


def _mean_and_deviation(row: LayerRow, batch: int) -> int:
    """PyTorch keeps the mean of each map over the batch, and 1 over its standard deviation."""
    return 2 * 4 * row.output_shape[1]


KINDS = (
    LayerKind(
        type="BatchNorm2d",
        group="norm",
        source="number",
        weight_shape=_weight_shape,
        arguments=_arguments,
        forward=_forward,
        what=_what,
        why=_why,
        drawn_weights=factor_and_summand,
        keeps_more=_mean_and_deviation,
    ),
)
