"""The step for networks like LeNet: forward and backward written out as a few products of matrices.

torch.nn and autograd compute the same, but for rounding, and take about three times as long: LeNet's feature maps are
so small that a layer is mostly overhead, and threads that share the work of every layer wait for each other more than
they work. `written_out_gpu.py` has the same for GPUs. Here

- activations lie with the batch last, as matrices with a row a pixel and a column an image, so that the windows of a
  convolution are a choice of rows;
- a convolution with its activation and pooling is one product of matrices, made wide enough to be fast (`blocks.py`
  explains and draws it);
- each thread takes a part of the batch, its shard, through the whole network forward and back. The threads meet once
  a step, to add up their gradients: one that loses its core for a moment does not hold up the others at every layer.

The note's network with a shard of N images. M₁ to M₅ hold the weights and biases of the five layers, @ is the matrix
product, ᵀ the transpose. x₀ to x₄ have two rows more than there are pixels: zeros, from which padding is read, and
ones, which the biases are multiplied with. g is the gradient of the loss with respect to what stands to its left.

      FORWARD (read down)                                BACKWARD (read up)

      images   (N, 1, 28, 28)
         │     transpose: a row a pixel
      x₀       (784 + 2, N)                              no gradient needed
         │     choose rows: 98 windows of 8 × 6 pixels,
         │     and the ones
      windows  (49, 98 N) ──────────────────────────┐
         │     M₁ @                                 └─►  gradient of M₁ = g @ windowsᵀ          (48, 49)
      z        (48, 98 N) = (4, 1176, N)                 g   (48, 98 N)
         │     sigmoid; mean of the four matrices        ▲   a quarter to each of the four; times the sigmoid's slope
      x₁       (1176 + 2, N)    1176 = 6 · 14 · 14       g   (1176, N)
         │     choose rows: 25 windows of 6 channels     ▲   sum over all windows that a pixel lies in
         │     of 6 × 6 pixels, and the ones             │   M₂ᵀ @ g, without the ones: (216, 25 N)
      windows  (217, 25 N) ─────────────────────────┐    │
         │     M₂ @                                 └─►  gradient of M₂ = g @ windowsᵀ          (64, 217)
      z        (64, 25 N) = (4, 400, N)                  g   (64, 25 N)
         │     sigmoid; mean of the four matrices        ▲   a quarter to each of the four; times the sigmoid's slope
      x₂       (400 + 2, N)     400 = 16 · 5 · 5         g   (400, N)
         │                                          ┌─►  gradient of M₃ = g @ x₂ᵀ               (120, 402)
         │     M₃ @, sigmoid ───────────────────────┘    ▲   times the sigmoid's slope; M₃ᵀ @ g
      x₃       (120 + 2, N)                              g   (120, N)
         │                                          ┌─►  gradient of M₄ = g @ x₃ᵀ               (84, 122)
         │     M₄ @, sigmoid ───────────────────────┘    ▲   times the sigmoid's slope; M₄ᵀ @ g
      x₄       (84 + 2, N)                               g   (84, N)
         │                                          ┌─►  gradient of M₅ = g @ x₄ᵀ               (10, 86)
         │     M₅ @ ────────────────────────────────┘    ▲   M₅ᵀ @ g
      logits   (10, N)                                   g   (10, N) = (softmax − target) / images in the batch
         │     softmax, cross-entropy                    ▲
      loss     ──────────────────────────────────────────┘

In M₁ and M₂ each weight stands several times, once for each output that is computed from one window; its gradient is
the sum over these places (`ConvBlock.gradients`). With max pooling the gradient of the maximum goes to the largest of
the four instead of a quarter to each.

Python runs one thread at a time, so shards would wait for each other's Python between two operations. Therefore the
work on a shard is captured once and then run by torch alone, the CPU's counterpart of a CUDA graph: 4.1 instead of
5.2 ms for 256 images on two cores, with the same bits.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet.architecture.network import LeNet
from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Predictions, Split, predict
from lenet.training.epoch import EpochBuffers, EpochImages
from lenet.training.optimizers import Optimizers
from lenet.training.steps.blocks import ACTIVATIONS, LEAK, Block, ConvBlock, LinearBlock, new_rows

__all__ = ["WrittenOutNet", "WrittenOutStep", "one_thread", "supports"]

MIN_SHARD = 64
"""Images that a thread should get at least: for fewer, starting it costs more than it saves."""
MAX_CAPTURES = 16
"""Captured shards that are kept, of all networks together: torch never gives back the 10 MB that each takes."""

_captures: dict[tuple[Any, ...], Callable[..., tuple[Tensor, ...]]] = {}

Take = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Images (n, C, H, W) and labels (n,) at places (n,) of the epoch."""


