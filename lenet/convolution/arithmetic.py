"""Arithmetic of one convolution, in NumPy alone, with PyTorch's argument names and PyTorch's answers.

    >>> edges = Convolution([[[[-1, 1]]]])
    >>> edges([[[0, 0, 5, 5], [0, 5, 5, 5]]])
    array([[[0., 5., 0.],
            [5., 0., 0.]]])

The words are those of pooling: a *cell* has a row and a column counted from the top left corner of the input, with
padding around it in rows -1, -2 … and H, H+1 …; the *window* of output cell (i, j) starts at row
``i * stride - padding`` and takes every ``dilation``-th row, as many as the kernel has.

What PyTorch calls a convolution is a cross-correlation: the kernel lies on the window as it is written. A convolution
in the mathematical sense turns it by 180° first, as `Convolution.flipped` does. A network learns its kernels, and
learns them turned or not: it makes no difference to what it can compute.

Formulas: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html. All numbers are float64 inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet.common.arguments import Pair
from lenet.common.windows import Axis, Kind, kind_of_cell
from lenet.convolution import arguments
from lenet.convolution.arguments import CHECKS, ConvolutionError, Padding, PaddingMode, numbers
from lenet.convolution.padding import ZERO, furthest, source, sources

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """The input cells that output cell (i, j) looks at, in every channel the same.

    ``kinds[a][b]`` says what the cell at row ``rows[a]`` and column ``columns[b]`` is: part of the "input" or of the
    "padding". ``source_rows[a]`` and ``source_columns[b]`` say whose number stands there: its own, or for a padding
    cell of another mode than "zeros" that of an input cell. None means 0.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    kinds: tuple[tuple[Kind, ...], ...]
    source_rows: tuple[int | None, ...]
    source_columns: tuple[int | None, ...]


@dataclass(frozen=True)
class Terms:
    """What one output cell is the sum of. The arrays are (input channels of the group, kernel height, kernel width).

    ``channels`` are the input channels that the kernel sees: all of them, unless there are groups.
    """

    channels: tuple[int, ...]
    values: Array
    weights: Array
    bias: float

    @property
    def products(self) -> Array:
        """Each cell of the window times the cell of the kernel that lies on it."""
        return self.values * self.weights

    @property
    def sums(self) -> Array:
        """(channels,) of each channel's own sum."""
        return np.asarray(self.products.sum(axis=(1, 2)))

    @property
    def total(self) -> float:
        """The sum of all channels, without the bias."""
        return float(self.sums.sum())

    @property
    def output(self) -> float:
        return self.total + self.bias


class Gradients(NamedTuple):
    """Of a loss with respect to the input, the weight and the bias (None where there is none), each of its shape."""

    input: Array
    weight: Array
    bias: Array | None


