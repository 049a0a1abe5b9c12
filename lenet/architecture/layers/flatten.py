"""From maps to a vector: Flatten, and global average pooling."""

from __future__ import annotations

import math

from lenet.architecture.layers.kind import (
    Arguments,
    Array,
    Choice,
    LayerKind,
    LayerRow,
    Place,
    Shape,
    Size,
    Weights,
    shape_text,
)
from lenet.common.formatting import number
from lenet.common.translation import N_, paragraph
from lenet.common.translation import translate as _

# -- Flatten


def _flattened(inputs: Shape, size: Size) -> Shape:
    return (1, math.prod(inputs))


def _flatten(x: Array, row: LayerRow, weights: Weights) -> Array:
    return x.ravel()


def _what_flatten(place: Place) -> str:
    row = place.row
    image = _("Places the rows of the image ({maps}) one after the other: one vector of {n} numbers.")
    maps = _("Places the feature maps ({maps}) one after the other: one vector of {n} numbers.")
    text = maps if place.index else image
    return text.format(maps=shape_text(row.input_shape), n=number(row.output_shape[1]))


def _why_flatten(place: Place) -> str:
    bridge = _("The bridge from images to a classifier, because dense layers take a vector. Nothing is computed.")
    if math.prod(place.row.input_shape[2:]) == 1:
        return paragraph(bridge, _("Each map is one number here: its position in the vector tells its channel."))
    where = _(
        "From here on, only the position of a number in the vector tells its channel and where in the image it came from."
    )
    return paragraph(bridge, where)


def _count(row: LayerRow) -> str:
    return f"{shape_text(row.input_shape)} = {number(row.output_shape[1])}"


def same_number(row: LayerRow) -> str:
    return _("the same number")


# -- global average pooling


def _one_each(inputs: Shape, size: Size) -> Shape:
    return (1, inputs[1], 1, 1)


def _mean(x: Array, row: LayerRow, weights: Weights) -> Array:
    out: Array = x.mean((1, 2), keepdims=True)
    return out


def _what_mean(place: Place) -> str:
    return _("Takes the mean of each of the {n} maps: one number per channel.").format(n=place.row.output_shape[1])


def _why_mean(place: Place) -> str:
    source = _("Global average pooling (Lin, Chen, Yan: “Network in Network”, 2013).")
    size = math.prod(place.row.input_shape[2:])
    if size == 1:
        return paragraph(source, _("The maps have a single number each already: here it changes nothing."))
    following = next((row for row in place.rows[place.index :] if row.kind.group == "dense"), None)
    if following is None:
        return source
    fewer = _(
        "The dense layer after it has one weight per channel and output instead of one for every place: {n} weights "
        "instead of {all}. Larger images can be used as well: they make no more numbers here."
    )
    weights = following.input_shape[1] * following.output_shape[1]
    return paragraph(source, fewer.format(n=number(weights), all=number(weights * size)))


def _one(row: LayerRow) -> Arguments:
    return Arguments((1,))


def _mean_sum(row: LayerRow) -> str:
    return _("mean of {n}").format(n=math.prod(row.input_shape[2:])) + " = {output}"


KINDS = (
    LayerKind(
        type="Flatten",
        group="flatten",
        source="moved",
        output_shape=_flattened,
        forward=_flatten,
        what=_what_flatten,
        why=_why_flatten,
        shape_sum=_count,
        keeps="nothing",
        number_sum=same_number,
        choice=Choice("head", "flatten", N_("every number")),
    ),
    LayerKind(
        type="AdaptiveAvgPool2d",
        group="pool",
        source="map",
        output_shape=_one_each,
        arguments=_one,
        forward=_mean,
        what=_what_mean,
        why=_why_mean,
        number_sum=_mean_sum,
        keeps="nothing",
        choice=Choice("head", "gap", N_("mean of each map")),
    ),
)
