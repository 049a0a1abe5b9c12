"""What the lessons of the pooling page ask. Every right answer is computed by `lenet.pooling` from the lesson's beginning."""

from __future__ import annotations

import numpy as np

from lenet.common.translation import N_
from lenet.exercises import Question, Text
from lenet.grid import tidy
from lenet.lessons import compare
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.examples import EXAMPLES


def _listed(numbers: np.ndarray) -> str:
    return ", ".join(map(tidy, numbers.ravel().tolist()))


def window() -> Question:
    example = EXAMPLES["3x3"]
    grid, layer = example.grid(), Pooling("max", example.kernel_size, example.stride)
    cells = np.array(layer.terms(grid[0], 0, 0))
    told = {
        "numbers": _listed(cells),
        "mean": float(cells.mean()),
        "sum": float(cells.sum()),
        "first": float(cells[0]),
    }
    return compare(
        Text(N_("The window lies on {numbers}. Which number does max pooling make of them?"), told),
        (
            float(layer(grid)[0, 0, 0]),
            Text(N_("Max pooling keeps the largest number of the window: max({numbers})."), told),
        ),
        {
            "mean": (told["mean"], Text(N_("{mean} is their mean: average pooling gives that."), told)),
            "sum": (
                told["sum"],
                Text(
                    N_("{sum} is their sum. Pooling does not add up: it keeps one of the numbers, or their mean."),
                    told,
                ),
            ),
            "first": (
                told["first"],
                Text(
                    N_("{first} is the first of them. Which one is kept depends on their size, not on their place."),
                    told,
                ),
            ),
        },
    )
