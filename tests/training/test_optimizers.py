"""Initial weights, optimisers, schedules."""

from __future__ import annotations

import copy
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import CosineAnnealingLR, StepLR
from torch.utils._python_dispatch import TorchDispatchMode

from lenet.architecture.network import LeNet
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.training.optimizers import CapturableMuon, Optimizers, init_weights, make_optimizers
from lenet.training.schedules import learning_rates, schedule
from lenet.training.trainer import Trainer
from tests.helpers.training import COSINE, SHORT, STEPS_DOWN, Splits, cut


def test_xavier_is_the_notes_initialisation() -> None:
    torch.manual_seed(0)
    net = LeNet()
    biases = net[0].bias.clone()
    init_weights(net, "xavier_uniform")
    bound = (6 / (1 * 25 + 6 * 25)) ** 0.5  # sqrt(6 / (fan_in + fan_out)), Glorot and Bengio 2010
    assert 0.9 * bound < float(net[0].weight.detach().abs().max()) <= bound
    assert torch.equal(net[0].bias, biases)


def test_one_cycle_rises_to_the_peak_and_ends_near_zero() -> None:
    config = replace(MODERN, warmup=0.25, epochs=10)
    shares = [schedule(config, s, 100) for s in range(1000)]
    assert max(shares) == pytest.approx(1, rel=0.01)
    assert 240 <= int(np.argmax(shares)) <= 260
    assert 0 < shares[0] < 0.01
    assert 0 < shares[-1] < 0.01
    assert {schedule(CLASSIC, s, 1) for s in range(10)} == {1.0}


def test_an_extension_is_a_cycle_of_its_own() -> None:
    config = replace(MODERN, warmup=0.25, epochs=10)
    longer = config.extended(14)
    assert (longer.epochs, longer.cycles) == (14, (10,))
    first = [schedule(config, s, 100) for s in range(1000)]
    assert [schedule(longer, s, 100) for s in range(1000)] == first
    second = [schedule(longer, s, 100) for s in range(1000, 1400)]
    assert max(second) == pytest.approx(1, rel=0.02)
    assert second[-1] < 0.01
    with pytest.raises(LenetError):
        config.extended(10)


@given(st.integers(1, 6), st.integers(1, 12), st.floats(0, 0.1), st.sampled_from(["adamw", "muon"]))
def test_cosine_is_torchs_stepped_after_each_batch(epochs: int, steps: int, eta_min: float, optimizer: str) -> None:
    """And at the beginning of an epoch that which is stepped after each epoch, with `T_max` in epochs."""
    config = replace(MODERN, optimizer=optimizer, schedule="cosine", eta_min=eta_min, lr=0.05, epochs=epochs)
    peaks = {"lr": 0.05} | ({"muon_lr": config.muon_lr} if optimizer == "muon" else {})
    for name, peak in peaks.items():
        ours = [learning_rates(config, step, steps)[name] for step in range(epochs * steps)]
        torchs = rates(CosineAnnealingLR, peak, epochs * steps, T_max=epochs * steps, eta_min=eta_min)
        np.testing.assert_allclose(ours, torchs, rtol=1e-6, atol=1e-9)
        by_epoch = rates(CosineAnnealingLR, peak, epochs, T_max=epochs, eta_min=eta_min)
        np.testing.assert_allclose(ours[::steps], by_epoch, rtol=1e-6, atol=1e-9)


@given(st.integers(1, 20), st.integers(1, 5), st.integers(1, 25), st.floats(0, 1))
def test_steps_down_are_torchs_stepped_after_each_epoch(epochs: int, steps: int, size: int, gamma: float) -> None:
    config = replace(CLASSIC, schedule="step", step_size=size, gamma=gamma, epochs=epochs)
    torchs = rates(StepLR, config.lr, epochs, step_size=size, gamma=gamma)
    ours = [learning_rates(config, step, steps)["lr"] for step in range(epochs * steps)]
    np.testing.assert_allclose(ours, np.repeat(torchs, steps), rtol=1e-9, atol=1e-12)


def rates(scheduler: Any, lr: float, steps: int, **numbers: Any) -> list[float]:
    """The learning rates that torch's scheduler gives."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr)
    ticks, found = scheduler(optimizer, **numbers), []
    for _ in range(steps):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        ticks.step()
    return found


def test_a_run_that_ended_early_goes_on_in_its_schedule() -> None:
    for schedule_ in ("cosine", "one_cycle", "step"):
        config = replace(
            CLASSIC, schedule=schedule_, warmup=0.2, epochs=10, validation=0.1, early_stopping=2, step_size=3
        )
        for longer in (config.extended(10, done=4), config.extended(14, done=4)):
            assert [schedule(longer, s, 5) for s in range(50)] == [schedule(config, s, 5) for s in range(50)]


@pytest.mark.parametrize(
    "config", [COSINE, STEPS_DOWN, replace(COSINE, optimizer="muon")], ids=["cosine", "step", "muon"]
)
def test_each_optimiser_gets_the_learning_rates_of_the_schedule(config: RunConfig) -> None:
    """Also as a captured step reads them: Muon's as a share of its own."""
    optimizers = Optimizers(LeNet(), config)
    for step in (0, 7, 15):
        expected = learning_rates(config, step, 10)
        optimizers.set_learning_rates(schedule(config, step, 10))
        for optimizer in optimizers.all:
            (lr,) = {group["lr"] for group in optimizer.param_groups}
            if isinstance(optimizer, CapturableMuon):
                assert lr * float(optimizer.share) == pytest.approx(expected["muon_lr"])
            else:
                assert lr == expected["lr"]


