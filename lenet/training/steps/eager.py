"""The step by torch.nn and autograd, for every network and device."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F

from lenet.architecture.network import LeNet
from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Predictions, Split, predict
from lenet.training.epoch import EpochBuffers, EpochImages
from lenet.training.optimizers import Optimizers
from lenet.training.steps.beside import Beside


class EagerStep:
    """The step as a PyTorch user would write it, but for the number of operations and for when they run."""

    name = "eager"

    def __init__(
        self, config: RunConfig, net: LeNet, optimizers: Optimizers, images: EpochImages, buffers: EpochBuffers
    ) -> None:
        self.config, self.net, self.optimizers = config, net, optimizers
        self.images, self.buffers = images, buffers
        device = images.device
        if device.type != "cuda":
            self.net.to(memory_format=torch.channels_last)
        self._weights = [p for p in net.parameters() if p.ndim > 1]
        self._one = torch.ones((), device=device)
        # Without its cache: that would be filled while a step is captured, and then stay as it was.
        bfloat16 = config.precision == "bfloat16"
        self._rounding = torch.autocast(device.type, torch.bfloat16, enabled=bfloat16, cache_enabled=False)
        self._measuring = Beside(device)

    @property
    def threads(self) -> int:
        return torch.get_num_threads()

    @threads.setter
    def threads(self, n: int) -> None:
        if self.images.device.type == "cpu":
            torch.set_num_threads(n)

    def running(self) -> AbstractContextManager[None]:
        return nullcontext()

    def begin_epoch(self) -> None:
        self.images.prepare()
        self.net.train()

    def __call__(self, size: int) -> None:
        x, y = self.images.take(self.buffers.places(size))
        self.net.zero_grad(set_to_none=True)
        with self._rounding:
            logits = self.net(x).float()
        loss = F.cross_entropy(logits, y, label_smoothing=self.config.label_smoothing)
        with self._measuring.beside(logits, loss):
            said = logits.detach()
            cross_entropy = F.cross_entropy(said, y) if self.config.label_smoothing else loss
            self.buffers.record_loss(loss, cross_entropy, (said.argmax(1) == y).sum())
        loss.backward(self._one)  # type: ignore[no-untyped-call]
        with self._measuring.beside():
            self.buffers.record_step(self._weights)
        self.optimizers.step()
        self._measuring.join()

    def predict(self, split: Split) -> Predictions:
        self.net.eval()
        found = predict(self.net, split)
        self.net.train()
        return found
