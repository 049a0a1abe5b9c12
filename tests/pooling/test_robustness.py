"""What a shift or noise does to maps: worked by hand, and on the boot of the sample."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from plotly import graph_objects as go

from lenet import data
from lenet.grid import Grid
from lenet.pooling import Pooling, robustness
from lenet.pooling.examples import EXAMPLES
from lenet.pooling.figures import robustness as figures
from tests.helpers.strategies import LAYERS, SMALL, fits

BOOT = EXAMPLES["image"].grid()


def test_the_canvas_and_noise() -> None:
    grid = np.array([[[1.0, 1, 2], [1, 5, 3]]])
    assert robustness.background(grid).tolist() == [[[1]]], "the lower median of the border: 1, 1, 1, 2, 3, 5"
    canvas = robustness.on_canvas(grid, Pooling("max", 2, 1), 1)
    assert robustness.room(3, Pooling("max", 2, 1)) == (6, 6)
    assert canvas.shape == (1, 2, 15) and canvas[0, :, 7:10].tolist() == grid[0].tolist()
    assert (canvas[0, :, :7] == 1).all() and (canvas[0, :, 10:] == 1).all()
    noise = robustness.noisy(BOOT, 10, seed=3, draws=50) - BOOT
    assert abs(noise.std() - 25.5) < 0.3 and abs(noise.mean()) < 0.5, "10 % of 0 … 255"
    assert (robustness.noisy(BOOT, 10, 3) == robustness.noisy(BOOT, 10, 3)).all()
    assert (robustness.noisy(BOOT, 10, 3) != robustness.noisy(BOOT, 10, 4)).any()


def test_changes_by_hand() -> None:
    grid = np.array([[[0.0, 0, 0, 8], [0, 0, 0, 0], [6, 0, 0, 0], [0, 0, 0, 0]]])
    found = robustness.responses(grid, Pooling("max", 2, 2), "shift", 1)
    assert list(found) == ["input", "strided", "avg", "max"]
    # Both numbers leave their cells and arrive in the next ones: ‖(−8, 8, −6, 6)‖ / ‖(8, 6)‖.
    assert found["input"].change == pytest.approx(np.sqrt(2))
    # Of every second number the 6 was seen, and afterwards the 8 is.
    assert found["strided"].change == pytest.approx(10 / 6)
    # The 6 stays in its window, the 8 goes on into the next one; an average divides both maps by 4.
    assert found["max"].before[0, :2, 3:6].tolist() == [[0, 8, 0], [6, 0, 0]]
    assert found["max"].after[0, :2, 3:6].tolist() == [[0, 0, 8], [6, 0, 0]]
    assert found["max"].change == found["avg"].change == pytest.approx(8 * np.sqrt(2) / 10)
    moved = robustness.moved(grid, Pooling("max", 2, 2), 1)["max"]
    assert (moved.kept, moved.shown) == (1, 3)


def test_noise_against_the_spread_by_hand() -> None:
    """The boot's measure once more, written out: the mean over the draws of ‖after − before‖ / ‖before − mean‖."""
    before = torch.nn.functional.avg_pool2d(torch.tensor(BOOT), 2).numpy()
    after = torch.nn.functional.avg_pool2d(torch.tensor(robustness.noisy(BOOT, 20, 0)), 2).numpy()
    sizes = [np.linalg.norm(draw - before) for draw in after]
    expected = np.mean(sizes) / (before.std() * np.sqrt(before.size))
    assert robustness.responses(BOOT, Pooling("max", 2, 2), "noise", 20)["avg"].change == pytest.approx(expected)


def test_average_pooling_changes_less_than_max_pooling_over_the_test_images() -> None:
    """Two pixels to the right: the boot by 40.8 and 44.5 %, the first 1,000 test images by 52.1 and 53.5 % on average."""
    pool = Pooling("max", 2, 2)
    boot = robustness.responses(BOOT, pool, "shift", 2)
    assert [round(100 * boot[name].change, 1) for name in ("avg", "max")] == [40.8, 44.5]
    images = data.load("test", "sample")[0].astype(float)
    changes = [
        [robustness.responses(image, pool, "shift", 2)[name].change for name in ("avg", "max")] for image in images
    ]
    assert np.round(100 * np.mean(changes, axis=0), 1).tolist() == [52.1, 53.5]


