"""What a shift or noise of the input does to it and to its pooled maps. On grids (channels, height, width).

A shift is looked at on a wider canvas, so that nothing is cut off, and measured against what stands on it. Noise is
measured against the spread of the map, which is what can be told apart in it: averaging makes noise smaller, but on
numbers without any likeness between neighbours it makes the spread smaller by the same factor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lenet.common.translation import cached
from lenet.common.windows import Array
from lenet.grid import Grid
from lenet.pooling.arithmetic import Mode, Pooling

Change = Literal["shift", "noise"]
AMOUNTS: dict[Change, tuple[int, ...]] = {"shift": (0, 1, 2, 3, 4), "noise": (0, 5, 10, 20, 30, 40, 50)}
"""Shifts in cells; the standard deviation of Gaussian noise in percent of the grid's range (largest − smallest)."""
DRAWS = 16
"""Noise is drawn this many times and the changes are averaged; the first draw is the one that is shown."""


@dataclass(frozen=True)
class Response:
    """A map before and after its input was changed: (channels, height, width) each.

    `change` is ‖after − before‖ / ‖before − plain‖ (Euclidean norms), with noise the mean over the draws. `plain` is the
    map without anything to see: for a shift that of the empty canvas, for noise its own mean, channel by channel. A map
    that `is_plain` shows nothing that a change could be measured against; its `change` is 0.
    """

    before: Array
    after: Array
    change: float
    is_plain: bool


def background(grid: Grid) -> Array:
    """(channels, 1, 1): the median of each channel's border cells, and of two in the middle the lower one."""
    border = np.ones(grid.shape[1:], dtype=bool)
    border[1:-1, 1:-1] = False
    return np.quantile(grid[:, border], 0.5, axis=1, method="lower")[:, None, None]


