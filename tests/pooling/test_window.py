"""What the component of the window is given to draw, against the arithmetic and against PyTorch's gradient."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from lenet.common import paths
from lenet.grid import Grid, tidy
from lenet.pooling import Pooling, PoolingError
from lenet.pooling.examples import EXAMPLES
from lenet.pooling.figures import window as figures
from tests.helpers.strategies import LAYERS, SMALL, fits


@given(SMALL, LAYERS)
def test_the_scene_agrees_with_the_arithmetic(grid: Grid, pool: Pooling) -> None:
    try:
        output = pool(grid)
    except PoolingError:
        with pytest.raises(PoolingError):
            figures.scene(grid, pool)
        return
    scene = json.loads(json.dumps(figures.scene(grid, pool), allow_nan=False))
    height, width = scene["out_size"]
    assert output.shape == (len(grid), height, width)
    top, left = scene["first"]
    names = {number: kind for kind, number in figures.KINDS.items()}
    for c in range(len(grid)):
        for i in range(height):
            for j in range(width):
                flat = i * width + j
                assert scene["output"]["texts"][c][flat] == tidy(float(output[c, i, j]))
                cells = [
                    (r, k, names[max(scene["row_kinds"][r - top], scene["column_kinds"][k - left])])
                    for r in scene["rows"][i]
                    for k in scene["columns"][j]
                ]
                assert cells == list(pool.window(i, j, grid.shape[1:]).cells)
                if pool.mode == "max":
                    winner = scene["winners"][c][flat]
                    if winner >= 0:
                        assert grid[c].ravel()[winner] == output[c, i, j]
                        assert (*divmod(winner, grid.shape[2]), "input") in cells
                else:
                    total = sum(float(grid[c, r, k]) for r, k, kind in cells if kind == "input")
                    assert scene["sums"][c][flat] == tidy(total)
                    assert scene["divisors"][flat] == str(pool.window(i, j, grid.shape[1:]).divisor)


def test_the_scene_with_zeros() -> None:
    negative = EXAMPLES["negative"].grid()
    scene = figures.scene(negative, Pooling("max", 3, 2, 1), zero=True)
    assert scene["output"]["texts"] == [["0", "0", "0", "−2"]] and scene["truth"] == [["−1", "−1", "−3", "−2"]]
    assert scene["wrong"] == [[0, 1, 2]] and scene["padding_text"] == "0"
    assert "wrong" not in figures.scene(negative, Pooling("avg", 3, 2, 1), zero=True), "an average pads with 0 anyway"


def test_no_torch_on_the_way_to_the_figure() -> None:
    code = "import sys; import lenet.grid, lenet.pooling.figures.window; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=False).returncode == 0


@given(SMALL, LAYERS)
def test_the_legend_says_which_numbers_the_colours_stand_for(grid: Grid, pool: Pooling) -> None:
    assume(fits(grid, pool))
    for scene in (figures.scene(grid, pool), figures.gradient_scene(grid, pool)):
        places = {}
        for zone in ("input", "output"):
            for texts, shades in zip(scene[zone]["texts"], scene[zone]["shades"], strict=True):
                places |= {text: shade for text, shade in zip(texts, shades, strict=True) if shade is not None}
        (low, smallest), (high, largest) = scene["legend"]["ticks"][0], scene["legend"]["ticks"][-1]
        assert (
            scene["legend"]["range"] == [low, high]
            and round(low) <= min(places.values())
            and max(places.values()) <= round(high)
        )
        for place, text in scene["legend"]["ticks"]:
            if text in places:
                assert places[text] == round(place)
        ends = [float(text.replace("−", "-")) for text in (smallest, largest)]
        shown = [float(text.replace("−", "-")) for text in places]
        assert ends[0] <= 0 <= ends[1] and ends[0] <= min(shown) and max(shown) <= ends[1]
        assert "0" in [text for _place, text in scene["legend"]["ticks"]]


@pytest.mark.parametrize(
    ("name", "ticks"),
    [
        ("3x3", [(0, "0"), (100, "8")]),
        ("negative", [(0, "−9"), (50, "0")]),
        ("image", [(0, "0"), (100, "255")]),
    ],
)
def test_legends_of_examples(name: str, ticks: list[tuple[float, str]]) -> None:
    example = EXAMPLES[name]
    pool = Pooling("max", example.kernel_size, example.stride, example.padding)
    assert figures.scene(example.grid(), pool, image=example.image)["legend"]["ticks"] == ticks
    mixed = figures.scene(np.array([[[-3.0, 4]]]), Pooling("max", 1))
    assert mixed["legend"] == {"range": [12.5, 100], "ticks": [(12.5, "−3"), (50, "0"), (100, "4")]}


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
    grid = EXAMPLES["4x4"].grid()
    average = figures.gradient_scene(grid, Pooling("avg", 3, 2, 1, count_include_pad=False))
    assert average["shares"]["texts"] == [["0.25", "0.1667", "0.1667", "0.1111"]]
    best = figures.gradient_scene(grid, Pooling("max", 2, 2), numbered=True)
    assert best["shares"]["texts"] == best["output"]["texts"] == [["1", "2", "3", "4"]]
    assert [best["input"]["texts"][0][i] for i in (5, 7, 13, 15)] == ["1", "2", "3", "4"]