class WrittenOutStep:
    """The step by `WrittenOutNet`. Raises TooLarge where that does."""

    name = "phases"  # an old name for the four parts of a product that a pooling joins; stored runs have it

    def __init__(
        self, config: RunConfig, net: LeNet, optimizers: Optimizers, images: EpochImages, buffers: EpochBuffers
    ) -> None:
        self.config, self.net, self.optimizers = config, net, optimizers
        self.images, self.buffers = images, buffers
        self._weights = [p for p in net.parameters() if p.ndim > 1]
        self.threads = torch.get_num_threads()

    @property
    def threads(self) -> int:
        return self._written_out.threads

    @threads.setter
    def threads(self, n: int) -> None:
        self._written_out = WrittenOutNet(self.net, self.config.model.input_shape[1:], n)

    def running(self) -> AbstractContextManager[None]:
        return one_thread()

    def begin_epoch(self) -> None:
        self.images.prepare()

    def __call__(self, size: int) -> None:
        places = self.buffers.places(size)
        measured = self._written_out.gradients(places, self.images.take, self.config.label_smoothing)
        self.buffers.record_loss(*measured)
        self.buffers.record_step(self._weights)
        self.optimizers.step()

    def predict(self, split: Split) -> Predictions:
        with one_thread():
            return predict(self._written_out, split)


