"""What the sandbox computes around a layer, and the data that its figures draw."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from plotly import graph_objects as go

from lenet.grid.text import PRESETS, Grid, tidy
from lenet.pooling import Pooling, PoolingError, sandbox
from lenet.pooling.figures import robustness, stacking
from lenet.pooling.figures import window as figures
from tests.helpers.strategies import LAYERS, SMALL

BOOT = PRESETS["image"].grid()


def fits(grid: Grid, *pools: Pooling) -> bool:
    try:
        sandbox.stack(grid, pools)
    except PoolingError:
        return False
    return True


# -- a max padded with zeros -------------------------------------------------------------------------------------


@given(SMALL, LAYERS.filter(lambda pool: pool.mode == "max" and not pool.ceil_mode))
def test_what_zeros_would_do(grid: Grid, pool: Pooling) -> None:
    """Against a grid that is really padded with zeros."""
    assume(fits(grid, pool))
    (p, q), (h, w) = pool.padding, grid.shape[1:]
    padded = np.zeros((len(grid), h + 2 * p, w + 2 * q))
    padded[:, p : p + h, q : q + w] = grid
    zeros = Pooling("max", pool.kernel_size, pool.stride, 0, pool.dilation)(padded)
    np.testing.assert_array_equal(sandbox.zero_padded(grid, pool), zeros)
    output = pool(grid)
    changed = {(c, i, j): value for c, i, j, value in sandbox.zero_padding_changes(grid, pool)}
    assert set(changed) == {tuple(place) for place in np.argwhere(zeros != output).tolist()}
    assert all(output[place] == value for place, value in changed.items())


def test_the_scene_with_zeros() -> None:
    negative = PRESETS["negative"].grid()
    scene = figures.scene(negative, Pooling("max", 3, 2, 1), zero=True)
    assert scene["output"]["texts"] == [["0", "0", "0", "−2"]] and scene["truth"] == [["−1", "−1", "−3", "−2"]]
    assert scene["wrong"] == [[0, 1, 2]] and scene["padding_text"] == "0"
    assert "wrong" not in figures.scene(negative, Pooling("avg", 3, 2, 1), zero=True), "an average pads with 0 anyway"


# -- gradient ----------------------------------------------------------------------------------------------------


@given(SMALL, LAYERS, st.booleans())
def test_the_gradient_scene_is_pytorchs_gradient(grid: Grid, pool: Pooling, numbered: bool) -> None:
    assume(fits(grid, pool) and bool(np.isfinite(pool(grid)).all()))
    scene = json.loads(json.dumps(figures.gradient_scene(grid, pool, numbered=numbered), allow_nan=False))
    x = torch.tensor(grid[None], requires_grad=True)
    functions: Any = torch.nn.functional
    if pool.mode == "max":
        y = functions.max_pool2d(x, pool.kernel_size, pool.stride, pool.padding, pool.dilation, pool.ceil_mode)
    else:
        y = functions.avg_pool2d(
            x, pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode, pool.count_include_pad,
            pool.divisor_override,
        )  # fmt: skip
    n = y.shape[-2] * y.shape[-1]
    arriving = torch.arange(1, n + 1).reshape(y.shape[-2:]) if numbered else torch.ones(y.shape[-2:])
    y.backward(arriving.expand(y.shape).to(y.dtype))
    assert x.grad is not None
    assert scene["input"]["texts"] == [[tidy(v) for v in plane.ravel().tolist()] for plane in x.grad[0].numpy()]
    assert len(scene["shares"]["texts"][0]) == n


def test_shares_by_hand() -> None:
    grid = PRESETS["4x4"].grid()
    average = figures.gradient_scene(grid, Pooling("avg", 3, 2, 1, count_include_pad=False))
    assert average["shares"]["texts"] == [["0.25", "0.1667", "0.1667", "0.1111"]]
    best = figures.gradient_scene(grid, Pooling("max", 2, 2), numbered=True)
    assert best["shares"]["texts"] == best["output"]["texts"] == [["1", "2", "3", "4"]]
    assert [best["input"]["texts"][0][i] for i in (5, 7, 13, 15)] == ["1", "2", "3", "4"]


# -- robustness --------------------------------------------------------------------------------------------------


def test_shifts_and_noise() -> None:
    grid = np.array([[[1.0, 2, 3], [4, 5, 6]]])
    assert sandbox.shifted(grid, 1).tolist() == [[[1, 1, 2], [4, 4, 5]]]
    assert sandbox.shifted(grid, 9).tolist() == [[[1, 1, 1], [4, 4, 4]]]
    assert (sandbox.shifted(grid, 0) == grid).all()
    noise = sandbox.noisy(BOOT, 10, seed=3, draws=50) - BOOT
    assert abs(noise.std() - 25.5) < 0.3 and abs(noise.mean()) < 0.5, "10 % of 0 … 255"
    assert (sandbox.noisy(BOOT, 10, 3) == sandbox.noisy(BOOT, 10, 3)).all()
    assert (sandbox.noisy(BOOT, 10, 3) != sandbox.noisy(BOOT, 10, 4)).any()


def test_changes_by_hand() -> None:
    grid = np.array([[[0.0, 0, 0, 8], [0, 0, 0, 0], [6, 0, 0, 0], [0, 0, 0, 0]]])
    found = sandbox.robustness(grid, Pooling("max", 2, 2), "shift", 1)
    assert list(found) == ["input", "strided", "avg", "max"]
    # The 6 moves and is repeated at the edge, the 8 leaves: the differences are −8 and 6, the numbers were 8 and 6.
    assert found["input"].change == pytest.approx(np.hypot(8, 6) / np.hypot(8, 6))
    assert found["strided"].before.tolist() == [[[0, 0], [6, 0]]] and found["strided"].change == 0
    assert found["max"].before.tolist() == [[[0, 8], [6, 0]]] and found["max"].after.tolist() == [[[0, 0], [6, 0]]]
    assert found["max"].change == pytest.approx(0.8)
    assert found["avg"].before.tolist() == [[[0, 2], [1.5, 0]]] and found["avg"].after.tolist() == [[[0, 0], [3, 0]]]


def test_averages_cancel_noise_and_maxima_do_not() -> None:
    found = sandbox.robustness(BOOT, Pooling("max", 2, 2), "noise", 20)
    assert found["strided"].change == pytest.approx(found["input"].change, rel=0.1)
    assert found["avg"].change < 0.65 * found["input"].change < found["max"].change
    pooled = sandbox.robustness(BOOT, Pooling("avg", 2, 2), "noise", 20)
    assert {name: changed.change for name, changed in pooled.items()} == {n: c.change for n, c in found.items()}


@given(SMALL, LAYERS, st.sampled_from(["shift", "noise"]))
def test_any_layer_can_be_compared(grid: Grid, pool: Pooling, kind: sandbox.Kind) -> None:
    assume(fits(grid, pool))
    for changes in sandbox.robustness_curves(grid, pool, kind).values():
        assert changes[0] == 0 and all(np.isfinite(changes)) and min(changes) >= 0
    found = sandbox.robustness(grid, pool, kind, 2)
    words = robustness.names(pool.stride)
    left_out = {"strided"} if pool.stride == (1, 1) else set()
    assert set(words) == set(found) | left_out and robustness.sentence(found, words)


def test_figures_of_robustness_are_valid() -> None:
    pool = Pooling("max", 2, 2)
    words = robustness.names(pool.stride)
    for kind in ("shift", "noise"):
        found = sandbox.robustness(BOOT, pool, kind, 1)
        pictures = robustness.pictures(found, words, image=True)
        assert len(go.Figure(pictures.to_dict()).data) == 12
        curves = robustness.curves(sandbox.robustness_curves(BOOT, pool, kind), words, kind, 1)
        assert len(go.Figure(curves.to_dict()).data) == 4
    shift = sandbox.robustness(BOOT, pool, "shift", 0)
    assert "784 numbers into 196 (25.0%)" in robustness.sentence(shift, words)
    assert "The input did not change" in robustness.sentence(shift, words)


# -- layers one after the other ----------------------------------------------------------------------------------


def test_three_pools_on_an_image() -> None:
    levels = sandbox.stack(BOOT, [Pooling("max", 2, 2)] * 3)
    assert [level.values.shape[1:] for level in levels] == [(28, 28), (14, 14), (7, 7), (3, 3)]
    assert (levels[3].field, levels[3].stride) == ((8, 8), (8, 8))
    assert levels[3].rows[1] == [(8, 16), (4, 8), (2, 4)]
    assert "1 + (2 − 1) + (2 − 1)·2 + (2 − 1)·4 = **8**" in stacking.sentence(levels)
    assert "2 · 2 · 2 = **8**" in stacking.sentence(levels)


@given(SMALL, st.lists(LAYERS, min_size=1, max_size=3))
def test_what_a_cell_sees_is_what_can_change_it(grid: Grid, pools: list[Pooling]) -> None:
    """Against the input cells whose gradient through averages is not zero: a hull of them, for dilated windows."""
    averages = [Pooling("avg", p.kernel_size, p.stride, p.padding, ceil_mode=p.ceil_mode) for p in pools]
    assume(fits(grid, *averages))
    levels = sandbox.stack(grid, averages)
    last = levels[-1].values
    json.dumps(stacking.scene(levels), allow_nan=False)
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
        sandbox.stack(PRESETS["3x3"].grid(), [Pooling("max", 2, 1), Pooling("max", 2), Pooling("max", 2)])
