"""The tasks of contests, and those that a class answers by drawing a kernel: pictures in which some places are wanted.

Pictures of contests are from the sample of Fashion-MNIST that comes with the app, so that everybody has the same. What is
marked in them is computed, so that it is exact to a pixel. The score is that of lenet/classroom/contest.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenet import data
from lenet.common.translation import N_

SIZE = 5
"""Rows and columns of a kernel."""
SIDE = 28
"""Rows and columns of a picture."""
BRIGHT = 64
"""Pixels from here on belong to what is worn; what is darker is background."""

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


# Equal only if it is the same object: arrays have no truth value.
@dataclass(frozen=True, eq=False)
class Picture:
    """An image, and of each of its places whether it is wanted (1), is not (−1), or does not count (0)."""

    image: Image
    target: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Task:
    """What a kernel is to react to. Texts are English, to be translated when shown.

    `compares` says whether places or whole pictures are told apart, `draw` makes the pictures. `kernel` is one that does it
    well, row by row, and `why` says how.
    """

    name: str
    title: str
    request: str
    compares: Literal["places", "pictures"]
    draw: Callable[[], tuple[Picture, ...]]
    kernel: tuple[float, ...]
    why: str

    def pictures(self) -> tuple[Picture, ...]:
        """Its pictures, drawn once."""
        return _drawn(self)


@lru_cache(maxsize=32)
def _drawn(task: Task) -> tuple[Picture, ...]:
    return task.draw()


# -- what is marked ----------------------------------------------------------------------------------------------------


def marked(image: Image, wanted: Mask) -> Picture:
    """An image in which these places are wanted and the others are not.

    Places beside a wanted one do not count: nobody can say to which of the two they belong. Nor do those around which all
    pixels are alike: every kernel responds to them as to nothing at all.
    """
    around = np.pad(image, SIZE // 2)
    windows = np.lib.stride_tricks.sliding_window_view(around, (SIZE, SIZE))
    is_plain = windows.max((2, 3)) == windows.min((2, 3))
    beside = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, 1), (3, 3)).any((2, 3))
    target = np.where(wanted, 1, np.where(beside | is_plain, 0, -1))
    return Picture(image, target.astype(np.int8))


def _places(numbers: tuple[int, ...], find: Callable[[Image], Mask]) -> Callable[[], tuple[Picture, ...]]:
    """Draws pictures of the sample, by number, in which `find` tells the places that are wanted."""
    return lambda: tuple(marked(_image(n), find(_image(n))) for n in numbers)


def _pictures(
    wanted: tuple[int, ...], other: tuple[int, ...], *, rows: slice = slice(None), columns: slice = slice(None)
) -> Callable[[], tuple[Picture, ...]]:
    """Draws pictures that are wanted, and others that are not; of each these rows and columns count."""

    def drawn() -> tuple[Picture, ...]:
        made = []
        for sign, numbers in ((1, wanted), (-1, other)):
            for n in numbers:
                target = np.zeros((SIDE, SIDE), np.int8)
                target[rows, columns] = sign
                made.append(Picture(_image(n), target))
        return tuple(made)

    return drawn


def _image(number: int) -> Image:
    """A test image of the sample."""
    return np.asarray(data.load("test", "sample")[0][number, 0])


def left_edge(image: Image) -> Mask:
    """In each row the first pixel of what is worn."""
    bright = image >= BRIGHT
    return np.asarray(bright & (bright.cumsum(1) == 1))


def sole(image: Image) -> Mask:
    """In each column the lowest three pixels from the last one of what is worn."""
    bright = image >= BRIGHT
    lowest = SIDE - 1 - bright[::-1].argmax(0)
    return np.asarray((np.arange(SIDE)[:, None] > lowest - 3) & (np.arange(SIDE)[:, None] <= lowest) & bright.any(0))


def gap(image: Image) -> Mask:
    """The dark pixels that have something worn on both sides."""
    bright = image >= BRIGHT
    left, right = bright.cumsum(1), bright[:, ::-1].cumsum(1)[:, ::-1]
    return np.asarray(~bright & (left > 0) & (right > 0))


def handle(image: Image) -> Mask:
    """What is above the body of a bag: above the first row that is bright for the most part."""
    bright = image >= 48
    body = int((bright.sum(1) >= 16).argmax())
    return np.asarray(bright & (np.arange(SIDE)[:, None] < body - 1))


# -- the registry ------------------------------------------------------------------------------------------------------


def _columns(*weights: float) -> tuple[float, ...]:
    return weights * SIZE


def _rows(*weights: float) -> tuple[float, ...]:
    return tuple(weight for weight in weights for _column in range(SIZE))


def _listed(*tasks: Task) -> dict[str, Task]:
    return {task.name: task for task in tasks}


TASKS = _listed(
    Task(
        "edge", N_("The left edge of trousers"),
        N_("React to the left edge of the trousers, and to no other edge."),
        "places", _places((41, 360, 438), left_edge), _columns(-1, -1, 0.5, 0, 0),
        N_("Negative on the left, positive on the right: the sum is large where darkness ends and the trousers begin. Two columns of negative weights see that no other leg is near."),
    ),
    Task(
        "sole", N_("The sole of a boot"),
        N_("React to the sole of the ankle boots, and not to their shaft."),
        "places", _places((39, 178, 316), sole), _rows(0, 1, 0.5, -0.5, -1),
        N_("Positive above, negative below: the sum is large where something bright ends and darkness begins beneath it. At the upper edges of the boot it is negative."),
    ),
    Task(
        "gap", N_("The gap between the legs"),
        N_("React to the dark gap between the legs of the trousers, and to nothing outside."),
        "places", _places((173, 179, 296), gap), _columns(0.5, 0, -1, 0, 0.5),
        N_("Negative in the middle, positive on both sides: the sum is large where a dark stripe has brightness to its left and to its right. At an outer edge only one side is bright."),
    ),
    Task(
        "handle", N_("The handle of a bag"),
        N_("React to the thin handles of the bags, and not to their body."),
        "places", _places((69, 429, 469), handle),
        (-0.5, -0.5, -0.5, -0.5, -0.5,
         -0.5, 0, 1, 0, -0.5,
         -0.5, 1, 0.5, 1, -0.5,
         -0.5, 0, 1, 0, -0.5,
         -0.5, -0.5, -0.5, -0.5, -0.5),
        N_("Positive in the middle, negative all around: a thin bright line lies under the positive weights and leaves the others dark. In the body of the bag both cancel out."),
    ),
    Task(
        "stripes", N_("Upright stripes"),
        N_("React to clothes with upright stripes or folds, and not to those with stripes across."),
        "pictures", _pictures((282, 512, 451, 387, 91, 259), (719, 547, 204, 382, 148, 703), rows=slice(8, 24), columns=slice(10, 18)),
        _columns(1, 1, -0.5, -1, -0.5),
        N_("All rows are alike, so that a stripe across gives the same sum as a plain cloth. Columns of both signs answer to every change from left to right."),
    ),
    Task(
        "sandals", N_("Sandals or sneakers"),
        N_("React to the sandals, and less to the sneakers."),
        "pictures", _pictures((52, 63, 139, 171, 236, 253, 294, 516), (9, 12, 22, 60, 104, 112, 224, 225)),
        _columns(1, -1, 0, -0.5, 0.5),
        N_("Sandals have straps, and gaps between them: the columns change their signs as often as straps and gaps follow one another. In the smooth side of a sneaker positive and negative weights cancel out."),
    ),
)  # fmt: skip
"""The tasks of contests, by name, easier ones first."""


# -- kernels that a class draws as the answer to a question ----------------------------------------------------------------


def _shapes(kind: str) -> Callable[[], tuple[Picture, ...]]:
    """Draws one picture of a bright square, two lines and two spots, in which one of these is wanted."""

    def drawn() -> tuple[Picture, ...]:
        image = np.zeros((SIDE, SIDE), np.uint8)
        wanted = {name: np.zeros((SIDE, SIDE), bool) for name in ("left", "top", "upright", "spot")}
        image[3:14, 3:14] = 255
        wanted["left"][5:12, 3] = wanted["top"][3, 5:12] = True
        image[3:14, 20] = 255
        wanted["upright"][5:12, 20] = True
        image[20, 3:14] = 255
        for row, column in ((18, 19), (23, 24)):
            image[row, column] = 255
            wanted["spot"][row, column] = True
        return (marked(image, wanted[kind]),)

    return drawn


DRAWINGS = _listed(
    Task(
        "draw-left", N_("Draw a kernel for left edges"),
        N_("Draw a kernel that answers most where darkness ends and, to the right of it, something bright begins."),
        "places", _shapes("left"), _columns(-0.5, -1, 0, 1, 0.5),
        N_("Negative weights on the left, positive ones on the right: dark pixels take nothing away there, and bright ones add."),
    ),
    Task(
        "draw-top", N_("Draw a kernel for upper edges"),
        N_("Draw a kernel that answers most where darkness ends and, below it, something bright begins."),
        "places", _shapes("top"), _rows(-0.5, -1, 0, 1, 0.5),
        N_("Negative weights above, positive ones below: dark pixels take nothing away there, and bright ones add."),
    ),
    Task(
        "draw-line", N_("Draw a kernel for upright lines"),
        N_("Draw a kernel that answers most to a thin upright line, and less to a broad area, to a line across, and to a spot."),
        "places", _shapes("upright"), _columns(-0.5, -0.5, 1, -0.5, -0.5),
        N_("A column of positive weights, with negative ones on both sides: in a broad area they cancel out, and a line across or a spot lies under one positive weight only."),
    ),
    Task(
        "draw-spot", N_("Draw a kernel for spots"),
        N_("Draw a kernel that answers most to a single bright pixel, and less to lines and areas."),
        "places", _shapes("spot"),
        (0, -0.2, -0.2, -0.2, 0, -0.2, -0.5, -0.5, -0.5, -0.2, -0.2, -0.5, 1, -0.5, -0.2, -0.2, -0.5, -0.5, -0.5, -0.2, 0, -0.2, -0.2, -0.2, 0),
        N_("One positive weight in the middle and negative ones all around: every other bright pixel takes something away."),
    ),
)  # fmt: skip
"""The tasks that are asked without a score: what a kernel does is seen when all have drawn theirs."""
RIGHT = 90.0
"""The score from which on a drawn kernel does what was asked."""
