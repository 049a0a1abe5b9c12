"""Arithmetic of one pooling layer, in NumPy alone, with PyTorch's argument names and PyTorch's answers.

    >>> pool = Pooling("max", kernel_size=2, stride=1)
    >>> pool(np.arange(9.0).reshape(3, 3))
    array([[4., 5.],
           [7., 8.]])

Words used throughout, the same for both axes:

- A *cell* has a row and a column counted from the top left corner of the input: the input is rows 0 … H-1,
  the padding ring around it rows -padding … -1 and H … H+padding-1.
- The *window* of output cell (i, j) starts at row ``i * stride - padding`` and takes every ``dilation``-th
  row, ``kernel_size`` of them. With ``ceil_mode`` the last window may reach *beyond* even the padding ring.

Formulas: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html and ….AvgPool2d.html. Where
those are silent (ties, NaN, divisors at the border) PyTorch itself was asked, and the tests ask it again.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet.common.windows import Array, Axis, Kind, kernel_offsets, kind_of_cell
from lenet.pooling.arguments import Pair, PoolingError, as_array, boolean, divisor, pair, shown
from lenet.pooling.maxima import argmax, maximum

Mode = Literal["max", "avg"]
DivisorRule = Literal["divisor_override", "count_include_pad", "input_only"]

MAX_KERNEL = 4096  # ours: work grows with the kernel's area, and no picture here needs a larger one

_FLOATS = ("float16", "float32", "float64")
_DTYPES = {  # what PyTorch's CPU kernels take, as far as NumPy has it
    "max": (*_FLOATS, "int8", "int16", "int32", "int64", "uint8"),
    "avg": (*_FLOATS, "int64"),
    "gradient": _FLOATS,
}
_DEFAULTS_OF_OTHER_MODE: dict[str, dict[str, object]] = {
    "max": {"count_include_pad": True, "divisor_override": None},
    "avg": {"dilation": (1, 1)},
}


@dataclass(frozen=True)
class Window:
    """What output cell (i, j) looks at.

    ``kinds[a][b]`` says what the cell at row ``rows[a]`` and column ``columns[b]`` is: part of the "input",
    of the "padding" ring, or "beyond" both (ceil_mode only). ``divisor`` is None with mode "max"; with "avg"
    it is the number that the sum is divided by, and ``divisor_rule`` says where that number comes from:

    - "divisor_override": it was given;
    - "count_include_pad": the input and padding cells of this window were counted, those beyond were not;
    - "input_only": the input cells of this window were counted.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    kinds: tuple[tuple[Kind, ...], ...]
    divisor: int | None = None
    divisor_rule: DivisorRule | None = None

    @property
    def cells(self) -> tuple[tuple[int, int, Kind], ...]:
        """(row, column, kind) of every cell, row by row."""
        return tuple(
            (row, column, kind)
            for row, kinds in zip(self.rows, self.kinds, strict=True)
            for column, kind in zip(self.columns, kinds, strict=True)
        )

    def count(self, kind: Kind) -> int:
        """How many of the cells are of this kind."""
        return sum(kinds.count(kind) for kinds in self.kinds)


