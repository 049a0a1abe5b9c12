"""The steps of a GPU under torch's fake tensors: they have a device and a shape but no numbers, and need no card.

An operation between tensors of two devices is refused as a card refuses it, and one that reads a number, which would
make a card wait, as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensor, FakeTensorMode

from lenet.architecture.network import LeNet
from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Split
from lenet.training.epoch import EpochBuffers
from lenet.training.optimizers import Optimizers
from lenet.training.schedules import schedule
from lenet.training.steps import written_out
from lenet.training.trainer import Trainer
from tests.helpers.training import NAMES, RECIPES

CUDA = torch.device("cuda:0")


def moved(
    net: nn.Module, device: torch.device | None = None, memory_format: torch.memory_format | None = None
) -> None:
    """`net.to(…)`, which cannot put a fake tensor in a parameter's place."""
    for module in net.modules():
        for name, p in list(module._parameters.items()):
            if p is not None and device is not None:
                module._parameters[name] = nn.Parameter(p.detach().to(device))
        for name, b in list(module._buffers.items()):
            if b is not None and device is not None:
                module._buffers[name] = b.to(device)


def fused(*lists: list[torch.Tensor], lr: torch.Tensor, **numbers: object) -> None:
    """An optimiser's step in one operation; torch has no form of it for fake tensors."""
    assert {t.device for tensors in (*lists, [lr]) for t in tensors} == {CUDA}


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[Split]:
    """A card for fake tensors: 600 images on it, and stand-ins for what only a card has."""
    stream = SimpleNamespace(wait_stream=lambda other: None)
    monkeypatch.setattr(torch.cuda, "Stream", lambda device=None: stream)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda s: nullcontext())
    monkeypatch.setattr(written_out, "_captures", {})  # those of the CPU, in the same process
    monkeypatch.setattr(LeNet, "to", moved)
    monkeypatch.setattr(EpochBuffers, "draw", lambda self, seed, augment: None)  # there is no generator on the card
    for name in ("_fused_sgd_", "_fused_adam_", "_fused_adamw_"):
        monkeypatch.setattr(torch, name, fused)
    with FakeTensorMode(allow_non_fake_inputs=False):
        yield Split(
            torch.zeros(600, 1, 28, 28, dtype=torch.uint8, device=CUDA),
            torch.zeros(600, dtype=torch.int64, device=CUDA),
        )


@pytest.mark.filterwarnings("ignore:CUDA is not available")  # autocast says so, and computes in float32
@pytest.mark.parametrize("which", [0, -1], ids=["written out", "eager"])
@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_every_step_takes_place_on_the_card(
    recipe: RunConfig, which: int, card: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet.training.steps.capture", lambda ways, sizes: ways[which]())
    make = Optimizers.__init__

    def unchecked(*arguments: Any) -> None:
        """torch reads a learning rate that is a tensor, once, to check its sign."""
        with monkeypatch.context() as checks:
            checks.setattr(FakeTensor, "__ge__", lambda self, other: True, raising=False)
            checks.setattr(FakeTensor, "__lt__", lambda self, other: False, raising=False)
            checks.setattr(FakeTensor, "__float__", lambda self: 0.5, raising=False)
            make(*arguments)

    monkeypatch.setattr(Optimizers, "__init__", unchecked)
    trainer = Trainer(replace(recipe, device="cuda", batch_size=256), card, card)
    with_gradients = list(trainer.net.parameters())

    def backward(loss: torch.Tensor, gradient: torch.Tensor) -> None:
        """In place of autograd's, which asks the driver for the card."""
        assert loss.device == gradient.device == CUDA
        for p in with_gradients:
            p.grad = torch.zeros_like(p)

    monkeypatch.setattr(torch.Tensor, "backward", backward)
    trainer.begin_epoch()
    for size in (256, 256, 88):
        trainer.optimizers.set_learning_rates(schedule(trainer.config, trainer.step, trainer.steps_per_epoch))
        trainer.train_step(size)
    tensors: dict[str, Any] = dict(trainer.net.named_parameters()) | trainer.optimizers.tensors()
    tensors |= {
        name: getattr(trainer.buffers, name) for name in ("losses", "cross_entropies", "norms", "correct", "count")
    }
    tensors |= {f"gradient of {name}": p.grad for name, p in trainer.net.named_parameters()}
    tensors |= trainer.predict(card)._asdict()
    tensors |= {
        f"validation {name}": t for name, t in (vars(trainer.validation) if trainer.validation else {}).items()
    }
    measured = {name: t for name, t in tensors.items() if t is not None}
    assert {name: t.device for name, t in measured.items()} == dict.fromkeys(measured, CUDA)


def test_fake_tensors_find_what_lies_on_the_wrong_device_and_what_makes_a_card_wait(card: Split) -> None:
    """Or the test above could not fail."""
    with pytest.raises(Exception, match=r"two .*devices"):
        card.images(slice(0, 2)) + torch.zeros(2, 1, 28, 28)
    with pytest.raises(DataDependentOutputException):
        card.labels[0].item()
