"""The two pooling layers."""

from __future__ import annotations

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


def _left_out(row: LayerRow) -> str:
    """What becomes of rows and columns that fill no window; "" where there are none."""
    if any(n % k for n, k in zip(row.input_shape[2:], row.kernel_size or (1, 1), strict=True)):
        return _("A last row or column that does not fill a window is left out.")
    return ""


def _what_is_left(place: Place) -> str:
    """What the last pooling hands to the dense layers."""
    text = _("The result, {maps}, goes to the dense layers: its size decides how many weights the first one needs.")
    return text.format(maps=shape_text(place.row.output_shape)) if place.is_last else ""


def _what_average(place: Place) -> str:
    text = _("Takes the mean of every {window} window; the windows do not overlap.")
    return paragraph(text.format(window=_window_text(place.row)), _left_out(place.row))


def _why_average(place: Place) -> str:
    text = _("A blur that shrinks the maps: less to compute, and a small shift of the image changes little.")
    return paragraph(text, _what_is_left(place))


def _what_largest(place: Place) -> str:
    text = _("Keeps the largest value of every {window} window; the windows do not overlap.")
    return paragraph(text.format(window=_window_text(place.row)), _left_out(place.row))


def _why_largest(place: Place) -> str:
    text = _("Whether a feature is present matters more than exactly where: a small shift changes little.")
    return paragraph(text, _what_is_left(place))


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
        choice=Choice("pooling", "max", N_("max")),
    ),
)
