"""The NumPy forward pass against torch."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from lenet import portrait, runs
from lenet.architecture import LeNetConfig
from lenet.figures import home
from lenet.model import LeNet


@pytest.mark.parametrize("activation", portrait.ACTIVATIONS)
@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_forward_is_torchs(activation: str, pooling: str) -> None:
    config = LeNetConfig(activation=activation, pooling=pooling, channels=(3, 5), kernel_size=(5, 3), hidden=(20,))
    net = LeNet(config).eval()
    x = torch.rand(1, 1, 28, 28)
    expected, out = [], x
    with torch.no_grad():
        for layer in net:
            out = layer(out)
            expected.append(out)
    weights = {k: v.numpy() for k, v in net.state_dict().items()}
    got = portrait.forward(config, weights, x[0].numpy())
    for mine, theirs in zip(got, [expected[i] for i in (1, 2, 4, 5, -1)], strict=True):
        np.testing.assert_allclose(mine, theirs[0].numpy(), atol=2e-5)


def test_picture_of_the_shipped_network() -> None:
    pixels, maps, label = portrait.portrait()
    assert runs.find("reference-modern").config.model.pooling == "max"
    assert [m.shape for m in maps] == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (10,)]
    assert int(maps[-1].argmax()) == label
    go.Figure(home.network(pixels, maps, "en").to_dict())
