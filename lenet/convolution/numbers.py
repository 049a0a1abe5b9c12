"""The numbers that a reader edits: a grid, the kernels over it and their biases."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lenet.convolution.arithmetic import Array, Convolution
from lenet.convolution.examples import another_kernel
from lenet.grid import Grid, resized, sealed


@dataclass(frozen=True, eq=False)
class Numbers:
    """A grid, and kernels over it.

    `kernels` is (n, channels, height, width), with a slice for every channel of the grid, those included that a kernel does
    not see because there are `groups`: whoever sets fewer groups finds them as they were. `biases` has a number for each.
    The first `count` kernels are in use; the others were taken away, and come back as they were. `is_picture`: the grid
    takes the place of a picture, grey from 0 to 255.
    """

    grid: Grid
    kernels: Array
    biases: tuple[float, ...]
    count: int
    groups: int = 1
    is_picture: bool = False

    @classmethod
    def of(cls, grid: Grid, layer: Convolution, *, is_picture: bool = False) -> Numbers:
        """A grid and the kernels of a layer over it."""
        biases = (0.0,) * layer.out_channels if layer.bias is None else tuple(layer.bias.tolist())
        # a kernel that sees some channels only has the same numbers for those of the other groups
        kernels = np.tile(layer.weight, (1, layer.groups, 1, 1))
        return cls(grid, kernels, biases, layer.out_channels, layer.groups, is_picture)

    @property
    def is_image(self) -> bool:
        """Whether the grid is drawn as a picture."""
        return self.is_picture and bool(self.grid.min() >= 0 and self.grid.max() <= 255)

    @property
    def bias(self) -> tuple[float, ...]:
        return self.biases[: self.count]

    @property
    def weight(self) -> Array:
        """(kernels in use, channels of a group, height, width), as `Convolution` takes it."""
        return np.stack([self.kernel(n) for n in range(self.count)])

    def seen(self, n: int) -> slice:
        """The channels that kernel number n sees: those of its group."""
        channels = self.kernels.shape[1] // self.groups
        first = n * self.groups // self.count * channels
        return slice(first, first + channels)

    def kernel(self, n: int) -> Grid:
        """Kernel number n, (channels that it sees, height, width)."""
        return sealed(self.kernels[n, self.seen(n)])

    def with_grid(self, grid: Grid, *, is_picture: bool | None = None) -> Numbers:
        """Another grid; each kernel follows the number of its channels."""
        height, width = self.kernels.shape[2:]
        is_picture = self.is_picture if is_picture is None else is_picture
        return replace(
            self, grid=grid, kernels=_resized(self.kernels, len(grid), height, width), is_picture=is_picture
        )

    def with_kernel(self, n: int, kernel: Grid) -> Numbers:
        """Another kernel number n; the others follow its size."""
        channels, height, width = kernel.shape
        changed = replace(self, kernels=_resized(self.kernels, channels * self.groups, height, width))
        changed.kernels[n, changed.seen(n)] = kernel
        return changed

    def with_bias(self, n: int, bias: float) -> Numbers:
        return replace(self, biases=(*self.biases[:n], bias, *self.biases[n + 1 :]))

    def with_count(self, count: int) -> Numbers:
        """So many kernels: those that were taken away come back first, then others from textbooks are added."""
        kernels = self.kernels
        while len(kernels) < count:
            kernels = np.concatenate([kernels, another_kernel(kernels)[None]])
        biases = self.biases + (0.0,) * (len(kernels) - len(self.biases))
        return replace(self, kernels=kernels, biases=biases, count=count)


def _resized(kernels: Array, channels: int, height: int, width: int) -> Array:
    return np.stack([resized(kernel, channels, height, width) for kernel in kernels])


def on_every_channel(kernel: Grid, channels: int) -> Grid:
    """A kernel of one channel on each of so many; one of several channels as it is."""
    return sealed(np.repeat(kernel, channels, axis=0)) if len(kernel) == 1 else kernel
