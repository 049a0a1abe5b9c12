"""Kernels from textbooks."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.kernels import filters


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 11, 15])
@pytest.mark.parametrize("name", filters.NAMES)
def test_filters_of_any_size(name: str, size: int) -> None:
    kernel = filters.make(name, size)
    assert kernel.shape == (size, size) and np.isfinite(kernel).all()
    if name in ("blur", "identity"):
        assert kernel.sum() == pytest.approx(1)
    else:
        assert kernel.sum() == pytest.approx(0, abs=1e-9), "a level image has neither edges nor spots"
    if size > 2 and name not in ("blur", "identity", "zero"):
        assert np.abs(kernel).sum() == pytest.approx(2)


def test_sobel_is_sobel() -> None:
    three = filters.make("sobel_x", 3)
    np.testing.assert_allclose(three * 4, np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]))
    five = filters.make("sobel_x", 5)
    np.testing.assert_allclose(five / five[0, 4], np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]))
    np.testing.assert_allclose(filters.make("sobel_y", 5), five.T)
