"""What training keeps for the backward pass, against what autograd saves."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet.architecture import explanations, table
from lenet.architecture.configuration import MLP, LeNetConfig
from lenet.architecture.layers.memory import kept_bytes
from lenet.architecture.network import LeNet, layer_table
from lenet.common.errors import LenetError
from tests.helpers.strategies import settings_of_a_net


def saved_bytes(config: LeNetConfig, batch: int) -> int:
    """Bytes of the tensors that autograd saves in a forward pass, but for parameters and buffers; each memory once."""
    net = LeNet(config).train()
    own = {t.untyped_storage().data_ptr() for t in (*net.parameters(), *net.buffers())}
    saved: dict[int, torch.UntypedStorage] = {}  # held, so that no address is used twice

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        saved[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        net(torch.rand(batch, *config.input_shape[1:]))
    return sum(storage.nbytes() for address, storage in saved.items() if address not in own)


def test_the_notes_network_at_batch_256() -> None:
    """By hand: image 784, after the sigmoids 4704 and 1600, after the poolings 1176 and 400, dense 120 and 84."""
    config = LeNetConfig()
    kept = [784, 4704, 0, 1176, 1600, 0, 0, 400, 120, 0, 84, 0]
    assert [size // 4 for size in kept_bytes(config.layers)] == kept
    assert sum(kept_bytes(config.layers, 256)) == saved_bytes(config, 256) == 8868 * 1024
    (memory,) = [c for c in table.columns(config.layers, 256) if c.heading == "Memory, KiB"]
    assert (memory.values, memory.total) == ([float(n) for n in kept], 8868)
    assert "training keeps 8.66 MiB for the backward pass of a batch of 256" in explanations.cost_line(
        config.layers, 256
    )


@settings(max_examples=150, deadline=None)
@given(settings_of_a_net(), st.integers(2, 5))
def test_any_network_keeps_what_autograd_saves(values: dict[str, Any], batch: int) -> None:
    try:
        config = LeNetConfig.from_dict(values)
    except LenetError:
        return
    assert sum(kept_bytes(config.layers, batch)) == saved_bytes(config, batch)
    rows = layer_table(LeNet(config), (batch, *config.input_shape[1:]))
    assert kept_bytes(rows, batch) == kept_bytes(config.layers, batch), "shapes may be those of any batch"


@pytest.mark.parametrize("batch", [1, 7, 256])
def test_it_grows_with_the_batch_and_the_mlp_keeps_less(batch: int) -> None:
    assert sum(kept_bytes(MLP.layers, batch)) == 4 * batch * (784 + 256 + 128) == saved_bytes(MLP, batch)
