"""The step by torch.nn and autograd, for every network and device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F

from lenet.architecture.network import LeNet
from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Predictions, Split, predict
from lenet.training.epoch import EpochBuffers, EpochImages
from lenet.training.optimizers import Optimizers


class EagerStep:
    """The step as a PyTorch user would write it, but for the number of operations and for when they run."""

    name = "eager"

    def __init__(
        self, config: RunConfig, net: LeNet, optimizers: Optimizers, images: EpochImages, buffers: EpochBuffers
    ) -> None:
        self.config, self.net, self.optimizers = config, net, optimizers
        self.images, self.buffers = images, buffers
        self.net.to(memory_format=torch.channels_last)
        device = images.device
        self._weights = [p for p in net.parameters() if p.ndim > 1]
        self._one = torch.ones((), device=device)
        # Without its cache: that would be filled while a step is captured, and then stay as it was.
        bfloat16 = config.precision == "bfloat16"
        self._rounding = torch.autocast(device.type, torch.bfloat16, enabled=bfloat16, cache_enabled=False)
        self._side: Any = torch.cuda.Stream() if device.type == "cuda" else None  # type: ignore[no-untyped-call]

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
        with self.beside():
            correct = (logits.detach().argmax(1) == y).sum()
            cross_entropy = F.cross_entropy(logits.detach(), y) if self.config.label_smoothing else loss.detach()
        loss.backward(self._one)  # type: ignore[no-untyped-call]
        with self.beside():
            self.buffers.record(loss, cross_entropy, correct, self._weights)
        self.optimizers.step()
        if self._side is not None:
            torch.cuda.current_stream().wait_stream(self._side)

    def predict(self, split: Split) -> Predictions:
        self.net.eval()
        found = predict(self.net, split)
        self.net.train()
        return found

    @contextmanager
    def beside(self) -> Iterator[None]:
        """On a GPU a stream of its own for what is measured, which begins with what is there by now."""
        if self._side is None:
            yield
            return
        self._side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._side):
            yield
