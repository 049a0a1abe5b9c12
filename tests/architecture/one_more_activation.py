"""What follows from one more entry in `lenet.common.activations`: `silu`. Run by test_one_change.py, which adds the entry."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lenet.architecture import forward, presets
from lenet.architecture.configuration import LeNetConfig
from lenet.convolution import Convolution, code
from lenet.convolution.figures import window
from lenet.grid import sealed
from lenet.model import LeNet
from tests.helpers.pages import open_page, said, scene

GRID, LAYER = sealed([[[-2.0, 3.0]]]), Convolution([[[[1.0]]]])
EXPECTED = torch.nn.functional.silu(torch.tensor([-2.0, 3.0], dtype=torch.float64)).numpy()


def test_networks_are_built_and_computed_with_it() -> None:
    config = LeNetConfig(activation="silu")
    assert presets.words("act")["silu"] == "SiLU"
    torch.manual_seed(0)
    net, x = LeNet(config), np.random.default_rng(0).random((1, 28, 28), np.float32)
    assert sum(isinstance(layer, torch.nn.SiLU) for layer in net) == 4
    state = {key: value.numpy() for key, value in net.state_dict().items()}
    with torch.no_grad():
        expected = net(torch.from_numpy(x)[None]).numpy()[0]
    np.testing.assert_allclose(forward.forward(config, state, x)[-1], expected, atol=1e-5)


def test_the_sandbox_applies_it_and_writes_it_as_code() -> None:
    np.testing.assert_allclose(window.output(GRID, LAYER, 0, "silu").ravel(), EXPECTED)
    for write in code.CODES.values():
        names: dict[str, object] = {}
        exec(write(GRID, LAYER, "silu"), names)
        np.testing.assert_allclose(np.ravel(names["Y"]), EXPECTED, atol=1e-6)


@pytest.mark.usefixtures("router")
def test_both_pages_offer_it() -> None:
    at = open_page("convolution", activation="silu", weights="1", grid="-2,3", panel="window")
    assert not at.exception and said(at) == []
    shown = [float(text.replace("−", "-")) for text in scene(at)["output"]["texts"][0]]
    np.testing.assert_allclose(shown, EXPECTED, atol=1e-4)
    at = open_page("architecture", act="silu")
    assert not at.exception and said(at) == []
    assert at.session_state["architecture"].activation == "silu"
