"""`lenet.pooling.figure`: a layer for notebooks."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import plotly.graph_objects as go
import pytest

import lenet.pooling
from lenet.common import paths
from lenet.pooling import Pooling, PoolingError


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


def test_what_is_no_plane_or_does_not_fit_is_refused() -> None:
    with pytest.raises(PoolingError, match="array has 3 dimensions"):
        lenet.pooling.figure(Pooling("max", 2), np.ones((1, 2, 2)))
    with pytest.raises(PoolingError, match="does not fit"):
        lenet.pooling.figure(Pooling("max", 3), np.ones((2, 2)))


def test_numbers_only_while_they_fit() -> None:
    assert lenet.pooling.figure(Pooling("max", 2), np.ones((28, 28))).data[0].texttemplate == ""


def test_plotly_comes_with_the_figure_and_not_with_the_package() -> None:
    code = "import sys, lenet.pooling as p; before = 'plotly' in sys.modules; p.figure; sys.exit(before or 'plotly' not in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=paths.PROJECT)