def room(width: int, pool: Pooling) -> tuple[int, int]:
    """Columns to add at the left and at the right of a grid, so that no shift moves it out of the picture.

    The windows lie on the grid as without the canvas, every window that touches the shifted grid lies on the canvas, and
    the last one ends with it. So a layer needs no padding at the sides here.
    """
    kernel, stride, padding, dilation = pool.kernel_size[1], pool.stride[1], pool.padding[1], pool.dilation[1]
    span = (kernel - 1) * dilation + 1
    least = AMOUNTS["shift"][-1] + max(span, stride)
    left = -(-least // stride) * stride + padding
    return left, least + -(left + width + least - span) % stride


def on_canvas(grid: Grid, pool: Pooling, cells: int = 0) -> Array:
    """The grid on a wider canvas of its background, moved to the right by so many cells."""
    left, right = room(grid.shape[2], pool)
    canvas = np.broadcast_to(background(grid), (*grid.shape[:2], left + grid.shape[2] + right)).copy()
    canvas[:, :, left + cells : left + cells + grid.shape[2]] = grid
    return canvas


def noisy(grid: Grid, percent: float, seed: int, draws: int = DRAWS) -> Array:
    """(draws, channels, height, width): the grid with Gaussian noise of `percent` of its range; the same for a seed."""
    noise = np.random.default_rng(seed).standard_normal((draws, *grid.shape))
    return grid + noise * (percent / 100 * _range(grid))


def shuffled(grid: Grid, seed: int = 0) -> Array:
    """The numbers of each channel in random order: what is left when neighbours have nothing to do with each other."""
    flat = grid.reshape(len(grid), -1)
    return np.random.default_rng(seed).permuted(flat, axis=1).reshape(grid.shape)


def likeness(grid: Grid) -> float | None:
    """The correlation of numbers side by side or below each other, from −1 to 1; None if there is none to compute."""
    grid = grid - grid.mean(axis=(1, 2), keepdims=True)  # channels of different brightness are not alike for that
    pairs = [(grid[:, :, :-1], grid[:, :, 1:]), (grid[:, :-1], grid[:, 1:])]
    one, other = (np.concatenate([pair[n].ravel() for pair in pairs]) for n in (0, 1))
    if one.size < 2 or not np.ptp(one) or not np.ptp(other):
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _range(grid: Grid) -> float:
    return float(grid.max() - grid.min()) or 1.0


def compared(pool: Pooling, first: int = 0) -> dict[str, Callable[[Array], Array]]:
    """What is compared: the input itself, every stride-th number of it, and average and max pooling.

    The pool on screen is used as it is; the other mode with the same kernel, stride, padding and `ceil_mode`. With
    stride 1, every number is the input again: then there is no `strided`. `first` is its first column.
    """
    mode: Mode = "avg" if pool.mode == "max" else "max"
    other = Pooling(mode, pool.kernel_size, pool.stride, pool.padding, ceil_mode=pool.ceil_mode)
    down, across = pool.stride
    strided: dict[str, Callable[[Array], Array]] = {"strided": lambda x: x[..., ::down, first::across]}
    return {
        "input": lambda x: x,
        **(strided if pool.stride != (1, 1) else {}),
        "avg": pool if pool.mode == "avg" else other,
        "max": pool if pool.mode == "max" else other,
    }


@cached(maxsize=64)
def responses(grid: Grid, pool: Pooling, kind: Change, amount: int, seed: int = 0) -> dict[str, Response]:
    """How a change of the grid reaches each of `compared`; remembered, for `curves` asks too. PoolingError if the layer does not fit the grid."""
    pool.output_size((grid.shape[1], grid.shape[2]))
    if kind == "noise":
        after = noisy(grid, amount, seed)
        return {name: _response(layer(grid), layer(after), None) for name, layer in compared(pool).items()}
    empty = np.broadcast_to(background(grid), grid.shape)
    before, after, plain = (on_canvas(*given) for given in ((grid, pool), (grid, pool, amount), (empty, pool)))
    layers = compared(replace(pool, padding=(pool.padding[0], 0)), pool.padding[1] % pool.stride[1])
    return {name: _response(f(before), f(after)[None], f(plain)) for name, f in layers.items()}


def _response(before: Array, after: Array, plain: Array | None) -> Response:
    """`after` has one more axis, the draws; `plain` None stands for the mean of each channel."""
    fits = np.isfinite(before)  # a dilated window that touches no cell holds −∞ whatever happens
    if plain is None:
        means = [channel[at].mean() if at.any() else 0.0 for channel, at in zip(before, fits, strict=True)]
        plain = np.broadcast_to(np.array(means)[:, None, None], before.shape)
    signal = float(np.linalg.norm(before[fits] - plain[fits]))
    is_plain = signal <= 1e-9 * float(np.abs(before[fits]).max(initial=0.0))
    sizes = np.linalg.norm(after[:, fits] - before[fits], axis=1)
    return Response(before, after[0].copy(), 0.0 if is_plain else float(sizes.mean()) / signal, is_plain)


@dataclass(frozen=True)
class Moved:
    """A pooled map after a shift of its input, compared with the map before, moved to the right by so many `cells`.

    `change` is what is left, measured as `Response.change`; 0: the numbers are the same ones. `kept` and `shown` count the
    cells where one of the two maps differs from the empty canvas: all of them, and those that kept their number.
    """

    cells: int
    change: float
    kept: int
    shown: int


def moved(grid: Grid, pool: Pooling, amount: int) -> dict[str, Moved]:
    """Whether the maps of average and max pooling move with a shift by `amount` cells."""
    empty = np.broadcast_to(background(grid), grid.shape)
    layers = compared(replace(pool, padding=(pool.padding[0], 0)))
    found = {}
    for name in ("avg", "max"):
        before, after, plain = (
            layers[name](on_canvas(*given)) for given in ((grid, pool), (grid, pool, amount), (empty, pool))
        )
        width = before.shape[2]
        cells = min(
            (amount // pool.stride[1], -(-amount // pool.stride[1])),
            key=lambda n: _response(before[..., : width - n], after[None, ..., n:], plain[..., n:]).change,
        )
        aligned = _response(before[..., : width - cells], after[None, ..., cells:], plain[..., cells:])
        seen = (before != plain) | (after != plain)
        found[name] = Moved(cells, aligned.change, int((seen & (before == after)).sum()), int(seen.sum()))
    return found


def curves(grid: Grid, pool: Pooling, kind: Change, seed: int = 0) -> dict[str, list[float]]:
    """`Response.change` of each of `compared` for all AMOUNTS."""
    steps = [responses(grid, pool, kind, amount, seed) for amount in AMOUNTS[kind]]
    return {name: [step[name].change for step in steps] for name in steps[0]}
