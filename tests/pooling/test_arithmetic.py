"""lenet.pooling against the note's numbers, against cases worked by hand, and against PyTorch itself."""

import copy
import itertools
import math
import subprocess
import sys
import tracemalloc
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenet.pooling import MAX_INT, MAX_KERNEL, Pooling, PoolingError, receptive_field
from lenet.pooling.arithmetic import Mode
from tests.helpers.torch_pooling import call_torch

often = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
NAN = float("nan")
LOWEST = -(2**31)


# ---- the note ----


def test_the_note() -> None:
    nine = np.arange(9.0).reshape(3, 3)
    assert Pooling("max", 2, stride=1)(nine).tolist() == [[4, 5], [7, 8]]
    assert Pooling("avg", 2, stride=1)(nine).tolist() == [[2, 3], [5, 6]]
    sixteen = np.arange(16.0).reshape(1, 1, 4, 4)
    pool = Pooling("max", 3, padding=1, stride=2)
    assert pool(sixteen).tolist() == [[[[5, 7], [13, 15]]]]
    channels = np.concatenate((sixteen, sixteen + 1), 1)
    assert pool(channels).shape == (1, 2, 2, 2)
    assert pool(channels).tolist() == [[[[5, 7], [13, 15]], [[6, 8], [14, 16]]]]


# ---- PyTorch as the judge ----


def numbers(low: int, high: int) -> st.SearchStrategy[Any]:
    number = st.integers(low, high)
    return number | st.tuples(number, number)


