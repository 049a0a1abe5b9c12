"""What the exercises on pooling have in common: the grids that they are asked about, and their parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common.translation import N_
from lenet.exercises.kinds import Random
from lenet.exercises.panels import Cells, Grid, all_cells, cells
from lenet.exercises.text import Text, say
from lenet.pooling.arguments import Pair
from lenet.pooling.arithmetic import Mode, Pooling

SUBJECT = "pooling"
INPUT, OUTPUT = Text(N_("Input")), Text(N_("Output"))
NAMES = {"max": Text(N_("Max pooling")), "avg": Text(N_("Average pooling"))}


def scene(
    random: Random, mode: Mode, *, low: int = -9, each_once: bool = False
) -> tuple[NDArray[np.float64], Pooling, Pair]:
    """A grid, a pooling without padding, and a cell of its output."""
    kernel, stride = int(random.integers(2, 4)), int(random.integers(1, 4))
    size = int(random.integers(4, 7)), int(random.integers(4, 7))
    x = distinct(random, size, -size[0] * size[1] // 2) if each_once else numbers(random, size, low, 10)
    pool = Pooling(mode, kernel, stride)
    out = pool.output_size(size)
    return x, pool, (int(random.integers(out[0])), int(random.integers(out[1])))


def numbers(random: Random, size: Pair, low: int, high: int) -> NDArray[np.float64]:
    """Whole numbers from `low` to below `high`."""
    return random.integers(low, high, size).astype(np.float64)


def distinct(random: Random, size: Pair, low: int) -> NDArray[np.float64]:
    """Whole numbers from `low` on, each once."""
    return (random.permutation(size[0] * size[1]) + low).reshape(size).astype(np.float64)


def one_step(pool: Pooling) -> Pooling:
    """The same with stride 1."""
    return Pooling(pool.mode, pool.kernel_size, 1, pool.padding)


def window_cells(pool: Pooling, cell: Pair) -> Cells:
    """The window of an output cell."""
    starts = [i * s - p for i, s, p in zip(cell, pool.stride, pool.padding, strict=True)]
    rows, columns = (range(start, start + k) for start, k in zip(starts, pool.kernel_size, strict=True))
    return cells(rows, columns)


def window_numbers(x: NDArray[np.float64], pool: Pooling, cell: Pair) -> NDArray[np.float64]:
    """The numbers in it, of a pooling without padding."""
    (row, column), (high, wide) = (cell[0] * pool.stride[0], cell[1] * pool.stride[1]), pool.kernel_size
    return x[row : row + high, column : column + wide]


def params_of(pool: Pooling, cell: Pair) -> dict[str, Any]:
    return {
        "mode": NAMES[pool.mode], "kernel": pool.kernel_size[0], "stride": pool.stride[0], "padding": pool.padding[0],
        "count": pool.kernel_size[0] * pool.kernel_size[1], "row": cell[0] + 1, "column": cell[1] + 1,
    }  # fmt: skip


def output_grid(x: NDArray[np.float64], pool: Pooling, cell: Pair) -> Grid:
    values = pool(x)
    return Grid(OUTPUT, values, "→", hidden=all_cells(values), marked=frozenset({cell}))


def listed(values: NDArray[np.float64]) -> str:
    return ", ".join(say(float(value)) for value in values.ravel())


def mean_sum(values: NDArray[np.float64], divisor: int) -> Text:
    terms = " + ".join(say(float(value)) for value in values.ravel())
    return Text("({terms})/{n} = {answer}", {"terms": terms, "n": divisor, "answer": float(values.sum()) / divisor})
