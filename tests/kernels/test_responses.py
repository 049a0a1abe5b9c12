"""What kernels answer to, how they are matched, and what is known of them on the test set."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet import runs
from lenet.common import charts
from lenet.common.errors import LenetError
from lenet.kernels import ablation, matching, responses
from lenet.kernels import history as kernels
from lenet.kernels.figures import responses as figures
from lenet.kernels.history import History

rng = np.random.default_rng(0)


def some(*shape: int) -> kernels.Kernels:
    return rng.normal(size=shape).astype(np.float32)


# -- answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_responses_are_torchs(size: int) -> None:
    weight, image = some(4, 2, size, size), rng.random((28, 28), np.float32)
    x = torch.from_numpy(np.stack([image, image]))[None]
    expected = torch.nn.functional.conv2d(x, torch.from_numpy(weight), padding=size // 2)[0]
    np.testing.assert_allclose(responses.responses(weight, image), expected, atol=1e-4)


def edge(angle: int, size: int = 5) -> kernels.Kernels:
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
    assert (responses.edge_responses(some(3, 1, high, wide)) >= -1e-9).all()


def test_spectra_are_fourier_transforms() -> None:
    _y, x = np.mgrid[:8, :8]
    wave = np.cos(2 * np.pi * x / 4).astype(np.float32)[None, None]  # a quarter of a cycle a pixel, across
    spectrum = responses.spectra(wave)[0]
    middle = responses.FREQUENCIES // 2
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    assert row == middle and abs(column - middle) == responses.FREQUENCIES // 4
    level = np.ones((1, 1, 5, 5), np.float32)
    assert responses.spectra(level)[0, middle, middle] == pytest.approx(25)


# -- matching -----------------------------------------------------------------------------------------------------


@given(st.integers(1, 5), st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_assignment_is_the_best_of_all(n: int, more: int, seed: int) -> None:
    gain = np.random.default_rng(seed).integers(-5, 6, (n, n + more)).astype(float)
    columns = matching.assign(gain)
    assert len(set(columns.tolist())) == n
    best = max(gain[range(n), list(p)].sum() for p in itertools.permutations(range(n + more), n))
    assert gain[range(n), columns].sum() == pytest.approx(best)


def test_the_same_kernels_in_another_order_with_other_signs_are_found() -> None:
    first = some(16, 1, 5, 5)
    order, signs = rng.permutation(16), rng.choice([-1, 1], 16)
    second = (signs[:, None, None, None] * 3 * first[order] + 0.5).astype(np.float32)
    for pair in matching.match(first, second):
        assert order[pair.second] == pair.first
        assert pair.sign == signs[pair.second]
        assert abs(pair.correlation) == pytest.approx(1)
    assert len(matching.match(first, second[:4])) == len(matching.match(first[:4], second)) == 4


def test_kernels_of_other_sizes_are_not_matched() -> None:
    with pytest.raises(LenetError) as caught:
        matching.match(some(6, 1, 5, 5), some(6, 1, 3, 3))
    assert "1×5×5" in str(caught.value) and "1×3×3" in str(caught.value)


def test_likeness() -> None:
    one = some(1, 1, 5, 5)
    assert matching.likeness(np.concatenate([one, -one, 2 * one])) == pytest.approx(1)
    assert matching.likeness(np.eye(25, dtype=np.float32).reshape(25, 1, 5, 5)) == 0
    assert np.isnan(matching.likeness(one))
    assert matching.likeness(some(400, 1, 5, 5)) == pytest.approx(matching.chance(25), abs=0.005)
    assert matching.shapes(some(3, 1, 5, 5)).mean((1, 2, 3)) == pytest.approx(0, abs=1e-6)


def test_paths_begin_at_nothing_and_end_at_the_final_form() -> None:
    steps = np.arange(4)
    walk = np.zeros((4, 2, 1, 1, 2), np.float32)
    walk[:, 0, 0, 0] = [[1, 0], [1, 3], [5, 3], [5, 0]]
    walk[:, 1, 0, 0, 0] = [-1, -1, 1, 1]
    travelled, cosine = kernels.paths(History(steps, walk))
    assert travelled.tolist() == [[0, 0], [3, 0], [7, 2], [10, 2]]
    assert cosine[:, 1].tolist() == [-1, -1, 1, 1]
    assert cosine[-1] == pytest.approx(1)


# -- figures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("out", [1, 6, 13])
def test_figures_are_plotlys(out: int) -> None:
    """Every figure once through Plotly's own validation, whatever the number of kernels."""
    import plotly.graph_objects as go

    every = some(out, 1, 5, 5)
    image = rng.random((28, 28), np.float32)
    history = History(np.array([0, 1, 5]), some(3, out, 1, 5, 5))
    matched = matching.match(every, history.final)
    sides: list[Any] = [("a", matching.before(history), history.final), ("b", None, every)]
    for figure in (
        figures.seen(every, image, out - 1),
        figures.paths(history, None),
        figures.pairs(every, history.final, matched),
        figures.labour(sides) if out > 1 else None,
    ):
        if figure is not None:
            go.Figure(figure.to_dict())
    assert figures.seen_alt(every, 0).count("Kernel ") == min(out, 6)
    assert figures.pairs_alt(matched).count("correlation") == out
    assert figures.summary(matched).count("→") == out


