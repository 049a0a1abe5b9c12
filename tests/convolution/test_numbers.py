"""The numbers that a reader edits: what is kept when the size, the number of kernels or the groups change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lenet.convolution import Convolution
from lenet.convolution.examples import EXAMPLES, another_kernel
from lenet.convolution.numbers import Numbers
from lenet.grid import sealed


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (3, 1), (2, 2), (3, 3), (4, 5), (7, 7)])
def test_each_kernel_that_is_added_is_new_and_answers_to_something(size: tuple[int, int]) -> None:
    kernels = np.ones((1, 2, *size))
    for _n in range(1 if size == (1, 1) else 4):
        added = another_kernel(kernels)
        assert added.shape == (2, *size) and added.any()
        assert not any((added == kernel).all() for kernel in kernels)
        kernels = np.concatenate([kernels, added[None]])


def test_a_layer_is_found_again() -> None:
    layer = Convolution(np.arange(16.0).reshape(4, 1, 2, 2), [1, 2, 3, 4], groups=2)
    numbers = Numbers.of(sealed(np.ones((2, 3, 3))), layer)
    np.testing.assert_array_equal(numbers.weight, layer.weight)
    assert numbers.bias == (1, 2, 3, 4)
    assert [numbers.seen(n) for n in range(4)] == [slice(0, 1), slice(0, 1), slice(1, 2), slice(1, 2)]


def test_kernels_that_were_taken_away_come_back_with_the_size_of_today() -> None:
    numbers = Numbers.of(EXAMPLES["kernels"].grid(), EXAMPLES["kernels"].layer())
    fewer = numbers.with_count(1)
    assert fewer.weight.shape == (1, 2, 2, 2) and fewer.bias == (0,)
    larger = fewer.with_kernel(0, sealed(np.ones((2, 3, 3))))
    back = larger.with_count(3)
    assert back.weight.shape == (3, 2, 3, 3) and back.bias == numbers.bias
    np.testing.assert_array_equal(back.weight[2, :, :2, :2], numbers.weight[2])


def test_slices_that_a_kernel_does_not_see_are_kept() -> None:
    numbers = Numbers.of(EXAMPLES["kernels"].grid(), EXAMPLES["kernels"].layer()).with_count(2)
    grouped = replace(numbers, groups=2).with_kernel(1, sealed([[[9.0, 9.0], [9.0, 9.0]]]))
    assert grouped.weight.tolist()[1] == [[[9, 9], [9, 9]]]
    again = replace(grouped, groups=1)
    np.testing.assert_array_equal(again.kernel(1)[0], numbers.kernel(1)[0])
    assert (again.kernel(1)[1] == 9).all()
