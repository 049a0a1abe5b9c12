"""How much of the gradient is left at each layer, measured and in words."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import nn
from torch.nn import functional as F

from lenet import data
from lenet.architecture import gradients, inference
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import gradients as figure
from lenet.common.errors import LenetError
from tests.helpers.strategies import settings_of_a_net

STEEPEST = {
    "Sigmoid": 1 / 4,
    "Tanh": 1.0,
    "ReLU": 1.0,
    "LeakyReLU": 1.0,
    "GELU": 1.13,
    "AvgPool2d": 1 / 2,
    "MaxPool2d": 1.0,
}
"""What a layer can let through at most, whatever arrives; a mean of 4 numbers gives a quarter of its gradient to each."""
EIGHT = {"channels": (8,) * 8, "kernel_size": (3,) * 8, "padding": (1,) * 8, "stride": (1,) * 8, "pooling": "none"}


def number_in(text: str) -> float:
    """Of `24.3%` or `1.4·10⁻⁹`."""
    if text.endswith("%"):
        return float(text[:-1]) / 100
    digits, exponent = text.split("·10⁻")
    return float(digits) * 10.0 ** -int(exponent.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))


@settings(max_examples=60, deadline=None)
@given(settings_of_a_net())
def test_no_layer_lets_more_through_than_its_slope(values: dict[str, Any]) -> None:
    try:
        config = LeNetConfig.from_dict(values)
    except LenetError:
        return
    found = gradients.at_start(config)
    assert len(found.lengths) == len(config.layers) + 1 and found.lengths[-1] > 0
    for i, row in enumerate(config.layers):
        before, after = found.lengths[i + 1], found.lengths[i]
        if row.type == "Flatten":
            assert after == pytest.approx(before)
        if row.type in STEEPEST:
            assert after <= before * STEEPEST[row.type] * (1 + 1e-4)
        said = gradients.explain(found, i)
        shares = re.findall(r"passes (\S+) of .* output (\S+) is left", said)
        wanted = [(after / before, after / found.lengths[-1])] if before else []
        assert len(shares) == len(wanted)
        for both, shown in zip(wanted, shares, strict=True):
            assert list(map(number_in, shown)) == pytest.approx(list(both), rel=0.051, abs=0.0006)


def test_it_is_the_gradient_that_pytorch_computes() -> None:
    net = inference.untrained(LeNetConfig())
    images, labels = data.load("test", "sample")
    head, tail = nn.Sequential(*list(net)[:5]), nn.Sequential(*list(net)[5:])
    hidden = head(inference.prepare(net, images[:64])).detach().requires_grad_()
    F.cross_entropy(tail(hidden), torch.tensor(labels[:64])).backward()
    assert hidden.grad is not None
    found = gradients.at_start(LeNetConfig())
    assert found.images == 64 and found.lengths[5] == pytest.approx(float(hidden.grad.norm()))
    assert "64 test images" in gradients.words(found)


def test_through_eight_convolutions_gradients_fade_with_relu_too() -> None:
    left = {}
    for activation in ("sigmoid", "relu"):
        found = gradients.at_start(LeNetConfig(**EIGHT, activation=activation))
        left[activation] = found.lengths[0] / found.lengths[-1]
        said = re.findall(r"output (\S+) is left then\.$", gradients.explain(found, 0))
        assert [number_in(text) for text in said] == pytest.approx([left[activation]], rel=0.05)
    assert left["sigmoid"] < 1e-8 < left["relu"] < 1e-3


def test_a_large_network_is_measured_with_fewer_images() -> None:
    large = LeNetConfig(input_size=128, channels=(64, 64), hidden=())
    assert 2 <= gradients.at_start(large).images < 64


def test_where_nothing_arrives_that_is_said() -> None:
    nothing = gradients.Gradients(4, (0.0, 0.0, 0.5))
    assert gradients.explain(nothing, 0) == "No gradient arrives at this layer."
    assert gradients.explain(nothing, 1).startswith("This layer passes 0.0% of")
    rows = LeNetConfig().layers
    (bars,) = figure.gradients(rows, [0.0, 0.0, *[0.5] * 11], 3).to_dict()["data"]
    assert bars["y"][:2] == [None, 0.5] and bars["marker"]["line"]["width"][3] == 3
