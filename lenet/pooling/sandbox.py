"""What the pooling sandbox computes around one layer: padding with zeros, robustness, layers one after the other.

NumPy alone, on grids (channels, height, width) of `lenet.grid`; nothing here draws or speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lenet.grid.text import Grid
from lenet.pooling.arithmetic import Pair, Pooling, receptive_field

Array = NDArray[Any]

# -- a max padded with zeros -------------------------------------------------------------------------------------


def zero_padded(grid: Grid, pool: Pooling) -> Array:
    """What a max would give if its padding were 0 instead of −∞: (channels, H', W')."""
    size = grid.shape[1], grid.shape[2]
    output = pool(grid)
    rows, columns = _windows(pool, size)
    padded = np.logical_or.outer(
        [any(_in_ring(cell, size[0], pool.padding[0]) for cell in cells) for cells in rows],
        [any(_in_ring(cell, size[1], pool.padding[1]) for cell in cells) for cells in columns],
    )
    return np.where(padded, np.maximum(output, 0), output)


def zero_padding_changes(grid: Grid, pool: Pooling) -> list[tuple[int, int, int, float]]:
    """(channel, row, column, true value) of the output cells of a max that padding with 0 would change."""
    output = pool(grid)
    return [(c, i, j, float(output[c, i, j])) for c, i, j in np.argwhere(zero_padded(grid, pool) != output).tolist()]


def _windows(pool: Pooling, size: Pair) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The input rows of each output row, and the input columns of each output column."""
    height, width = pool.output_size(size)
    return (
        [pool.window(i, 0, size).rows for i in range(height)],
        [pool.window(0, j, size).columns for j in range(width)],
    )


def _in_ring(cell: int, n: int, padding: int) -> bool:
    """Whether a row or column of n belongs to the padding (and not to what lies beyond it)."""
    return -padding <= cell < 0 or n <= cell < n + padding


# -- robustness --------------------------------------------------------------------------------------------------

Kind = Literal["shift", "noise"]
AMOUNTS: dict[Kind, tuple[int, ...]] = {"shift": (0, 1, 2, 3, 4), "noise": (0, 5, 10, 20, 30, 40, 50)}
"""Shifts in cells; the standard deviation of Gaussian noise in percent of the grid's range (largest − smallest)."""
DRAWS = 16
"""Noise is drawn this many times and the changes are averaged; the first draw is the one that is shown."""


@dataclass(frozen=True)
class Changed:
    """A map before and after its input was changed: (channels, height, width) each.

    `change` is the size of the difference compared with the map, ‖after − before‖ / ‖before‖ (Euclidean norms); with
    noise it is the mean over the draws.
    """

    before: Array
    after: Array
    change: float


def shifted(grid: Array, cells: int) -> Array:
    """The grid (..., height, width) moved to the right; the column at the left edge is repeated."""
    if not cells:
        return grid
    width = grid.shape[-1]
    return np.take(grid, np.maximum(np.arange(width) - cells, 0), axis=-1)


def noisy(grid: Grid, percent: float, seed: int, draws: int = DRAWS) -> Array:
    """(draws, channels, height, width): the grid with Gaussian noise of `percent` of its range; the same for a seed."""
    noise = np.random.default_rng(seed).standard_normal((draws, *grid.shape))
    return grid + noise * (percent / 100 * _range(grid))


def _range(grid: Grid) -> float:
    return float(grid.max() - grid.min()) or 1.0


def rivals(pool: Pooling) -> dict[str, Callable[[Array], Array]]:
    """What is compared: the input itself, every stride-th number of it, and average and max pooling.

    The pool on screen is used as it is; the other mode with the same kernel, stride, padding and `ceil_mode`. With
    stride 1, every number is the input again: then there is no `strided`.
    """
    geometry = {"padding": pool.padding, "ceil_mode": pool.ceil_mode}
    other = Pooling("avg" if pool.mode == "max" else "max", pool.kernel_size, pool.stride, **geometry)  # type: ignore[arg-type]
    down, across = pool.stride
    strided: dict[str, Callable[[Array], Array]] = {"strided": lambda x: x[..., ::down, ::across]}
    return {
        "input": lambda x: x,
        **(strided if pool.stride != (1, 1) else {}),
        "avg": pool if pool.mode == "avg" else other,
        "max": pool if pool.mode == "max" else other,
    }


def robustness(grid: Grid, pool: Pooling, kind: Kind, amount: int, seed: int = 0) -> dict[str, Changed]:
    """How a change of the grid reaches each of `rivals`; PoolingError if the layer does not fit the grid."""
    after = noisy(grid, amount, seed) if kind == "noise" else shifted(grid, amount)[None]
    found = {}
    for name, layer in rivals(pool).items():
        old, new = layer(grid), layer(after)
        fits = np.isfinite(old)  # a dilated window that touches no cell holds −∞ whatever happens
        difference = new[:, fits] - old[fits]
        sizes = np.sqrt((difference**2).sum(axis=1))
        change = float(sizes.mean() / (np.sqrt((old[fits] ** 2).sum()) or 1.0))
        found[name] = Changed(old, new[0], change)
    return found


def robustness_curves(grid: Grid, pool: Pooling, kind: Kind, seed: int = 0) -> dict[str, list[float]]:
    """`Changed.change` of each of `rivals` for all AMOUNTS."""
    steps = [robustness(grid, pool, kind, amount, seed) for amount in AMOUNTS[kind]]
    return {name: [step[name].change for step in steps] for name in steps[0]}


# -- layers one after the other ----------------------------------------------------------------------------------

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
        rows, columns = _windows(pool, size)
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
