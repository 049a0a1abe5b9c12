"""The right answers of the lessons on convolution, worked out by PyTorch."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F

from lenet import data
from lenet.convolution.examples import KERNELS, LETTER, picture
from lenet.convolution.lessons import LESSONS

GRID = torch.arange(9.0).reshape(1, 1, 3, 3)
R = torch.tensor(picture(LETTER))[None]
START = torch.tensor([[[[0.3, -0.2, 0.1], [-0.4, 0.2, 0.3], [0.1, 0.4, -0.3]]]], dtype=torch.float64)


def right(name: str) -> str:
    """What the lesson takes for right, as it stands on the button."""
    asked = LESSONS[name].question
    return asked.form.say(asked.answer).replace("−", "-")


def kernel(name: str) -> torch.Tensor:
    return torch.tensor(KERNELS[name].values, dtype=torch.float32)[None, None]


def learned(rate: float, steps: int) -> tuple[list[float], torch.Tensor, torch.Tensor]:
    """The losses, the first gradient and the last kernel of gradient descent for the vertical edges of the letter."""
    image = R.to(torch.float64)
    target = F.conv2d(image, kernel("vertical").to(torch.float64))
    weight = START.clone().requires_grad_()
    losses, first = [], torch.zeros(())
    for n in range(steps):
        loss = F.mse_loss(F.conv2d(image, weight), target)
        (gradient,) = torch.autograd.grad(loss, weight)
        losses.append(loss.item())
        first = gradient if n == 0 else first
        weight = (weight - rate * gradient).detach().requires_grad_()
    return losses, first, weight


def test_products_and_their_sum() -> None:
    assert right("window") == f"{F.conv2d(GRID, torch.tensor([[[[0.0, 1], [2, 3]]]]))[0, 0, 0, 0]:g}" == "19"


def test_what_the_kernel_answers_to() -> None:
    """The letter turned by a quarter has its vertical edges where it had horizontal ones."""
    step = torch.tensor([0.0, 0, 0, 1, 1, 1]).expand(1, 1, 6, 6)
    answers = {
        "At vertical edges": F.conv2d(step, kernel("vertical")),
        "At horizontal edges": F.conv2d(step.transpose(2, 3), kernel("vertical")),
        "On every bright area": F.conv2d(torch.ones(1, 1, 6, 6), kernel("vertical")),
    }
    assert {name for name, found in answers.items() if found.abs().max() > 0} == {right("edges")}


def test_what_equal_weights_make_of_a_picture() -> None:
    image = torch.tensor(data.load("test", "sample")[0][0]).float()[None]
    made = F.conv2d(image, torch.full((1, 1, 3, 3), 1 / 9), padding=1)
    assert made.diff(dim=-1).abs().mean() < image.diff(dim=-1).abs().mean() / 1.5
    assert not torch.allclose(made, image) and made[..., 14, 14] > 50 and right("blur") == "A blurred boot"


def test_several_channels() -> None:
    weight = torch.tensor([[[[0.0, 1], [2, 3]], [[1, 2], [3, 4]]]])
    assert right("channels") == f"{F.conv2d(torch.cat([GRID, GRID + 1], 1), weight)[0, 0, 0, 0]:g}" == "56"


def test_bias_and_activation() -> None:
    made = F.relu(F.conv2d(GRID, torch.tensor([[[[1.0, 1], [0, -1]]]]), torch.tensor([1.0])))
    assert right("bias") == f"{made[0, 0, 0, 0]:g}" == "0"
    assert made.flatten().tolist() == [0, 0, 1, 2]


def test_the_size() -> None:
    made = F.conv2d(R.float(), kernel("vertical"), stride=2, padding=1)
    assert right("size") == "×".join(map(str, made.shape[-2:])) == "4×4"


def test_how_many_places_have_a_say() -> None:
    """The weight's gradient is made of that many parts: one where a single place of the output has a loss."""
    image = R.to(torch.float64) + 1  # no input cell is 0
    weight = START.clone().requires_grad_()
    made = F.conv2d(image, weight).flatten()
    parts = [torch.autograd.grad(one, weight, retain_graph=True)[0][0, 0, 0, 0].item() for one in made]
    assert right("places") == str(sum(part != 0 for part in parts)) == "36"


def test_which_way_the_weight_moves() -> None:
    _losses, gradient, weight = learned(0.3, 1)
    assert float(right("step")) == pytest.approx(weight[0, 0, 0, 0].item(), abs=1e-3)
    assert f"{gradient[0, 0, 0, 0]:.3f}" in LESSONS["step"].question.question.say()


def test_what_a_large_learning_rate_does() -> None:
    small, large = learned(0.3, 20)[0], learned(1.0, 20)[0]
    assert all(after < before for before, after in pairwise(small))
    assert large[-1] > 10 * large[0] and right("rate") == "It grows without end"
