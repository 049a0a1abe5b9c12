"""What the convolution sandbox can start from: grids of numbers, kernels, and examples that pair the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from lenet import data
from lenet.common.translation import N_
from lenet.convolution.arguments import sealed
from lenet.convolution.arithmetic import Array, Convolution
from lenet.grid import Grid
from lenet.grid import sealed as sealed_grid

KERNEL_SIZES = (1, 7)
STRIDES = (1, 7)
PADDINGS = (0, 3)
DILATIONS = (1, 3)
KERNELS_AT_ONCE = (1, 8)
"""The smallest and the largest value that the sandbox offers."""


@dataclass(frozen=True)
class Input:
    """A grid to look at. The `name` is English, to be translated when shown."""

    name: str
    numbers: Callable[[], Any]
    image: bool = False

    @cache  # noqa: B019 - the inputs live as long as the module
    def grid(self) -> Grid:
        """(channels, height, width). The image raises DataError if the bundled sample is damaged."""
        return sealed_grid(self.numbers())

    def is_image(self, grid: Grid) -> bool:
        """Whether `grid`, which stands in this input's place, is drawn as a picture: grey from 0 to 255."""
        return self.image and bool(grid.min() >= 0 and grid.max() <= 255)


@dataclass(frozen=True)
class Kernel:
    """A kernel for one channel, and one sentence on what it answers to. Both texts are English."""

    name: str
    remark: str
    values: Sequence[Sequence[float]]

    def weight(self, channels: int = 1) -> Array:
        """(1, channels, height, width): the same numbers for each input channel."""
        return sealed(np.repeat(np.array([[self.values]], float), channels, axis=1))


@dataclass(frozen=True)
class Example:
    """An input, the convolution to look at it with, and one sentence on what there is to see.

    `weights` is (O, I / groups, kh, kw). `name` and `remark` are English, to be translated when shown.
    """

    name: str
    remark: str
    input: str
    weights: Callable[[], Any]
    bias: Sequence[float] = ()
    stride: int = 1
    padding: int = 0
    activation: str = ""
    groups: int = 1

    @cache  # noqa: B019 - the examples live as long as the module
    def layer(self) -> Convolution:
        return Convolution(self.weights(), self.bias or None, self.stride, self.padding, groups=self.groups)

    def grid(self) -> Grid:
        return INPUTS[self.input].grid()

    def is_image(self, grid: Grid) -> bool:
        """Whether `grid`, which stands in this example's place, is drawn as a picture."""
        return INPUTS[self.input].is_image(grid)


# -- inputs --------------------------------------------------------------------------------------------------------


def picture(rows: str) -> Any:
    """One channel from lines of text: 1 for #, 0 for any other sign."""
    return [[[float(sign == "#") for sign in row] for row in rows.split()]]


LETTER = """
    .####...
    .#...#..
    .#...#..
    .####...
    .#.#....
    .#..#...
    .#...#..
    ........
"""


def _counting(channels: int) -> Any:
    return np.arange(9.0).reshape(1, 3, 3) + np.arange(channels).reshape(-1, 1, 1)


def _dark_bar() -> Any:
    bar = np.ones((1, 6, 8))
    bar[:, :, 2:6] = 0
    return bar


def _spot() -> Any:
    spot = np.zeros((1, 5, 5))
    spot[0, 2, 2] = 1
    return spot


def _colours() -> Any:
    """Red, green and blue of a red square and a yellow one on blue."""
    colours = np.zeros((3, 6, 6))
    colours[2] = 1
    for rows, columns, colour in ((slice(1, 3), slice(1, 3), (1, 0, 0)), (slice(3, 5), slice(3, 5), (1, 1, 0))):
        colours[:, rows, columns] = np.reshape(colour, (3, 1, 1))
    return colours


INPUTS: dict[str, Input] = {
    "3x3": Input(N_("3×3"), lambda: _counting(1)),
    "bar": Input(N_("Dark bar"), _dark_bar),
    "spot": Input(N_("A single 1"), _spot),
    "letter": Input(N_("Letter R"), lambda: picture(LETTER)),
    "channels": Input(N_("Two channels"), lambda: _counting(2)),
    "colours": Input(N_("Red, green, blue"), _colours),
    "image": Input(N_("Image"), lambda: data.load("test", "sample")[0][0], image=True),
}

# -- kernels -------------------------------------------------------------------------------------------------------

_NINTH = 1 / 9