def test_figures_of_the_test_set() -> None:
    import plotly.graph_objects as go

    known = ablation.read(runs.find("reference-classic"))
    assert known is not None
    drawn = figures.patches(known, 0).to_dict()
    go.Figure(drawn)
    json.dumps(drawn, allow_nan=False)
    strip = drawn["data"][0]["z"]
    assert [row[:5] for row in strip[:5]] == known.patches[0, 0, 0].tolist()
    losses = figures.losses(known).to_dict()
    assert losses["data"][0]["y"] == pytest.approx(((known.accuracy - known.silenced) * 100).round(2).tolist())
    go.Figure(losses)


# -- colours for everybody ----------------------------------------------------------------------------------------

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009),
# severity 1.0, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(scale: list[list[Any]], seen_by: str, n: int = 41) -> np.ndarray[Any, Any]:
    """CIELAB (D65) of `n` places of a scale as somebody sees them."""
    stops = [float(place) for place, _color in scale]
    colors = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for _place, color in scale]) / 255
    rgb = np.stack([np.interp(np.linspace(0, 1, n), stops, colors[:, i]) for i in range(3)], 1)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = (linear @ BLINDNESS[seen_by].T).clip(0, 1)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = linear @ np.array(to_xyz).T / [0.95047, 1, 1.08883]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


@pytest.mark.parametrize("seen_by", BLINDNESS)
def test_signs_and_sizes_are_told_apart_by_everybody(seen_by: str) -> None:
    diverging = lab(charts.DIVERGING, seen_by)
    middle = len(diverging) // 2
    light = diverging[:, 0]
    assert light[middle] - max(light[0], light[-1]) > 50, "zero is light and the ends are dark"
    assert (np.diff(light[: middle + 1]) > 0).all() and (np.diff(light[middle:]) < 0).all(), "more is darker"
    for part in (0.25, 0.5, 0.75, 1):  # negative against positive of the same size
        away = round(part * middle)
        assert np.linalg.norm(diverging[middle - away] - diverging[middle + away]) > 15, part
    sequential = lab(charts.SEQUENTIAL, seen_by)
    assert (np.diff(sequential[:, 0]) < 0).all() and np.ptp(sequential[:, 0]) > 60


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG 2.2 defines it."""
    srgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("ground", ["#ffffff", "#171614", "#0e1117"])
def test_series_stand_out_from_light_and_dark(ground: str) -> None:
    """WCAG 1.4.11 asks for 3:1 of what has to be seen and is no text."""
    for color in charts.SERIES:
        low, high = sorted((luminance(color), luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 3, color
