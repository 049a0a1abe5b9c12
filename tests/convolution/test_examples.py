"""The examples of the sandbox: numbers worked out elsewhere, and what their sentences say of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lenet.convolution import Convolution
from lenet.convolution.examples import (
    DILATIONS,
    EXAMPLES,
    INPUTS,
    KERNEL_SIZES,
    KERNELS,
    KERNELS_AT_ONCE,
    PADDINGS,
    STRIDES,
)
from lenet.grid import MAX_CHANNELS, MAX_SIDE
from lenet.pooling import Pooling


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("3x3", [[[19, 25], [37, 43]]]),
        ("bar", [[[0, 1, 0, 0, 0, -1, 0]] * 6]),
        ("spot", [[[9, 8, 7], [6, 5, 4], [3, 2, 1]]]),
        ("channels", [[[56, 72], [104, 120]]]),
        ("kernels", [[[56, 72], [104, 120]], [[77, 101], [149, 173]], [[95, 127], [191, 223]]]),
    ],
)
def test_examples_give_the_numbers_of_the_text_books(name: str, expected: Any) -> None:
    example = EXAMPLES[name]
    assert example.layer()(example.grid()).tolist() == expected


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_examples_fit_into_the_sandbox(example: Any) -> None:
    grid, layer = example.grid(), example.layer()
    output = layer(grid)
    assert not grid.flags.writeable and np.isfinite(output).all()
    assert len(grid) <= MAX_CHANNELS and max(grid.shape[1:]) <= MAX_SIDE
    assert KERNELS_AT_ONCE[0] <= layer.out_channels <= KERNELS_AT_ONCE[1]
    for pair, (low, high) in (
        (layer.kernel_size, KERNEL_SIZES), (layer.stride, STRIDES), (layer.padding, PADDINGS), (layer.dilation, DILATIONS),
    ):  # fmt: skip
        assert low <= min(pair) <= max(pair) <= high


def test_the_colour_is_found() -> None:
    example = EXAMPLES["colours"]
    output = example.layer()(example.grid())[0]
    assert np.argwhere(output == output.max()).tolist() == [[r, c] for r in (1, 2) for c in (1, 2)]
    assert output.max() == 1 and (output[output < 1] <= 0.5).all()


def of(name: str, grid: Any) -> Any:
    return Convolution(KERNELS[name].weight(), padding=1)(grid)[0]


def test_kernels_are_what_they_say() -> None:
    grid = np.random.default_rng(0).normal(size=(1, 7, 7))
    even = np.full((1, 5, 5), 3.0)
    np.testing.assert_array_equal(of("identity", grid), grid[0])
    np.testing.assert_array_equal(of("zero", grid), 0)
    for name, expected in (
        *((name, 0) for name in ("vertical", "horizontal", "sobel", "diagonal", "outline")),
        *((name, 3) for name in ("sharpen", "blur", "mean", "identity")),
    ):
        assert of(name, even)[2, 2] == pytest.approx(expected), name
    inner = of("mean", grid)[1:-1, 1:-1]
    np.testing.assert_allclose(inner, Pooling("avg", 3, 1)(grid[0]))
    brighter = np.arange(5.0) * np.ones((1, 5, 1))  # from left to right
    for name in ("vertical", "sobel", "diagonal"):
        assert of(name, brighter)[2, 2] > 0
    for name in ("horizontal", "diagonal"):
        assert of(name, brighter.swapaxes(1, 2))[2, 2] > 0
    assert of("vertical", brighter.swapaxes(1, 2))[2, 2] == of("horizontal", brighter)[2, 2] == 0


def test_the_corner_is_found_where_it_is() -> None:
    square = np.zeros((1, 8, 8))
    square[0, 2:6, 3:7] = 1
    answer = of("corner", square)
    assert np.argwhere(answer == answer.max()).tolist() == [[2, 3]]


def test_a_kernel_for_several_channels_repeats_itself() -> None:
    assert KERNELS["sobel"].weight(3).shape == (1, 3, 3, 3)
    assert (KERNELS["sobel"].weight(3)[0] == KERNELS["sobel"].weight()[0, 0]).all()


def test_inputs() -> None:
    image = INPUTS["image"].grid()
    assert image.shape == (1, 28, 28) and INPUTS["image"].is_image(image)
    assert not INPUTS["image"].is_image(image - 1) and not INPUTS["letter"].is_image(INPUTS["letter"].grid())
    assert INPUTS["letter"].grid().shape == (1, 8, 8)
