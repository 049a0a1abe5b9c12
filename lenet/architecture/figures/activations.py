"""An image on its way through a network: what the component draws of every layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.architecture.forward import weights_of
from lenet.architecture.layers import LayerRow, shape_text
from lenet.architecture.layers.receptive_field import receptive_fields
from lenet.common import arrays, colours
from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.common.translation import translate as _

MAX_NUMBERS = 500_000
"""In the maps of one walk: 2.7 MB on their way to the browser; LeNet has 15 402."""


def maps(
    pixels: NDArray[np.float32],
    outputs: Sequence[NDArray[np.float32]],
    rows: Sequence[LayerRow],
    weights: Mapping[str, NDArray[np.float32]],
) -> dict[str, Any]:
    """What the component `activations` draws: the image (channels, height, width), every layer's output as a strip on
    one scale, and the numbers that its arithmetic needs.

    `weights` is the state dict as arrays. Signed values are coloured on a diverging scale centred on zero, others from
    their smallest to their largest; both ends are written at the left. Dense layers send no weights: they are many.
    Raises LenetError for more numbers than a browser should get.
    """
    numbers = sum(values.size for values in outputs)
    if numbers > MAX_NUMBERS:
        raise LenetError("too_large_to_draw", numbers=number(numbers), limit=number(MAX_NUMBERS))
    stages = [_stage(_("Input"), "", pixels) | {"scale": _grey()}]
    for i, (row, values, field) in enumerate(zip(rows, outputs, receptive_fields(rows), strict=True), 1):
        stage = _stage(f"{i} {row.type}", row.type, values)
        if row.kernel_size:
            stage |= {"kernel": row.kernel_size, "stride": row.stride, "padding": row.padding}
        if field and not field.is_whole_image:
            stage["field"] = {"rows": field.height.extents, "columns": field.width.extents}
        stage |= {"source": row.kind.source, "sum": row.kind.number_sum(row)}
        if own := weights_of(weights, row.name):
            drawn = row.kind.drawn_weights(own)
            stage |= {
                key: arrays.to_base64(drawn[name], "f4")
                for key, name in (("weights", "weight"), ("bias", "bias"))
                if name in drawn
            }
        stages.append(stage)
    return {
        "layers": stages,
        "colors": {"mark": colours.WINDOW, "padding": colours.PADDING, "diverging": colours.DIVERGING},
        "words": {
            "title": _("The output of every layer as a strip of maps"),
            "hint": _(
                "Hover over a number in any map: what it sees and the sum that gives it appear here. Click to keep it, "
                "then hover over the enlarged map. Keys: Tab, arrows, Escape."
            ),
            "hint_touch": _(
                "Tap a number in any map, or drag across the map: what the number sees and the sum that gives it appear "
                "here."
            ),
            "place": _("{name}, channel {channel}, row {row}, column {column}"),
            "unit": _("{name}, number {n}"),
            "shown": _("channel {n}, shown: {sum}"),
            "others": _("+ {n} other channels: {sum}"),
            "products": _("sum of {n} products: {sum}"),
            "bias": _("+ bias {bias}"),
        },
    }


def _stage(title: str, type: str, values: NDArray[np.float32]) -> dict[str, Any]:
    low, high = float(values.min()), float(values.max())
    span = f"{low:.3g} … {high:.3g}".replace("-", "−")
    label = _(", ").join([title, shape_text((1, *values.shape)), span])
    return {
        "title": title, "type": type, "shape": values.shape, "values": arrays.to_base64(values, "f4"), "range": span, "label": label,
        "scale": _scale(low, high),
    }  # fmt: skip


def _grey() -> dict[str, Any]:
    return {"stops": colours.GREY, "low": 0.0, "high": 1.0}


def _scale(low: float, high: float) -> dict[str, Any]:
    if low < 0:
        most = max(-low, high)
        return {"stops": colours.DIVERGING, "low": -most, "high": most}
    # all alike (a dead layer): one pale colour, not an accident of rounding
    return {"stops": colours.SEQUENTIAL, "low": low, "high": high if high > low else low + 1.0}
