"""How alike kernels are."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.kernels import similarity
from lenet.kernels.history import History
from tests.helpers.kernels import random_kernels


def test_kernels_in_order_by_norm_and_by_similarity() -> None:
    a, b = np.zeros((2, 1, 5, 5), np.float32)
    a[0, 0], b[0, 4] = 1, 1
    wall = np.array([0.5 * b, 3 * a, 2 * b, -a + 0.1 * b, 0 * a], np.float32)
    orders = similarity.orders(wall)
    assert orders["norm"] == [1, 2, 3, 0, 4]
    assert orders["similarity"] == [1, 3, 0, 2, 4] or orders["similarity"] == [1, 3, 2, 0, 4]
    for order in similarity.orders(np.full((7, 1, 3, 3), np.nan, np.float32)).values():
        assert sorted(order) == list(range(7)), "whatever the weights, each kernel has one place"


def test_mean_cosine() -> None:
    one = random_kernels(1, 1, 5, 5)
    assert similarity.mean_cosine(np.concatenate([one, -one, 2 * one])) == pytest.approx(1)
    assert similarity.mean_cosine(np.eye(25, dtype=np.float32).reshape(25, 1, 5, 5)) == 0
    assert np.isnan(similarity.mean_cosine(one))
    assert similarity.mean_cosine(random_kernels(400, 1, 5, 5)) == pytest.approx(
        similarity.random_cosine(25), abs=0.005
    )
    assert similarity.without_means(random_kernels(3, 1, 5, 5)).mean((1, 2, 3)) == pytest.approx(0, abs=1e-6)


def test_trajectories_begin_at_nothing_and_end_at_the_final_form() -> None:
    steps = np.arange(4)
    walk = np.zeros((4, 2, 1, 1, 2), np.float32)
    walk[:, 0, 0, 0] = [[1, 0], [1, 3], [5, 3], [5, 0]]
    walk[:, 1, 0, 0, 0] = [-1, -1, 1, 1]
    distance, cosine = similarity.trajectories(History(steps, walk))
    assert distance.tolist() == [[0, 0], [3, 0], [7, 2], [10, 2]]
    assert cosine[:, 1].tolist() == [-1, -1, 1, 1]
    assert cosine[-1] == pytest.approx(1)