KERNELS: dict[str, Kernel] = {
    "identity": Kernel(
        N_("Identity"),
        N_("A single 1 in the middle: every cell stays as it is."),
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    ),
    "vertical": Kernel(
        N_("Vertical edges"),
        N_(
            "Right column minus left column: positive where it becomes brighter from left to right, 0 where nothing changes."
        ),
        [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    ),
    "horizontal": Kernel(
        N_("Horizontal edges"),
        N_(
            "Lower row minus upper row: positive where it becomes brighter from top to bottom, 0 where nothing changes."
        ),
        [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    ),
    "sobel": Kernel(
        N_("Sobel"),
        N_("Vertical edges, with the middle row counted twice: the answer varies less with noise."),
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    ),
    "diagonal": Kernel(
        N_("Diagonal edges"),
        N_("Positive where it becomes brighter from the upper left to the lower right."),
        [[-2, -1, 0], [-1, 0, 1], [0, 1, 2]],
    ),
    "corner": Kernel(
        N_("Corner"),
        N_(
            "Largest where a bright upper left corner begins: bright cells right and below, dark ones above and left."
        ),
        [[-1, -1, -1], [-1, 1, 1], [-1, 1, 1]],
    ),
    "outline": Kernel(
        N_("Outline"),
        N_("Eight times the middle minus its eight neighbours: 0 in uniform areas, large along every outline."),
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    ),
    "sharpen": Kernel(
        N_("Sharpen"),
        N_(
            "The middle plus its difference from its four neighbours: the weights sum to 1, so uniform areas stay as they are."
        ),
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    ),
    "blur": Kernel(
        N_("Blur"),
        N_("A weighted mean: the weights sum to 1 and the nearer cells count more."),
        [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
    ),
    "mean": Kernel(
        N_("Mean"),
        N_("Nine weights of 1/9: what average pooling computes with a 3×3 window and stride 1."),
        [[_NINTH] * 3] * 3,
    ),
    "zero": Kernel(N_("All zeros"), N_("Answers 0 everywhere: only the bias is left."), [[0] * 3] * 3),
}
"""By their names in the URL. They are laid on the input as they are written (cross-correlation)."""


def another_kernel(kernels: Array) -> Array:
    """(channels, height, width): one for each channel, of a kind that is not among `kernels` (n, channels, height, width).

    Of 3×3 they are those of textbooks; of other sizes edges in three directions, a mean and a single 1, and these negated.
    """
    channels, height, width = kernels.shape[1:]
    down, right = np.sign(np.linspace(-1, 1, height))[:, None], np.sign(np.linspace(-1, 1, width))
    one = np.zeros((height, width))
    one[height // 2, width // 2] = 1
    if (height, width) == (3, 3):
        planes = [np.array(KERNELS[name].values, float) for name in [*KERNELS][1:-1]]
    elif (height, width) == (1, 1):
        planes = [one]
    elif 1 in (height, width):
        planes = [down + right, np.full((height, width), 1 / (height * width)), one]
    else:
        across, along = np.broadcast_arrays(down, right)
        planes = [along, across, np.sign(along + across), np.full((height, width), 1 / (height * width)), one]
    found = [np.repeat(plane[None], channels, axis=0) for plane in [*planes, *(-plane for plane in planes)]]
    return next((kernel for kernel in found if not (kernels == kernel).all((1, 2, 3)).any()), found[0])


# -- examples ------------------------------------------------------------------------------------------------------

_SMALL = np.array([[0.0, 1.0], [2.0, 3.0]])
_TWO_CHANNELS = np.stack([_SMALL, _SMALL + 1])


def _kernels(*names: str) -> Any:
    return np.concatenate([KERNELS[name].weight() for name in names])


EXAMPLES: dict[str, Example] = {
    "3x3": Example(
        N_("3×3"),
        N_("Each cell of the window times the cell of the kernel that lies on it, and all products added up."),
        "3x3",
        lambda: _SMALL[None, None],
    ),
    "bar": Example(
        N_("An edge"),
        N_("Left cell minus right cell: 1 where bright turns dark, −1 where dark turns bright, 0 everywhere else."),
        "bar",
        lambda: [[[[1, -1]]]],
    ),
    "spot": Example(
        N_("A single 1"),
        N_(
            "The answer to a single 1 is the kernel turned by 180°: this is a cross-correlation, as every network computes it."
        ),
        "spot",
        lambda: np.arange(1.0, 10.0).reshape(1, 1, 3, 3),
    ),
    "channels": Example(
        N_("Two channels"),
        N_("A kernel has a slice for each input channel; each channel gives its own sum, and the sums are added up."),
        "channels",
        lambda: _TWO_CHANNELS[None],
    ),
    "kernels": Example(
        N_("Three kernels"),
        N_("Each kernel sees both input channels and gives one output channel of its own."),
        "channels",
        lambda: np.stack([_TWO_CHANNELS, _TWO_CHANNELS + 1, _TWO_CHANNELS + 2]),
        bias=(0, 1, -1),
    ),
    "colours": Example(
        N_("A colour"),
        N_(
            "Red minus half of green and of blue: a 1×1 kernel looks at the channels of one cell and finds the red square."
        ),
        "colours",
        lambda: [[[[1]], [[-0.5]], [[-0.5]]]],
    ),
    "depthwise": Example(
        N_("Depthwise"),
        N_(
            "As many groups as channels: kernel 1 sees only the red channel, kernel 2 the green and kernel 3 the blue one. That "
            "takes 27 weights instead of 81."
        ),
        "colours",
        lambda: _kernels("vertical", "horizontal", "outline"),
        padding=1,
        groups=3,
    ),
    "letter": Example(
        N_("A letter"),
        N_("Three kernels for three kinds of edges. Padding 1 keeps the size."),
        "letter",
        lambda: _kernels("vertical", "horizontal", "diagonal"),
        padding=1,
    ),
    "image": Example(
        N_("Image"),
        N_("An ankle boot, 28×28 pixels from 0 (black) to 255 (white), and its vertical edges."),
        "image",
        lambda: _kernels("sobel"),
        padding=1,
    ),
}
"""By their names in the URL (`?preset=`)."""
