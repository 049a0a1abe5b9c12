"""What a shift or noise of the input does to it and to its pooled maps. On grids (channels, height, width)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lenet.grid import Grid
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.axis import Array

Change = Literal["shift", "noise"]
AMOUNTS: dict[Change, tuple[int, ...]] = {"shift": (0, 1, 2, 3, 4), "noise": (0, 5, 10, 20, 30, 40, 50)}
"""Shifts in cells; the standard deviation of Gaussian noise in percent of the grid's range (largest − smallest)."""
DRAWS = 16
"""Noise is drawn this many times and the changes are averaged; the first draw is the one that is shown."""


@dataclass(frozen=True)
class Response:
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


def compared(pool: Pooling) -> dict[str, Callable[[Array], Array]]:
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


def responses(grid: Grid, pool: Pooling, kind: Change, amount: int, seed: int = 0) -> dict[str, Response]:
    """How a change of the grid reaches each of `compared`; PoolingError if the layer does not fit the grid."""
    after = noisy(grid, amount, seed) if kind == "noise" else shifted(grid, amount)[None]
    found = {}
    for name, layer in compared(pool).items():
        old, new = layer(grid), layer(after)
        fits = np.isfinite(old)  # a dilated window that touches no cell holds −∞ whatever happens
        difference = new[:, fits] - old[fits]
        sizes = np.sqrt((difference**2).sum(axis=1))
        change = float(sizes.mean() / (np.sqrt((old[fits] ** 2).sum()) or 1.0))
        found[name] = Response(old, new[0], change)
    return found


def curves(grid: Grid, pool: Pooling, kind: Change, seed: int = 0) -> dict[str, list[float]]:
    """`Response.change` of each of `compared` for all AMOUNTS."""
    steps = [responses(grid, pool, kind, amount, seed) for amount in AMOUNTS[kind]]
    return {name: [step[name].change for step in steps] for name in steps[0]}
