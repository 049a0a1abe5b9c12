"""The loop: the note's mathematics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lenet.architecture.network import LeNet
from lenet.training.trainer import Trainer
from tests.helpers.training import SHORT, Splits, cut


def test_an_epoch_is_the_notes_loop(splits: Splits) -> None:
    """From the same weights over the same batches: the loop written as in the note gives the same losses."""
    config = replace(SHORT, batch_size=64)
    ours = Trainer(config, cut(splits[0], 1000), splits[1])
    net = LeNet()
    net.load_state_dict(ours.net.state_dict())
    seen: list[float] = []
    loss, acc = ours.run_epoch(lambda: seen.append(float(ours.buffers.losses[ours.i - 1])))

    order = torch.randperm(1000, generator=torch.Generator().manual_seed(config.seed * 1_000_003))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.9)
    expected, correct = [], 0
    for batch in order.split(64):
        X, y = ours.train.images(batch), ours.train.labels[batch]
        optimizer.zero_grad()
        y_hat = net(X)
        l = F.cross_entropy(y_hat, y)  # noqa: E741 - the note's name
        l.backward()
        optimizer.step()
        expected.append((l.item(), len(y)))
        correct += int((y_hat.argmax(1) == y).sum())
    np.testing.assert_allclose(seen, [x for x, _n in expected], rtol=2e-4)
    assert loss == pytest.approx(sum(x * n for x, n in expected) / 1000, rel=1e-4)
    assert acc == pytest.approx(correct / 1000, abs=0.003)


def test_an_epoch_of_fewer_examples(splits: Splits) -> None:
    trainer = Trainer(replace(SHORT, examples_per_epoch=600), splits[0], splits[1])
    assert (trainer.examples, trainer.steps_per_epoch) == (600, 3)
    loss, acc = trainer.run_epoch()
    assert loss == pytest.approx(float((trainer.buffers.losses * torch.tensor([256, 256, 88])).sum()) / 600, rel=1e-5)
    assert 0 <= acc <= 1


def test_gradient_norms_are_those_of_the_weights(splits: Splits) -> None:
    trainer = Trainer(replace(SHORT, examples_per_epoch=256), splits[0], splits[1])
    net = LeNet()
    net.load_state_dict(trainer.net.state_dict())
    trainer.run_epoch()
    batch = trainer.buffers.order[:256]
    F.cross_entropy(net(splits[0].images(batch)), splits[0].labels[batch]).backward()
    expected = [net.get_parameter(name).grad.norm().item() for name in trainer.layers]
    assert trainer.layers == ["0.weight", "3.weight", "7.weight", "9.weight", "11.weight"]
    np.testing.assert_allclose(trainer.buffers.norms[0].tolist(), expected, rtol=1e-4)