@pytest.mark.parametrize("name", ["adamw", "adam"])
def test_adamw_is_torchs(name: str, splits: Splits) -> None:
    """The weight decay bypasses the moments; `adam` is what older runs call the same."""
    config = replace(SHORT, optimizer=name, lr=0.003, momentum=0.8, weight_decay=0.5, batch_size=100)
    trainer = Trainer(config, cut(splits[0], 300), splits[1])
    net = copy.deepcopy(trainer.net)
    optimizer = torch.optim.AdamW(net.parameters(), 0.003, betas=(0.8, 0.999), weight_decay=0.5)
    trainer.run_epoch()
    for batch in trainer.buffers.order.split(100):
        optimizer.zero_grad()
        F.cross_entropy(net(splits[0].images(batch)), splits[0].labels[batch]).backward()
        optimizer.step()
    for ours, p in zip(trainer.net.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(ours, p, rtol=1e-3, atol=1e-4)


def test_muon_trains_all_weights_but_the_last_layers_and_adam_the_rest() -> None:
    net = LeNet()
    adam, muon = make_optimizers(net, MODERN)
    names = {p: n for n, p in net.named_parameters()}
    assert isinstance(muon, CapturableMuon)
    assert [names[p] for p in muon.weights] == ["0.weight", "3.weight", "7.weight", "9.weight"]
    assert [names[p] for g in adam.param_groups for p in g["params"]] == [
        "0.bias", "3.bias", "7.bias", "9.bias", "11.weight", "11.bias",
    ]  # fmt: skip
    assert (adam.param_groups[0]["lr"], muon.param_groups[0]["lr"]) == (MODERN.lr, MODERN.muon_lr)


def test_muon_for_a_captured_step_is_torchs() -> None:
    """Its learning rate is in no number that the step hands to an operation: those a CUDA graph keeps as they were.

    Kernels go as matrices, laid out in memory either way."""
    torch.manual_seed(0)
    start = torch.randn(16, 6, 5, 5)
    one = torch.nn.Parameter(start.flatten(1).clone())
    other = torch.nn.Parameter(start.to(memory_format=torch.channels_last))
    torchs, ours = torch.optim.Muon([one], 0.02, weight_decay=0.1), CapturableMuon([other], 0.02, 0.1)
    seen = []
    for share in (0.1, 0.5, 1.0, 0.3, 0.0):
        other.grad = torch.randn(16, 6, 5, 5)
        one.grad = other.grad.flatten(1)
        torchs.param_groups[0]["lr"] = 0.02 * share
        ours.share.fill_(share)
        torchs.step()
        with Numbers() as numbers:
            ours.step()
        seen.append(numbers.handed)
        torch.testing.assert_close(other.flatten(1), one)
    assert seen[1] and all(handed == seen[1] for handed in seen[2:])  # the first step also makes its memory


class Numbers(TorchDispatchMode):
    """Context: the plain numbers that operations are handed."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: list[tuple[str, list[object]]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        values = [*args, *(kwargs or {}).values()]
        self.handed.append((str(func), [v for v in values if isinstance(v, int | float)]))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("config", [CLASSIC, replace(MODERN, epochs=2), replace(MODERN, epochs=5, cycles=(2,))])
def test_the_learning_rates_that_are_told_are_those_that_are_set(config: RunConfig) -> None:
    optimizers = Optimizers(LeNet(config.model), config)
    names = ["lr", "muon_lr"][: len(optimizers.all)]
    for step in range(10 * config.epochs):
        optimizers.set_learning_rates(schedule(config, step, 10))
        told = learning_rates(config, step, 10)
        assert list(told) == names
        for optimizer, rate in zip(optimizers.all, told.values(), strict=True):
            share = optimizer.share.item() if isinstance(optimizer, CapturableMuon) else 1.0
            assert share * float(optimizer.param_groups[0]["lr"]) == pytest.approx(rate, rel=1e-6)


WITHOUT_COMPILER = """
import sys
from lenet import train
for recipe in ("classic", "modern"):
    assert train.main(["--recipe", recipe, "--epochs", "1", "--data", "sample", "--device", "cpu", "--run-id", recipe]) == 0
assert "torch._dynamo" not in sys.modules
"""


@pytest.mark.slow
def test_training_does_not_load_torchs_compiler() -> None:
    """It takes as long to load as the rest of torch."""
    assert (CLASSIC.optimizer, MODERN.optimizer) == ("sgd", "muon")
    subprocess.run([sys.executable, "-c", WITHOUT_COMPILER], cwd=paths.PROJECT, check=True, capture_output=True)
