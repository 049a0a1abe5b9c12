"""The right answers of the lessons on pooling, worked out by PyTorch, and by counting."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from lenet import data
from lenet.pooling.lessons import LESSONS

COUNTING = torch.arange(16.0).reshape(1, 1, 4, 4)


def right(name: str) -> str:
    """What the lesson takes for right, as it stands on the button."""
    asked = LESSONS[name].question
    return asked.form.say(asked.answer)


def size(x: torch.Tensor) -> str:
    return "×".join(map(str, x.shape[-2:]))


def boot() -> torch.Tensor:
    return torch.tensor(data.load("test", "sample")[0][0]).to(torch.float64)[None]


def test_one_window() -> None:
    assert right("window") == f"{F.max_pool2d(torch.arange(9.0).reshape(1, 1, 3, 3), 2, 1)[0, 0, 0, 0]:g}" == "4"


def test_sizes() -> None:
    assert right("stride") == size(F.max_pool2d(COUNTING, 2, 1)) == "3×3"
    assert right("ceil") == size(F.max_pool2d(torch.zeros(1, 1, 5, 5), 2, 2, ceil_mode=True)) == "3×3"


def test_a_maximum_at_the_edge() -> None:
    grid = torch.tensor([[[[-3.0, -1, -4, -1], [-5, -9, -2, -6], [-5, -3, -5, -8], [-9, -7, -9, -3]]]])
    assert right("zero").replace("−", "-") == f"{F.max_pool2d(grid, 3, 2, 1)[0, 0, 0, 0]:g}" == "-1"
    shown = [mistake.answer[0] for mistake in LESSONS["zero"].question.mistakes if mistake.name == "zero"]
    padded = F.max_pool2d(F.pad(grid, (1, 1, 1, 1)), 3, 2)[0, 0, 0, 0]
    assert LESSONS["zero"].question.form.options[int(shown[0])].say() == f"{padded:g}" == "0"


def test_the_divisor() -> None:
    total = COUNTING[..., :2, :2].sum()
    assert right("divisor") == f"{total / F.avg_pool2d(COUNTING, 3, 2, 1)[0, 0, 0, 0]:g}" == "9"


def test_channels() -> None:
    grid = torch.cat([COUNTING, COUNTING + 1], 1)
    changed = grid.clone()
    changed[0, 0, 1, 1] = 99
    hit = (F.max_pool2d(grid, 3, 2, 1) != F.max_pool2d(changed, 3, 2, 1)).sum((2, 3))[0].tolist()
    assert hit == [4, 0] and right("channels") == "Several of channel 1"


def test_the_least_padding() -> None:
    def fits(padding: int) -> bool:
        try:
            F.max_pool2d(torch.zeros(1, 1, 3, 3), 5, 1, padding)
        except RuntimeError:
            return False
        return True

    assert right("refused") == str(next(n for n in range(4) if fits(n))) == "1"


def test_which_shifts_move_the_map() -> None:
    canvas = F.pad(boot(), (8, 8))
    pooled = F.max_pool2d(canvas, 2)
    exact = [n for n in range(1, 8) if torch.equal(F.max_pool2d(canvas.roll(n, -1), 2), pooled.roll(n // 2, -1))]
    assert exact == [2, 4, 6] and right("shift") == "After 2, 4, 6 … cells"


def test_which_pooling_leaves_less_noise() -> None:
    clean = boot()
    noisy = clean + torch.randn(200, 1, 28, 28, generator=torch.Generator().manual_seed(5), dtype=torch.float64) * 51

    def left(pool: Callable[[torch.Tensor], torch.Tensor]) -> float:
        before, after = pool(clean)[0, 0], pool(noisy)[:, 0]
        return float((after - before).norm(dim=(1, 2)).mean() / (before - before.mean()).norm())

    assert left(lambda x: F.avg_pool2d(x, 2)) < left(lambda x: F.max_pool2d(x, 2))
    assert right("noise") == "Average pooling’s"


def test_the_gradient_that_the_largest_cell_gets() -> None:
    grid = torch.tensor([[[[1.0, 3, 2, 0], [2, 9, 4, 1], [0, 1, 5, 3], [2, 0, 1, 4]]]], requires_grad=True)
    F.max_pool2d(grid, 2, 1).sum().backward()
    assert grid.grad is not None and right("gradient") == f"{grid.grad[0, 0, 1, 1]:g}" == "4"


def test_what_a_cell_of_the_third_map_sees() -> None:
    x = torch.rand(1, 1, 28, 28, requires_grad=True)
    y = x
    for _layer in range(3):
        y = F.avg_pool2d(y, 2, 2)
    y[0, 0, 1, 1].backward()
    assert x.grad is not None
    sides = [int(np.ptp(axis)) + 1 for axis in np.nonzero(x.grad[0, 0].numpy())]
    assert right("stack") == "×".join(map(str, sides)) == "8×8"