def test_averages_cancel_noise_where_neighbours_are_alike() -> None:
    pool = Pooling("max", 2, 2)
    found = robustness.responses(BOOT, pool, "noise", 20)
    assert found["strided"].change == pytest.approx(found["input"].change, rel=0.1)
    assert found["avg"].change < 0.65 * found["input"].change
    pooled = robustness.responses(BOOT, Pooling("avg", 2, 2), "noise", 20)
    assert {name: response.change for name, response in pooled.items()} == {n: r.change for n, r in found.items()}

    def gain(grid: Grid) -> float:
        found = robustness.responses(grid, pool, "noise", 20)
        return found["avg"].change / found["input"].change

    images = data.load("test", "sample")[0][:100].astype(float)
    natural, mixed = [gain(image) for image in images], [gain(robustness.shuffled(image)) for image in images]
    chance = [gain(np.random.default_rng(seed).standard_normal((1, 28, 28))) for seed in range(100)]
    assert max(natural) < 0.75 < 0.9 < np.mean(mixed) < 1.1
    assert 0.9 < np.mean(chance) < 1.1, "what cancels noise cancels numbers without likeness as well"


def test_likeness() -> None:
    assert robustness.likeness(np.array([[[1.0, 1], [2, 2]]])) == pytest.approx(1 / 3)
    assert robustness.likeness(np.array([[[1.0, 2, 3]]])) == pytest.approx(1)
    assert robustness.likeness(np.array([[[1.0, 2, 1, 2]]])) == pytest.approx(-1)
    assert robustness.likeness(np.full((1, 3, 3), 7.0)) is None and robustness.likeness(np.ones((1, 1, 1))) is None
    both = np.concatenate([robustness.shuffled(BOOT), robustness.shuffled(BOOT, 1) + 1000])
    assert abs(robustness.likeness(both)) < 0.1, "that one channel is brighter makes no neighbours alike"  # type: ignore[arg-type]
    mixed = robustness.shuffled(BOOT)
    assert sorted(mixed.ravel()) == sorted(BOOT.ravel())
    assert robustness.likeness(BOOT) > 0.8 and abs(robustness.likeness(mixed)) < 0.1  # type: ignore[operator, arg-type]


@given(SMALL, LAYERS, st.sampled_from(["shift", "noise"]))
def test_any_layer_can_be_compared(grid: Grid, pool: Pooling, kind: robustness.Change) -> None:
    assume(fits(grid, pool))
    for changes in robustness.curves(grid, pool, kind).values():
        assert changes[0] == 0 and all(np.isfinite(changes)) and min(changes) >= 0
    found = robustness.responses(grid, pool, kind, 2)
    words = figures.names(pool.stride)
    left_out = {"strided"} if pool.stride == (1, 1) else set()
    assert set(words) == set(found) | left_out and figures.sentence(found, words, (grid.size, pool(grid).size))


