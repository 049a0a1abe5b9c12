"""The convolution."""

from __future__ import annotations

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
    if place.is_first:
        text = _("Slides {out} kernels of {kernel} over the image; each makes one feature map of {size}.")
        return text.format(**numbers)
    text = _(
        "Slides {out} kernels over all {inputs} maps at once: a kernel is {inputs}×{kernel} numbers and makes one "
        "map of {size}."
    )
    moves = _("They move {n} pixels at a time, so the maps shrink.")
    return paragraph(text.format(**numbers), moves.format(n=_stride(row)) if _stride(row) > 1 else "")


def _why(place: Place) -> str:
    row = place.row
    if place.is_first:
        return _(
            "Finds the simplest features: edges, lines, spots. The kernels start out random; "
            "backpropagation gives each a different gradient, so they learn different features and "
            "divide the work. The same kernel is used everywhere in the image, which is why so few "
            "parameters are enough."
        )
    shrinks = _("It shrinks the maps like a pooling layer, but with weights that it learns.")
    more = _("There are more combinations than features to combine, so there are more channels.")
    return paragraph(
        _("Combines simple features into larger ones: edges into corners, curves and parts of things."),
        shrinks if _stride(row) > 1 else "",
        more if row.output_shape[1] > row.input_shape[1] else "",
    )


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
