"""The numbers that a reader edits: a grid, the kernels over it and their biases."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lenet.convolution.arithmetic import Array
from lenet.grid import Grid, resized, sealed


@dataclass(frozen=True, eq=False)
class Numbers:
    """`weight` is (kernels, channels, height, width), `bias` has a number for each kernel."""

    grid: Grid
    weight: Array
    bias: tuple[float, ...]

    def kernel(self, n: int) -> Grid:
        """Kernel number n, (channels, height, width)."""
        return sealed(self.weight[n])

    def with_grid(self, grid: Grid) -> Numbers:
        """Another grid; each kernel follows the number of its channels."""
        height, width = self.weight.shape[2:]
        return replace(self, grid=grid, weight=_resized(self.weight, len(grid), height, width))

    def with_kernel(self, n: int, kernel: Grid) -> Numbers:
        """Another kernel number n; the others follow its size."""
        weight = _resized(self.weight, *kernel.shape)
        weight[n] = kernel
        return replace(self, weight=weight)

    def with_bias(self, n: int, bias: float) -> Numbers:
        return replace(self, bias=(*self.bias[:n], bias, *self.bias[n + 1 :]))


def _resized(weight: Array, channels: int, height: int, width: int) -> Array:
    return np.stack([resized(kernel, channels, height, width) for kernel in weight])


def on_every_channel(kernel: Grid, channels: int) -> Grid:
    """A kernel of one channel on each of so many; one of several channels as it is."""
    return sealed(np.repeat(kernel, channels, axis=0)) if len(kernel) == 1 else kernel
