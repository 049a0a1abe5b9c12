"""The windows of a layer that slides over its input, one axis at a time: where they lie. Loads NumPy alone."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lenet.common.arguments import Pair

Kind = Literal["input", "padding", "beyond"]
Array = NDArray[Any]


@dataclass(frozen=True)
class Axis:
    """The height or the width: n input cells and the layer's numbers along it. All in cells.

    ``padding`` lies before the input, and as much behind it unless ``padding_behind`` says otherwise.
    """

    n: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    ceil_mode: bool = False
    padding_behind: int | None = None

    @property
    def behind(self) -> int:
        """Cells of padding behind the input."""
        return self.padding if self.padding_behind is None else self.padding_behind

    @property
    def n_out(self) -> int:
        """Output cells (below 1: the kernel does not fit)."""
        slack = self.n + self.padding + self.behind - self.dilation * (self.kernel - 1) - 1
        if not self.ceil_mode:
            return slack // self.stride + 1
        n_out = -(-slack // self.stride) + 1
        # PyTorch's rule: the last window must start in the input or in the padding before it.
        return n_out - 1 if (n_out - 1) * self.stride >= self.n + self.padding else n_out

    @property
    def extent(self) -> Pair:
        """First cell of the padding, and one past the padding or the last window, whichever is further."""
        return -self.padding, max(self.n + self.behind, self.cells(self.n_out - 1)[-1] + 1)

    def cells(self, i: int) -> tuple[int, ...]:
        """The cells that window i takes."""
        start = i * self.stride - self.padding
        return tuple(range(start, start + self.kernel * self.dilation, self.dilation))

    def kind(self, cell: int) -> Kind:
        if 0 <= cell < self.n:
            return "input"
        return "padding" if cell < self.n + self.behind else "beyond"

    def counts(self, include_padding: bool) -> NDArray[np.int64]:
        """(n_out,) cells of each undilated window that lie in the input, or in the input and its padding."""
        start = np.arange(self.n_out, dtype=np.int64) * self.stride - self.padding
        ring = self.padding if include_padding else 0
        stop = np.minimum(start + self.kernel, self.n + ring)
        return stop - np.maximum(start, -ring)

    def offsets(self) -> list[tuple[slice, slice]]:
        """For each cell of the kernel: (the windows in which it lies in the input, the cells it lies on)."""
        found = []
        for k in range(self.kernel):
            shift = k * self.dilation - self.padding  # window i meets cell i * stride + shift
            first = max(0, -(shift // self.stride))
            stop = min(self.n_out, (self.n - 1 - shift) // self.stride + 1)
            if first < stop:
                cells = slice(first * self.stride + shift, (stop - 1) * self.stride + shift + 1, self.stride)
                found.append((slice(first, stop), cells))
        return found


def kernel_offsets(axes: tuple[Axis, Axis]) -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Every cell of the kernel, row by row, as a pair of what ``Axis.offsets`` gives."""
    columns = axes[1].offsets()
    return [(row, column) for row in axes[0].offsets() for column in columns]


def kind_of_cell(row: Kind, column: Kind) -> Kind:
    """What a cell is, given what its row and its column are."""
    return max(row, column, key=("input", "padding", "beyond").index)