@st.composite
def layers(draw: st.DrawFn, low: int) -> tuple[str, dict[str, Any]]:
    """(mode, its arguments): with low 1 valid, but perhaps too large for the input; with low -1 anything."""
    mode = draw(st.sampled_from(["max", "avg"]))
    kernel = draw(numbers(low, 5))
    halves = [max(0, k // 2) for k in (kernel if isinstance(kernel, tuple) else (kernel, kernel))]
    fitting = st.tuples(*(st.integers(0, half) for half in halves))
    arguments = {
        "kernel_size": kernel,
        "stride": draw(st.none() | numbers(low, 4)),
        "padding": draw(fitting if low == 1 else fitting | numbers(-1, 3)),
        "ceil_mode": draw(st.booleans()),
    }
    if mode == "max":
        arguments["dilation"] = draw(numbers(low, 3))
    else:
        arguments["count_include_pad"] = draw(st.booleans())
        arguments["divisor_override"] = draw(st.none() | st.integers(-3, 7).filter(lambda d: d != 0 or low < 1))
    return mode, arguments


shapes = st.lists(st.integers(1, 9), min_size=2, max_size=2).flatmap(
    lambda plane: st.sampled_from(
        [(1, *plane), (3, *plane), (2, 2, *plane), (2, 1, *plane), (1, 1, *plane), (0, 2, *plane)]
    )
)
# Few values, so that there are ties; NaN and both infinities; sums that overflow float32.
floats = st.sampled_from([0.0, -0.0, 1.0, 2.0, -1.5, 0.1, math.pi, 3e38, -3e38, math.nan, math.inf, -math.inf])
DTYPES = {
    "max": ["float32", "float64", "float16", "int8", "uint8", "int16", "int32", "int64"],
    "avg": ["float32", "float64", "float16", "int64"],
}


def draw_array(data: st.DataObject, shape: tuple[int, ...], dtype: str) -> Any:
    count = math.prod(shape)
    if dtype.startswith("float"):
        source = floats if data.draw(st.booleans()) else st.floats(-8, 8, width=16)
    else:
        source = st.integers(0 if dtype == "uint8" else -5, 5)
    with np.errstate(over="ignore"):
        return np.array(data.draw(st.lists(source, min_size=count, max_size=count))).astype(dtype).reshape(shape)


def same(ours: Any, theirs: torch.Tensor) -> None:
    """Bit for bit equal in dtype, shape and numbers; NaN equals NaN."""
    expected = theirs.detach().numpy()
    assert ours.dtype == expected.dtype and ours.shape == expected.shape
    np.testing.assert_array_equal(ours, expected)


@often
@given(layers(low=1), shapes, st.data())
def test_values_indices_and_sizes_are_pytorchs(
    layer: tuple[str, dict[str, Any]], shape: tuple[int, ...], data: st.DataObject
) -> None:
    mode, arguments = layer
    x = draw_array(data, shape, data.draw(st.sampled_from(DTYPES[mode])))
    pool = Pooling(mode, **arguments)
    try:
        answer = call_torch(torch.from_numpy(x), mode, **arguments)
    except RuntimeError:  # the kernel does not fit
        for attempt in (lambda: pool(x), lambda: pool.output_size(shape[-2:])):
            with pytest.raises(PoolingError, match="kernel_size"):
                attempt()
        return
    values = answer[0] if mode == "max" else answer
    kept = x.copy()
    same(pool(x), values)
    if mode == "max":  # without indices PyTorch may take another way
        same(pool(x), F.max_pool2d(torch.from_numpy(x), **arguments))
    assert pool.output_size(shape[-2:]) == values.shape[-2:]
    if mode == "max":
        ours = pool.argmax(x)
        blind = ours == -1
        theirs = answer[1].numpy()
        assert ours.dtype == np.int64
        np.testing.assert_array_equal(ours[~blind], theirs[~blind])
        # -1 exactly where the window lies in the padding altogether, of which window() knows, too.
        height, width = pool.output_size(shape[-2:])
        for i, j in itertools.product(range(height), range(width)):
            assert (blind[..., i, j] == (pool.window(i, j, shape[-2:]).count("input") == 0)).all()
    np.testing.assert_array_equal(x, kept)  # the caller's array is left alone


@often
@given(layers(low=1), shapes, st.sampled_from(["float32", "float64"]), st.data())
def test_gradients_are_pytorchs(
    layer: tuple[str, dict[str, Any]], shape: tuple[int, ...], dtype: str, data: st.DataObject
) -> None:
    mode, arguments = layer
    pool = Pooling(mode, **arguments)
    try:
        height, width = pool.output_size(shape[-2:])
    except PoolingError:
        return
    x = draw_array(data, shape, dtype)
    if mode == "max" and (pool.argmax(x) == -1).any():
        return  # PyTorch writes such a gradient to a wrong cell, or past the end
    grad = draw_array(data, (*shape[:-2], height, width), dtype)
    leaf = torch.from_numpy(x.copy()).requires_grad_()
    answer = call_torch(leaf, mode, **arguments)
    (answer[0] if mode == "max" else answer).backward(torch.from_numpy(grad))
    assert leaf.grad is not None
    same(pool.gradient(x, grad), leaf.grad)


@often
@given(layers(low=-1), st.sampled_from([(1, 1, 1), (1, 4, 4), (1, 3, 6)]))
def test_refuses_what_pytorch_refuses_and_nothing_else(
    layer: tuple[str, dict[str, Any]], shape: tuple[int, ...]
) -> None:
    mode, arguments = layer
    x = np.ones(shape, np.float32)
    try:
        call_torch(torch.from_numpy(x), mode, **arguments)
        accepted = True
    except RuntimeError:
        accepted = False
    try:
        Pooling(mode, **arguments)(x)
    except PoolingError as error:
        assert not accepted, str(error)
        assert error.params["argument"] in str(error)
        assert error.params["argument"] in arguments
    else:
        assert accepted


# ---- arrays ----


@pytest.mark.parametrize("mode", ["max", "avg"])
@pytest.mark.parametrize(
    "dtype",
    [
        "bool",
        "int8",
        "uint8",
        "int16",
        "uint16",
        "int32",
        "uint32",
        "int64",
        "uint64",
        "float16",
        "complex64",
    ],
)
def test_dtypes_are_taken_and_refused_as_by_pytorch(mode: str, dtype: str) -> None:
    x = np.ones((1, 4, 4), dtype)
    try:
        call_torch(torch.from_numpy(x), mode, kernel_size=2)
    except NotImplementedError:
        with pytest.raises(PoolingError, match=rf"^x has dtype {dtype}") as caught:
            Pooling(mode, 2)(x)
        assert caught.value.code == "dtype_refused"
    else:
        assert Pooling(mode, 2)(x).dtype == dtype


@pytest.mark.parametrize("shape", [(1, 0, 6, 6), (1, 1, 0, 6), (0, 6, 6), (0, 0, 6, 6), (2, 3, 6, 0)])
def test_empty_arrays_are_refused_as_by_pytorch(shape: tuple[int, ...]) -> None:
    for mode in ("max", "avg"):
        with pytest.raises(RuntimeError):
            call_torch(torch.ones(shape), mode, kernel_size=2)
        with pytest.raises(PoolingError, match=r"^x of shape"):
            Pooling(mode, 2)(np.ones(shape))


def test_any_number_of_leading_axes() -> None:
    x = np.random.default_rng(0).normal(size=(2, 1, 3, 5, 6))
    for mode in ("max", "avg"):
        pool = Pooling(mode, 3, 2, 1)
        assert pool(x).shape == (2, 1, 3, 3, 3)
        np.testing.assert_array_equal(pool(x)[1, 0, 2], pool(x[1, 0, 2]))
        grad = np.random.default_rng(1).normal(size=(2, 1, 3, 3, 3))
        np.testing.assert_array_equal(pool.gradient(x, grad)[1, 0, 2], pool.gradient(x[1, 0, 2], grad[1, 0, 2]))


def test_arrays_that_are_none() -> None:
    pool = Pooling("max", 2)
    for x, code in [
        (np.ones(4), "too_few_dims"),
        (3.0, "too_few_dims"),
        ([[1.0, 2.0], [3.0]], "not_array"),
        ([["a", "b"], ["c", "d"]], "dtype_refused"),
        (np.ones((2, 2), object), "dtype_refused"),
    ]:
        with pytest.raises(PoolingError, match=r"^x ") as caught:
            pool(x)
        assert caught.value.code == code


def test_layout_and_byte_order_do_not_matter() -> None:
    x = np.arange(48.0).reshape(2, 4, 6) % 7
    pool = Pooling("max", 2, 1)
    expected, grad = pool(x), np.ones((2, 3, 5))
    for other in (np.asfortranarray(x), x.astype(">f8"), np.flip(np.flip(x, 2).copy(), 2), x.tolist()):
        np.testing.assert_array_equal(pool(other), expected)
        np.testing.assert_array_equal(pool.gradient(other, grad), pool.gradient(x, grad))
    assert pool(x.astype(">f8")).dtype.isnative


def test_nan_and_ties_by_hand() -> None:
    x = np.array([[NAN, 1, 3], [2, NAN, 3], [0, 0, 3]])
    pool = Pooling("max", 2, 1)
    np.testing.assert_array_equal(pool(x), [[NAN, NAN], [NAN, NAN]])
    assert pool.argmax(x).tolist() == [[4, 4], [4, 4]]  # of the first window's two NaN the last
    assert Pooling("max", 3).argmax(np.nan_to_num(x)).tolist() == [[2]]  # of three threes the first
    for lowest in (np.full((3, 3), -math.inf), np.zeros((3, 3), np.uint8), np.full((3, 3), LOWEST, np.int32)):
        assert Pooling("max", 2, 2, 1).argmax(lowest).tolist() == [[0, 1], [3, 4]]  # none exceeds the padding


def test_windows_of_padding_alone() -> None:
    pool = Pooling("max", (1, 2), 1, (0, 1), (1, 2))  # columns -1 and 1 of a plane that has only column 0
    x = np.array([[5], [6]], np.int32)
    assert pool(x).tolist() == [[LOWEST], [LOWEST]]
    assert pool(x.astype(np.float32)).tolist() == [[-math.inf], [-math.inf]]
    assert pool.argmax(x).tolist() == [[-1], [-1]]
    assert pool.gradient(x.astype(float), np.ones((2, 1))).tolist() == [[0], [0]]  # nothing to hand on to


def test_no_warnings_from_infinities(recwarn: pytest.WarningsRecorder) -> None:
    x = np.array([[math.inf, -math.inf], [NAN, 3e38]], np.float32)
    for pool in (Pooling("max", 2), Pooling("avg", 2)):
        pool(x)
        pool.gradient(x, np.full((1, 1), 3e38, np.float32))
    assert not recwarn.list


def test_gradients_by_hand() -> None:
    x = np.array([[1.0, 3.0, 2.0], [0.0, 3.0, 5.0]])
    grad = np.array([[10.0, 100.0]])
    assert Pooling("max", 2, 1).gradient(x, grad).tolist() == [[0, 10, 0], [0, 0, 100]]
    assert Pooling("avg", 2, 1).gradient(x, grad).tolist() == [[2.5, 27.5, 25], [2.5, 27.5, 25]]
    for mode in ("max", "avg"):
        pool = Pooling(mode, 2, 1)
        with pytest.raises(PoolingError, match=r"^grad_output has shape \(2, 1\)"):
            pool.gradient(x, grad.T)
        with pytest.raises(PoolingError, match=r"^grad_output"):
            pool.gradient(x, [["a", "b"]])
        with pytest.raises(PoolingError, match=r"^x has dtype int64"):
            pool.gradient(x.astype(int), grad)


def test_argmax_of_an_average() -> None:
    with pytest.raises(PoolingError, match=r"^argmax exists only for mode 'max'"):
        Pooling("avg", 2).argmax(np.ones((2, 2)))


# ---- windows, divisors, geometry ----


def test_window_of_the_note() -> None:
    x = np.arange(9.0).reshape(3, 3)
    window = Pooling("max", 2, 1).window(0, 0, (3, 3))
    assert (window.rows, window.columns) == ((0, 1), (0, 1))
    assert window.kinds == (("input", "input"), ("input", "input"))
    assert (window.divisor, window.divisor_rule) == (None, None)
    assert Pooling("max", 2, 1).terms(x, 0, 0) == (0, 1, 3, 4)
    average = Pooling("avg", 2, 1)
    assert (average.terms(x, 0, 0), average.window(0, 0, (3, 3)).divisor) == ((0, 1, 3, 4), 4)
    assert average.window(1, 1, (3, 3)).cells == tuple((r, c, "input") for r in (1, 2) for c in (1, 2))


def test_window_with_padding() -> None:
    x = np.arange(16.0).reshape(4, 4)
    pool = Pooling("max", 3, 2, 1)
    window = pool.window(0, 1, (4, 4))
    assert (window.rows, window.columns) == ((-1, 0, 1), (1, 2, 3))
    assert window.kinds == (("padding",) * 3, ("input",) * 3, ("input",) * 3)
    assert pool.terms(x, 0, 1) == (-math.inf, -math.inf, -math.inf, 1, 2, 3, 5, 6, 7)

    corner = Pooling("avg", 3, 2, 1)
    assert corner.terms(x, 0, 0) == (0, 0, 0, 0, 0, 1, 0, 4, 5)
    assert (corner.window(0, 0, (4, 4)).divisor, corner(x)[0, 0]) == (9, 10 / 9)
    assert corner.window(0, 0, (4, 4)).divisor_rule == "count_include_pad"

    without = replace(corner, count_include_pad=False)
    assert without.terms(x, 0, 0) == (0, 1, 4, 5)
    assert (without.window(0, 0, (4, 4)).divisor, without(x)[0, 0]) == (4, 2.5)
    assert without.window(0, 0, (4, 4)).divisor_rule == "input_only"

    fixed = replace(corner, divisor_override=2)
    assert (fixed.window(0, 0, (4, 4)).divisor, fixed(x)[0, 0]) == (2, 5)
    assert fixed.window(0, 0, (4, 4)).divisor_rule == "divisor_override"


def test_window_beyond_the_padding() -> None:
    # By hand: rows 3, 4, 5 of 4 rows and a ring of 1; 3 is input, 4 is padding, 5 is nothing at all.
    x = np.arange(16.0).reshape(4, 4)
    pool = Pooling("avg", 3, 2, 1, ceil_mode=True)
    assert pool.output_size((4, 4)) == (3, 3)
    assert pool.padded_extent((4, 4)) == ((-1, 6), (-1, 6))
    window = pool.window(2, 2, (4, 4))
    assert window.rows == window.columns == (3, 4, 5)
    assert window.kinds == (
        ("input", "padding", "beyond"),
        ("padding", "padding", "beyond"),
        ("beyond", "beyond", "beyond"),
    )
    assert [window.count(kind) for kind in ("input", "padding", "beyond")] == [1, 3, 5]
    assert (window.divisor, pool(x)[2, 2]) == (4, 15 / 4)
    assert pool.divisors((4, 4)).tolist() == [[9, 9, 6], [9, 9, 6], [6, 6, 4]]
    assert pool.terms(x, 2, 2) == (15, 0, 0, 0)
    assert replace(pool, count_include_pad=False).divisors((4, 4)).tolist() == [
        [4, 6, 2],
        [6, 9, 3],
        [2, 3, 1],
    ]
    assert replace(pool, divisor_override=9).divisors((4, 4)).tolist() == [[9] * 3] * 3
    assert Pooling("max", 3, 2, 1, ceil_mode=True).terms(x, 2, 2) == (15, *[-math.inf] * 3)


def test_ceil_mode_drops_a_window_that_would_start_in_the_right_padding() -> None:
    # Rows: windows of 2 cells from -1, 1 and 3 would be three for 3 cells, but at 3 there is padding alone.
    pool = Pooling("max", 2, 2, 1, ceil_mode=True)
    assert pool.output_size((3, 4)) == (2, 3)
    assert pool.padded_extent((3, 4)) == ((-1, 4), (-1, 5))


@often
@given(layers(low=1), st.tuples(st.integers(1, 8), st.integers(1, 8)), st.data())
def test_windows_and_terms_explain_every_output(
    layer: tuple[str, dict[str, Any]], size: tuple[int, int], data: st.DataObject
) -> None:
    mode, arguments = layer
    pool = Pooling(mode, **arguments)
    try:
        height, width = pool.output_size(size)
    except PoolingError:
        return
    x = np.random.default_rng(0).integers(-9, 9, size).astype(float)
    y = call_torch(torch.from_numpy(x)[None], mode, **arguments)
    y = (y[0] if mode == "max" else y)[0].numpy()
    (top, bottom), (left, right) = pool.padded_extent(size)
    reached = [pool.window(height - 1, width - 1, size), pool.window(0, 0, size)]
    assert (top, left) == (reached[1].rows[0], reached[1].columns[0])
    assert bottom == max(reached[0].rows[-1] + 1, size[0] + pool.padding[0])
    assert right == max(reached[0].columns[-1] + 1, size[1] + pool.padding[1])
    i, j = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    window, terms = pool.window(i, j, size), pool.terms(x, i, j)
    if mode == "max":
        assert max(terms) == y[i, j]
    else:
        assert window.divisor == pool.divisors(size)[i, j]
        assert sum(terms) / window.divisor == pytest.approx(y[i, j])
        if window.divisor_rule != "divisor_override":
            assert len(terms) == window.divisor


@pytest.mark.parametrize("cell", [(2, 0), (0, 2), (-1, 0), (0, 1.0), (True, 0)])
def test_cells_outside_the_output(cell: tuple[Any, Any]) -> None:
    with pytest.raises(PoolingError, match=r"^cell"):
        Pooling("max", 2, 1).window(*cell, (3, 3))


@pytest.mark.parametrize("size", [(0, 3), (3, -1), (3.0, 3), (1, 3, 3), "33", None, (2**31, 3)])
def test_sizes_of_no_input(size: Any) -> None:
    with pytest.raises(PoolingError, match=r"^size"):
        Pooling("max", 1).output_size(size)


def test_terms_want_one_plane() -> None:
    with pytest.raises(PoolingError, match=r"^x is 3-dimensional"):
        Pooling("max", 2).terms(np.ones((1, 2, 2)), 0, 0)


def test_receptive_field() -> None:
    assert receptive_field([]) == ((1, 1), (1, 1))
    assert receptive_field([Pooling("avg", 2), Pooling("avg", 2)]) == ((4, 4), (4, 4))
    # Rows: 3 dilated to 5, stride 2; then 2 of them, 2 apart: 5 + 2. Columns: 2, stride 1; then 3: 2 + 2.
    stack = [Pooling("max", (3, 2), (2, 1), dilation=(2, 1)), Pooling("avg", (2, 3), (3, 2))]
    assert receptive_field(stack) == ((7, 4), (6, 2))


def test_receptive_field_is_what_a_gradient_reaches() -> None:
    stack = [Pooling("avg", 3, 2), Pooling("avg", 2, 1), Pooling("avg", (2, 3), 2)]
    planes = [np.ones((40, 40))]
    for pool in stack:
        planes.append(pool(planes[-1]))
    tops = []
    for row in (1, 2):
        grad = np.zeros_like(planes[-1])
        grad[row, 1] = 1
        for pool, plane in zip(reversed(stack), reversed(planes[:-1]), strict=True):
            grad = pool.gradient(plane, grad)
        rows, columns = np.nonzero(grad)
        tops.append(rows.min())
    field = receptive_field(stack)
    assert field.size == (np.ptp(rows) + 1, np.ptp(columns) + 1)
    assert field.stride[0] == tops[1] - tops[0]


# ---- the class and its errors ----


def test_attributes_after_construction() -> None:
    pool = Pooling("max", 3, padding=(1, 0))
    assert (pool.kernel_size, pool.stride, pool.padding, pool.dilation) == ((3, 3), (3, 3), (1, 0), (1, 1))
    assert (pool.padding_value, Pooling("avg", 2).padding_value) == (-math.inf, 0)
    assert replace(pool, padding=0) == Pooling("max", 3)
    assert hash(pool) == hash(copy.deepcopy(pool))
    assert eval(repr(pool)) == pool
    with pytest.raises(FrozenInstanceError):
        pool.padding = (0, 0)


def test_large_settings_take_no_memory() -> None:
    """What is far away is worked out and not laid out."""
    x = np.ones((3, 3), np.float32)
    tracemalloc.start()
    try:
        far = Pooling("max", MAX_KERNEL, MAX_INT, MAX_KERNEL // 2)
        assert far(x).tolist() == [[1]]
        assert Pooling("avg", MAX_KERNEL, 1, MAX_KERNEL // 2)(x).shape == (4, 4)
        assert Pooling("max", 1, MAX_INT, dilation=MAX_INT, ceil_mode=True)(x).tolist() == [[1]]
        with pytest.raises(PoolingError, match=r"^kernel_size"):
            Pooling("max", MAX_KERNEL, dilation=MAX_INT)(x)
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("mode", ["max", "avg"])
def test_the_work_in_python_does_not_grow_with_the_map(mode: Mode) -> None:
    """NumPy does a whole map for each cell of the kernel: as many calls for 28×28 cells as for 280×280."""

    def calls(side: int) -> int:
        """Calls made by our own code: whatever else runs in this process has its own."""
        pool, x, found = Pooling(mode, 3, 2, 1), np.ones((side, side), np.float32), 0

        def count(frame: Any, event: str, _argument: object) -> None:
            nonlocal found
            found += event in ("call", "c_call") and "pooling" in Path(frame.f_code.co_filename).parts

        sys.setprofile(count)
        try:
            pool(x)
        finally:
            sys.setprofile(None)
        return found

    assert calls(28) == calls(280) > 9


def test_imports_numpy_alone() -> None:
    code = (
        "import sys, lenet.pooling;"
        "extra = {'torch', 'streamlit', 'plotly', 'pandas', 'scipy'} & set(sys.modules);"
        "extra |= {m for m in sys.modules if m.startswith('lenet.') and not m.startswith('lenet.pooling')};"
        "extra -= {'lenet.common', 'lenet.common.arguments', 'lenet.common.windows'};"
        "assert not extra, extra"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
