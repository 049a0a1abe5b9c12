"""Each activation and its derivative are PyTorch's, in all the ways in which they are written."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from lenet.common.activations import ACTIVATIONS
from lenet.common.paths import PROJECT

X = np.concatenate([np.linspace(-12, 12, 241), [-1e9, -40.0, 40.0, 1e9]])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_function_and_slope_are_pytorchs(name: str, recwarn: pytest.WarningsRecorder) -> None:
    activation = ACTIVATIONS[name]
    x = torch.from_numpy(X.copy()).requires_grad_()
    y = getattr(nn, activation.type)()(x)
    y.sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    np.testing.assert_allclose(activation.function(X), y.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(activation.slope(X), x.grad.numpy(), atol=1e-12)
    assert not recwarn.list


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_its_codes_compute_the_same(name: str) -> None:
    activation, few = ACTIVATIONS[name], X[::24]
    expected = activation.function(few)
    names = {"math": math, "np": np, "torch": torch}
    python = [eval(activation.python.format(x="x"), names | {"x": float(x)}) for x in few]
    numpy = eval(activation.numpy.format(x="x"), names | {"x": few})
    pytorch = eval(activation.pytorch.format(x="x"), names | {"x": torch.from_numpy(few.copy())})
    for found in (python, numpy, pytorch.numpy()):
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_registry_loads_numpy_alone() -> None:
    code = (
        "import sys, lenet.common.activations;"
        "assert not {'torch', 'streamlit', 'plotly', 'pandas', 'PIL'} & set(sys.modules);"
        "assert {m for m in sys.modules if m.startswith('lenet.')}"
        " == {'lenet.common', 'lenet.common.activations', 'lenet.common.arguments'}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT)
