"""An ONNX file computes what its network computes, as onnxruntime runs it."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from lenet.architecture.configuration import MLP, LeNetConfig
from lenet.architecture.description import Description
from lenet.architecture.layers import ACTIVATIONS, HEADS, POOLINGS
from lenet.architecture.onnx_file import to_onnx
from lenet.common.errors import LenetError
from lenet.common.paths import PROJECT
from lenet.model import LeNet


def check(config: LeNetConfig) -> bytes:
    """Export a network whose batch norms have seen images, and compare; the content of the file."""
    torch.manual_seed(0)
    net = LeNet(config)
    shape = config.input_shape[1:]
    net(torch.rand(4, *shape))
    raw = to_onnx(net, Description(config, ("a", "b"), "letters", 2, 9, 0.5))
    assert net.training, "the network is left as it was"
    session = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    for n in (1, 2, 7):
        images = torch.rand(n, *shape)
        (logits,) = session.run(["logits"], {"images": images.numpy()})
        with torch.no_grad():
            wanted = net.eval()(images).numpy()
        net.train()
        assert logits.shape == wanted.shape == (n, config.num_classes)
        assert np.abs(logits - wanted).max() <= 1e-5
    return raw


def chosen() -> list[LeNetConfig]:
    """Networks in which every activation, pooling and head comes."""
    kinds = [list(ACTIVATIONS), list(POOLINGS), list(HEADS)]
    made = []
    for n in range(max(map(len, kinds))):
        activation, pooling, head = (options[n % len(options)] for options in kinds)
        odd: dict[str, Any] = {"batch_norm": True, "dropout": 0.5} if n % 2 else {}
        made.append(
            LeNetConfig(channels=(3, 5), activation=activation, pooling=pooling, head=head, hidden=(9,), **odd)
        )
    return [*made, MLP]


def drawn(count: int) -> list[LeNetConfig]:
    """Networks with any number of layers of any sizes that fit together; always the same ones."""
    rng, made = random.Random(14), []
    while len(made) < count:
        blocks = rng.randint(1, 3)
        with suppress(LenetError):
            made.append(
                LeNetConfig(
                    in_channels=rng.randint(1, 3),
                    input_size=(rng.randint(4, 33), rng.randint(4, 33)),
                    **{
                        name: tuple(rng.randint(low, high) for _block in range(blocks))
                        for name, low, high in (
                            ("channels", 1, 7),
                            ("kernel_size", 1, 7),
                            ("padding", 0, 3),
                            ("stride", 1, 3),
                        )
                    },
                    activation=rng.choice(list(ACTIVATIONS)),
                    pooling=rng.choice(list(POOLINGS)),
                    head=rng.choice(list(HEADS)),
                    hidden=tuple(rng.randint(1, 30) for _layer in range(rng.randint(0, 3))),
                    num_classes=rng.randint(2, 12),
                    batch_norm=rng.random() < 0.5,
                    dropout=rng.choice([0.0, 0.25]),
                )
            )
    return made


def kinds_of(config: LeNetConfig) -> str:
    return f"{len(config.channels)}-{config.activation}-{config.pooling}-{config.head}"


@pytest.mark.slow
@pytest.mark.parametrize("config", [*chosen(), *drawn(5)], ids=kinds_of)
def test_it_computes_the_same(config: LeNetConfig) -> None:
    onnx.checker.check_model(onnx.load_from_string(check(config)), full_check=True)


def test_it_says_what_goes_in_and_comes_out() -> None:
    """In its metadata as in a file of weights, and nothing of the machine that made it."""
    config = LeNetConfig()
    raw = check(config)
    session = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    told = session.get_modelmeta().custom_metadata_map
    assert told == Description(config, ("a", "b"), "letters", 2, 9, 0.5).metadata()
    assert json.loads(told["architecture"]) == config.to_dict()
    assert (told["scale"], told["mean"], told["std"]) == (repr(1 / 255), "[0.0]", "[1.0]")
    assert session.get_inputs()[0].shape == ["N", 1, 28, 28] and session.get_outputs()[0].shape == ["N", 10]
    assert "divided by 255" in onnx.load_from_string(raw).doc_string
    assert str(PROJECT).encode() not in raw and b"site-packages" not in raw
    names = [tensor.name for tensor in onnx.load_from_string(raw).graph.initializer]
    assert {name for name, _w in LeNet().named_parameters()} <= set(names), "weights have the names of the state dict"


def test_a_missing_package_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lenet.architecture.onnx_file.is_installed", lambda name: name != "onnxscript")
    with pytest.raises(LenetError, match="pip install onnx onnxscript"):
        to_onnx(LeNet(), Description(LeNetConfig()))
