"""The note's kernels."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.kernels import note


def test_the_notes_kernels() -> None:
    """Its extremes and the corners of each kernel, read from the note once more."""
    assert note.KERNELS.shape == (6, 1, 5, 5)
    assert np.round([note.KERNELS.min(), note.KERNELS.max()], 4).tolist() == [
        pytest.approx(-1.8586),
        pytest.approx(1.4649),
    ]
    corners = note.KERNELS[:, 0, [0, 0, 4, 4], [0, 4, 0, 4]]
    expected = [
        [0.4587, 0.3089, -0.4480, -0.6273],
        [0.2813, 0.9983, 0.7197, 1.0881],
        [-0.2562, -0.2179, 0.4274, 0.4001],
        [1.3652, -0.3269, 1.2666, -0.0532],
        [-0.1916, -0.7518, -0.4576, -0.7528],
        [0.0822, 0.0807, 1.0586, 0.5327],
    ]
    assert corners.tolist() == [pytest.approx(row) for row in expected]
