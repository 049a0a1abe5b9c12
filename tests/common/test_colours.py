"""The colours of all figures, for everybody who looks at them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.common import colours

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
    diverging = lab(colours.DIVERGING, seen_by)
    middle = len(diverging) // 2
    light = diverging[:, 0]
    assert light[middle] - max(light[0], light[-1]) > 50, "zero is light and the ends are dark"
    assert (np.diff(light[: middle + 1]) > 0).all() and (np.diff(light[middle:]) < 0).all(), "more is darker"
    for part in (0.25, 0.5, 0.75, 1):  # negative against positive of the same size
        away = round(part * middle)
        assert np.linalg.norm(diverging[middle - away] - diverging[middle + away]) > 15, part
    sequential = lab(colours.SEQUENTIAL, seen_by)
    assert (np.diff(sequential[:, 0]) < 0).all() and np.ptp(sequential[:, 0]) > 60


def luminance_at(scale: list[list[Any]], place: float) -> float:
    return float(np.interp(place, [stop for stop, _color in scale], [luminance(color) for _stop, color in scale]))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_one_rule_for_every_grid(values: list[float]) -> None:
    """The further from 0, the darker; the same sign, the same side; negative and positive in the same grid differ."""
    scale, low, high = colours.scale(min(values), max(values))
    assert low < high and low <= min(values) and max(values) <= high
    ink = {value: -luminance_at(scale, (value - low) / (high - low)) for value in values}
    for sign in (-1, 1):
        part = sorted(value * sign for value in values if value * sign >= 0)
        assert all(ink[sign * a] <= ink[sign * b] + 1e-9 for a, b in pairwise(part))
    if min(values) < 0:
        assert scale == colours.DIVERGING and low == -high, "0 is the pale middle; blue is negative, red positive"
    else:
        assert scale == colours.SEQUENTIAL and low == 0, "0 is the pale end"
    assert colours.scale(min(values), max(values), image=True) == (colours.GREY, 0, 255)


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG 2.2 defines it."""
    srgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("ground", ["#ffffff", "#171614", "#0e1117"])
def test_series_stand_out_from_light_and_dark(ground: str) -> None:
    """WCAG 1.4.11 asks for 3:1 of what has to be seen and is no text."""
    for color in colours.SERIES:
        low, high = sorted((luminance(color), luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 3, color


def test_a_faded_colour_keeps_its_hue() -> None:
    assert colours.faded(colours.WINDOW, 0.35) == "rgba(245,158,11,0.35)"
    assert colours.faded("#000000", 1) == "rgba(0,0,0,1)"