@dataclass(frozen=True, init=False, eq=False)
class Convolution:
    """One convolution with its numbers, checked when it is made.

    ``weight`` is (O, I / groups, kh, kw): O kernels, each with a slice for every input channel of its group. After
    construction ``stride`` and ``dilation`` are (height, width) pairs of ints, and so is ``padding`` unless it is
    "same" or "valid"; ``weight`` and ``bias`` are read-only float64 arrays. Raises ConvolutionError naming the argument
    wherever PyTorch refuses, for complex numbers, and for a padding of more than MAX_PADDING or less than 0 (with which
    nn.Conv2d crops the input in modes other than "zeros").
    """

    weight: Array
    bias: Array | None
    stride: Pair
    padding: Padding
    dilation: Pair
    groups: int
    padding_mode: PaddingMode

    def __init__(
        self,
        weight: ArrayLike,
        bias: ArrayLike | None = None,
        stride: int | Pair = 1,
        padding: int | Padding = 0,
        dilation: int | Pair = 1,
        groups: int = 1,
        padding_mode: PaddingMode = "zeros",
    ) -> None:
        kernels = arguments.weight(weight)
        steps = CHECKS.pair("stride", stride, 1)
        checked = {
            "weight": kernels,
            "bias": arguments.bias(bias, len(kernels)),
            "stride": steps,
            "padding": arguments.padding(padding, steps),
            "dilation": CHECKS.pair("dilation", dilation, 1),
            "groups": arguments.groups(groups, len(kernels)),
            "padding_mode": arguments.padding_mode(padding_mode),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)  # the way into a frozen dataclass

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Convolution) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    @property
    def in_channels(self) -> int:
        return int(self.weight.shape[1]) * self.groups

    @property
    def out_channels(self) -> int:
        return len(self.weight)

    @property
    def kernel_size(self) -> Pair:
        return self.weight.shape[2], self.weight.shape[3]

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return int(self.weight.size) + (0 if self.bias is None else int(self.bias.size))

    @property
    def flipped(self) -> "Convolution":
        """The same with every kernel turned by 180°: a convolution in the mathematical sense."""
        return replace(self, weight=self.weight[:, :, ::-1, ::-1])

    # ---- geometry: sizes in, sizes and cells out; no array needed ----

    @property
    def paddings(self) -> tuple[Pair, Pair]:
        """((above, below), (left, right)) of the input, in cells; "same" puts the odd one below and right."""
        if self.padding == "valid":
            return (0, 0), (0, 0)
        if self.padding == "same":
            whole = [d * (k - 1) for k, d in zip(self.kernel_size, self.dilation, strict=True)]
            above, left = (n // 2 for n in whole)
            return (above, whole[0] - above), (left, whole[1] - left)
        height, width = self.padding
        return (height, height), (width, width)

    def output_size(self, size: Pair) -> Pair:
        """(H, W) of the input -> (H', W') of the output, in cells; ConvolutionError if a side is below 1."""
        height, width = self._axes(size)
        return height.n_out, width.n_out

    def padded_extent(self, size: Pair) -> tuple[Pair, Pair]:
        """((first row, stop row), (first column, stop column)) of the input and its padding, stop exclusive."""
        height, width = self._axes(size)
        return height.extent, width.extent

    def windows(self, size: Pair) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
        """The input rows of each output row, and the input columns of each output column."""
        height, width = self._axes(size)
        return [height.cells(i) for i in range(height.n_out)], [width.cells(j) for j in range(width.n_out)]

    def window(self, i: int, j: int, size: Pair) -> Window:
        """What output cell (i, j) of an (H, W) input looks at, in any channel."""
        height, width = self._axes(size)
        self._check_cell(0, i, j, height, width)
        rows, columns = height.cells(i), width.cells(j)
        return Window(
            rows,
            columns,
            tuple(tuple(kind_of_cell(height.kind(r), width.kind(c)) for c in columns) for r in rows),
            self._sources(rows, height),
            self._sources(columns, width),
        )

    def channels(self, channel: int) -> range:
        """The input channels that output channel ``channel`` is made of."""
        inputs, outputs = self.weight.shape[1], self.out_channels // self.groups
        first = channel // outputs * inputs
        return range(first, first + inputs)

    # ---- arrays ----

    def __call__(self, x: ArrayLike) -> Array:
        """(..., I, H, W) -> (..., O, H', W')."""
        array, axes = self._input(x)
        lead, rows, columns = array.shape[:-3], axes[0].n_out, axes[1].n_out
        result = np.zeros((*lead, self.groups, self.out_channels // self.groups, rows * columns))
        with np.errstate(all="ignore"):  # inf - inf is NaN and too much is inf, without a warning
            for weights, cells, _, _ in self._meetings(array, axes):
                result += weights @ cells
            result = result.reshape(*lead, self.out_channels, rows, columns)
            return result if self.bias is None else result + self.bias[:, None, None]

    def terms(self, x: ArrayLike, channel: int, i: int, j: int) -> Terms:
        """The numbers that output cell (channel, i, j) of one sample x (I, H, W) is made of."""
        array, (height, width) = self._input(x)
        if array.ndim != 3:
            raise ConvolutionError("one_sample", {"argument": "x", "value": array.ndim})
        self._check_cell(channel, i, j, height, width)
        seen = self.channels(channel)
        rows, columns = (sources(axis, self.padding_mode)[:, k] for axis, k in ((height, i), (width, j)))
        values = _with_zero(array[seen.start : seen.stop])[:, rows[:, None], columns]
        return Terms(
            tuple(seen), values, self.weight[channel], 0.0 if self.bias is None else float(self.bias[channel])
        )

    def gradients(self, x: ArrayLike, grad_output: ArrayLike) -> Gradients:
        """What reaches the input, the weight and the bias, given the gradient for the output (..., O, H', W').

        A weight takes part in every place of its map: its gradient is the sum over all places (and samples) of the
        input cell that it met times what arrives there. See `learning.weight_terms` for the single terms.
        """
        array, axes = self._input(x)
        grad = numbers("grad_output", grad_output)
        lead, rows, columns = array.shape[:-3], axes[0].n_out, axes[1].n_out
        expected = (*lead, self.out_channels, rows, columns)
        if grad.shape != expected:
            params = {"argument": "grad_output", "value": grad.shape, "expected": expected}
            raise ConvolutionError("gradient_shape", params)
        every_sample = tuple(range(len(lead)))
        arriving = grad.reshape(*lead, self.groups, self.out_channels // self.groups, rows * columns)
        to_input, to_weight = np.zeros_like(_with_zero(array)), np.zeros_like(self.weight)
        with np.errstate(all="ignore"):
            for weights, cells, (a, b), place in self._meetings(array, axes):
                products = arriving @ cells.swapaxes(-1, -2)
                to_weight[:, :, a, b] = products.sum(axis=every_sample).reshape(self.weight.shape[:2])
                passed = weights.swapaxes(-1, -2) @ arriving
                np.add.at(to_input, place, passed.reshape(*array.shape[:-2], rows, columns))
            to_bias = None if self.bias is None else grad.sum(axis=(*every_sample, -2, -1))
        return Gradients(to_input[..., :-1, :-1], to_weight, to_bias)

    # ---- behind the scenes ----

    def _content(self) -> tuple[object, ...]:
        """What makes two convolutions equal."""
        values = (getattr(self, field.name) for field in fields(self))
        return tuple((v.shape, v.tobytes()) if isinstance(v, np.ndarray) else v for v in values)

    def _axes(self, size: Pair) -> tuple[Axis, Axis]:
        """Both axes of an (H, W) input, with their output sizes."""
        sides = CHECKS.pair("size", size, 1)
        for n, both in zip(sides, self.paddings, strict=True):
            limit = furthest(self.padding_mode, n)
            if limit is not None and max(both) > limit:
                params = {"argument": "padding", "value": max(both), "mode": self.padding_mode}
                raise ConvolutionError("padding_too_far", {**params, "size": sides, "maximum": limit})
        along = zip(sides, self.kernel_size, self.stride, self.paddings, self.dilation, strict=True)
        height, width = (
            Axis(n, kernel, stride, both[0], dilation, padding_behind=both[1])
            for n, kernel, stride, both, dilation in along
        )
        if height.n_out < 1 or width.n_out < 1:
            params = {name: getattr(self, name) for name in ("kernel_size", "dilation", "padding")}
            params |= {"argument": "weight", "size": sides, "output": (height.n_out, width.n_out)}
            raise ConvolutionError("output_empty", params)
        return height, width

    def _input(self, x: ArrayLike) -> tuple[Array, tuple[Axis, Axis]]:
        """x as an array that PyTorch would take, and its axes."""
        array = numbers("x", x)
        if array.ndim < 3:
            raise ConvolutionError("too_few_dims", {"argument": "x", "value": array.ndim})
        if 0 in array.shape[-2:]:
            raise ConvolutionError("empty_array", {"argument": "x", "value": array.shape})
        if array.shape[-3] != self.in_channels:
            params = {"argument": "x", "value": array.shape, "channels": array.shape[-3], "groups": self.groups}
            raise ConvolutionError(
                "wrong_channels", {**params, "weight": self.weight.shape, "expected": self.in_channels}
            )
        height, width = array.shape[-2:]
        return array, self._axes((height, width))

    def _check_cell(self, channel: int, i: int, j: int, height: Axis, width: Axis) -> None:
        output = self.out_channels, height.n_out, width.n_out
        for number, stop in zip((channel, i, j), output, strict=True):
            if not 0 <= CHECKS.integer("cell", number, -(2**31), 2**31 - 1) < stop:
                params = {"argument": "cell", "value": (channel, i, j), "output": output}
                raise ConvolutionError("cell_outside", params)

    def _sources(self, cells: tuple[int, ...], axis: Axis) -> tuple[int | None, ...]:
        found = source(np.array(cells), axis.n, self.padding_mode).tolist()
        return tuple(None if cell == ZERO else cell for cell in found)

    def _meetings(self, x: Array, axes: tuple[Axis, Axis]) -> Iterator[tuple[Array, Array, Pair, Any]]:
        """For each cell (a, b) of the kernels: the weights there, the input cells that they meet, (a, b), their index.

        (groups, O / groups, I / groups) and (..., groups, I / groups, H' * W'): their matrix product is this cell's
        share of the output. The work in Python grows with the kernel, not with the map.
        """
        rows, columns = (sources(axis, self.padding_mode) for axis in axes)
        padded = _with_zero(x)
        inputs, outputs = self.weight.shape[1], self.out_channels // self.groups
        shape = (*x.shape[:-3], self.groups, inputs, axes[0].n_out * axes[1].n_out)
        for a, b in np.ndindex(self.kernel_size):
            place = (..., rows[a][:, None], columns[b])
            weights = self.weight[:, :, a, b].reshape(self.groups, outputs, inputs)
            yield weights, padded[place].reshape(shape), (a, b), place


def _with_zero(x: Array) -> Array:
    """x with one more row and column of zeros behind: index ZERO, the last, finds a 0 there."""
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(0, 1), (0, 1)])
