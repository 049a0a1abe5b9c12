"""The examples of the pooling sandbox: a grid of numbers, and the layer to look at it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from lenet import data
from lenet.common.translation import N_
from lenet.grid import Grid, sealed

KERNEL_SIZES = (1, 7)
STRIDES = (1, 7)
PADDINGS = (0, 3)
"""The smallest and the largest value that the sandbox's sliders offer. A padding is at most half a kernel."""


@dataclass(frozen=True)
class Example:
    """An example: a grid, the layer to look at it with, and one sentence on what there is to see.

    `remark_on_average` replaces the `remark` with average pooling. They and the `name` are English, to be translated when
    shown.
    """

    name: str
    remark: str
    numbers: Callable[[], Any]
    kernel_size: int
    stride: int
    padding: int
    image: bool = False
    remark_on_average: str = ""

    @cache  # noqa: B019 - the examples live as long as the module
    def grid(self) -> Grid:
        """(channels, height, width). The image raises DataError if the bundled sample is damaged."""
        return sealed(self.numbers())

    def is_image(self, grid: Grid) -> bool:
        """Whether `grid`, which stands in this example's place, is drawn as a picture: grey from 0 to 255."""
        return self.image and bool(grid.min() >= 0 and grid.max() <= 255)


def _two_channels() -> Any:
    x = np.arange(16.0).reshape(1, 4, 4)
    return np.concatenate([x, x + 1])


EXAMPLES: dict[str, Example] = {
    "3x3": Example(
        N_("3×3"),
        N_("A 2×2 window moves over the grid one cell at a time and gives one number at each position."),
        lambda: np.arange(9.0).reshape(1, 3, 3),
        kernel_size=2,
        stride=1,
        padding=0,
    ),
    "4x4": Example(
        N_("4×4, padding 1"),
        N_("Padding lets the window reach beyond the edge; a stride of 2 makes it move two cells at a time."),
        lambda: np.arange(16.0).reshape(1, 4, 4),
        kernel_size=3,
        stride=2,
        padding=1,
    ),
    "channels": Example(
        N_("Two channels"),
        N_(
            "torch.cat((X, X + 1), 1) joins along the channel axis: one sample with two channels, shape "
            "(1, 2, 4, 4). Pooling treats each channel separately, so two channels go in and two come "
            "out."
        ),
        _two_channels,
        kernel_size=3,
        stride=2,
        padding=1,
    ),
    "negative": Example(
        N_("Negative numbers"),
        N_(
            "Every number here is negative, so padding that counted as 0 would be the maximum of every "
            "window that touches it."
        ),
        lambda: [[[-3, -1, -4, -1], [-5, -9, -2, -6], [-5, -3, -5, -8], [-9, -7, -9, -3]]],
        kernel_size=3,
        stride=2,
        padding=1,
        remark_on_average=N_(
            "Every number here is negative. An average pads with 0 and counts it, so every window that touches the "
            "padding gives a number closer to 0 than the mean of its own cells."
        ),
    ),
    "image": Example(
        N_("Image"),
        N_(
            "An ankle boot, 28×28 pixels from 0 (black) to 255 (white): a quarter of the numbers is "
            "enough to recognise it."
        ),
        lambda: data.load("test", "sample")[0][0],
        kernel_size=2,
        stride=2,
        padding=0,
        image=True,
    ),
}
"""By their names in the URL (`?preset=`)."""
