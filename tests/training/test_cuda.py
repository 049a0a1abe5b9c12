"""Training on a CUDA device: skipped where there is none. `test_fake_cuda.py` does without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lenet import runs
from lenet.runs.configuration import CLASSIC, RunConfig
from lenet.training.dataset import Split
from lenet.training.run import train_run
from lenet.training.steps import graph
from lenet.training.trainer import Trainer
from tests.helpers.training import NAMES, RECIPES, SAMPLE, WITH_DROPOUT, Splits, cut, same

needs_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


@pytest.fixture(scope="module")
def on_card() -> Splits:
    """The bundled sample on the card: two whole batches of 256 and one that is not."""
    cuda = torch.device("cuda:0")
    return cut(Split.load("train", SAMPLE, cuda), 600), cut(Split.load("test", SAMPLE, cuda), 200)


@needs_card
@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_every_recipe_is_captured_and_trains_as_the_eager_step_does(
    recipe: RunConfig, on_card: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(recipe, device="cuda", data="sample", epochs=2, batch_size=256)
    captured = Trainer(config, *on_card)
    assert captured.train_step.name == "CUDA graph"
    monkeypatch.setattr("lenet.training.steps.capture", lambda ways, sizes: ways[-1]())
    eager = Trainer(config, *on_card)
    assert eager.train_step.name == "eager"
    # Dropout draws other units in a replayed graph than in an eager step: there the two are only alike.
    tolerance = 0.2 if config.model.dropout else 0.02
    for _ in range(2):
        np.testing.assert_allclose(captured.run_epoch(), eager.run_epoch(), rtol=tolerance, atol=tolerance)


@needs_card
def test_the_card_takes_the_steps_that_the_cpu_takes(on_card: Splits) -> None:
    """With a given order of the images: torch draws other numbers on a card than on a CPU."""
    config = replace(CLASSIC, data="sample", device="cuda")
    card = Trainer(config, *on_card)
    cpu = Trainer(replace(config, device="cpu"), *(Split(s.pixels.cpu(), s.labels.cpu()) for s in on_card))
    for trainer in (cpu, card):
        trainer.begin_epoch()
        trainer.buffers.order.copy_(torch.arange(600))
        trainer.train_step.begin_epoch()
        trainer.optimizers.set_learning_rates(1.0)
        with trainer.train_step.running():
            for size in (256, 256, 88):
                trainer.train_step(size)
    torch.testing.assert_close(card.buffers.losses.cpu(), cpu.buffers.losses, rtol=1e-4, atol=1e-4)
    for name, weight in cpu.net.state_dict().items():
        torch.testing.assert_close(card.net.state_dict()[name].cpu(), weight, rtol=1e-3, atol=1e-4, msg=name)


@needs_card
@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_a_run_that_is_stopped_and_resumed_on_the_card_is_the_run_that_was_not(
    recipe: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet.training.recorder.LOOK_EVERY", 0.0)
    config = replace(recipe, device="cuda", data="sample", epochs=2, batch_size=256)
    whole = runs.create(config, "whole")
    assert train_run(whole).state == "finished"
    assert (whole.status().engine, whole.status().device) == ("CUDA graph", "cuda:0")
    assert whole.status().peak_memory > 0 and whole.status().device_name == torch.cuda.get_device_name(0)
    broken = runs.create(config, "broken")
    looks = iter([False, True])
    assert train_run(broken, leaving=lambda: next(looks, True)).state == "queued"
    assert train_run(broken).state == "finished"
    same(whole, broken)


@needs_card
@pytest.mark.parametrize("recipe", [CLASSIC, WITH_DROPOUT], ids=["classic", "dropout"])
def test_after_a_capture_that_failed_on_the_card_the_eager_step_trains(
    recipe: RunConfig, on_card: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number is read in the middle of the capture, which CUDA forbids: it must leave nothing of it behind."""
    config = replace(recipe, device="cuda", data="sample", epochs=1, batch_size=256)
    step = graph.EagerStep.__call__

    def reads(self: graph.EagerStep, size: int) -> None:
        step(self, size)
        if torch.cuda.is_current_stream_capturing():
            self.buffers.losses[0].item()

    monkeypatch.setattr(graph.EagerStep, "__call__", reads)
    monkeypatch.setattr("lenet.training.steps.supports", lambda net: False)
    trainer = Trainer(config, *on_card)
    assert trainer.train_step.name.startswith("eager: ")
    monkeypatch.setattr(graph.EagerStep, "__call__", step)
    loss, _ = trainer.run_epoch()
    assert 1.5 < loss < 3


@needs_card
def test_a_card_that_is_full_ends_the_run_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    hold = torch.empty(int(torch.cuda.mem_get_info()[0] * 0.97) - 2**27, dtype=torch.uint8, device="cuda")
    run = runs.create(replace(CLASSIC, device="cuda", data="sample", batch_size=6000), "full")
    status = train_run(run)
    del hold
    torch.cuda.empty_cache()
    assert (status.state, status.code) in {("failed", "out_of_memory"), ("finished", "")}
