"""A max padded with 0, against a grid that is really padded with zeros."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given

from lenet.grid import Grid
from lenet.pooling import Pooling, zero_padding
from tests.helpers.strategies import LAYERS, SMALL, fits


@given(SMALL, LAYERS.filter(lambda pool: pool.mode == "max" and not pool.ceil_mode))
def test_what_zeros_would_do(grid: Grid, pool: Pooling) -> None:
    """Against a grid that is really padded with zeros."""
    assume(fits(grid, pool))
    (p, q), (h, w) = pool.padding, grid.shape[1:]
    padded = np.zeros((len(grid), h + 2 * p, w + 2 * q))
    padded[:, p : p + h, q : q + w] = grid
    zeros = Pooling("max", pool.kernel_size, pool.stride, 0, pool.dilation)(padded)
    np.testing.assert_array_equal(zero_padding.zero_padded(grid, pool), zeros)
    output = pool(grid)
    changed = {(c, i, j): value for c, i, j, value in zero_padding.changed_cells(grid, pool)}
    assert set(changed) == {tuple(place) for place in np.argwhere(zeros != output).tolist()}
    assert all(output[place] == value for place, value in changed.items())
