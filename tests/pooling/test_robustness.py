"""What a shift or noise does to maps: worked by hand, and on the boot of the sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from plotly import graph_objects as go

from lenet.grid import Grid
from lenet.pooling import Pooling, robustness
from lenet.pooling.examples import EXAMPLES
from lenet.pooling.figures import robustness as figures
from tests.helpers.strategies import LAYERS, SMALL, fits

BOOT = EXAMPLES["image"].grid()


def test_shifts_and_noise() -> None:
    grid = np.array([[[1.0, 2, 3], [4, 5, 6]]])
    assert robustness.shifted(grid, 1).tolist() == [[[1, 1, 2], [4, 4, 5]]]
    assert robustness.shifted(grid, 9).tolist() == [[[1, 1, 1], [4, 4, 4]]]
    assert (robustness.shifted(grid, 0) == grid).all()
    noise = robustness.noisy(BOOT, 10, seed=3, draws=50) - BOOT
    assert abs(noise.std() - 25.5) < 0.3 and abs(noise.mean()) < 0.5, "10 % of 0 … 255"
    assert (robustness.noisy(BOOT, 10, 3) == robustness.noisy(BOOT, 10, 3)).all()
    assert (robustness.noisy(BOOT, 10, 3) != robustness.noisy(BOOT, 10, 4)).any()


def test_changes_by_hand() -> None:
    grid = np.array([[[0.0, 0, 0, 8], [0, 0, 0, 0], [6, 0, 0, 0], [0, 0, 0, 0]]])
    found = robustness.responses(grid, Pooling("max", 2, 2), "shift", 1)
    assert list(found) == ["input", "strided", "avg", "max"]
    # The 6 moves and is repeated at the edge, the 8 leaves: the differences are −8 and 6, the numbers were 8 and 6.
    assert found["input"].change == pytest.approx(np.hypot(8, 6) / np.hypot(8, 6))
    assert found["strided"].before.tolist() == [[[0, 0], [6, 0]]] and found["strided"].change == 0
    assert found["max"].before.tolist() == [[[0, 8], [6, 0]]] and found["max"].after.tolist() == [[[0, 0], [6, 0]]]
    assert found["max"].change == pytest.approx(0.8)
    assert found["avg"].before.tolist() == [[[0, 2], [1.5, 0]]] and found["avg"].after.tolist() == [[[0, 0], [3, 0]]]


def test_averages_cancel_noise_and_maxima_do_not() -> None:
    found = robustness.responses(BOOT, Pooling("max", 2, 2), "noise", 20)
    assert found["strided"].change == pytest.approx(found["input"].change, rel=0.1)
    assert found["avg"].change < 0.65 * found["input"].change < found["max"].change
    pooled = robustness.responses(BOOT, Pooling("avg", 2, 2), "noise", 20)
    assert {name: response.change for name, response in pooled.items()} == {n: r.change for n, r in found.items()}


@given(SMALL, LAYERS, st.sampled_from(["shift", "noise"]))
def test_any_layer_can_be_compared(grid: Grid, pool: Pooling, kind: robustness.Change) -> None:
    assume(fits(grid, pool))
    for changes in robustness.curves(grid, pool, kind).values():
        assert changes[0] == 0 and all(np.isfinite(changes)) and min(changes) >= 0
    found = robustness.responses(grid, pool, kind, 2)
    words = figures.names(pool.stride)
    left_out = {"strided"} if pool.stride == (1, 1) else set()
    assert set(words) == set(found) | left_out and figures.sentence(found, words)


def test_figures_of_robustness_are_valid() -> None:
    pool = Pooling("max", 2, 2)
    words = figures.names(pool.stride)
    for kind in ("shift", "noise"):
        found = robustness.responses(BOOT, pool, kind, 1)
        pictures = figures.pictures(found, words, image=True)
        assert len(go.Figure(pictures.to_dict()).data) == 12
        curves = figures.curves(robustness.curves(BOOT, pool, kind), words, kind, 1)
        assert len(go.Figure(curves.to_dict()).data) == 4
    shift = robustness.responses(BOOT, pool, "shift", 0)
    assert "784 numbers into 196 (25.0%)" in figures.sentence(shift, words)
    assert "The input did not change" in figures.sentence(shift, words)
