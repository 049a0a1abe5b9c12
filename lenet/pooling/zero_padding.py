"""What a max would give if its padding were 0 instead of −∞. On grids (channels, height, width)."""

from __future__ import annotations

import numpy as np

from lenet.common.windows import Array
from lenet.grid import Grid
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.stacking import windows


def zero_padded(grid: Grid, pool: Pooling) -> Array:
    """What a max would give if its padding were 0 instead of −∞: (channels, H', W')."""
    size = grid.shape[1], grid.shape[2]
    output = pool(grid)
    rows, columns = windows(pool, size)
    padded = np.logical_or.outer(
        [any(_in_ring(cell, size[0], pool.padding[0]) for cell in cells) for cells in rows],
        [any(_in_ring(cell, size[1], pool.padding[1]) for cell in cells) for cells in columns],
    )
    return np.where(padded, np.maximum(output, 0), output)


def changed_cells(grid: Grid, pool: Pooling) -> list[tuple[int, int, int, float]]:
    """(channel, row, column, true value) of the output cells of a max that padding with 0 would change."""
    output = pool(grid)
    return [(c, i, j, float(output[c, i, j])) for c, i, j in np.argwhere(zero_padded(grid, pool) != output).tolist()]


def _in_ring(cell: int, n: int, padding: int) -> bool:
    """Whether a row or column of n belongs to the padding (and not to what lies beyond it)."""
    return -padding <= cell < 0 or n <= cell < n + padding
