"""Layers one after the other: sizes by hand, and what a cell sees against the gradient that reaches it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lenet.grid import Grid
from lenet.pooling import Pooling, PoolingError, stacking
from lenet.pooling.examples import EXAMPLES
from lenet.pooling.figures import stacking as figures
from tests.helpers.strategies import LAYERS, SMALL, fits

BOOT = EXAMPLES["image"].grid()


def test_three_pools_on_an_image() -> None:
    levels = stacking.stack(BOOT, [Pooling("max", 2, 2)] * 3)
    assert [level.values.shape[1:] for level in levels] == [(28, 28), (14, 14), (7, 7), (3, 3)]
    assert (levels[3].field, levels[3].stride) == ((8, 8), (8, 8))
    assert levels[3].rows[1] == [(8, 16), (4, 8), (2, 4)]
    assert "1 + (2 − 1) + (2 − 1)·2 + (2 − 1)·4 = **8**" in figures.sentence(levels)
    assert "2 · 2 · 2 = **8**" in figures.sentence(levels)


@given(SMALL, st.lists(LAYERS, min_size=1, max_size=3))
def test_what_a_cell_sees_is_what_can_change_it(grid: Grid, pools: list[Pooling]) -> None:
    """Against the input cells whose gradient through averages is not zero: a hull of them, for dilated windows."""
    averages = [Pooling("avg", p.kernel_size, p.stride, p.padding, ceil_mode=p.ceil_mode) for p in pools]
    assume(fits(grid, *averages))
    levels = stacking.stack(grid, averages)
    last = levels[-1].values
    json.dumps(figures.scene(levels), allow_nan=False)
    for i in range(last.shape[1]):
        for j in range(last.shape[2]):
            gradient = np.zeros_like(last)
            gradient[:, i, j] = 1
            for level, pool in zip(levels[-2::-1], averages[::-1], strict=True):
                gradient = pool.gradient(level.values, gradient)
            rows, columns = (np.flatnonzero(gradient[0].any(axis=axis)) for axis in (1, 0))
            (top, bottom), (left, right) = levels[-1].rows[i][0], levels[-1].columns[j][0]
            if rows.size:
                assert (top, bottom) == (rows[0], rows[-1] + 1) and (left, right) == (columns[0], columns[-1] + 1)
            field = levels[-1].field
            assert bottom - top <= field[0] and right - left <= field[1]


def test_a_stack_that_does_not_fit_is_refused() -> None:
    with pytest.raises(PoolingError, match="does not fit"):
        stacking.stack(EXAMPLES["3x3"].grid(), [Pooling("max", 2, 1), Pooling("max", 2), Pooling("max", 2)])
