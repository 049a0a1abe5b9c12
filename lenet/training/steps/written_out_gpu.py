"""The written-out step (`written_out.py`) on a CUDA device.

A convolution of six channels keeps a GPU busy for several times as long as the product of matrices that `blocks.py`
makes of it, and every operation takes it a few microseconds, however small. So here

- the matrices of all layers are chosen from the parameters by one operation;
- what the step does not wait for is computed beside it: measurements, and gradients of weights while the way back
  goes on;
- a batch is ready at the beginning of the epoch, and activations keep their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet.architecture.network import LeNet
from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Predictions, Split, predict
from lenet.training.epoch import EpochBuffers, PreparedRows
from lenet.training.optimizers import Optimizers
from lenet.training.steps.beside import NOWHERE, Beside
from lenet.training.steps.blocks import Block, new_rows
from lenet.training.steps.written_out import blocks_of


class WrittenOutGpuStep:
    """The step by blocks, for a batch as a whole. Raises TooLarge."""

    name = "phases"
    threads = 1

    def __init__(
        self, config: RunConfig, net: LeNet, optimizers: Optimizers, images: PreparedRows, buffers: EpochBuffers
    ) -> None:
        self.config, self.net, self.optimizers = config, net, optimizers
        self.images, self.buffers = images, buffers
        self._weights = [p for p in net.parameters() if p.ndim > 1]
        self.blocks = blocks_of(net, config.model.input_shape[1:])
        self._matrices = Matrices(self.blocks)
        size, weight = config.batch_size, self._weights[0].detach()
        self._activations = [new_rows(block.outputs, size, weight) for block in self.blocks]
        self._measuring, self._aside = Beside(images.device), Beside(images.device)

    def running(self) -> AbstractContextManager[None]:
        return nullcontext()

    def begin_epoch(self) -> None:
        self.images.prepare()

    @torch.no_grad()
    def __call__(self, size: int) -> None:
        logits, saved, matrices = self._forward(size)
        self._measuring.join()
        g = torch.add(self._minus_target, F.softmax(logits, 0), alpha=1 / size)
        with self._measuring.beside(logits):
            log_p = F.log_softmax(logits, 0)
            loss = cross_entropy = (self._minus_target * log_p).sum()
            if self.config.label_smoothing:
                cross_entropy = F.nll_loss(log_p.t(), self._labels)
            self.buffers.record_loss(loss, cross_entropy, (logits.argmax(0) == self._labels).sum())
        self._backward(g, matrices, saved)
        with self._measuring.beside():
            self.buffers.record_step(self._weights)
        self.optimizers.step()
        self._measuring.join()

    def predict(self, split: Split) -> Predictions:
        return predict(self._logits, split)

    def _take_labels(self, size: int) -> None:
        """The labels, and what the softmax is to be, (classes, N), divided by the number of images and negative: with
        the softmax, divided as well, it adds up to the gradient of the loss."""
        classes, smoothing, share = self.blocks[-1].outputs, self.config.label_smoothing, -1 / size
        self._labels = self.images.next_labels(size)
        target = torch.full((classes, size), share * smoothing / classes, device=self.images.device)
        self._minus_target = target.scatter_(0, self._labels[None], share * (1 - smoothing + smoothing / classes))

    def _forward(self, size: int) -> tuple[Tensor, list[tuple[Tensor, ...]], list[Tensor]]:
        """Logits (classes, N) of the next `size` images; what each block saves for the way back; the matrices."""
        with self._aside.beside():
            windows = self.blocks[0].windows(self.images.next_rows(size))
        matrices = self._matrices()
        self._aside.join()
        saved = []
        for n, block in enumerate(self.blocks):
            if size == self.config.batch_size:
                out = self._activations[n]
            else:
                out = new_rows(block.outputs, size, matrices[n])
            saved.append(block.forward(windows, matrices[n], out))
            if n == 0:  # there is time for it until the last
                with self._measuring.beside():
                    self._take_labels(size)
            if n < len(self.blocks) - 1:
                windows = self.blocks[n + 1].windows(out)
        return out[:-2], saved, matrices

    def _backward(self, g: Tensor, matrices: Sequence[Tensor], saved: Sequence[tuple[Tensor, ...]]) -> None:
        """Set the parameters' `grad` from the gradient of the loss with respect to the logits."""
        for n in reversed(range(len(self.blocks))):
            block, aside = self.blocks[n], self._aside if n else NOWHERE  # the last to be known is waited for
            g_input, gradient = block.backward(g, matrices[n], saved[n], n == 0, aside)
            with aside.beside():
                block.layer.weight.grad, block.layer.bias.grad = block.gradients(gradient)
            g = g if g_input is None else g_input
        self._aside.join()

    @torch.no_grad()
    def _logits(self, x: Tensor) -> Tensor:
        """Logits (N, classes) of images (N, C, H, W)."""
        h = new_rows(x[0].numel(), len(x), x)
        h[:-2].copy_(x.flatten(1).t())
        for block in self.blocks:
            out = new_rows(block.outputs, len(x), x)
            block.forward(block.windows(h), block.matrix(), out)
            h = out
        return h[:-2].t()


class Matrices:
    """The matrices of all blocks: as their own `matrix` gives them, but by one choice from all parameters."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._parameters: list[nn.Parameter] = [p for b in blocks for p in (b.layer.weight, b.layer.bias)]
        self._shapes = [b.shape for b in blocks]
        self._zero = self._parameters[0].detach().new_zeros(1)
        total, first, at = sum(p.numel() for p in self._parameters), 0, []
        for block in blocks:
            own = block.layer.weight.numel() + block.layer.bias.numel()
            at.append(torch.where(block.parameter_at < own, block.parameter_at + first, total))
            first += own
        self._at = torch.cat(at)

    def __call__(self) -> list[Tensor]:
        flat = torch.cat([p.detach().flatten() for p in self._parameters] + [self._zero])
        entries = torch.split(flat.index_select(0, self._at), [h * w for h, w in self._shapes])
        return [e.view(shape) for e, shape in zip(entries, self._shapes, strict=True)]
