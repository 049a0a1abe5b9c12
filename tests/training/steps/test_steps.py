"""Which way to step a run takes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lenet.architecture.configuration import LeNetConfig
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.training import steps
from lenet.training.epoch import EpochImages, PreparedImages, PreparedRows
from lenet.training.steps import choose_step
from lenet.training.trainer import Trainer
from tests.helpers.training import SHORT, WITH_DROPOUT, Splits, cut

WIDE = LeNetConfig(channels=(128, 256), kernel_size=(15, 15), padding=(5, 5))


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (CLASSIC, "phases"),
        (MODERN, "phases"),
        (WITH_DROPOUT, "eager"),
        (replace(CLASSIC, precision="bfloat16"), "eager"),
        (replace(CLASSIC, model=WIDE), "eager"),
    ],
    ids=["classic", "modern", "dropout", "bfloat16", "too large"],
)
def test_on_a_cpu_networks_like_the_notes_are_written_out(config: RunConfig, name: str, splits: Splits) -> None:
    trainer = Trainer(replace(config, data="sample", device="cpu"), cut(splits[0], 300), splits[1])
    assert trainer.train_step.name == name


@pytest.mark.parametrize(
    ("device", "examples", "config", "expected"),
    [
        ("cuda", 600, SHORT, ("captured", [256, 88], "written out", "eager")),
        ("cuda", 512, replace(SHORT, precision="bfloat16"), ("captured", [256], "eager")),
        ("cuda", 255, replace(SHORT, model=WITH_DROPOUT.model), ("captured", [255], "eager")),
        ("mps", 256, SHORT, "eager"),
    ],
)
def test_on_a_gpu_every_size_of_a_batch_is_captured(
    device: str,
    examples: int,
    config: RunConfig,
    expected: object,
    splits: Splits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From images that are prepared for the whole epoch."""
    trainer = Trainer(config, cut(splits[0], 600), splits[1])
    images: list[EpochImages] = []

    def made(name: str) -> Any:
        def step(config: object, net: object, optimizers: object, of_epoch: EpochImages, buffers: object) -> str:
            images.append(of_epoch)
            return name

        return step

    monkeypatch.setattr(steps, "EagerStep", made("eager"))
    monkeypatch.setattr(steps, "WrittenOutGpuStep", made("written out"))
    monkeypatch.setattr(steps, "capture", lambda ways, sizes: ("captured", sizes, *(way() for way in ways)))
    for name, kind in (("PreparedImages", PreparedImages), ("PreparedRows", PreparedRows)):
        monkeypatch.setattr(steps, name, lambda train, buffers, n, kind=kind: kind(trainer.train, buffers, n))
    train: Any = SimpleNamespace(device=torch.device(device))
    chosen = choose_step(trainer.config, trainer.net, trainer.optimizers, train, trainer.buffers, examples)
    assert chosen == expected
    assert all(isinstance(found, PreparedImages | PreparedRows) for found in images)
    assert all(len(found.labels) == examples for found in images)  # type: ignore[attr-defined]


def test_a_run_goes_on_with_the_number_of_threads_that_it_began_with(splits: Splits) -> None:
    """Whatever this machine has: their number decides the order of sums."""
    trainer = Trainer(SHORT, cut(splits[0], 300), splits[1])
    trainer.train_step.threads = 3
    resumed = Trainer(SHORT, cut(splits[0], 300), splits[1])
    assert resumed.train_step.threads == torch.get_num_threads()
    resumed.restore(*trainer.checkpoint())
    assert resumed.train_step.threads == 3
