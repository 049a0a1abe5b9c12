"""The two pooling layers."""

from __future__ import annotations

import math
from typing import Literal

from lenet.architecture.layers.kind import (
    Arguments,
    Array,
    Choice,
    LayerKind,
    LayerRow,
    Place,
    Weights,
    shape_text,
    windowed,
)
from lenet.common.formatting import size_text
from lenet.common.translation import N_, paragraph
from lenet.common.translation import translate as _
from lenet.pooling import Pooling


def _pool(x: Array, row: LayerRow, mode: Literal["avg", "max"]) -> Array:
    assert row.kernel_size and row.stride
    out: Array = Pooling(mode=mode, kernel_size=row.kernel_size, stride=row.stride)(x)
    return out


def _average(x: Array, row: LayerRow, weights: Weights) -> Array:
    return _pool(x, row, "avg")


def _largest(x: Array, row: LayerRow, weights: Weights) -> Array:
    return _pool(x, row, "max")


def _arguments(row: LayerRow) -> Arguments:
    assert row.kernel_size and row.stride
    return Arguments(keywords={"kernel_size": row.kernel_size[0], "stride": row.stride[0]})


def _window_text(row: LayerRow) -> str:
    kh, kw = row.kernel_size or (0, 0)
    return f"{kh}×{kw}"


def _overlap(row: LayerRow) -> str:
    """Whether windows share numbers, and what becomes of rows and columns that fill none."""
    assert row.kernel_size and row.stride and row.padding
    apart = all(s >= k for s, k in zip(row.stride, row.kernel_size, strict=True))
    whole = (row.input_shape[2], row.input_shape[3])
    axes = zip(whole, row.padding, row.kernel_size, row.stride, row.output_shape[2:], strict=True)
    height, width = (min(n, (out - 1) * s + k - p) for n, p, k, s, out in axes)
    left_out = _("They cover {part} of each {whole} map: what is left below or at the right is left out.")
    left_out = left_out.format(part=size_text((height, width)), whole=size_text(whole))
    return paragraph(_("The windows do not overlap.") if apart else "", left_out if (height, width) != whole else "")


def _what_is_left(place: Place) -> str:
    """What the last pooling hands to the dense layers."""
    text = _("The result, {maps}, goes to the dense layers: its size decides how many weights the first one needs.")
    return text.format(maps=shape_text(place.row.output_shape)) if place.is_last else ""


def _what_average(place: Place) -> str:
    text = _("Takes the mean of every {window} window.")
    return paragraph(text.format(window=_window_text(place.row)), _overlap(place.row))


def _why_average(place: Place) -> str:
    text = _("Shrinks the maps: less to compute. Where in its window a feature lies makes no difference to the mean.")
    return paragraph(text, _what_is_left(place))


def _what_largest(place: Place) -> str:
    text = _("Keeps the largest value of every {window} window.")
    return paragraph(text.format(window=_window_text(place.row)), _overlap(place.row))


def _why_largest(place: Place) -> str:
    text = _("Whether a feature is present matters more than exactly where: within its window it may lie anywhere.")
    return paragraph(text, _what_is_left(place))


def _places_of_largest(row: LayerRow, batch: int) -> int:
    """PyTorch keeps the index of each largest value, in 8 bytes."""
    return 8 * batch * math.prod(row.output_shape[1:])


def _mean_sum(row: LayerRow) -> str:
    kh, kw = row.kernel_size or (1, 1)
    return _("mean of {n}").format(n=kh * kw) + " = {output}"


def _largest_sum(row: LayerRow) -> str:
    return _("largest") + " = {output}"


KINDS = (
    LayerKind(
        type="AvgPool2d",
        group="pool",
        source="window",
        output_shape=windowed,
        arguments=_arguments,
        forward=_average,
        what=_what_average,
        why=_why_average,
        number_sum=_mean_sum,
        choice=Choice("pooling", "avg", N_("average")),
    ),
    LayerKind(
        type="MaxPool2d",
        group="pool",
        source="window",
        output_shape=windowed,
        arguments=_arguments,
        forward=_largest,
        what=_what_largest,
        why=_why_largest,
        number_sum=_largest_sum,
        keeps_more=_places_of_largest,
        choice=Choice("pooling", "max", N_("max")),
    ),
)
