"""The convolution."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

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
    windowed,
)
from lenet.architecture.layers.receptive_field import receptive_fields
from lenet.common.formatting import number, size_text
from lenet.common.translation import N_, paragraph
from lenet.common.translation import translate as _


def correlate(x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0) -> Array:
    """What torch.nn.Conv2d computes for one image: x (C, H, W), weight (O, C, kh, kw), bias (O,) → (O, H', W')."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x, weight.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    out: Array = np.einsum("cijhw,ochw->oij", windows, weight, optimize=True) + bias[:, None, None]
    return out


def _forward(x: Array, row: LayerRow, weights: Weights) -> Array:
    assert row.stride and row.padding
    return correlate(x, weights["weight"], weights["bias"], row.stride[0], row.padding[0])


def _weight_shape(inputs: Shape, size: Size) -> Shape:
    return (size.outputs, inputs[1], size.kernel_size, size.kernel_size)


def _arguments(row: LayerRow) -> Arguments:
    assert row.kernel_size and row.stride and row.padding
    keywords = {"kernel_size": row.kernel_size[0]}
    if row.stride[0] != 1:
        keywords["stride"] = row.stride[0]
    if row.padding[0]:
        keywords["padding"] = row.padding[0]
    return Arguments((row.input_shape[1], row.output_shape[1]), keywords)


def _what(place: Place) -> str:
    row = place.row
    kh, kw = row.kernel_size or (0, 0)
    height, width = row.output_shape[2:]
    numbers = {
        "out": row.output_shape[1],
        "inputs": row.input_shape[1],
        "kernel": f"{kh}×{kw}",
        "size": f"{height}×{width}",
    }
    if place.index:
        text = _(
            "Slides {out} kernels over all {inputs} maps at once: a kernel is {inputs}×{kernel} numbers and makes one "
            "map of {size}."
        )
    elif row.input_shape[1] > 1:
        text = _(
            "Slides {out} kernels over all {inputs} channels of the image at once: a kernel is {inputs}×{kernel} "
            "numbers and makes one feature map of {size}."
        )
    else:
        text = _("Slides {out} kernels of {kernel} over the image; each makes one feature map of {size}.")
    moves = _("They move {n} places at a time.") if _stride(row) > 1 else ""
    return paragraph(text.format(**numbers), moves.format(n=_stride(row)))


def _why(place: Place) -> str:
    if place.index:
        return paragraph(_combines(place), _shrinks(place.row), _has_more_channels(place.row))
    return paragraph(_finds(place.row), _differ(place.row), _is_shared(place.row))


def _finds(row: LayerRow) -> str:
    """What the first kernels, or the first of more than one pixel, can respond to."""
    height, width = row.kernel_size or (1, 1)
    if (height, width) == (1, 1):
        alone = _(
            "A 1×1 kernel looks at one pixel at a time: it cannot find an edge, only make the pixel lighter or darker."
        )
        mixes = _("A 1×1 kernel looks at one pixel at a time: it cannot find an edge, only mix the {n} channels.")
        return mixes.format(n=row.input_shape[1]) if row.input_shape[1] > 1 else alone
    if min(height, width) < 3:
        return _("Can find the simplest feature: an edge, where neighbouring pixels differ.")
    return _("Can find the simplest features: edges, lines, spots.")


def _differ(row: LayerRow) -> str:
    if row.output_shape[1] == 1:
        return ""
    return _(
        "The kernels start out random, each different; backpropagation changes each in its own way, so they can learn "
        "different features and divide the work."
    )


def _is_shared(row: LayerRow) -> str:
    """How many weights it takes that one kernel serves all places."""
    places = math.prod(row.output_shape[2:])
    if places == 1:
        return _("A kernel fits at one place only: no weight is shared, as in a dense layer.")
    dense = row.output_shape[1] * places * (math.prod(row.input_shape[1:]) + 1)
    if dense <= row.params:  # most of the kernel lies on padding
        return ""
    text = _(
        "The same kernel is used at all {places} places: {params} parameters are enough, where a dense layer with as "
        "many outputs would have {dense}."
    )
    return text.format(places=number(places), params=number(row.params), dense=number(dense))


def _combines(place: Place) -> str:
    """What a later convolution adds to the numbers that it gets: combinations, and where its kernel reaches, a wider view."""
    row, fields = place.row, receptive_fields(place.rows)
    if row.kernel_size == (1, 1):
        if row.input_shape[1] == 1:
            return _("A 1×1 kernel on a single map only multiplies its numbers by a weight and adds a bias.")
        return _(
            "A 1×1 kernel mixes the maps at each place by itself: new combinations of their features, but none that "
            "sees more of the image."
        )
    if math.prod(row.input_shape[2:]) == 1:
        return _("Each map that it gets is a single number: all other weights of a kernel lie on padding.")
    earlier = place.rows[: place.index]
    if all(r.kernel_size == (1, 1) for r in earlier if r.kind.group == "conv"):
        return _finds(row)  # nobody has looked for edges yet
    before, here = fields[place.index - 1], fields[place.index]
    if before is None or here is None or math.prod(here.most) <= math.prod(before.most):
        return _("Combines features of neighbouring places into new ones.")
    text = _(
        "Combines simple features into larger ones, such as edges into corners, curves and parts of things: a number "
        "depends on {here} pixels of the image instead of {before}."
    )
    return text.format(here=size_text(here.most), before=size_text(before.most))


def _shrinks(row: LayerRow) -> str:
    smaller = math.prod(row.output_shape[2:]) < math.prod(row.input_shape[2:])
    if _stride(row) == 1 or not smaller:
        return ""
    return _("It shrinks the maps like a pooling layer, but with weights that it learns.")


def _has_more_channels(row: LayerRow) -> str:
    if row.output_shape[1] <= row.input_shape[1]:
        return ""
    return _("There are more combinations than features to combine, so there are more channels.")


def _stride(row: LayerRow) -> int:
    return max(row.stride or (1, 1))


KINDS = (
    LayerKind(
        type="Conv2d",
        group="conv",
        source="window",
        output_shape=windowed,
        weight_shape=_weight_shape,
        arguments=_arguments,
        forward=_forward,
        what=_what,
        why=_why,
        choice=Choice("pooling", "conv", N_("strided convolution")),
        window_too_large="conv_does_not_fit",
    ),
)
