"""Pooling layers one after the other, and what each cell sees of the levels before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lenet.common.windows import Array
from lenet.grid import Grid
from lenet.pooling.arguments import Pair
from lenet.pooling.arithmetic import Pooling, receptive_field

Span = tuple[int, int]


@dataclass(frozen=True)
class Level:
    """The input (`pool` None) or what a layer makes of the level before.

    `values` is (channels, height, width); `field` and `stride` are (height, width) pairs in input cells: how much one
    cell sees of the input, and how far apart its neighbours look. `rows[i]` and `columns[j]` say for every level
    before this one, the input first, which rows and columns (first, stop) reach cell (i, j).
    """

    pool: Pooling | None
    values: Array
    field: Pair
    stride: Pair
    rows: list[list[Span]]
    columns: list[list[Span]]


def stack(grid: Grid, layers: Sequence[Pooling]) -> list[Level]:
    """The grid and what each layer makes of it; PoolingError from the first layer that does not fit."""
    levels = [Level(None, grid, (1, 1), (1, 1), [[] for _ in grid[0]], [[] for _ in grid[0, 0]])]
    for n, pool in enumerate(layers, 1):
        last = levels[-1]
        size = last.values.shape[1], last.values.shape[2]
        rows, columns = windows(pool, size)
        levels.append(
            Level(
                pool,
                pool(last.values),
                *receptive_field(layers[:n]),
                [_spans(cells, last.rows) for cells in rows],
                [_spans(cells, last.columns) for cells in columns],
            )
        )
    return levels


def _spans(cells: tuple[int, ...], before: list[list[Span]]) -> list[Span]:
    """What a window on a level reaches on the levels before it, and last on that level itself; without padding."""
    first = min(max(cells[0], 0), len(before))
    stop = max(min(cells[-1] + 1, len(before)), first)
    if first == stop:
        return [(0, 0)] * (len(before[0]) + 1)
    return [(a[0], b[1]) for a, b in zip(before[first], before[stop - 1], strict=True)] + [(first, stop)]


def windows(pool: Pooling, size: Pair) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The input rows of each output row, and the input columns of each output column."""
    height, width = pool.output_size(size)
    return (
        [pool.window(i, 0, size).rows for i in range(height)],
        [pool.window(0, j, size).columns for j in range(width)],
    )
