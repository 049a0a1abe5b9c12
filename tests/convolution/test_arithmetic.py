"""lenet.convolution against cases worked by hand, and against PyTorch itself."""

from __future__ import annotations

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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenet.common.arguments import MAX_INT
from lenet.convolution import PADDING_MODES, Convolution, ConvolutionError
from tests.helpers.torch_convolution import call_torch

often = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
NINE = np.arange(9.0).reshape(1, 3, 3)


# ---- by hand ----


def test_by_hand() -> None:
    assert Convolution([[[[0, 1], [2, 3]]]])(NINE).tolist() == [[[19, 25], [37, 43]]]
    assert Convolution([[[[0, 1], [2, 3]]]], bias=[0.5], padding=(0, 1), stride=(1, 2))(NINE).tolist() == [
        [[9.5, 25.5], [21.5, 43.5]]
    ]


def test_several_channels_and_several_kernels() -> None:
    """Each channel has its own slice of a kernel, and the channels' sums are added up."""
    x = np.concatenate([NINE, NINE + 1])
    kernels = np.array([[[[0, 1], [2, 3]], [[1, 2], [3, 4]]]])
    both = Convolution(np.concatenate([kernels, kernels + 1]), bias=[0, 10])
    assert both(x)[0].tolist() == [[56, 72], [104, 120]]
    assert both(x).shape == (2, 2, 2)
    terms = both.terms(x, 1, 0, 1)
    assert terms.values.tolist() == [[[1, 2], [4, 5]], [[2, 3], [5, 6]]]
    assert terms.sums.tolist() == [1 * 1 + 2 * 2 + 4 * 3 + 5 * 4, 2 * 2 + 3 * 3 + 5 * 4 + 6 * 5]
    assert (terms.total, terms.bias, terms.output) == (100, 10, 110)
    assert terms.output == both(x)[1, 0, 1]


def test_flipped_is_the_convolution_of_mathematics() -> None:
    spot = np.zeros((1, 5, 5))
    spot[0, 2, 2] = 1
    layer = Convolution(np.arange(9.0).reshape(1, 1, 3, 3))
    # A single 1 is answered with the kernel itself by a convolution, with the turned kernel by a cross-correlation.
    assert layer.flipped(spot)[0].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert layer(spot)[0].tolist() == [[8, 7, 6], [5, 4, 3], [2, 1, 0]]
    assert layer.flipped.flipped == layer
    row, kernel = np.array([3.0, 1, 4, 1, 5]), np.array([1.0, 2, -1])
    ours = Convolution(kernel.reshape(1, 1, 1, 3)).flipped(row.reshape(1, 1, 5))
    assert ours.ravel().tolist() == np.convolve(row, kernel, "valid").tolist()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("zeros", [0, 0, 1, 2, 3, 0, 0]),
        ("reflect", [3, 2, 1, 2, 3, 2, 1]),
        ("replicate", [1, 1, 1, 2, 3, 3, 3]),
        ("circular", [2, 3, 1, 2, 3, 1, 2]),
    ],
)
def test_what_the_padding_holds(mode: Any, expected: list[int]) -> None:
    identity = Convolution([[[[1]]]], padding=(0, 2), padding_mode=mode)
    assert identity([[[1, 2, 3]]])[0, 0].tolist() == expected
    corner = Convolution([[[[1, 1, 1, 1, 1]]]], padding=(0, 2), padding_mode=mode)
    window = corner.window(0, 0, (1, 3))
    assert (window.rows, window.columns) == ((0,), (-2, -1, 0, 1, 2))
    assert window.kinds == (("padding", "padding", "input", "input", "input"),)
    held = [0 if c is None else [1, 2, 3][c] for c in window.source_columns]
    assert held == expected[:5] == corner.terms([[[1, 2, 3]]], 0, 0, 0).values[0, 0].tolist()


def test_same_puts_the_odd_row_below_and_right() -> None:
    layer = Convolution(np.ones((1, 1, 2, 4)), padding="same", dilation=(3, 1))
    assert layer.paddings == ((1, 2), (1, 2))
    assert layer.padded_extent((5, 6)) == ((-1, 7), (-1, 8))
    assert layer.output_size((5, 6)) == (5, 6)
    assert Convolution(np.ones((1, 1, 3, 3)), padding="valid").paddings == ((0, 0), (0, 0))


# ---- PyTorch as the judge ----


def numbers(low: int, high: int) -> st.SearchStrategy[Any]:
    number = st.integers(low, high)
    return number | st.tuples(number, number)


