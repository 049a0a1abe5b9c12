"""How much of the gradient is left at each layer, measured and in words."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import nn
from torch.nn import functional as F

from lenet import data, runs
from lenet.architecture import gradients, inference, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import gradients as figure
from lenet.architecture.weights import Network
from lenet.common.errors import LenetError
from tests.helpers.data_sets import SAMPLE
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


# -- one image -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recipe", ["classic", "modern"])
def test_an_image_s_gradient_through_a_trained_network_is_autograds(recipe: str) -> None:
    """By another way: hooks on the modules, and the derivatives of sigmoid and ReLU written down."""
    network = weights.of_run(runs.find(f"reference-{recipe}"))
    image, label = SAMPLE.images[7], int(SAMPLE.labels[7])
    net = copy.deepcopy(inference.build(network))
    arrived: dict[int, torch.Tensor] = {}
    inputs: dict[int, torch.Tensor] = {}
    for i, layer in enumerate(net):
        layer.register_full_backward_hook(lambda _m, _into, out, i=i: arrived.__setitem__(i, out[0]))
        layer.register_forward_hook(lambda _m, given, _out, i=i: inputs.__setitem__(i, given[0].detach()))
    x = torch.from_numpy(image[None] / 255).float().requires_grad_()
    F.cross_entropy(net(x), torch.tensor([label])).backward()
    passages = gradients.of_image(network, SAMPLE, 7)
    assert [passage.row for passage in passages] == list(network.config.layers)
    assert x.grad is not None and passages[0].passed == pytest.approx(float(x.grad.norm()), rel=1e-5)
    for i, passage in enumerate(passages):
        assert passage.arriving == pytest.approx(float(arrived[i].norm()), rel=1e-5)
        if i:
            assert passage.passed == passages[i - 1].arriving
        if passage.row.type == "Sigmoid":
            s = 1 / (1 + torch.exp(-inputs[i].double()))
            assert passage.slope == pytest.approx(float((s * (1 - s)).mean()), rel=1e-4)
        elif passage.row.type == "ReLU":
            assert passage.slope == pytest.approx(float((inputs[i] > 0).double().mean()))
        else:
            assert passage.slope is None


def test_sigmoids_shrink_what_arrives_and_relus_less() -> None:
    left = {}
    for activation, steepest in (("sigmoid", 1 / 4), ("relu", 1)):
        passages = gradients.of_image(Network(LeNetConfig(activation=activation)), SAMPLE, 0)
        left[activation] = passages[0].arriving / passages[-1].arriving
        slopes = [passage.slope for passage in passages if passage.slope is not None]
        assert len(slopes) == 4 and all(0 < slope <= steepest for slope in slopes)
        told = gradients.explain_passages(passages)
        (share,) = re.findall(r"output (\S+) arrives", told)
        assert number_in(share) == pytest.approx(left[activation], rel=0.051, abs=0.0006)
        assert all(f"{slope:.1%}" in told for slope in slopes)
    assert left["sigmoid"] < left["relu"] / 10


def test_the_figure_of_slopes() -> None:
    networks = {
        name: gradients.of_image(weights.of_run(runs.find(f"reference-{name}")), SAMPLE, 0)
        for name in ("classic", "modern")
    }
    drawn = figure.slopes(networks).to_dict()
    for bars, (name, passages) in zip(drawn["data"], networks.items(), strict=True):
        whole = passages[-1].arriving
        assert bars["y"] == [passage.arriving / whole for passage in passages] and bars["y"][-1] == 1
        assert [bool(text) for text in bars["text"]] == [passage.slope is not None for passage in passages]
        assert name in figure.slopes_alt(networks)
    low, high = drawn["layout"]["yaxis"]["range"]
    assert drawn["layout"]["yaxis2"]["range"] == [low, high]
    assert all(10**low < y < 10**high for bars in drawn["data"] for y in bars["y"])
