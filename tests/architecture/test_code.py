"""The network as code."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stdout
from typing import Any

import pytest
from torch import nn

from lenet.architecture.code import as_code
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import KINDS
from lenet.architecture.network import LeNet


@pytest.mark.parametrize(
    "config",
    [
        LeNetConfig(),
        LeNetConfig(activation="leaky_relu", pooling="max", channels=(8, 12), kernel_size=(3, 7), hidden=(50,)),
        LeNetConfig(in_channels=3, input_size=64, channels=(4, 5, 6), kernel_size=(7, 3, 3), padding=(3, 1, 0),
                    stride=(2, 1, 1), hidden=(), num_classes=7),
        LeNetConfig(input_size=(20, 33), pooling="conv", batch_norm=True, dropout=0.25, head="gap"),
        LeNetConfig(pooling="none", stride=(2, 2), dropout=0.5, hidden=(9, 8, 7), activation="gelu"),
        LeNetConfig(channels=(), kernel_size=(), padding=(), stride=(), hidden=(256, 128), activation="relu"),
    ],
)  # fmt: skip
def test_the_code_runs_as_copied(config: LeNetConfig) -> None:
    scope: dict[str, Any] = {}
    with redirect_stdout(io.StringIO()) as printed:
        exec(as_code(config), scope)
    assert printed.getvalue().strip() == str(config.cost()[0])
    assert str(scope["net"]) == str(lenet_net(config)), "the same layers with the same settings"
    assert tuple(scope["logits"].shape) == (1, config.num_classes)


def test_the_code_runs_in_a_process_of_its_own() -> None:
    code = as_code(LeNetConfig())
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "61706"


def lenet_net(config: LeNetConfig) -> nn.Sequential:
    return nn.Sequential(*LeNet(config))


def test_the_names_of_torch_are_right() -> None:
    assert all(hasattr(nn, name) for name in KINDS)
