"""The written-out step of a GPU, computed on this CPU: torch.nn and autograd give the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.network import LeNet
from lenet.training.dataset import Split
from lenet.training.epoch import EpochBuffers, PreparedRows
from lenet.training.steps.blocks import ConvBlock
from lenet.training.steps.written_out_gpu import WrittenOutGpuStep
from tests.helpers.strategies import plain_networks
from tests.helpers.training import CPU

pytestmark = pytest.mark.usefixtures("doubles")


def step_of(config: LeNetConfig, train: Split, batch_size: int, smoothing: float) -> WrittenOutGpuStep:
    """A step whose optimiser leaves the weights alone, and which sums up windows as a GPU does."""
    net = LeNet(config)
    steps = -(-len(train) // batch_size)
    weights = sum(p.ndim > 1 for p in net.parameters())
    run: Any = SimpleNamespace(model=config, label_smoothing=smoothing, batch_size=batch_size, augment="none")
    buffers = EpochBuffers.make(CPU, len(train), run, steps, weights)
    images = PreparedRows(train, buffers, len(train))
    nothing: Any = SimpleNamespace(step=lambda: None)
    step = WrittenOutGpuStep(run, net, nothing, images, buffers)
    for block in step.blocks:
        if isinstance(block, ConvBlock):
            block.bags = block.bags_of_windows()
    return step


def check(config: LeNetConfig, images: int, batch_size: int, smoothing: float) -> None:
    pixels = torch.randint(0, 256, (images, *config.input_shape[1:]), dtype=torch.uint8)
    train = Split(pixels, torch.arange(images) % config.num_classes)
    step = step_of(config, train, batch_size, smoothing)
    buffers, net = step.buffers, step.net
    buffers.order.copy_(torch.randperm(images))
    step.begin_epoch()
    correct = 0
    for n, which in enumerate(buffers.order.split(batch_size)):
        step(len(which))
        x, y = pixels[which].to(torch.float32).div(255).to(torch.float64), train.labels[which]
        logits: Tensor = net(x)
        loss = F.cross_entropy(logits, y, label_smoothing=smoothing)
        expected = torch.autograd.grad(loss, list(net.parameters()))
        correct += int((logits.argmax(1) == y).sum())
        torch.testing.assert_close(buffers.losses[n], loss.detach())
        for p, gradient in zip(net.parameters(), expected, strict=True):
            assert p.grad is not None and p.grad.shape == p.shape and p.grad.is_contiguous()
            torch.testing.assert_close(p.grad, gradient)
        norms = [g.norm() for g in expected if g.ndim > 1]
        torch.testing.assert_close(buffers.norms[n], torch.stack(norms))
    assert (buffers.count.item(), buffers.correct.item()) == (n + 1, correct)
    x = pixels.to(torch.float64) / 255
    torch.testing.assert_close(step._logits(x), net(x).detach())


@settings(max_examples=40, deadline=None)
@given(plain_networks(), st.integers(1, 12), st.integers(1, 6), st.sampled_from([0.0, 0.1]), st.integers(0, 2**31))
def test_any_network_steps_as_autograd_does(
    config: LeNetConfig, images: int, batch_size: int, smoothing: float, seed: int
) -> None:
    """Whole batches, which keep their place, and smaller ones."""
    torch.manual_seed(seed)
    check(config, images, batch_size, smoothing)


@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_the_notes_network_steps_as_autograd_does(pooling: str) -> None:
    torch.manual_seed(0)
    check(LeNetConfig(pooling=pooling), 40, 16, 0.1)
