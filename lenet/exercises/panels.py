"""What the figure of an exercise consists of, and what of it is hidden until the reader has answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.exercises.text import Text

Cells = frozenset[tuple[int, int]]
"""Rows and columns, from 0; of a grid those of its padding are negative, or lie behind its last."""


# Equal only if it is the same object: arrays have no truth value.
@dataclass(frozen=True, eq=False)
class Grid:
    """A grid of numbers, or a picture of one. `sign` stands before it: “→”, “∗”.

    `hidden` cells show a question mark until the answer is given. `marked` cells are framed from the beginning, those that
    are `shown` only after the answer. In a grid that `asks` the reader chooses a cell. Around it lies its `padding` (rows
    and columns), whose cells show `padding_text`, if `padding_hidden` after the answer. `image` numbers lie from 0 (black) to 1 (white).
    """

    title: Text
    values: NDArray[np.float64]
    sign: str = ""
    hidden: Cells = frozenset()
    marked: Cells = frozenset()
    shown: Cells = frozenset()
    asks: bool = False
    padding: tuple[int, int] = (0, 0)
    padding_text: str = "0"
    padding_hidden: bool = False
    picture: bool = False
    image: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of text. `hidden` cells show a question mark until the answer is given; `marked` rows are asked about."""

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Any, ...], ...]
    hidden: Cells = frozenset()
    marked: frozenset[int] = frozenset()


Panel = Grid | Table


def cells(rows: Iterable[int], columns: Iterable[int]) -> Cells:
    """Every one of these columns in every one of these rows."""
    across = tuple(columns)
    return frozenset((row, column) for row in rows for column in across)


def all_cells(values: NDArray[Any]) -> Cells:
    """All cells of a grid of these values."""
    return cells(range(values.shape[0]), range(values.shape[1]))