@dataclass(frozen=True, init=False)
class Pooling:
    """One pooling layer, checked when it is made.

    After construction ``kernel_size``, ``stride``, ``padding`` and ``dilation`` are (height, width) pairs of
    ints, whatever they were given as, and ``stride`` is never None (it defaults to ``kernel_size``). Raises
    PoolingError naming the argument wherever PyTorch refuses, for an argument of the other mode (``dilation``
    belongs to "max", ``count_include_pad`` and ``divisor_override`` to "avg"), and for a kernel wider than
    MAX_KERNEL.
    """

    mode: Mode
    kernel_size: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    ceil_mode: bool
    count_include_pad: bool
    divisor_override: int | None

    def __init__(
        self,
        mode: Mode,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        if not isinstance(mode, str) or mode not in ("max", "avg"):
            raise PoolingError("mode_unknown", {"argument": "mode", "value": shown(mode)})
        kernel = pair("kernel_size", kernel_size, 1, MAX_KERNEL)
        checked = {
            "mode": mode,
            "kernel_size": kernel,
            "stride": kernel if stride is None else pair("stride", stride, 1),
            "padding": pair("padding", padding, 0),
            "dilation": pair("dilation", dilation, 1),
            "ceil_mode": boolean("ceil_mode", ceil_mode),
            "count_include_pad": boolean("count_include_pad", count_include_pad),
            "divisor_override": divisor(divisor_override),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)  # the way into a frozen dataclass

        other = "max" if mode == "avg" else "avg"
        for name, default in _DEFAULTS_OF_OTHER_MODE[mode].items():
            if checked[name] != default:
                params = {"argument": name, "value": checked[name], "default": default}
                raise PoolingError("other_mode", {**params, "mode": mode, "other": other})
        # Half of the plain kernel, even if dilation spreads it wider: PyTorch's rule.
        for pad, k in zip(self.padding, self.kernel_size, strict=True):
            if pad > k // 2:
                params = {"argument": "padding", "value": pad, "kernel_size": k, "maximum": k // 2}
                raise PoolingError("padding_too_large", params)

    @property
    def padding_value(self) -> float:
        """What a padding cell holds: 0 for "avg"; -inf for "max", so that it never wins (ints: lowest)."""
        return -math.inf if self.mode == "max" else 0.0

    # ---- geometry: sizes in, sizes and cells out; no array needed ----

    def output_size(self, size: Pair) -> Pair:
        """(H, W) of the input -> (H', W') of the output, in cells; PoolingError if a side is below 1."""
        height, width = self._axes(size)
        return height.n_out, width.n_out

    def padded_extent(self, size: Pair) -> tuple[Pair, Pair]:
        """((first row, stop row), (first column, stop column)) of all there is to draw, stop exclusive.

        Covers the padding ring and, with ceil_mode, the overhang of the last window: rows from H+padding on.
        """
        height, width = self._axes(size)
        return height.extent, width.extent

    def window(self, i: int, j: int, size: Pair) -> Window:
        """What output cell (i, j) of an (H, W) input looks at, and with "avg" the divisor and its reason."""
        height, width = self._axes(size)
        output = height.n_out, width.n_out
        cell = pair("cell", (i, j), 0)
        if cell[0] >= output[0] or cell[1] >= output[1]:
            raise PoolingError("cell_outside", {"argument": "cell", "value": cell, "output": output})
        rows, columns = height.cells(cell[0]), width.cells(cell[1])
        kinds = tuple(tuple(kind_of_cell(height.kind(r), width.kind(c)) for c in columns) for r in rows)
        window = Window(rows, columns, kinds)
        if self.mode == "max":
            return window
        if self.divisor_override is not None:
            return Window(rows, columns, kinds, self.divisor_override, "divisor_override")
        if self.count_include_pad:
            counted = window.count("input") + window.count("padding")
            return Window(rows, columns, kinds, counted, "count_include_pad")
        return Window(rows, columns, kinds, window.count("input"), "input_only")

    def divisors(self, size: Pair) -> NDArray[np.int64]:
        """(H', W') array of what the sums of an (H, W) input are divided by; all 1 with mode "max"."""
        return self._divisors(self._axes(size))

    # ---- arrays ----

    def __call__(self, x: ArrayLike) -> Array:
        """Pool an array (..., H, W) -> (..., H', W'), dtype kept.

        A NaN in a window makes its output NaN. Integer averages are cut towards zero, as in PyTorch. Takes
        what PyTorch takes: floats, and for "max" also int8 … int64 and uint8, for "avg" also int64.
        """
        array, axes = self._input(x)
        return maximum(array, axes) if self.mode == "max" else self._average(array, axes)

    def argmax(self, x: ArrayLike) -> NDArray[np.int64]:
        """Where each maximum of (..., H, W) lies: (..., H', W') of ``row * W + column`` within its own plane.

        PyTorch's ``return_indices=True``: the first of equals in reading order, but the last NaN if there is
        any. A dilated window may touch no input cell at all; its index is -1 here, where PyTorch's points
        outside the plane or at a cell that the window never saw.
        """
        if self.mode != "max":
            raise PoolingError("argmax_of_avg", {"argument": "mode", "mode": self.mode})
        return argmax(*self._input(x))

    def ties(self, x: ArrayLike) -> NDArray[np.int64]:
        """How many input cells of each window of (..., H, W) hold its maximum: (..., H', W'); 0 where it touches none.

        Only for "max", as `argmax`, which names the first of them. A NaN equals nothing and is not counted.
        """
        if self.mode != "max":
            raise PoolingError("argmax_of_avg", {"argument": "mode", "mode": self.mode})
        array, axes = self._input(x)
        largest = maximum(array, axes)
        count = np.zeros(largest.shape, dtype=np.int64)
        for (out_r, in_r), (out_c, in_c) in kernel_offsets(axes):
            count[..., out_r, out_c] += array[..., in_r, in_c] == largest[..., out_r, out_c]
        return count

    def gradient(self, x: ArrayLike, grad_output: ArrayLike) -> Array:
        """Gradient for x (..., H, W), given the gradient for the output (..., H', W'); x's shape and dtype.

        "max" hands each number to the cell that ``argmax`` names (to none for -1), "avg" gives every input
        cell of the window the number divided by the window's divisor. As in PyTorch, only floats have one.
        """
        array, axes = self._input(x, "gradient")
        grad = as_array("grad_output", grad_output)
        expected = (*array.shape[:-2], axes[0].n_out, axes[1].n_out)
        if grad.shape != expected:
            params = {"argument": "grad_output", "value": grad.shape, "expected": expected}
            raise PoolingError("gradient_shape", params)
        if grad.dtype.kind not in "fiu":
            raise PoolingError("not_array", {"argument": "grad_output"})
        grad = grad.astype(array.dtype)
        result = np.zeros_like(array, order="C")
        with np.errstate(all="ignore"):  # inf - inf is NaN and too much is inf, without a warning
            if self.mode == "max":
                index = argmax(array, axes)
                plane = math.prod(array.shape[-2:])
                first = np.arange(math.prod(expected[:-2])).reshape(*expected[:-2], 1, 1) * plane
                hit = index >= 0
                np.add.at(result.reshape(-1), (first + index)[hit], grad[hit])
            else:
                share = grad / self._divisors(axes).astype(grad.dtype)
                # Backwards over the offsets, so that each cell collects its shares in PyTorch's order.
                for (out_r, in_r), (out_c, in_c) in reversed(kernel_offsets(axes)):
                    result[..., in_r, in_c] += share[..., out_r, out_c]
        return result

    def terms(self, x: ArrayLike, i: int, j: int) -> tuple[float, ...]:
        """The numbers that output cell (i, j) of a plane x (H, W) is made of, row by row, for a formula.

        The output is ``max(terms)`` or ``sum(terms) / window.divisor``. A padding cell is listed as
        ``padding_value``, unless "avg" counts input cells only; cells beyond the padding are never listed.
        """
        array, _ = self._input(x)
        if array.ndim != 2:
            raise PoolingError("plane_dims", {"argument": "x", "value": array.ndim})
        height, width = array.shape
        shown = {"input"} if self.mode == "avg" and not self.count_include_pad else {"input", "padding"}
        return tuple(
            array[row, column].item() if kind == "input" else self.padding_value
            for row, column, kind in self.window(i, j, (height, width)).cells
            if kind in shown
        )

    # ---- behind the scenes ----

    def _axes(self, size: Pair) -> tuple["Axis", "Axis"]:
        """Both axes of an (H, W) input, with their output sizes."""
        sides = pair("size", size, 1)
        arguments = zip(sides, self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        height, width = (Axis(*each, self.ceil_mode) for each in arguments)
        if height.n_out < 1 or width.n_out < 1:
            names = ("kernel_size", "dilation", "padding")
            params = {name: getattr(self, name) for name in names}
            params |= {"argument": "kernel_size", "size": sides, "output": (height.n_out, width.n_out)}
            raise PoolingError("output_empty", params)
        return height, width

    def _input(self, x: ArrayLike, purpose: str = "") -> tuple[Array, tuple["Axis", "Axis"]]:
        """x as an array that PyTorch would take, and its axes."""
        array = as_array("x", x)
        allowed = _DTYPES[purpose or self.mode]
        if array.ndim < 2:
            raise PoolingError("too_few_dims", {"argument": "x", "value": array.ndim})
        if 0 in array.shape[-3:]:
            raise PoolingError("empty_array", {"argument": "x", "value": array.shape})
        if array.dtype.name not in allowed:
            params = {"argument": "x", "value": array.dtype.name, "mode": self.mode}
            raise PoolingError("dtype_refused", {**params, "allowed": ", ".join(allowed)})
        height, width = array.shape[-2:]
        return array, self._axes((height, width))

    def _divisors(self, axes: tuple["Axis", "Axis"]) -> NDArray[np.int64]:
        rows, columns = (axis.counts(self.count_include_pad) for axis in axes)
        fixed = 1 if self.mode == "max" else self.divisor_override
        return np.outer(rows, columns) if fixed is None else np.full((len(rows), len(columns)), fixed)

    def _average(self, x: Array, axes: tuple["Axis", "Axis"]) -> Array:
        # Each sum runs over its window row by row in x's precision (single for half), as PyTorch's does: the
        # same roundings, the same overflows, the same bits.
        wide = np.dtype(np.float32) if x.dtype == np.float16 else x.dtype
        total = np.zeros((*x.shape[:-2], axes[0].n_out, axes[1].n_out), wide)
        divisors = self._divisors(axes).astype(wide)
        with np.errstate(all="ignore"):
            for (out_r, in_r), (out_c, in_c) in kernel_offsets(axes):
                total[..., out_r, out_c] += x[..., in_r, in_c]
            if wide.kind == "i":  # NumPy's // rounds down, C's / towards zero; they agree on multiples
                return np.asarray((total - np.fmod(total, divisors)) // divisors)
            return (total / divisors).astype(x.dtype)


class ReceptiveField(NamedTuple):
    """(height, width) pairs in input cells: how much one output cell sees, how far apart neighbours look."""

    size: Pair
    stride: Pair


def receptive_field(layers: Iterable[Pooling]) -> ReceptiveField:
    """Receptive field and total stride of pooling layers applied one after the other, the first layer first.

    Each layer widens the field by ``(kernel_size - 1) * dilation`` steps of the stride so far, then
    multiplies that stride (https://distill.pub/2019/computing-receptive-fields). Near a border part of the
    field is padding.
    """
    size, stride = [1, 1], [1, 1]
    for layer in layers:
        for axis in (0, 1):
            size[axis] += (layer.kernel_size[axis] - 1) * layer.dilation[axis] * stride[axis]
            stride[axis] *= layer.stride[axis]
    return ReceptiveField((size[0], size[1]), (stride[0], stride[1]))
