"""The ways to take a training step, and which one a run takes.

A step takes the next batch of the epoch, computes loss and gradients, records what is measured, and updates the
weights. All of it happens on the device, in tensors that keep their addresses (`EpochBuffers`), and no number is read
from there: reading one number a step is what makes the note's loop wait.

| class               | `name`       | for                                                                        |
|---------------------|--------------|----------------------------------------------------------------------------|
| `WrittenOutStep`    | `phases`     | networks like the note's on a CPU: forward and backward written out        |
| `WrittenOutGpuStep` | `phases`     | the same on a CUDA device                                                  |
| `EagerStep`         | `eager`      | everything else: torch.nn and autograd                                     |
| `GraphStep`         | `CUDA graph` | CUDA devices: one of the last two, captured once and replayed              |
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Protocol

from lenet.architecture.network import LeNet
from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Predictions, Split
from lenet.training.epoch import EpochBuffers, EpochImages, PreparedImages, PreparedRows
from lenet.training.optimizers import Optimizers
from lenet.training.steps.blocks import TooLarge
from lenet.training.steps.eager import EagerStep
from lenet.training.steps.graph import GraphStep, PlainStep, capture
from lenet.training.steps.written_out import WrittenOutStep, supports
from lenet.training.steps.written_out_gpu import WrittenOutGpuStep

__all__ = ["EagerStep", "GraphStep", "Step", "WrittenOutGpuStep", "WrittenOutStep", "choose_step"]


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

    def written_out() -> WrittenOutStep | WrittenOutGpuStep:
        if device == "cpu":
            return WrittenOutStep(config, net, optimizers, EpochImages(train, buffers), buffers)
        return WrittenOutGpuStep(config, net, optimizers, PreparedRows(train, buffers, examples), buffers)

    def eager() -> EagerStep:
        images = EpochImages(train, buffers) if device == "cpu" else PreparedImages(train, buffers, examples)
        return EagerStep(config, net, optimizers, images, buffers)

    ways: list[Callable[[], PlainStep]] = [eager]
    if device in ("cpu", "cuda") and config.precision == "float32" and supports(net):
        ways.insert(0, written_out)
    if device == "cuda":
        whole, rest = divmod(examples, config.batch_size)
        return capture(ways, [config.batch_size] * bool(whole) + [rest] * bool(rest))
    with suppress(TooLarge):
        return ways[0]()
    return eager()
