"""Which pixels of the image a number depends on: the receptive fields of a network's layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lenet.architecture.layers import LayerRow


@dataclass(frozen=True)
class Field:
    """Of one number in a layer's output: the pixels that it depends on, and how far apart its neighbours look.

    `size` is (height, width) of the receptive field, with what it covers of the padding; `step` the total stride.
    `start` is where the field of the number in the first row and column begins, 0 being the image's first pixel.
    """

    size: tuple[int, int]
    step: tuple[int, int]
    start: tuple[int, int]


def receptive_fields(rows: Sequence[LayerRow]) -> list[Field | None]:
    """The field of each layer's numbers; None from the layer on that looks at the whole image.

    Flatten and what works on its numbers one by one leave each with the field it had; `step` then tells no more.
    r ← r + (kernel − 1)·j, then j ← j·stride, with r = j = 1 for the image (Araujo, Norris, Sim, "Computing
    Receptive Fields of Convolutional Neural Networks", 2019).
    """
    out: list[Field | None] = []
    field: Field | None = Field((1, 1), (1, 1), (0, 0))
    for row in rows:
        if row.kind.source in ("map", "all"):
            field = None
        elif field and row.kernel_size and row.stride and row.padding:
            axes = zip(field.size, field.step, field.start, row.kernel_size, row.stride, row.padding, strict=True)
            new = [(r + (k - 1) * j, j * s, o - p * j) for r, j, o, k, s, p in axes]
            height, width = new
            field = Field((height[0], width[0]), (height[1], width[1]), (height[2], width[2]))
        out.append(field)
    return out
