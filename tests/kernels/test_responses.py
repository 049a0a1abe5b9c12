"""What kernels respond to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet.kernels import Kernels, responses
from tests.helpers.kernels import random_kernels


@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_responses_are_torchs(size: int) -> None:
    weight = random_kernels(4, 2, size, size)
    image = np.random.default_rng(0).random((28, 28), np.float32)
    x = torch.from_numpy(np.stack([image, image]))[None]
    expected = torch.nn.functional.conv2d(x, torch.from_numpy(weight), padding=size // 2)[0]
    np.testing.assert_allclose(responses.responses(weight, image), expected, atol=1e-4)


def edge(angle: int, size: int = 5) -> Kernels:
    """A kernel that is itself an edge with its bright side at the angle."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return np.sign(np.round(np.cos(np.deg2rad(angle)) * x - np.sin(np.deg2rad(angle)) * y, 6)).astype(np.float32)[
        None
    ]


@pytest.mark.parametrize("angle", range(0, 360, 45))
def test_an_edge_answers_most_to_itself(angle: int) -> None:
    answers = responses.edge_responses(edge(angle)[None])
    choosy, best = responses.selectivity(answers)
    assert abs((best[0] - angle + 180) % 360 - 180) <= 15
    assert choosy[0] > 0.5
    opposite = (int(best[0] / 5) + responses.ANGLES // 2) % responses.ANGLES
    assert answers[0, opposite] < 0.3 * answers[0].max(), "the other way round it is silent"


def test_a_blob_does_not_choose() -> None:
    y, x = np.mgrid[:5, :5] - 2
    blob = np.exp(-(x**2 + y**2) / 2).astype(np.float32)[None, None]
    choosy, _best = responses.selectivity(responses.edge_responses(blob))
    assert choosy[0] < 0.02
    assert responses.selectivity(np.zeros((1, responses.ANGLES)))[0][0] == 0


@given(st.integers(1, 7), st.integers(1, 7))
def test_edges_turn(high: int, wide: int) -> None:
    patches = responses.edges(high, wide)
    assert patches.min() == -0.5 and patches.max() == 0.5
    half = responses.ANGLES // 2
    np.testing.assert_allclose(patches[half], -patches[0, ::-1], atol=1e-12)
    kernels = random_kernels(3, 1, high, wide)
    half_sum = np.abs(kernels.sum((1, 2, 3), np.float64)) / 2
    assert (responses.edge_responses(kernels) >= half_sum[:, None] - 1e-9).all(), "an edge may lie beyond the kernel"


def test_spectra_are_fourier_transforms() -> None:
    _y, x = np.mgrid[:8, :8]
    wave = np.cos(2 * np.pi * x / 4).astype(np.float32)[None, None]  # a quarter of a cycle a pixel, across
    spectrum = responses.spectra(wave)[0]
    middle = responses.FREQUENCIES // 2
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    assert row == middle and abs(column - middle) == responses.FREQUENCIES // 4
    level = np.ones((1, 1, 5, 5), np.float32)
    assert responses.spectra(level)[0, middle, middle] == pytest.approx(25)
