"""`lenet.pooling.figure`: a layer for notebooks."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

import lenet.pooling
from lenet.common import paths
from lenet.pooling import Pooling, PoolingError
from lenet.pooling.arithmetic import Mode
from tests.helpers.torch_pooling import call_torch


def texts(trace: go.Heatmap) -> list[list[str]]:
    return [list(row) for row in trace.text]


def test_the_notes_example() -> None:
    drawn = lenet.pooling.figure(Pooling("max", 2, 1), np.arange(9.0).reshape(3, 3))
    before, after = drawn.data
    assert texts(before) == [["0", "1", "2"], ["3", "4", "5"], ["6", "7", "8"]]
    assert texts(after) == [["4", "5"], ["7", "8"]]
    assert (before.zmin, before.zmax) == (after.zmin, after.zmax) == (0, 8), "one scale for both"
    assert [note.text for note in drawn.layout.annotations] == ["Input 3×3", "Output 2×2"]


def test_padding_is_a_ring_without_numbers() -> None:
    drawn = lenet.pooling.figure(Pooling("avg", 3, 2, 1), -np.arange(16).reshape(4, 4))
    before, after = drawn.data
    assert (before.x0, before.y0) == (-1, -1) and np.shape(before.z) == (6, 6)
    assert {before.text[0][0], before.text[5][3], before.text[2][5]} == {""} and before.text[1][2] == "−1"
    assert before.zmin == -before.zmax == -15, "signed numbers: centred on zero"
    ring, _all = drawn.layout.shapes
    assert (ring.x0, ring.x1, ring.y0, ring.y1) == (-1.5, 4.5, -1.5, 4.5)
    assert np.shape(after.z) == (2, 2)


@pytest.mark.parametrize(
    ("mode", "arguments"),
    [
        ("max", {"kernel_size": 2, "stride": 1}),
        ("max", {"kernel_size": 3, "stride": 2, "padding": 1}),
        ("max", {"kernel_size": (2, 3), "stride": 1, "padding": 1, "dilation": 2}),
        ("avg", {"kernel_size": 3, "stride": 2, "padding": 1}),
        ("avg", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False}),
        ("avg", {"kernel_size": 2, "stride": 1, "divisor_override": 3}),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_hovering_tells_the_numbers_of_a_window(mode: Mode, arguments: dict[str, Any], dtype: type) -> None:
    """What is written is right: worked out again by Python, and what PyTorch makes of the array."""
    array = np.array([[3, -1, 4, 1], [-5, 9, 2, -6], [5, 3, -5, 8], [9, 7, 9, 3]], dtype)
    after = lenet.pooling.figure(Pooling(mode, **arguments), array).data[1]
    told, answer = np.asarray(after.customdata), call_torch(torch.from_numpy(array)[None], mode, **arguments)
    expected = (answer[0] if mode == "max" else answer)[0].numpy()
    assert told.shape == expected.shape and "%{customdata}" in after.hovertemplate
    for text, value in zip(told.ravel(), expected.ravel(), strict=True):
        formula, _equals, result = text.replace("−", "-").replace("∞", "inf").rpartition(" = ")
        assert eval(formula, {"inf": np.inf, "trunc": np.trunc, "max": max}) == pytest.approx(value)
        assert float(result) == pytest.approx(value, abs=1e-4)


def test_all_cells_are_squares_of_one_size() -> None:
    layout = lenet.pooling.figure(Pooling("max", 3, 2), np.ones((9, 5))).layout
    anchors = [axis.scaleanchor for axis in (layout.yaxis, layout.xaxis2, layout.yaxis2)]
    assert anchors == ["x", "x", "x"], "one pixel size for all four axes"


def test_what_is_no_plane_or_does_not_fit_is_refused() -> None:
    with pytest.raises(PoolingError, match="array is 3-dimensional"):
        lenet.pooling.figure(Pooling("max", 2), np.ones((1, 2, 2)))
    with pytest.raises(PoolingError, match="does not fit"):
        lenet.pooling.figure(Pooling("max", 3), np.ones((2, 2)))


def test_numbers_only_while_they_fit() -> None:
    assert lenet.pooling.figure(Pooling("max", 2), np.ones((28, 28))).data[0].texttemplate == ""


def test_plotly_comes_with_the_figure_and_not_with_the_package() -> None:
    code = "import sys, lenet.pooling as p; before = 'plotly' in sys.modules; p.figure; sys.exit(before or 'plotly' not in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=paths.PROJECT)
