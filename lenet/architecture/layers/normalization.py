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
        "Normalises each of the {n} maps to mean 0 and variance 1, then scales and shifts it by two "
        "numbers that it learns."
    )
    return text.format(n=place.row.output_shape[1])


def _why(place: Place) -> str:
    return _(
        "Keeps the numbers where the activation still has a slope, so that larger learning rates work. "
        "In training it uses the mean and variance of the batch; after training it uses their running "
        "averages, which are stored with the weights but are not parameters."
    )


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
    ),
)
