"""The words and formulas around the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from lenet.grid import Grid
from lenet.pooling import Pooling, PoolingError
from lenet.pooling.examples import EXAMPLES
from lenet.pooling.figures import remarks
from tests.helpers.strategies import LAYERS, SMALL


def test_the_sentence_about_zeros() -> None:
    negative, ring = EXAMPLES["negative"].grid(), Pooling("max", 3, 2, 1)
    sentence = remarks.zero_padding_sentence(negative, ring)
    assert "−∞" in sentence and "3 of 4" in sentence and "row 2, column 1: 0 instead of −3" in sentence
    assert "the same here" in remarks.zero_padding_sentence(EXAMPLES["4x4"].grid(), ring)
    assert remarks.zero_padding_sentence(negative, Pooling("max", 3, 2)) == ""
    assert remarks.zero_padding_sentence(negative, Pooling("avg", 3, 2, 1)) == ""


@pytest.mark.parametrize(
    ("shape", "pool", "lines"),
    [
        ((1, 3, 3), Pooling("max", 2, 1), ["output size = ⌊(3 + 2·0 − 2)/1⌋ + 1 = 2"]),
        ((1, 4, 4), Pooling("avg", 3, 2, 1), ["output size = ⌊(4 + 2·1 − 3)/2⌋ + 1 = 2"]),
        ((1, 6, 6), Pooling("max", 3, 2, ceil_mode=True), ["output size = ⌈(6 + 2·0 − 3)/2⌉ + 1 = 3"]),
        ((1, 7, 7), Pooling("max", 3, 1, dilation=2), ["output size = ⌊(7 + 2·0 − 2·(3 − 1) − 1)/1⌋ + 1 = 3"]),
        (
            (1, 3, 5),
            Pooling("max", 2, 2),
            ["output height = ⌊(3 + 2·0 − 2)/2⌋ + 1 = 1", "output width = ⌊(5 + 2·0 − 2)/2⌋ + 1 = 2"],
        ),
        (
            (1, 3, 3),
            Pooling("avg", 1, 4, ceil_mode=True),
            ["output size = ⌈(3 + 2·0 − 1)/4⌉ + 1 = 2 → 1 (the last window would begin outside the input)"],
        ),
    ],
)
def test_the_size_formula_has_the_readers_numbers(shape: Any, pool: Pooling, lines: list[str]) -> None:
    assert remarks.size_formula(np.zeros(shape), pool) == lines


@given(SMALL, LAYERS)
def test_the_size_formula_ends_with_the_size(grid: Grid, pool: Pooling) -> None:
    try:
        sizes = pool.output_size(grid.shape[1:])
    except PoolingError:
        return
    lines = remarks.size_formula(grid, pool)
    ends = [line.split(" → ")[-1].split(" (the")[0].split("= ")[-1] for line in lines]
    assert ends == ([str(sizes[0])] if len(lines) == 1 else [str(n) for n in sizes])


def test_the_sentence_about_the_other_rounding() -> None:
    grid = EXAMPLES["4x4"].grid()
    assert "rounded up (ceil_mode=True), the output would be 3×3" in remarks.rounding_sentence(
        grid, Pooling("max", 3, 2, 1)
    )
    up = Pooling("max", 3, 2, 1, ceil_mode=True)
    assert "rounded down (ceil_mode=False), the output would be 2×2" in remarks.rounding_sentence(grid, up)
    assert remarks.rounding_sentence(grid, Pooling("max", 2, 2)) == ""
    said = remarks.remarks(EXAMPLES["4x4"], grid, Pooling("max", 3, 2, 1))
    assert [part in said for part in ("beyond the edge", "rounded up", "−∞")] == [True] * 3
    assert remarks.remarks(EXAMPLES["4x4"], grid, Pooling("max", 2, 2)) == ""


def test_an_example_changed_has_no_remark() -> None:
    example = EXAMPLES["channels"]
    own = Pooling("max", 3, 2, 1)
    assert "(1, 2, 4, 4)" in remarks.remark(example, example.grid(), own)
    assert remarks.remark(example, example.grid(), Pooling("max", 3, 2, 0)) == ""
    assert remarks.remark(example, example.grid() + 1, own) == ""
