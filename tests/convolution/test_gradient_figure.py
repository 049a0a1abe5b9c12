"""The gradient's way back through a convolution, against autograd; and numbers for the browser's own arithmetic.

`python -m tests.convolution.test_gradient_figure` writes the cases that the JavaScript test compares with.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lenet.common.activations import ACTIVATIONS
from lenet.common.paths import PROJECT
from lenet.convolution import Convolution
from lenet.convolution.examples import EXAMPLES
from lenet.convolution.figures import gradient
from lenet.grid import sealed
from tests.convolution.test_figures import cases, rounded
from tests.helpers.torch_convolution import call_torch

FILE = PROJECT / "tests/javascript/grid/gradients.json"


def by_autograd(name: str, arriving: np.ndarray[Any, Any]) -> gradient.Back:
    """PyTorch's gradients of one kernel, for what arrives at the outputs (height, width) behind its activation."""
    grid, layer, kernel, activation = cases()[name]
    x = torch.from_numpy(grid.copy()).requires_grad_()
    weight = torch.from_numpy(layer.weight.copy()).requires_grad_()
    bias = torch.from_numpy(
        np.zeros(layer.out_channels) if layer.bias is None else layer.bias.copy()
    ).requires_grad_()
    options = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation, "groups": layer.groups}
    sums = call_torch(x, weight, bias, layer.padding_mode, **options)
    sums.retain_grad()
    out = getattr(nn, ACTIVATIONS[activation].type)()(sums) if activation else sums
    (out[kernel] * torch.from_numpy(arriving)).sum().backward()  # type: ignore[no-untyped-call]
    parts = [part.grad for part in (sums, x, weight, bias)]
    to_sums, to_input, to_weight, to_bias = (part.numpy() for part in parts if part is not None)
    return gradient.Back(to_sums[kernel : kernel + 1], to_input, to_weight[kernel], float(to_bias[kernel]))


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("name", cases())
def test_the_gradients_are_autograds(name: str, numbered: bool) -> None:
    ours = gradient.gradients(*cases()[name], numbered=numbered)
    received = np.ones(ours.arriving.shape[1:])
    if numbered:
        received = np.arange(1.0, received.size + 1).reshape(received.shape)
    for mine, torchs in zip(ours, by_autograd(name, received), strict=True):
        np.testing.assert_allclose(mine, torchs, atol=1e-10)


def made() -> dict[str, Any]:
    """For each case its scene and the gradients of single output cells, of the first few, and of all."""
    found = {}
    for name, (grid, layer, kernel, activation) in cases().items():
        scene = gradient.scene(grid, layer, kernel, activation, numbered=True)
        height, width = scene["out_size"]
        last = height * width - 1
        expected = []
        for span in [(0, 0), (last // 2, last // 2), (last, last), (0, last // 2), (0, last)]:
            received = np.arange(1.0, last + 2)
            received[: span[0]] = received[span[1] + 1 :] = 0
            back = by_autograd(name, received.reshape(height, width))
            expected.append(
                {
                    "span": span,
                    "input": back.input.reshape(len(grid), -1).tolist(),
                    "kernel": back.weight.reshape(len(back.weight), -1).tolist(),
                    "bias": back.bias,
                }
            )
        found[name] = {"scene": scene, "expected": expected}
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def without_noise(value: Any) -> Any:
    """Without what rounding leaves of sums that are 0, which differs from machine to machine."""
    if isinstance(value, dict):
        return {key: without_noise(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_noise(part) for part in value]
    return 0.0 if isinstance(value, float) and abs(value) < 1e-14 else value


def test_the_browser_is_tested_with_the_scenes_of_today() -> None:
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    assert rounded(without_noise(made())) == rounded(without_noise(kept))


def test_with_stride_1_the_gradient_of_the_input_is_a_convolution_with_the_turned_kernel() -> None:
    for name in ("3x3", "letter", "kernels"):
        grid, layer = EXAMPLES[name].grid(), EXAMPLES[name].layer()
        back = gradient.gradients(grid, layer, 0, "", numbered=True)
        (above, _below), _columns = layer.paddings
        turned = layer.weight[0][:, None, ::-1, ::-1]  # an output channel for each channel of the input
        same = Convolution(turned, padding=layer.kernel_size[0] - 1 - above)(back.arriving)
        np.testing.assert_allclose(same, back.input)
        assert "turned by 180°" in gradient.remarks(grid, layer, 0, "")


def test_what_is_left_out_is_not_claimed() -> None:
    grid, layer = EXAMPLES["3x3"].grid(), Convolution(EXAMPLES["3x3"].layer().weight, stride=2)
    assert "180°" not in gradient.remarks(grid, layer, 0, "")
    assert "activation" not in gradient.remarks(grid, layer, 0, "")
    assert "slope" in gradient.remarks(grid, layer, 0, "relu")


def test_nothing_is_left_of_a_gradient_that_is_zero() -> None:
    layer = Convolution([[[[0.1, 0.2, -0.3]]]])
    back = gradient.gradients(sealed(np.ones((1, 1, 5))), layer, 0, "")
    assert 0.1 + 0.2 - 0.3 != 0 and back.input[0, 0, 2] == 0


def test_the_file_has_a_row_for_each_gradient() -> None:
    back = gradient.gradients(*cases()["grouped"])
    rows = list(csv.DictReader(io.StringIO(gradient.to_csv(back))))
    for name, values in (("output", back.arriving), ("input", back.input), ("weight", back.weight)):
        found = {
            tuple(int(r[k]) - 1 for k in ("channel", "row", "column")): float(r["gradient"])
            for r in rows
            if r["of"] == name
        }
        assert found == dict(np.ndenumerate(values))
    assert [float(r["gradient"]) for r in rows if r["of"] == "bias"] == [back.bias]


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), ensure_ascii=False) + "\n", encoding="utf-8")
