"""Which pixels of the image a number depends on: the receptive fields of a network's layers.

A number depends on a pixel where the pixel can change it: some path of windows leads from one to the other, and no weight
on it is 0. Rows and columns are independent, so that these pixels always are some rows times some columns of the image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from lenet.architecture.layers.kind import LayerRow


@dataclass(frozen=True)
class Axis:
    """Height or width: where the numbers of a layer's maps look along this axis of the image.

    `size` is the length of the field, with what it covers of the padding and what strides skip in it; `start` is where
    that of the first number begins, 0 being the image's first pixel, and `step` the total stride. `seen` holds, for each
    place of the maps, the pixels that a number there depends on: as a bit mask, the first pixel being the lowest bit.
    """

    pixels: int
    size: int
    step: int
    start: int
    seen: tuple[int, ...]

    def through_windows(self, kernel: int, stride: int, padding: int, places: int) -> Axis:
        """Of the next layer's numbers, each computed from a window of these.

        r ← r + (kernel − 1)·j, then j ← j·stride, with r = j = 1 for the image (Araujo, Norris, Sim, "Computing
        Receptive Fields of Convolutional Neural Networks", 2019).
        """
        windows = (range(i * stride - padding, i * stride - padding + kernel) for i in range(places))
        return Axis(
            self.pixels,
            self.size + (kernel - 1) * self.step,
            self.step * stride,
            self.start - padding * self.step,
            tuple(_union(self.seen[i] for i in window if 0 <= i < len(self.seen)) for window in windows),
        )

    def at_once(self) -> Axis:
        """Of the next layer's numbers, each computed from all of these."""
        seen = _union(self.seen)
        first, end = extent(seen)
        return Axis(self.pixels, end - first, 0, first, (seen,))

    @property
    def counts(self) -> list[int]:
        """How many pixels a number depends on along this axis, for each place."""
        return [seen.bit_count() for seen in self.seen]

    @property
    def extents(self) -> list[tuple[int, int]]:
        """The first pixel that a number depends on and the one behind the last, for each place."""
        return [extent(seen) for seen in self.seen]

    @property
    def has_gaps(self) -> bool:
        """Whether there are pixels between those that a number depends on: a stride larger than its kernel skips some."""
        return any(count < end - first for count, (first, end) in zip(self.counts, self.extents, strict=True))


@dataclass(frozen=True)
class Field:
    """What the numbers of a layer depend on. Sizes are (height, width), in pixels of the image."""

    height: Axis
    width: Axis

    @property
    def size(self) -> tuple[int, int]:
        """Of the field, with what it covers of the padding and what strides skip in it."""
        return self.height.size, self.width.size

    @property
    def step(self) -> tuple[int, int]:
        """How far apart the fields of neighbours are: the total stride; 0 where all numbers have the same field."""
        return self.height.step, self.width.step

    @property
    def image(self) -> tuple[int, int]:
        """Of the image."""
        return self.height.pixels, self.width.pixels

    @property
    def most(self) -> tuple[int, int]:
        """On how many rows and columns of pixels a number depends: of all numbers the one that depends on most."""
        return max(self.height.counts), max(self.width.counts)

    @property
    def fewest(self) -> tuple[int, int]:
        """The same of the one that depends on the fewest: at the border part of its field may be padding."""
        return min(self.height.counts), min(self.width.counts)

    @property
    def unseen(self) -> int:
        """How many pixels of the image no number of the layer depends on."""
        rows, columns = (_union(axis.seen).bit_count() for axis in (self.height, self.width))
        return self.height.pixels * self.width.pixels - rows * columns

    @property
    def is_whole_image(self) -> bool:
        """Whether each number depends on every pixel."""
        return self.fewest == self.image

    @property
    def is_part(self) -> bool:
        """Whether there is something to frame in the image: some pixels, but not all of them for each number."""
        return 0 not in self.most and not self.is_whole_image

    @property
    def has_gaps(self) -> bool:
        """Whether strides skip pixels between those that a number depends on."""
        return self.height.has_gaps or self.width.has_gaps

    @property
    def has_neighbours(self) -> bool:
        """Whether there is more than one number in a map, each with a field of its own."""
        return len(self.height.seen) * len(self.width.seen) > 1


def receptive_fields(rows: Sequence[LayerRow]) -> tuple[Field | None, ...]:
    """The field of each layer's numbers; None for networks that do not take images.

    Flatten and what works on its numbers one by one leave each with the field it had; `step` then tells no more.
    """
    return _fields(tuple(rows))


@lru_cache(maxsize=64)
def _fields(rows: tuple[LayerRow, ...]) -> tuple[Field | None, ...]:
    if not rows or len(rows[0].input_shape) != 4:
        return (None,) * len(rows)
    out: list[Field | None] = []
    field = Field(*(Axis(n, 1, 1, 0, tuple(1 << i for i in range(n))) for n in rows[0].input_shape[2:]))
    for row in rows:
        if row.kind.source in ("map", "all"):
            field = Field(field.height.at_once(), field.width.at_once())
        elif row.kernel_size and row.stride and row.padding:
            windows = zip(row.kernel_size, row.stride, row.padding, row.output_shape[2:], strict=True)
            height, width = windows
            field = Field(field.height.through_windows(*height), field.width.through_windows(*width))
        out.append(field)
    return tuple(out)


def extent(seen: int) -> tuple[int, int]:
    """The first pixel of a bit mask and the one behind the last: (0, 0) of none."""
    return ((seen & -seen).bit_length() - 1, seen.bit_length()) if seen else (0, 0)


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)
