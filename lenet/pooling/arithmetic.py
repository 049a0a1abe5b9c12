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
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Marks a sentence for the gettext catalogue; it is translated only when it is shown.
N_ = str

MESSAGES: dict[str, str] = {
    "mode_unknown": N_("mode {value} is not known: it must be 'max' or 'avg'."),
    "not_integer": N_("{argument} takes whole numbers only, not {value}."),
    "not_pair": N_("{argument} {value} has {length} numbers: one int or a (height, width) pair is needed."),
    "not_bool": N_("{argument} {value} is not a switch: it must be True or False."),
    "too_small": N_("{argument} {value} is too small: at least {minimum} is needed."),
    "too_large": N_("{argument} {value} is too large: at most {maximum} is allowed."),
    "padding_too_large": N_(
        "padding {value} is more than half of kernel_size {kernel_size}: at most {maximum} is allowed."
    ),
    "divisor_zero": N_("divisor_override 0 would divide by zero: any other whole number is allowed."),
    "other_mode": N_(
        "{argument} {value} belongs to mode '{other}': with mode '{mode}' {argument} must stay {default}."
    ),
    "output_empty": N_(
        "kernel_size {kernel_size} with dilation {dilation} does not fit into an input of size {size} "
        "with padding {padding}: the output would have size {output}, at least (1, 1) is needed."
    ),
    "cell_outside": N_("cell {value} is outside the output of size {output}: cells are counted from (0, 0)."),
    "not_array": N_("{argument} is not an array of numbers with rows of equal length."),
    "too_few_dims": N_("{argument} has {value} dimensions: at least 2, the height and the width, are needed."),
    "plane_dims": N_("{argument} has {value} dimensions: a single plane has 2, the height and the width."),
    "empty_array": N_("x of shape {value} is empty: only the batch axis, the fourth from the end, may be 0."),
    "dtype_refused": N_("x has dtype {value}: this operation with mode '{mode}' takes {allowed}."),
    "argmax_of_avg": N_("argmax belongs to mode 'max': with mode '{mode}' no cell of a window is chosen."),
    "gradient_shape": N_("grad_output has shape {value}: it must have the output's shape {expected}."),
}


class PoolingError(ValueError):
    """A refused argument. ``code`` is a key of MESSAGES, ``params`` fill its placeholders.

    ``params["argument"]`` is the name of the argument.
    """

    def __init__(self, code: str, params: Mapping[str, object]) -> None:
        super().__init__(code, dict(params))
        self.code = code
        self.params: dict[str, object] = dict(params)

    @property
    def template(self) -> str:
        """The sentence before the parameters are put in: the key under which it is translated."""
        return MESSAGES[self.code]

    def __str__(self) -> str:
        return self.template.format(**self.params)


Mode = Literal["max", "avg"]
Kind = Literal["input", "padding", "beyond"]
DivisorRule = Literal["divisor_override", "count_include_pad", "input_only"]
Pair = tuple[int, int]
Array = NDArray[Any]