@st.composite
def layers(draw: st.DrawFn, low: int) -> dict[str, Any]:
    """Arguments of a layer: with low 1 valid by themselves, with low -1 perhaps not."""
    groups = draw(st.integers(max(1, low), 3) if low == 1 else st.integers(-1, 3))
    outputs = draw(st.integers(1, 3)) * max(1, groups) + (draw(st.integers(0, 1)) if low < 1 else 0)
    shape = outputs, draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    padding = draw(numbers(min(low, 0), 4) | st.sampled_from(["same", "valid"]))
    stride = draw(numbers(low, 3))
    return {
        "weight": shape,
        "bias": draw(st.booleans()),
        "stride": 1 if padding == "same" and low == 1 else stride,
        "padding": padding,
        "dilation": draw(numbers(low, 3)),
        "groups": groups,
        "padding_mode": draw(st.sampled_from(PADDING_MODES)),
    }


def filled(layer: dict[str, Any], seed: int) -> dict[str, Any]:
    """The arguments with numbers in place of shapes."""
    random = np.random.default_rng(seed)
    weight = random.normal(size=layer["weight"])
    return layer | {"weight": weight, "bias": random.normal(size=len(weight)) if layer["bias"] else None}


def tensors(arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        name: torch.tensor(value, requires_grad=True) if isinstance(value, np.ndarray) else value
        for name, value in arguments.items()
    }


sides = st.tuples(st.integers(1, 8), st.integers(1, 8))
batches = st.sampled_from([(), (1,), (2,), (0,)])


