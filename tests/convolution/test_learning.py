"""How a kernel learns: against autograd, and against what gradient descent on a quadratic loss must do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lenet.convolution import PADDING_MODES, Convolution, ConvolutionError
from lenet.convolution.examples import KERNELS
from lenet.convolution.learning import (
    FIRST_RATE,
    RATES,
    TASKS,
    Task,
    error_gradient,
    mean_squared_error,
    weight_terms,
)

each_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
TABLE = Path(__file__).with_name("learning.json")
"""Numbers that the component must reach as well: see tests/javascript/convolution/learning.test.js."""


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 2)), st.integers(0, 2), st.sampled_from(PADDING_MODES),
    st.sampled_from([1, 2]), st.integers(0, 999),
)  # fmt: skip
def test_the_terms_of_a_weight_add_up_to_its_gradient(
    kernel: tuple[int, int], padding: int, mode: Any, stride: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    layer = Convolution(random.normal(size=(2, 3, *kernel)), None, stride, padding, padding_mode=mode)
    x = random.normal(size=(3, 4, 5))
    try:
        grad = random.normal(size=layer(x).shape)
    except ConvolutionError:
        return
    o, c, a, b = (int(random.integers(n)) for n in layer.weight.shape)
    terms = weight_terms(layer, x, grad, (o, c, a, b))
    assert len(terms) == grad[0].size
    total = sum(term.product for term in terms)
    assert total == pytest.approx(layer.gradients(x, grad).weight[o, c, a, b], abs=1e-12)
    for term in terms:
        assert term.arriving == grad[(o, *term.place)]
        assert term.cell == tuple(i * stride - padding + k for i, k in zip(term.place, (a, b), strict=True))
        if all(0 <= n < side for n, side in zip(term.cell, (4, 5), strict=True)):
            assert term.value == x[(c, *term.cell)]


@each_task
def test_loss_and_steps_are_autograds(task: Task) -> None:
    weight = torch.tensor([[task.start]], dtype=torch.float64, requires_grad=True)
    x, target = torch.tensor(np.array(task.grid)), torch.tensor(task.target)
    optimizer = torch.optim.SGD([weight], lr=FIRST_RATE)
    layer = task.first
    for _ in range(20):
        loss = F.mse_loss(F.conv2d(x, weight), target)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        assert task.loss(layer) == pytest.approx(loss.item(), rel=1e-9)
        assert weight.grad is not None
        np.testing.assert_allclose(task.gradients(layer).weight, weight.grad.numpy(), atol=1e-12)
        optimizer.step()
        layer = task.step(layer, FIRST_RATE)
        np.testing.assert_allclose(layer.weight, weight.detach().numpy(), atol=1e-12)


def test_error_by_hand() -> None:
    output, target = np.array([[[1.0, 2.0]]]), np.array([[[0.0, 4.0]]])
    assert mean_squared_error(output, target) == 2.5
    assert error_gradient(output, target).tolist() == [[[1, -2]]]


def after(task: Task, rate: float, steps: int) -> Convolution:
    layer = task.first
    for _ in range(steps):
        layer = task.step(layer, rate)
    return layer


@each_task
def test_the_largest_rate_is_where_learning_turns_into_divergence(task: Task) -> None:
    first = task.loss(task.first)
    assert task.loss(after(task, 0.98 * task.largest_rate, 300)) < 0.01 * first
    assert task.loss(after(task, 1.02 * task.largest_rate, 300)) > 100 * first


@each_task
def test_the_rates_to_choose_from(task: Task) -> None:
    assert FIRST_RATE in RATES and sorted(RATES) == list(RATES)
    assert FIRST_RATE < task.largest_rate < RATES[-1]
    assert task.loss(after(task, FIRST_RATE, 100)) < 1e-3 * task.loss(task.first)


@pytest.mark.parametrize("name", TASKS)
def test_the_hidden_kernel_is_found_unless_the_input_leaves_it_open(name: str) -> None:
    task = TASKS[name]
    found, hidden = after(task, FIRST_RATE, 400).weight[0, 0], np.array(KERNELS[task.hidden].values)
    if name == "bar":
        assert np.abs(found - hidden).max() > 0.2
        hidden = np.ones((3, 1)) * hidden.mean(axis=0)
        found = np.ones((3, 1)) * found.mean(axis=0)
        assert (task.grid == task.grid[:, :1]).all()  # all its rows are alike
    np.testing.assert_allclose(found, hidden, atol=1e-3)


def numbers(task: Task) -> dict[str, Any]:
    """What the component must reach: loss, gradients and weights at the start and after some steps."""
    found = []
    for steps in (0, 1, 25):
        layer = after(task, FIRST_RATE, steps)
        found.append(
            {
                "steps": steps,
                "loss": task.loss(layer),
                "weights": layer.weight.ravel().tolist(),
                "gradients": task.gradients(layer).weight.ravel().tolist(),
                "output": layer(task.grid).ravel().tolist(),
                "terms": [term.product for term in weight_terms(
                    layer, task.grid, error_gradient(layer(task.grid), task.target), (0, 0, 1, 2)
                )],
            }
        )  # fmt: skip
    return {
        "input": {"size": task.grid.shape[1:], "values": task.grid.ravel().tolist()},
        "target": {"size": task.target.shape[1:], "values": task.target.ravel().tolist()},
        "kernel": {"size": task.first.kernel_size, "values": task.first.weight.ravel().tolist()},
        "rate": FIRST_RATE,
        "weight": [1, 2],
        "after": found,
    }


def test_the_table_for_the_component() -> None:
    """Written anew with `python -m tests.convolution.test_learning`."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    expected = json.loads(json.dumps({name: numbers(task) for name, task in TASKS.items()}))

    def compare(a: Any, b: Any) -> None:
        if isinstance(a, dict):
            assert list(a) == list(b)
            for key in a:
                compare(a[key], b[key])
        elif isinstance(a, list):
            assert len(a) == len(b)
            for one, other in zip(a, b, strict=True):
                compare(one, other)
        else:
            assert a == pytest.approx(b, abs=1e-12)

    compare(table, expected)


if __name__ == "__main__":
    TABLE.write_text(json.dumps({name: numbers(task) for name, task in TASKS.items()}) + "\n", encoding="utf-8")
