"""What the convolution sandbox draws and says, against PyTorch and by hand; and numbers for the browser's own arithmetic.

`python -m tests.convolution.test_figures` writes the cases that the JavaScript test compares with.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lenet.common.activations import ACTIVATIONS
from lenet.common.paths import PROJECT
from lenet.convolution import Convolution
from lenet.convolution.examples import EXAMPLES, KERNELS
from lenet.convolution.figures import remarks, window
from lenet.grid import sealed, tidy
from tests.helpers.torch_convolution import call_torch

FILE = PROJECT / "tests/javascript/grid/convolutions.json"


def cases() -> dict[str, tuple[Any, Convolution, int, str]]:
    """By their names: a grid, a layer, the kernel that is shown and the activation behind it."""
    rng = np.random.default_rng(0)
    signed = sealed(rng.normal(size=(3, 5, 6)).round(3))
    weight = rng.normal(size=(2, 3, 3, 2)).round(4)
    return {
        "note": (EXAMPLES["3x3"].grid(), EXAMPLES["3x3"].layer(), 0, ""),
        "edge": (EXAMPLES["bar"].grid(), EXAMPLES["bar"].layer(), 0, "relu"),
        "kernels": (EXAMPLES["kernels"].grid(), EXAMPLES["kernels"].layer(), 2, ""),
        "signed": (signed, Convolution(weight, [0.5, -1.25], stride=(2, 1), padding=(1, 2)), 1, "relu"),
        "dilated": (signed, Convolution(weight, None, padding=1, dilation=2, padding_mode="reflect"), 0, "tanh"),
        "circular": (signed, Convolution(weight, None, padding=1, padding_mode="circular"), 0, "sigmoid"),
        "large": (sealed(rng.normal(size=(1, 6, 6))), Convolution(rng.normal(size=(1, 1, 5, 5)), [1e-5]), 0, ""),
        "many": (sealed(rng.normal(size=(5, 3, 3))), Convolution(rng.normal(size=(1, 5, 2, 2))), 0, ""),
        "grouped": (
            signed,
            Convolution(weight[:, :1].repeat(3, axis=0)[:3], [1.0, 2.0, 3.0], groups=3),
            1,
            "leaky_relu",
        ),
        "pairs": (
            sealed(rng.normal(size=(4, 3, 3)).round(2)),
            Convolution(rng.normal(size=(2, 2, 2, 2)).round(2), groups=2),
            1,
            "",
        ),
        "nothing": (sealed([[[0.1, 0.2, 0.3]]]), Convolution([[[[1, 1, -1]]]]), 0, ""),
    }


def made() -> dict[str, Any]:
    """For each case its scene and, for each step, what NumPy finds; and numbers as Python writes them."""
    found = {}
    for name, (grid, layer, kernel, activation) in cases().items():
        scene = window.scene(grid, layer, kernel, activation)
        height, width = scene["out_size"]
        terms = [layer.terms(grid, kernel, i, j) for i in range(height) for j in range(width)]
        expected = [
            {"products": t.products.reshape(len(t.channels), -1).tolist(), "sums": t.sums.tolist()} for t in terms
        ]
        found[name] = {"scene": scene, "expected": expected}
    numbers = [5.0, -0.25, 4 / 3, -0.0, 0.00012345, 0.000012, -1e-10, 1e12, 123456.78915, 0.00099999]
    return json.loads(json.dumps({"cases": found, "numbers": [[n, tidy(n)] for n in numbers]}))  # type: ignore[no-any-return]


def rounded(value: Any) -> Any:
    """Floats as far as every machine agrees on them."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.9g}") + 0.0 if isinstance(value, float) else value


def test_the_browser_is_tested_with_the_scenes_of_today() -> None:
    assert rounded(made()) == rounded(json.loads(FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", cases())
def test_the_output_is_pytorchs(name: str) -> None:
    grid, layer, kernel, activation = cases()[name]
    weight, bias = (None if a is None else torch.from_numpy(a.copy()) for a in (layer.weight, layer.bias))
    options = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation, "groups": layer.groups}
    sums = call_torch(torch.from_numpy(grid.copy()), weight, bias, layer.padding_mode, **options)[kernel]
    expected = (getattr(nn, ACTIVATIONS[activation].type)()(sums) if activation else sums).numpy()
    scene = window.scene(grid, layer, kernel, activation)
    texts = np.reshape(scene["output"]["texts"][0], scene["out_size"])
    shown = [[float(text.replace("−", "-")) for text in row] for row in texts]
    np.testing.assert_allclose(shown, expected, atol=1e-4)
    assert scene["kernel"]["texts"] == [[tidy(v) for v in plane.ravel().tolist()] for plane in layer.weight[kernel]]


def test_nothing_is_left_of_a_sum_that_is_zero() -> None:
    grid, layer, kernel, activation = cases()["nothing"]
    assert 0.1 + 0.2 - 0.3 != 0
    assert window.scene(grid, layer, kernel, activation)["output"]["texts"] == [["0"]]


def test_the_formula_has_the_numbers_of_both_axes() -> None:
    grid, layer, *_rest = cases()["signed"]
    assert remarks.size_formula(grid, layer) == [
        "output height = ⌊(5 + 2·1 − 3)/2⌋ + 1 = 3",
        "output width = ⌊(6 + 2·2 − 2)/1⌋ + 1 = 9",
    ]
    dilated = Convolution(np.ones((1, 1, 3, 3)), dilation=2)
    assert remarks.size_formula(sealed(np.ones((1, 7, 7))), dilated) == [
        "output size = ⌊(7 + 2·0 − 2·(3 − 1) − 1)/1⌋ + 1 = 3"
    ]


def test_what_a_turned_kernel_would_give_is_said_with_its_numbers() -> None:
    grid, layer = EXAMPLES["3x3"].grid(), EXAMPLES["3x3"].layer()
    told = remarks.flip_sentence(grid, layer, 0)
    assert "change 4 of 4 output cells: row 1, column 1 would be 5 instead of 19." in told
    turned = Convolution(np.ones((1, 1, 2, 2)))
    assert "Here that would change nothing." in remarks.flip_sentence(grid, turned, 0)


def test_parameters_are_counted() -> None:
    told = remarks.parameters_sentence(EXAMPLES["kernels"].layer())
    assert told.startswith("3 · 2 · 2 · 2 weights + 3 biases = 27 parameters")
    assert "1 · 2 · 2 weights + 1 bias = 5 parameters" in remarks.parameters_sentence(EXAMPLES["3x3"].layer())


@pytest.mark.parametrize("name", KERNELS)
def test_known_kernels_are_named_in_any_number_of_channels(name: str) -> None:
    for channels in (1, 3):
        assert remarks.kernel_name(KERNELS[name].weight(channels)[0]) == name
    assert remarks.kernel_name(KERNELS[name].weight()[0] + 1) != name


@pytest.mark.parametrize("name", ["", *ACTIVATIONS])
def test_the_name_of_the_activation_is_in_the_scene(name: str) -> None:
    grid, layer, *_rest = cases()["note"]
    assert window.scene(grid, layer, 0, name)["activation"] == (ACTIVATIONS[name].name if name else "")


if __name__ == "__main__":
    Path(FILE).write_text(json.dumps(made(), ensure_ascii=False) + "\n", encoding="utf-8")
