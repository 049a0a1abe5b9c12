"""Three ways to take a training step, and which one a run takes.

A step takes the next batch of the epoch, computes loss and gradients, records what is measured, and updates the
weights. All of it happens on the device, in tensors that keep their addresses (`EpochBuffers`), and no number is read
from there: reading one number a step is what makes the note's loop wait.

| class            | `name`       | for                                                                           |
|------------------|--------------|-------------------------------------------------------------------------------|
| `WrittenOutStep` | `phases`     | networks like the note's: forward and backward written out                    |
| `EagerStep`      | `eager`      | everything else: torch.nn and autograd                                        |
| `GraphStep`      | `CUDA graph` | CUDA devices: one of the two, captured once and replayed                      |
"""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from typing import Protocol

from lenet.architecture.network import LeNet
from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Predictions, Split
from lenet.training.epoch import EpochBuffers, EpochImages, PreparedImages
from lenet.training.optimizers import Optimizers
from lenet.training.steps.eager import EagerStep
from lenet.training.steps.graph import GraphStep, capture
from lenet.training.steps.written_out import TooLarge, WrittenOutStep, supports

__all__ = ["EagerStep", "GraphStep", "Step", "WrittenOutStep", "choose_step"]


class Step(Protocol):
    """One way to take a training step. All take the same steps, but for rounding."""

    name: str
    """What the run's status calls it; stored with every run."""
    threads: int
    """Threads of the CPU. Their number decides the order of sums and so their last bits: a run goes on with the
    number that it began with."""

    def running(self) -> AbstractContextManager[None]:
        """To be held while an epoch is drawn and its steps are taken."""

    def begin_epoch(self) -> None:
        """Get ready for an epoch, once its order has been drawn."""

    def __call__(self, size: int) -> None:
        """Take one step with the next `size` images: a whole batch, or what is left of the epoch."""

    def predict(self, split: Split) -> Predictions:
        """What the network says of each image, with the weights as they are."""


def choose_step(
    config: RunConfig, net: LeNet, optimizers: Optimizers, train: Split, buffers: EpochBuffers, examples: int
) -> Step:
    """The fastest way to train `net` with `examples` images an epoch on the device where it and the data are."""
    device = train.device.type
    images = EpochImages(train, buffers) if device == "cpu" else PreparedImages(train, buffers, examples)
    steps: list[EagerStep | WrittenOutStep] = []
    if device in ("cpu", "cuda") and config.precision == "float32" and supports(net):
        with suppress(TooLarge):
            steps.append(WrittenOutStep(config, net, optimizers, images, buffers))
    if device == "cuda" and examples >= config.batch_size:
        return capture(*steps, EagerStep(config, net, optimizers, images, buffers))
    return steps[0] if steps else EagerStep(config, net, optimizers, images, buffers)