@often
@given(layers(low=1), sides, batches, st.integers(0, 2**32 - 1))
def test_values_and_gradients_are_pytorchs(
    layer: dict[str, Any], size: tuple[int, int], lead: tuple[int, ...], seed: int
) -> None:
    arguments = filled(layer, seed)
    convolution, theirs = Convolution(**arguments), tensors(arguments)
    random = np.random.default_rng(seed + 1)
    x = random.normal(size=(*lead, convolution.in_channels, *size))
    leaf = torch.tensor(x, requires_grad=True)
    try:
        answer = call_torch(leaf, **theirs)
    except RuntimeError:  # the kernel does not fit, or the padding reaches too far
        for attempt in (lambda: convolution(x), lambda: convolution.output_size(size)):
            with pytest.raises(ConvolutionError, match=r"^(weight|padding) "):
                attempt()
        return
    kept = x.copy()
    ours = convolution(x)
    assert ours.dtype == np.float64 and convolution.output_size(size) == answer.shape[-2:]
    np.testing.assert_allclose(ours, answer.detach().numpy(), rtol=1e-12, atol=1e-12)
    grad = random.normal(size=ours.shape)
    answer.backward(torch.from_numpy(grad))
    found = convolution.gradients(x, grad)
    for our, leaf_of_theirs in zip(found, (leaf, theirs["weight"], theirs["bias"]), strict=True):
        if leaf_of_theirs is None:
            assert our is None
        else:
            assert our is not None and our.shape == leaf_of_theirs.shape
            expected = np.zeros(our.shape) if leaf_of_theirs.grad is None else leaf_of_theirs.grad.numpy()
            np.testing.assert_allclose(our, expected, rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(x, kept)  # the caller's array is left alone


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(layers(low=-1), sides, st.integers(1, 4), st.integers(0, 1))
def test_refuses_what_pytorch_refuses_and_nothing_else(
    layer: dict[str, Any], size: tuple[int, int], channels: int, odd_bias: int
) -> None:
    arguments = filled(layer, 0)
    if arguments["bias"] is not None:
        arguments["bias"] = np.ones(len(arguments["weight"]) + odd_bias)
    padding = arguments["padding"]
    if arguments["padding_mode"] != "zeros" and not isinstance(padding, str) and np.min(padding) < 0:
        arguments["padding_mode"] = "zeros"  # nn.Conv2d crops with a negative padding there; we refuse it everywhere
    x = np.ones((channels, *size))
    try:
        call_torch(torch.from_numpy(x), **tensors(arguments))
        accepted = True
    except (RuntimeError, ValueError):
        accepted = False
    try:
        Convolution(**arguments)(x)
    except ConvolutionError as error:
        assert not accepted, str(error)
        assert error.params["argument"] in {*arguments, "x"}
        assert str(error).startswith(str(error.params["argument"]))
    else:
        assert accepted


@often
@given(layers(low=1), sides, st.data())
def test_windows_and_terms_explain_every_output(
    layer: dict[str, Any], size: tuple[int, int], data: st.DataObject
) -> None:
    convolution = Convolution(**filled(layer, 0))
    try:
        height, width = convolution.output_size(size)
    except ConvolutionError:
        return
    x = np.random.default_rng(1).normal(size=(convolution.in_channels, *size))
    output = convolution(x)
    o, i, j = (data.draw(st.integers(0, n - 1)) for n in output.shape)
    window, terms = convolution.window(i, j, size), convolution.terms(x, o, i, j)
    rows, columns = convolution.windows(size)
    assert (len(rows), len(columns)) == (height, width)
    assert (rows[i], columns[j]) == (window.rows, window.columns)
    (top, bottom), (left, right) = convolution.padded_extent(size)
    assert top <= window.rows[0] and window.rows[-1] < bottom and left <= window.columns[0]
    assert window.columns[-1] < right
    for a, b in itertools.product(range(len(window.rows)), range(len(window.columns))):
        inside = 0 <= window.rows[a] < size[0] and 0 <= window.columns[b] < size[1]
        assert window.kinds[a][b] == ("input" if inside else "padding")
        row, column = window.source_rows[a], window.source_columns[b]
        if inside:
            assert (row, column) == (window.rows[a], window.columns[b])
        held = 0 if row is None or column is None else x[list(terms.channels), row, column]
        np.testing.assert_array_equal(terms.values[:, a, b], held)
    assert terms.total == pytest.approx(terms.products.sum(), abs=1e-12)
    assert terms.output == pytest.approx(output[o, i, j], abs=1e-12)


# ---- arrays ----


def test_any_number_of_leading_axes() -> None:
    random = np.random.default_rng(0)
    layer = Convolution(random.normal(size=(4, 1, 3, 3)), random.normal(size=4), 2, 1, groups=2)
    x, grad = random.normal(size=(2, 1, 3, 2, 5, 6)), random.normal(size=(2, 1, 3, 4, 3, 3))
    assert layer(x).shape == (2, 1, 3, 4, 3, 3)
    np.testing.assert_allclose(layer(x)[1, 0, 2], layer(x[1, 0, 2]))
    whole = layer.gradients(x, grad)
    parts = [layer.gradients(x[place], grad[place]) for place in np.ndindex(2, 1, 3)]
    np.testing.assert_allclose(whole.input[1, 0, 2], parts[-1].input)
    np.testing.assert_allclose(whole.weight, sum(part.weight for part in parts))
    np.testing.assert_allclose(whole.bias, sum(part.bias for part in parts))


def test_whole_numbers_of_any_kind_are_taken_and_other_things_refused() -> None:
    layer = Convolution(np.ones((1, 1, 2, 2), np.int8))
    for dtype in ("uint8", "int64", "float16", "float32", ">f8", ">i2"):
        assert layer(np.full((1, 2, 2), 200 if dtype != "int8" else 1, dtype)).tolist() == [[[800]]]
    for x, code in [
        (np.ones((2, 2)), "too_few_dims"),
        (3.0, "too_few_dims"),
        ([[[1.0, 2.0], [3.0]]], "not_array"),
        ([[["a"]]], "dtype_refused"),
        (np.ones((1, 2, 2), bool), "dtype_refused"),  # as PyTorch
        (np.ones((1, 2, 2), complex), "dtype_refused"),
        (np.ones((1, 2, 2), object), "dtype_refused"),
        (np.ones((1, 0, 2)), "empty_array"),
        (np.ones((3, 2, 2)), "wrong_channels"),
    ]:
        with pytest.raises(ConvolutionError, match=r"^x ") as caught:
            layer(x)
        assert caught.value.code == code


def test_layout_does_not_matter_and_the_callers_numbers_are_not_shared() -> None:
    weight, x = np.random.default_rng(0).normal(size=(2, 3, 2, 2)), np.random.default_rng(1).normal(size=(3, 4, 5))
    expected = Convolution(weight)(x)
    np.testing.assert_allclose(Convolution(np.asfortranarray(weight))(np.asfortranarray(x)), expected)
    layer = Convolution(weight)
    weight[:] = 0
    np.testing.assert_array_equal(layer(x), expected)
    with pytest.raises(ValueError, match="read-only"):
        layer.weight[0] = 0


def test_no_warnings_from_infinities(recwarn: pytest.WarningsRecorder) -> None:
    x = np.array([[[math.inf, -math.inf], [math.nan, 1e308]]])
    layer = Convolution(np.full((1, 1, 2, 2), 1e308), padding=1)
    layer(x)
    layer.gradients(x, np.full((1, 3, 3), math.inf))
    assert not recwarn.list


def test_no_input_channels_give_the_bias() -> None:
    """PyTorch takes them as well, but answers with no output channels at all: (1, 0, 3, 3)."""
    layer = Convolution(np.ones((2, 0, 3, 3)), [1, 2])
    assert layer(np.ones((1, 0, 5, 5))).tolist() == [[[[1.0] * 3] * 3, [[2.0] * 3] * 3]]
    assert call_torch(torch.ones(1, 0, 5, 5), torch.ones(2, 0, 3, 3), torch.ones(2)).ndim == 4


def test_gradient_of_another_shape() -> None:
    layer = Convolution(np.ones((1, 1, 2, 2)))
    with pytest.raises(ConvolutionError, match=r"^grad_output has shape \(1, 3, 3\)"):
        layer.gradients(NINE, np.ones((1, 3, 3)))
    with pytest.raises(ConvolutionError, match=r"^grad_output"):
        layer.gradients(NINE, [[["a"]]])


@pytest.mark.parametrize("cell", [(1, 0, 0), (0, 2, 0), (0, 0, 2), (0, -1, 0), (0, 0, 1.0), (True, 0, 0)])
def test_cells_outside_the_output(cell: tuple[Any, Any, Any]) -> None:
    with pytest.raises(ConvolutionError, match=r"^cell"):
        Convolution(np.ones((1, 1, 2, 2))).terms(NINE, *cell)


@pytest.mark.parametrize("size", [(0, 3), (3, -1), (3.0, 3), (1, 3, 3), "33", None, (2**31, 3)])
def test_sizes_of_no_input(size: Any) -> None:
    with pytest.raises(ConvolutionError, match=r"^size"):
        Convolution(np.ones((1, 1, 1, 1))).output_size(size)


def test_terms_want_one_sample() -> None:
    with pytest.raises(ConvolutionError, match=r"^x is 4-dimensional"):
        Convolution(np.ones((1, 1, 2, 2))).terms(NINE[None], 0, 0, 0)


# ---- the class ----


def test_attributes_after_construction() -> None:
    layer = Convolution(np.ones((4, 2, 3, 5)), padding=(1, 0), groups=2)
    assert (layer.stride, layer.padding, layer.dilation) == ((1, 1), (1, 0), (1, 1))
    assert (layer.in_channels, layer.out_channels, layer.kernel_size) == (4, 4, (3, 5))
    assert (layer.parameters, replace(layer, bias=np.ones(4)).parameters) == (120, 124)
    assert [list(layer.channels(o)) for o in range(4)] == [[0, 1], [0, 1], [2, 3], [2, 3]]
    assert replace(layer, padding=0) == Convolution(np.ones((4, 2, 3, 5)), groups=2) != layer
    assert hash(layer) == hash(copy.deepcopy(layer)) and copy.deepcopy(layer) == layer
    with pytest.raises(FrozenInstanceError):
        layer.padding = (0, 0)  # type: ignore[misc]


def test_large_settings_take_no_memory() -> None:
    """What is far away is worked out and not laid out."""
    x = np.ones((1, 3, 3))
    tracemalloc.start()
    try:
        assert Convolution(np.ones((1, 1, 3, 3)), padding="same", dilation=MAX_INT)(x).tolist() == x.tolist()
        assert Convolution(np.ones((1, 1, 3, 3)), stride=MAX_INT)(x).tolist() == [[[9]]]
        with pytest.raises(ConvolutionError, match=r"^weight"):
            Convolution(np.ones((1, 1, 3, 3)), dilation=MAX_INT)(x)
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_the_work_in_python_does_not_grow_with_the_map() -> None:
    """NumPy does a whole map for each cell of the kernel: as many calls for 28×28 cells as for 280×280."""

    def calls(side: int) -> int:
        """Calls made by our own code: whatever else runs in this process has its own."""
        layer, x, found = Convolution(np.ones((2, 1, 3, 3)), padding=1), np.ones((1, side, side)), 0

        def count(frame: Any, event: str, _argument: object) -> None:
            nonlocal found
            found += event in ("call", "c_call") and "convolution" in Path(frame.f_code.co_filename).parts

        sys.setprofile(count)
        try:
            layer(x)
        finally:
            sys.setprofile(None)
        return found

    assert calls(28) == calls(280) > 9


def test_imports_numpy_alone() -> None:
    code = (
        "import sys, lenet.convolution;"
        "extra = {'torch', 'streamlit', 'plotly', 'pandas', 'scipy', 'PIL'} & set(sys.modules);"
        "extra |= {m for m in sys.modules if m.startswith('lenet.') and not m.startswith('lenet.convolution')};"
        "extra -= {'lenet.common', 'lenet.common.arguments', 'lenet.common.windows'};"
        "assert not extra, extra"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
