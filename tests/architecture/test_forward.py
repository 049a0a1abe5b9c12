"""The NumPy forward pass against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lenet import runs
from lenet.architecture import forward, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import overview
from lenet.architecture.layers import ACTIVATIONS, HEADS, POOLINGS
from lenet.architecture.network import LeNet
from lenet.common import arrays
from tests.helpers.data_sets import NAMES

NETS = [
    *(
        LeNetConfig(activation=a, pooling="avg", channels=(3, 5), kernel_size=(5, 3), hidden=(20,))
        for a in ACTIVATIONS
    ),
    *(LeNetConfig(pooling=p, stride=(2, 1), head=h, batch_norm=True, dropout=0.5) for p in POOLINGS for h in HEADS),
    LeNetConfig(channels=(), kernel_size=(), padding=(), stride=(), hidden=(30,), activation="relu"),
    LeNetConfig(in_channels=3, input_size=(20, 31), num_classes=4),
]


@pytest.mark.parametrize("config", NETS)
def test_forward_is_torchs(config: LeNetConfig) -> None:
    torch.manual_seed(0)
    net = LeNet(config)
    x = torch.rand(config.input_shape)
    net(torch.rand(8, *config.input_shape[1:]))  # running statistics that are not 0 and 1
    net.eval()
    expected, out = [], x
    with torch.no_grad():
        for layer in net:
            out = layer(out)
            expected.append(out[0].numpy())
    weights = {k: v.numpy() for k, v in net.state_dict().items()}
    got = forward.forward(config, weights, x[0].numpy())
    for mine, theirs in zip(got, expected, strict=True):
        assert mine.dtype == np.float32
        np.testing.assert_allclose(mine, theirs, atol=2e-5)


def test_picture_of_the_shipped_network() -> None:
    network = weights.of_run(runs.find("reference-modern"))
    pixels, maps, label = forward.of_sample_image(network)
    assert [m.shape for m in maps] == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (10,)]
    assert int(maps[-1].argmax()) == label
    scene = overview.overview(pixels, maps, network.config.layers, NAMES, NAMES[label])
    assert [one["name"] for one in scene["classes"]] == NAMES and scene["dense"] == "120 → 84 → 10"
    assert max(scene["classes"], key=lambda one: one["score"])["name"] == NAMES[label]
    assert sum(one["score"] for one in scene["classes"]) == pytest.approx(1, abs=1e-3)
    for block, values in zip(scene["blocks"], [pixels, *maps[:-1]], strict=True):
        assert block["size"] == "×".join(map(str, values.shape)) and tuple(block["shape"]) == values.shape
        shades = arrays.from_base64(block["shades"], "u1").reshape(values.shape)
        assert (shades.max((1, 2)) == 255).all(), "each map up to its own largest number"
        np.testing.assert_allclose(shades / 255, values / values.max((1, 2), keepdims=True), atol=1 / 255)
