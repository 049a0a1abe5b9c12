"""The dense layer, and the dropout before it."""

from __future__ import annotations

import math

from lenet.architecture.layers.flatten import same_number
from lenet.architecture.layers.kind import (
    Arguments,
    Array,
    LayerKind,
    LayerRow,
    Place,
    Shape,
    Size,
    Weights,
    total_parameters,
)
from lenet.architecture.layers.receptive_field import receptive_fields
from lenet.common.formatting import number, percent, size_text
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _

# -- dense


def _units(inputs: Shape, size: Size) -> Shape:
    return (1, size.outputs)


def _weight_shape(inputs: Shape, size: Size) -> Shape:
    return (size.outputs, inputs[1])


def _dense(x: Array, row: LayerRow, weights: Weights) -> Array:
    out: Array = weights["weight"] @ x + weights["bias"]
    return out


def _arguments(row: LayerRow) -> Arguments:
    return Arguments((row.input_shape[1], row.output_shape[1]))


def _code(place: Place) -> str:
    """Behind a Flatten with its inputs as a product: `nn.Linear(16 * 5 * 5, 120)`."""
    row, before = place.row, place.before
    shape = before.input_shape if before and before.kind.source == "moved" else row.input_shape
    return f"nn.{row.type}({' * '.join(map(str, shape[1:]))}, {row.output_shape[1]})"


def _what_dense(place: Place) -> str:
    if place.is_last:
        text = _("Turns {inputs} numbers into {out}, one for each class.")
    else:
        text = _(
            "Each of {out} units computes a weighted sum of all {inputs} inputs, each with its own "
            "weight, and adds a bias."
        )
    return text.format(inputs=number(place.row.input_shape[1]), out=number(place.row.output_shape[1]))


def _why_dense(place: Place) -> str:
    if place.is_last:
        why = _(
            "They are logits: any real numbers; the largest one gives the predicted class. They are not "
            "probabilities, nor “confidences”: only softmax turns them into numbers from 0 to 1 that sum "
            "to 1. PyTorch’s cross-entropy applies softmax itself, so the network ends here."
        )
    elif place.is_first:
        why = _comes_together(place)
    else:
        why = _("Mixes the features once more, towards the decision between the classes.")
    everything = total_parameters(place.rows)
    if place.row.params * 2 <= everything:
        return why
    expensive = _("That is expensive: {share} of all parameters are in this layer.")
    return paragraph(why, expensive.format(share=percent(place.row.params / everything)))


def _comes_together(place: Place) -> str:
    """What is new in the first dense layer: how much of the image its inputs depend on."""
    before = receptive_fields(place.rows)[place.index - 1] if place.index else None
    if all(row.kind.group in ("flatten", "dropout") for row in place.rows[: place.index]):
        return _("Its inputs are the pixels: nothing is local here, every unit gets all of them.")
    if before is None or before.is_whole_image:
        return _("Its inputs depend on the whole image already; here they are combined.")
    if not before.has_neighbours:
        return _("Its inputs all depend on the same part of the image; here they are combined.")
    if before.most == before.image:
        return _(
            "In the middle of the maps a number depends on the whole image already, at the border on less of it. Now "
            "features from all places come together."
        )
    text = _(
        "Up to here every feature was local: a number depended on {most} pixels of the image at most. Now features from "
        "all places come together."
    )
    return text.format(most=size_text(before.most))


def _bias_alone(weights: Weights) -> Weights:
    """Its weights are too many to be sent to a browser."""
    return {"bias": weights["bias"]}


# -- dropout


def _dropout(x: Array, row: LayerRow, weights: Weights) -> Array:
    return x


def _share(row: LayerRow) -> Arguments:
    return Arguments((row.dropout or 0.0,))


def _factors(row: LayerRow, batch: int) -> int:
    """PyTorch keeps what each number is multiplied by: 0, or 1/(1 − share)."""
    return 4 * batch * math.prod(row.output_shape[1:])


def _what_dropout(place: Place) -> str:
    text = _(
        "In training, sets some of the {n} numbers to 0 at random and scales the others up to "
        "compensate; after training it does nothing."
    )
    return text.format(n=number(math.prod(place.row.output_shape[1:])))


def _why_dropout(place: Place) -> str:
    return _(
        "No unit can rely on any single other unit, which counteracts memorising the training images (overfitting)."
    )


KINDS = (
    LayerKind(
        type="Linear",
        group="dense",
        source="all",
        output_shape=_units,
        weight_shape=_weight_shape,
        arguments=_arguments,
        code=_code,
        forward=_dense,
        what=_what_dense,
        why=_why_dense,
        drawn_weights=_bias_alone,
    ),
    LayerKind(
        type="Dropout",
        group="dropout",
        source="number",
        arguments=_share,
        forward=_dropout,
        what=_what_dropout,
        why=_why_dropout,
        number_sum=same_number,
        keeps="nothing",
        keeps_more=_factors,
    ),
)