class WrittenOutNet:
    """Logits and gradients of a network that `supports` accepts, for images of `input_shape` (C, H, W).

    It reads the parameters of `net` where they are and copies nothing. `threads` is the largest number of shards; the
    order of the sums, and so their last bits, depend on it. Raises TooLarge.
    """

    def __init__(self, net: nn.Sequential, input_shape: Sequence[int], threads: int) -> None:
        self.threads = threads
        self.blocks = blocks_of(net, input_shape)
        self._input_shape = tuple(input_shape)
        self._pool = ThreadPoolExecutor(
            max(threads - 1, 1), "shard", initializer=torch.set_num_threads, initargs=(1,)
        )
        self._last_size = 0  # of a batch
        self._kind = str(net), self._input_shape  # what a captured shard depends on, but for its sizes

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """The network's logits (N, classes) for images (N, C, H, W)."""
        matrices = [block.matrix() for block in self.blocks]
        shards = self._shards(x)
        return torch.cat(self._in_threads(lambda n: self._forward(shards[n], matrices)[0].t(), len(shards)))

    @torch.no_grad()
    def gradients(self, places: Tensor, take: Take, label_smoothing: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
        """Of the batch at `places` mean loss, mean cross-entropy (the loss without label smoothing) and number of correct
        answers; the gradients go into `.grad`.

        Each thread takes the images of its own shard.
        """
        matrices = [block.matrix() for block in self.blocks]
        shards = self._shards(places)
        again, self._last_size = len(places) == self._last_size, len(places)
        example = matrices if again else None  # capturing the one odd batch at an epoch's end does not pay
        works = [self._work(len(shard), len(places), label_smoothing, example) for shard in shards]

        def work(n: int) -> tuple[Tensor, ...]:
            return works[n](*take(shards[n]), *matrices)

        (loss, cross_entropy, correct, *gradients), *others = self._in_threads(work, len(shards))
        for more_loss, more_cross_entropy, more_correct, *more in others:
            torch._foreach_add_(gradients, more)
            loss, correct = loss + more_loss, correct + more_correct
            cross_entropy = cross_entropy + more_cross_entropy if label_smoothing else loss
        for block, gradient in zip(self.blocks, gradients, strict=True):
            block.layer.weight.grad, block.layer.bias.grad = block.gradients(gradient)
        return loss, cross_entropy, correct

    def _work(
        self, images: int, batch: int, label_smoothing: float, example: list[Tensor] | None
    ) -> Callable[..., tuple[Tensor, ...]]:
        """`_shard_gradients` for a shard of `images` out of `batch`; captured, once there are `example` matrices."""
        key = *self._kind, images, batch, label_smoothing, torch.get_default_dtype()

        def work(x: Tensor, y: Tensor, *matrices: Tensor) -> tuple[Tensor, ...]:
            return self._shard_gradients(x, y, matrices, batch, label_smoothing)

        if example is not None and key not in _captures and len(_captures) < MAX_CAPTURES:
            x, y = torch.zeros(images, *self._input_shape), torch.zeros(images, dtype=torch.int64)
            _captures[key] = captured(work, (x, y, *example))
        return _captures.get(key, work)

    def _shard_gradients(
        self, x: Tensor, y: Tensor, matrices: Sequence[Tensor], batch: int, label_smoothing: float
    ) -> tuple[Tensor, ...]:
        """A shard's part of the loss and of the cross-entropy, how many of its images are correct, and its part of the
        matrices' gradients."""
        h, saved = self._forward(x, matrices)
        log_p = F.log_softmax(h, 0)
        target = torch.full_like(log_p, label_smoothing / len(h))
        target.scatter_(0, y[None], 1 - label_smoothing + label_smoothing / len(h))
        loss, correct = -(target * log_p).sum() / batch, (h.argmax(0) == y).sum()
        cross_entropy = -log_p.gather(0, y[None]).sum() / batch if label_smoothing else loss
        g, gradients = log_p.exp_().sub_(target).div_(batch), []
        for n in reversed(range(len(matrices))):
            g_input, gradient = self.blocks[n].backward(g, matrices[n], saved[n], n == 0)
            gradients.append(gradient)
            g = g_input if g_input is not None else g
        return loss, cross_entropy, correct, *reversed(gradients)

    def _forward(self, x: Tensor, matrices: Sequence[Tensor]) -> tuple[Tensor, list[Any]]:
        """Logits (classes, N) of images (N, C, H, W), and what each block saves for the way back."""
        h = new_rows(x[0].numel(), len(x), x)
        h[:-2].copy_(x.flatten(1).t())
        saved = []
        for block, matrix in zip(self.blocks, matrices, strict=True):
            out = new_rows(block.outputs, len(x), x)
            saved.append(block.forward(block.windows(h), matrix, out))
            h = out
        return h[:-2], saved

    def _shards(self, batch: Tensor) -> Sequence[Tensor]:
        return batch.tensor_split(max(1, min(self.threads, len(batch) // MIN_SHARD)))

    def _in_threads(self, work: Callable[[int], Any], shards: int) -> list[Any]:
        """What `work` gives for each shard, in their order; the first is done in this thread."""
        work = torch.no_grad()(work)  # a mode of the thread, not of the process
        waiting = [self._pool.submit(work, n) for n in range(1, shards)]
        return [work(0), *(w.result() for w in waiting)]


def blocks_of(net: nn.Sequential, input_shape: Sequence[int]) -> list[Block]:
    """The blocks of a network that `supports` accepts, for images of `input_shape` (C, H, W). Raises TooLarge."""
    blocks: list[Block] = []
    row_of = torch.arange(math.prod(input_shape)).view(*input_shape)
    for layer, activation, pooling in _split(net):
        if isinstance(layer, nn.Conv2d):
            conv = ConvBlock(layer, activation, pooling, row_of)
            blocks.append(conv)
            row_of = conv.row_of
        else:
            blocks.append(LinearBlock(layer, activation, row_of))
            row_of = torch.arange(layer.out_features)
    return blocks


def supports(net: nn.Sequential) -> bool:
    """Whether `net` is a row of blocks: convolutions and dense layers, with or without activation and pooling."""
    try:
        _split(net)
    except ValueError:
        return False
    return True


def _split(net: nn.Sequential) -> list[tuple[nn.Conv2d | nn.Linear, nn.Module | None, str]]:
    """Layer, activation and pooling (`"avg"`, `"max"` or `""`) of each block. ValueError for other networks."""
    modules = [m for m in list(net)[::-1] if not isinstance(m, nn.Flatten)]  # rows are flat already
    blocks: list[tuple[nn.Conv2d | nn.Linear, nn.Module | None, str]] = []
    while modules:
        layer, activation, pooling = modules.pop(), None, ""
        if not isinstance(layer, nn.Conv2d | nn.Linear):
            raise ValueError(f"not the beginning of a block: {layer}")
        if modules and _is_written_out(modules[-1]):
            activation = modules.pop()
        if isinstance(layer, nn.Conv2d) and modules and _is_2x2_pooling(modules[-1]):
            pooling = "avg" if isinstance(modules.pop(), nn.AvgPool2d) else "max"
        blocks.append((layer, activation, pooling))
    return blocks


def _is_written_out(activation: nn.Module) -> bool:
    return type(activation) in ACTIVATIONS and getattr(activation, "negative_slope", LEAK) == LEAK


def _is_2x2_pooling(m: nn.Module) -> bool:
    return isinstance(m, nn.AvgPool2d | nn.MaxPool2d) and (m.kernel_size, m.stride, m.padding) == (2, 2, 0)


def captured(work: Callable[..., Any], example: tuple[Tensor, ...]) -> Callable[..., Any]:
    """`work` for arguments of the shapes in `example`, run by torch without Python in between.

    `torch.jit.trace` is on its way out of torch; nothing in its place runs without a C++ compiler. Where it is gone
    or fails, `work` itself comes back: slower, with the same results.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is on its way out, and that shapes become constants
            return torch.jit.trace(work, example, check_trace=False)  # type: ignore[no-any-return, no-untyped-call]
    except Exception:
        return work


@contextmanager
def one_thread() -> Iterator[None]:
    """Have torch's operations run in the thread that calls them: its own threads spin on cores that shards need."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
