"""The examples of the sandbox: the note's numbers, and what their sentences say of them."""

from __future__ import annotations

from typing import Any

import pytest

from lenet.pooling import Pooling
from lenet.pooling.examples import EXAMPLES


@pytest.mark.parametrize(
    ("name", "mode", "expected"),
    [
        ("3x3", "max", [[[4, 5], [7, 8]]]),
        ("3x3", "avg", [[[2, 3], [5, 6]]]),
        ("4x4", "max", [[[5, 7], [13, 15]]]),
        ("channels", "max", [[[5, 7], [13, 15]], [[6, 8], [14, 16]]]),
    ],
)
def test_examples_give_the_notes_numbers(name: str, mode: Any, expected: Any) -> None:
    example = EXAMPLES[name]
    pool = Pooling(mode, example.kernel_size, example.stride, example.padding)
    assert pool(example.grid()).tolist() == expected


def test_examples_are_what_they_say() -> None:
    assert EXAMPLES["channels"].grid().shape == (2, 4, 4)
    assert (EXAMPLES["negative"].grid() < 0).all()
    image = EXAMPLES["image"].grid()
    assert image.shape == (1, 28, 28) and image.max() > 200 and image.min() == 0
    for example in EXAMPLES.values():
        assert not example.grid().flags.writeable