def on_canvas(grid: Grid, left: int, right: int, cells: int) -> torch.Tensor:
    """The grid between columns of the lower median of its border, moved to the right."""
    planes = []
    for plane in grid:
        height, width = plane.shape
        border = sorted(
            plane[i, j] for i in range(height) for j in range(width) if i in (0, height - 1) or j in (0, width - 1)
        )
        fill = border[(len(border) - 1) // 2]
        planes.append(np.pad(plane, [(0, 0), (left + cells, right - cells)], constant_values=fill))
    return torch.tensor(np.stack(planes))


def pooled(mode: str, pool: Pooling, x: torch.Tensor) -> np.ndarray[Any, Any]:
    """PyTorch's answer, with the padding of the layer above and below only."""
    functions: Any = torch.nn.functional
    geometry = pool.kernel_size, pool.stride, (pool.padding[0], 0)
    own = pool.mode == mode
    if mode == "max":
        y = functions.max_pool2d(x[None], *geometry, pool.dilation if own else 1, pool.ceil_mode)
    else:
        rules = (pool.count_include_pad, pool.divisor_override) if own else (True, None)
        y = functions.avg_pool2d(x[None], *geometry, pool.ceil_mode, *rules)
    return np.asarray(y[0].numpy())


@given(SMALL, LAYERS, st.sampled_from(robustness.AMOUNTS["shift"][1:]))
def test_sentences_on_a_shift_are_true(grid: Grid, pool: Pooling, amount: int) -> None:
    """Every claim against PyTorch on the canvas: what is exactly moved, by how much the rest differs, what stayed."""
    assume(fits(grid, pool))
    left, right = robustness.room(grid.shape[2], pool)
    told = figures.shift_sentence(robustness.moved(grid, pool, amount), pool.stride[1], amount)
    maps = {
        mode: [pooled(mode, pool, on_canvas(grid, left, right, cells)) for cells in (0, amount)]
        for mode in ("avg", "max")
    }
    assert ("equivariant" in told) == (amount % pool.stride[1] == 0)
    assert ("invariance" in told) == (amount < pool.stride[1])
    for before, after in maps.values():
        if "equivariant" in told:
            n = int(re.findall(r"exactly (\d+) cell", told)[0])
            assert np.array_equal(after[..., n:], before[..., : before.shape[2] - n])
    if "invariance" in told:
        canvas = on_canvas(grid, left, right, 0)
        empty = canvas[:, :, :1].expand_as(canvas)
        counts = []
        for mode in ("max", "avg"):
            before, after = maps[mode]
            plain = pooled(mode, pool, empty)
            seen = (before != plain) | (after != plain)
            counts += [str(int((seen & (before == after)).sum())), str(int(seen.sum()))]
        assert re.findall(r"here (\d+) of the (\d+) .*and (\d+) of (\d+) with", told) == [tuple(counts)]


@given(SMALL, LAYERS, st.sampled_from(["shift", "noise"]), st.integers(0, 6))
def test_the_output_that_changed_least_changed_least(
    grid: Grid, pool: Pooling, kind: robustness.Change, step: int
) -> None:
    assume(fits(grid, pool))
    amounts = robustness.AMOUNTS[kind]
    found = robustness.responses(grid, pool, kind, amounts[step % len(amounts)])
    words = figures.names(pool.stride)
    told = figures.sentence(found, words, (grid.size, pool(grid).size))
    if "changed least" not in told:
        assert found["input"].change == 0 or all(r.is_plain for name, r in found.items() if name != "input")
        return
    least = told.partition("changed least is that of ")[2]
    maps = {name: r.change for name, r in found.items() if name != "input" and not r.is_plain}
    assert f"{100 * min(maps.values()):.1f}%" in least
    for name, change in maps.items():
        assert (words[name] in least) == (f"{100 * change:.1f}" == f"{100 * min(maps.values()):.1f}")


@given(SMALL, LAYERS)
def test_the_table_of_noise_names_what_shows_nothing(grid: Grid, pool: Pooling) -> None:
    assume(fits(grid, pool))
    found = robustness.responses(grid, pool, "noise", 20)
    words = figures.names(pool.stride)
    *_head, row = figures.noise_table({"this grid": (robustness.likeness(grid), found)}, words).splitlines()
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "this grid" and len(cells) == 2 + len(found)
    for cell, response in zip(cells[2:], found.values(), strict=True):
        assert cell == ("–" if response.is_plain else f"{100 * response.change:.1f}%")


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
    assert "784 numbers into 196 (25.0%)" in figures.sentence(shift, words, (784, 196))
    assert "The input did not change" in figures.sentence(shift, words, (784, 196))