MAX_INT = 2**31 - 1  # PyTorch keeps sizes in a C int
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
            raise PoolingError("mode_unknown", {"argument": "mode", "value": _shown(mode)})
        kernel = _pair("kernel_size", kernel_size, 1, MAX_KERNEL)
        checked = {
            "mode": mode,
            "kernel_size": kernel,
            "stride": kernel if stride is None else _pair("stride", stride, 1),
            "padding": _pair("padding", padding, 0),
            "dilation": _pair("dilation", dilation, 1),
            "ceil_mode": _bool("ceil_mode", ceil_mode),
            "count_include_pad": _bool("count_include_pad", count_include_pad),
            "divisor_override": _divisor(divisor_override),
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
        cell = _pair("cell", (i, j), 0)
        if cell[0] >= output[0] or cell[1] >= output[1]:
            raise PoolingError("cell_outside", {"argument": "cell", "value": cell, "output": output})
        rows, columns = height.cells(cell[0]), width.cells(cell[1])
        kinds = tuple(tuple(_worse(height.kind(r), width.kind(c)) for c in columns) for r in rows)
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
        return _max(array, axes) if self.mode == "max" else self._average(array, axes)

    def argmax(self, x: ArrayLike) -> NDArray[np.int64]:
        """Where each maximum of (..., H, W) lies: (..., H', W') of ``row * W + column`` within its own plane.

        PyTorch's ``return_indices=True``: the first of equals in reading order, but the last NaN if there is
        any. A dilated window may touch no input cell at all; its index is -1 here, where PyTorch's points
        outside the plane or at a cell that the window never saw.
        """
        if self.mode != "max":
            raise PoolingError("argmax_of_avg", {"argument": "mode", "mode": self.mode})
        return _argmax(*self._input(x))

    def gradient(self, x: ArrayLike, grad_output: ArrayLike) -> Array:
        """Gradient for x (..., H, W), given the gradient for the output (..., H', W'); x's shape and dtype.

        "max" hands each number to the cell that ``argmax`` names (to none for -1), "avg" gives every input
        cell of the window the number divided by the window's divisor. As in PyTorch, only floats have one.
        """
        array, axes = self._input(x, "gradient")
        grad = _asarray("grad_output", grad_output)
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
                index = _argmax(array, axes)
                plane = math.prod(array.shape[-2:])
                first = np.arange(math.prod(expected[:-2])).reshape(*expected[:-2], 1, 1) * plane
                hit = index >= 0
                np.add.at(result.reshape(-1), (first + index)[hit], grad[hit])
            else:
                share = grad / self._divisors(axes).astype(grad.dtype)
                # Backwards over the offsets, so that each cell collects its shares in PyTorch's order.
                for (out_r, in_r), (out_c, in_c) in reversed(_offsets(axes)):
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

    def _axes(self, size: Pair) -> tuple["_Axis", "_Axis"]:
        """Both axes of an (H, W) input, with their output sizes."""
        sides = _pair("size", size, 1)
        arguments = zip(sides, self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        height, width = (_Axis(*each, self.ceil_mode) for each in arguments)
        if height.n_out < 1 or width.n_out < 1:
            names = ("kernel_size", "dilation", "padding")
            params = {name: getattr(self, name) for name in names}
            params |= {"argument": "kernel_size", "size": sides, "output": (height.n_out, width.n_out)}
            raise PoolingError("output_empty", params)
        return height, width

    def _input(self, x: ArrayLike, purpose: str = "") -> tuple[Array, tuple["_Axis", "_Axis"]]:
        """x as an array that PyTorch would take, and its axes."""
        array = _asarray("x", x)
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

    def _divisors(self, axes: tuple["_Axis", "_Axis"]) -> NDArray[np.int64]:
        rows, columns = (axis.counts(self.count_include_pad) for axis in axes)
        fixed = 1 if self.mode == "max" else self.divisor_override
        return np.outer(rows, columns) if fixed is None else np.full((len(rows), len(columns)), fixed)

    def _average(self, x: Array, axes: tuple["_Axis", "_Axis"]) -> Array:
        # Each sum runs over its window row by row in x's precision (single for half), as PyTorch's does: the
        # same roundings, the same overflows, the same bits.
        wide = np.dtype(np.float32) if x.dtype == np.float16 else x.dtype
        total = np.zeros((*x.shape[:-2], axes[0].n_out, axes[1].n_out), wide)
        divisors = self._divisors(axes).astype(wide)
        with np.errstate(all="ignore"):
            for (out_r, in_r), (out_c, in_c) in _offsets(axes):
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


# ---- one axis ----


@dataclass(frozen=True)
class _Axis:
    """The height or the width: n input cells and the layer's numbers along it. All in cells."""

    n: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    ceil_mode: bool

    @property
    def n_out(self) -> int:
        """Output cells (below 1: the kernel does not fit)."""
        slack = self.n + 2 * self.padding - self.dilation * (self.kernel - 1) - 1
        if not self.ceil_mode:
            return slack // self.stride + 1
        n_out = -(-slack // self.stride) + 1
        # PyTorch's rule: the last window must start in the input or in the padding before it.
        return n_out - 1 if (n_out - 1) * self.stride >= self.n + self.padding else n_out

    @property
    def extent(self) -> Pair:
        """First cell of the padding, and one past the padding or the last window, whichever is further."""
        return -self.padding, max(self.n + self.padding, self.cells(self.n_out - 1)[-1] + 1)

    def cells(self, i: int) -> tuple[int, ...]:
        """The cells that window i takes."""
        start = i * self.stride - self.padding
        return tuple(range(start, start + self.kernel * self.dilation, self.dilation))

    def kind(self, cell: int) -> Kind:
        if 0 <= cell < self.n:
            return "input"
        return "padding" if cell < self.n + self.padding else "beyond"

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


def _offsets(axes: tuple[_Axis, _Axis]) -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Every cell of the kernel, row by row, as a pair of what ``_Axis.offsets`` gives."""
    columns = axes[1].offsets()
    return [(row, column) for row in axes[0].offsets() for column in columns]


def _worse(row: Kind, column: Kind) -> Kind:
    """What a cell is, given what its row and its column are."""
    return max(row, column, key=("input", "padding", "beyond").index)


# ---- maxima ----


def _lowest(dtype: np.dtype[Any]) -> float | int:
    return -math.inf if dtype.kind == "f" else int(np.iinfo(dtype).min)


def _max(x: Array, axes: tuple[_Axis, _Axis]) -> Array:
    # A maximum over rows, then one over columns, is the maximum over the rectangle: k + k steps, not k * k.
    height, width = axes
    tall = np.full((*x.shape[:-2], height.n_out, width.n), _lowest(x.dtype), x.dtype)
    for out, cells in height.offsets():
        part = tall[..., out, :]
        np.maximum(part, x[..., cells, :], out=part)
    best = np.full((*x.shape[:-2], height.n_out, width.n_out), _lowest(x.dtype), x.dtype)
    for out, cells in width.offsets():
        part = best[..., out]
        np.maximum(part, tall[..., cells], out=part)
    return best


def _argmax(x: Array, axes: tuple[_Axis, _Axis]) -> NDArray[np.int64]:
    # The same in two passes, along the rows first: the first maximum in reading order is the first one within
    # the first row that has it. Each pass works on the last axis, then swaps the last two: two swaps undo it.
    value = x
    place = np.broadcast_to(np.arange(x.shape[-2] * x.shape[-1]).reshape(x.shape[-2:]), x.shape)
    for axis in reversed(axes):
        shape = (*value.shape[:-1], axis.n_out)
        best, index = np.full(shape, _lowest(x.dtype), x.dtype), np.full(shape, -1)
        for out, cells in axis.offsets():
            new, held, kept = value[..., cells], best[..., out], index[..., out]
            # Greater, or NaN, or the first cell of its window.
            take = (new > held) | (new != new) | (kept < 0)
            np.copyto(held, new, where=take)
            np.copyto(kept, place[..., cells], where=take)
        value, place = best.swapaxes(-1, -2), index.swapaxes(-1, -2)
    return place


# ---- arguments ----


def _pair(argument: str, value: object, minimum: int, maximum: int = MAX_INT) -> Pair:
    """An int or a pair of ints as a pair, each within [minimum, maximum]."""
    numbers = tuple(value) if isinstance(value, tuple | list) else (value,)
    if len(numbers) not in (1, 2):
        raise PoolingError("not_pair", {"argument": argument, "value": _shown(value), "length": len(numbers)})
    first, last = (_integer(argument, number, minimum, maximum) for number in (numbers[0], numbers[-1]))
    return first, last


def _integer(argument: str, value: object, minimum: int, maximum: int) -> int:
    """Anything that is an integer to Python (NumPy's too), but not a bool, within [minimum, maximum]."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise PoolingError("not_integer", {"argument": argument, "value": _shown(value)}) from None
    if number < minimum:
        raise PoolingError("too_small", {"argument": argument, "value": _shown(number), "minimum": minimum})
    if number > maximum:
        raise PoolingError("too_large", {"argument": argument, "value": _shown(number), "maximum": maximum})
    return number


def _divisor(value: object) -> int | None:
    if value is None:
        return None
    number = _integer("divisor_override", value, -(2**63), 2**63 - 1)  # a C int64 in PyTorch
    if number == 0:
        raise PoolingError("divisor_zero", {"argument": "divisor_override", "value": 0})
    return number


def _bool(argument: str, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise PoolingError("not_bool", {"argument": argument, "value": _shown(value)})
    return bool(value)


def _asarray(argument: str, value: ArrayLike) -> Array:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # ragged lists and the like
        raise PoolingError("not_array", {"argument": argument}) from None
    return array.astype(array.dtype.newbyteorder("="), copy=False)  # idx files, for one, are big-endian


def _shown(value: object) -> object:
    """A refused value, fit for a sentence: short, and safe to print (Python will not print enormous ints)."""
    if isinstance(value, int):
        return value if abs(value) < 10**20 else f"{'-' if value < 0 else ''}2**{abs(value).bit_length() - 1}"
    if isinstance(value, tuple | list):
        return f"({', '.join(str(_shown(each)) for each in value[:4])}{', …' if len(value) > 4 else ''})"
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
