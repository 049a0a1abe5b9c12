"""A step of LeNet written out for CPUs: the same sums as torch.nn and autograd take, in an order that a CPU likes.

For feature maps as small as LeNet's a convolution layer is mostly overhead, and threads that share every layer wait
for each other more than they work. Three ideas make the step about three times as fast:

*Batch last.* Activations are matrices of (pixels, N): one row holds one pixel of one channel in all N images. Laying
the windows of a convolution side by side (im2col) is then a choice of rows, and its gradient a sum of rows.

*Phases.* A convolution computes f × g neighbouring outputs at once: the kernel, put at each of these places of a
(k + f − 1) × (k + g − 1) window, becomes f · g rows of one matrix, and the layer one product of matrices wide enough to
be fast. LeNet's first layer, with 4 × 2 outputs and the bias as one column more: (48 × 49) · (49 × 98 N) instead of
(6 × 25) · (25 × 784 N). It multiplies 1.9 times as often, by zeros, and is faster all the same. The four outputs that
a 2×2 pooling joins are four blocks of rows.

*Shards.* Each thread takes a part of the batch forward and back; they meet once a step, to add their gradients.
A thread that loses its core for a moment does not hold up the others at every layer. So that the threads do not wait for
each other's Python, which runs one at a time, a shard's work is captured once and then run by torch alone: the CPU's
counterpart of a CUDA graph, 4.1 instead of 5.2 ms for 256 images on two cores, with the same bits.

`Phases` holds for networks of convolutions, 2×2 poolings, dense layers and activations; `supports` tells.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDE = 48
"""Rows that a matrix product should have at least: narrower ones leave a CPU's vector registers half empty."""
SHARD = 64
"""Images that a thread should get at least: for fewer, starting it costs more than it saves."""

MAX_ENTRIES = 4_000_000
"""Numbers in the matrix of a convolution, or rows that its windows consist of: beyond that it is no longer LeNet, and memory
would run out before time is saved."""
MAX_CAPTURES = 16
"""Shards of one shape that are kept captured, for all networks: torch gives the 10 MB that each takes back to nobody."""

Fetch = Callable[[Tensor], tuple[Tensor, Tensor]]

aten = torch.ops.aten
# Each activation in place; and the gradient in place of the output, from the gradient and the value of the output.
ACTIVATIONS: dict[type[nn.Module], tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]] = {
    nn.Sigmoid: (torch.sigmoid_, lambda g, a: aten.sigmoid_backward.grad_input(g, a, grad_input=a)),
    nn.Tanh: (torch.tanh_, lambda g, a: aten.tanh_backward.grad_input(g, a, grad_input=a)),
    nn.ReLU: (torch.relu_, lambda g, a: aten.threshold_backward.grad_input(g, a, 0, grad_input=a)),
    nn.LeakyReLU: (
        lambda z: F.leaky_relu_(z, 0.01),
        lambda g, a: aten.leaky_relu_backward.grad_input(g, a, 0.01, True, grad_input=a),
    ),
}
NOTHING: tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]] = (lambda z: z, lambda g, a: g)


_captures: dict[tuple[Any, ...], Callable[..., tuple[Tensor, ...]]] = {}


class TooLarge(Exception):
    """A convolution would take more than MAX_ENTRIES."""


def supports(net: nn.Sequential) -> bool:
    """Whether every layer of `net` is one that `Phases` writes out."""
    known = (nn.Conv2d, nn.Linear, nn.AvgPool2d, nn.MaxPool2d, nn.Flatten, *ACTIVATIONS)
    return all(isinstance(m, known) for m in net)


def rows(n: int, images: int) -> Tensor:
    """Room for activations (n, images), and two rows more: zeros for the padding, and ones, whose weight is the bias."""
    x = torch.empty(n + 2, images)
    x[n], x[n + 1] = 0, 1
    return x


class Stage(Protocol):
    """A layer with what follows it, activation and pooling. Activations are what `rows` makes."""

    layer: Any

    def matrix(self) -> Tensor:
        """Weights and biases as the one matrix that this step multiplies with."""

    def forward(self, x: Tensor, matrix: Tensor) -> tuple[Tensor, Any]:
        """Output, and what `backward` needs of the way there."""

    def backward(self, g: Tensor, matrix: Tensor, kept: Any, first: bool) -> tuple[Tensor | None, Tensor]:
        """Gradients of the input, without its two rows (None for the first stage), and of the matrix."""

    def gradients(self, matrix: Tensor) -> tuple[Tensor, Tensor]:
        """The gradients of weight and bias in that of `matrix()`."""


class Dense:
    """A dense layer and its activation. `at` tells in which row each of its inputs lies."""

    def __init__(self, layer: nn.Linear, activation: nn.Module | None, at: Tensor) -> None:
        self.layer = layer
        self.activate, self.derive = ACTIVATIONS[type(activation)] if activation else NOTHING
        self.column = at.flatten()
        self.input = torch.argsort(self.column)  # which input lies in each row

    def matrix(self) -> Tensor:
        weight, bias = self.layer.weight, self.layer.bias[:, None]
        return torch.cat((weight.index_select(1, self.input), torch.zeros_like(bias), bias), 1)

    def forward(self, x: Tensor, matrix: Tensor) -> tuple[Tensor, Any]:
        out = rows(len(matrix), x.shape[1])
        z = torch.mm(matrix, x, out=out[:-2])
        self.activate(z)
        return out, (x, z)

    def backward(self, g: Tensor, matrix: Tensor, kept: Any, first: bool) -> tuple[Tensor | None, Tensor]:
        x, a = kept
        g = self.derive(g, a)
        return None if first else matrix[:, :-2].t() @ g, (x @ g.t()).t()

    def gradients(self, matrix: Tensor) -> tuple[Tensor, Tensor]:
        return matrix.index_select(1, self.column), matrix[:, -1]


class Conv:
    """A convolution, its activation and the 2×2 pooling behind it (`"avg"`, `"max"` or `""`).

    `at` (C, H, W) tells in which row each input pixel lies; `self.at` (O, H', W') the same of the output.
    """

    def __init__(self, layer: nn.Conv2d, activation: nn.Module | None, pool: str, at: Tensor) -> None:
        self.layer, self.pool = layer, pool
        self.activate, self.derive = ACTIVATIONS[type(activation)] if activation else NOTHING
        k, s, p = layer.kernel_size[0], layer.stride[0], int(layer.padding[0])
        channels, height, width = at.shape
        out = layer.out_channels
        step = 2 if pool else 1  # outputs that the pooling drops at an odd edge are not computed
        tall, wide = (((n + 2 * p - k) // s + 1) // step * step for n in (height, width))
        sizes = [(step, step), (2 * step, step), (2 * step, 2 * step), (4, 2), (4, 4)]
        fits = [(f, g) for f, g in sizes if tall % f == 0 and wide % g == 0]
        f, g = next(((f, g) for f, g in fits if f * g * out >= WIDE), fits[-1])

        # The places of the f × g outputs; which of a pooling window they are is the slower axis.
        inner, (down, right) = range(step), (f // step, g // step)
        places = [
            (step * c + a, step * d + b) for a in inner for b in inner for c in range(down) for d in range(right)
        ]

        high, broad = (f - 1) * s + k, (g - 1) * s + k
        window = channels * high * broad
        if max(f * g * out * window, window * tall // f * wide // g) > MAX_ENTRIES:
            raise TooLarge

        # The matrix: row (place, output channel), column (input channel, row and column of the window), then the bias.
        # It is made by numbers of parameters: weights, then biases, then 0 for what a place does not see.
        weights = layer.weight.numel()
        matrix = torch.full((len(places), out, channels, high, broad), weights + out)
        for n, (a, b) in enumerate(places):
            matrix[n, :, :, a * s : a * s + k, b * s : b * s + k] = torch.arange(weights).view(layer.weight.shape)
        biases = torch.arange(weights, weights + out).expand(len(places), out)
        matrix = torch.cat((matrix.flatten(2), biases[:, :, None]), 2)
        self.shape = (len(places) * out, channels * high * broad + 1)
        self.spread = matrix.flatten()
        found = torch.argsort(self.spread, stable=True)[: (weights + out) * len(places)]
        self.collect = found.view(-1, len(places)).t().flatten()  # where each parameter stands, place by place

        # The rows of the input that the windows consist of.
        self.inputs = at.numel()
        padded = F.pad(at, (p,) * 4, value=self.inputs)  # the row of zeros
        tiles_y, tiles_x = torch.arange(0, tall, f) * s, torch.arange(0, wide, g) * s
        y = torch.arange(high)[:, None, None, None] + tiles_y[:, None]
        x = torch.arange(broad)[:, None, None] + tiles_x
        self.pixels = padded[:, y, x].flatten()  # y and x broadcast: (channel, row, column, tile row, tile column)
        self.tiles = len(tiles_y) * len(tiles_x)
        self.columns = torch.cat((self.pixels, torch.full((self.tiles,), self.inputs + 1)))

        # Where the outputs come to lie: (outer place, output channel, tile).
        lies = torch.arange(down * right * out * self.tiles)
        lies = lies.view(down, right, out, len(tiles_y), len(tiles_x)).permute(2, 3, 0, 4, 1)
        self.at = lies.reshape(out, tall // step, wide // step)

    def matrix(self) -> Tensor:
        weight, bias = self.layer.weight.flatten(), self.layer.bias
        assert bias is not None
        return torch.cat((weight, bias, bias.new_zeros(1))).index_select(0, self.spread).view(self.shape)

    def forward(self, x: Tensor, matrix: Tensor) -> tuple[Tensor, Any]:
        n = x.shape[1]
        windows = x.index_select(0, self.columns).view(self.shape[1], self.tiles * n)
        out = rows(self.at.numel(), n)
        if not self.pool:
            z = torch.mm(matrix, windows, out=out[:-2].view(len(matrix), -1)).view(-1, n)
            self.activate(z)
            return out, (windows, z, z)
        z = (matrix @ windows).view(4, -1, n)
        if self.pool == "avg":
            self.activate(z)
            torch.mean(z, 0, out=out[:-2])
        else:  # pooled before the activation: all of ours rise, so it is the same, at a quarter of the work
            a, b, c, d = z
            torch.maximum(torch.maximum(a, b), torch.maximum(c, d), out=out[:-2])
            self.activate(out[:-2])
        return out, (windows, z, out[:-2])

    def backward(self, g: Tensor, matrix: Tensor, kept: Any, first: bool) -> tuple[Tensor | None, Tensor]:
        windows, z, out = kept
        n = g.shape[1]
        if self.pool == "max":
            g = _to_largest(self.derive(g, out), z)
        else:
            if self.pool:
                g = (g * 0.25).expand_as(z)
            g = self.derive(g, z)
        g = g.reshape(len(matrix), self.tiles * n)
        below = None
        if not first:
            below = torch.zeros(self.inputs + 1, n)
            below.index_add_(0, self.pixels, (matrix[:, :-1].t() @ g).view(-1, n))
            below = below[:-1]
        return below, (windows @ g.t()).t()  # MKL takes a quarter longer for g @ windows.t()

    def gradients(self, matrix: Tensor) -> tuple[Tensor, Tensor]:
        of_places = matrix.flatten().index_select(0, self.collect)
        weight = self.layer.weight
        parameters = of_places.view(-1, weight.numel() + len(weight)).sum(0)
        return parameters[: weight.numel()].view(weight.shape), parameters[weight.numel() :]


def _to_largest(g: Tensor, z: Tensor) -> Tensor:
    """The gradient (R, N) of the maximum of four (4, R, N), handed to the largest; of equals to the first, as torch."""
    a, b, c, d = z
    out = torch.empty_like(z)
    # threshold_backward lets a gradient through where a number is above 0: here, where the later one is larger.
    lower = aten.threshold_backward(g, torch.maximum(c, d) - torch.maximum(a, b), 0)
    upper = g - lower
    aten.threshold_backward.grad_input(upper, b - a, 0, grad_input=out[1])
    aten.threshold_backward.grad_input(lower, d - c, 0, grad_input=out[3])
    torch.sub(upper, out[1], out=out[0])
    torch.sub(lower, out[3], out=out[2])
    return out


class Phases:
    """The step of one network on the CPU. It reads the parameters of `net` where they are, and keeps nothing.

    `threads` is the number of shards; the order of the sums, and so their last bits, depend on it. Raises TooLarge.
    """

    def __init__(self, net: nn.Sequential, input_shape: Sequence[int], threads: int) -> None:
        self.stages: list[Stage] = []
        at = torch.arange(int(torch.tensor(input_shape).prod())).view(*input_shape)
        layers = list(net)
        for n, layer in enumerate(layers):
            after = [m for m in layers[n + 1 : n + 3] if not isinstance(m, nn.Flatten)]
            activation = next((m for m in after[:1] if type(m) in ACTIVATIONS), None)
            if isinstance(layer, nn.Conv2d):
                pools = after[1:2] if activation else after[:1]
                pool = next(("avg" if isinstance(m, nn.AvgPool2d) else "max" for m in pools if _is_pool(m)), "")
                conv = Conv(layer, activation, pool, at)
                at = conv.at
                self.stages.append(conv)
            elif isinstance(layer, nn.Linear):
                self.stages.append(Dense(layer, activation, at))
                at = torch.arange(layer.out_features)
        self.threads = threads
        self._input_shape = tuple(input_shape)
        self._pool = ThreadPoolExecutor(
            max(threads - 1, 1), "shard", initializer=torch.set_num_threads, initargs=(1,)
        )
        self._size = 0  # of the last batch
        self._layout = str(net), self._input_shape  # what a captured shard depends on, but for its sizes

    @torch.no_grad()
    def step(self, batch: Tensor, fetch: Fetch, label_smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
        """Mean loss and number of correct answers over a batch; the gradients go into `.grad`.

        `fetch` gives the images (N, C, H, W) and labels of a part of `batch`, for each thread its own.
        """
        matrices = [stage.matrix() for stage in self.stages]
        parts = self._parts(batch)
        again, self._size = len(batch) == self._size, len(batch)  # the odd batch at an epoch's end is not worth it
        works = [self._work(len(part), len(batch), label_smoothing, matrices if again else None) for part in parts]

        def shard(n: int) -> tuple[Tensor, ...]:
            return works[n](*fetch(parts[n]), *matrices)

        (loss, correct, *grads), *others = self._in_threads(shard, len(parts))
        for more_loss, more_correct, *more in others:
            torch._foreach_add_(grads, more)
            loss, correct = loss + more_loss, correct + more_correct
        for stage, grad in zip(self.stages, grads, strict=True):
            stage.layer.weight.grad, stage.layer.bias.grad = stage.gradients(grad)
        return loss, correct

    def _work(
        self, images: int, size: int, smoothing: float, matrices: list[Tensor] | None
    ) -> Callable[..., tuple[Tensor, ...]]:
        """`_shard` for `images` of a batch of `size`; captured, where `matrices` are given as an example."""
        key = *self._layout, images, size, smoothing, torch.get_default_dtype()

        def work(x: Tensor, y: Tensor, *matrices: Tensor) -> tuple[Tensor, ...]:
            return self._shard(x, y, matrices, size, smoothing)

        if matrices is not None and key not in _captures and len(_captures) < MAX_CAPTURES:
            example = torch.zeros(images, *self._input_shape), torch.zeros(images, dtype=torch.int64)
            _captures[key] = captured(work, (*example, *matrices))
        return _captures.get(key, work)

    def _shard(
        self, x: Tensor, y: Tensor, matrices: Sequence[Tensor], size: int, smoothing: float
    ) -> tuple[Tensor, ...]:
        """A part of a batch of `size` forward and back: its share of the loss, how many are correct, and the gradients
        of the matrices."""
        h, kept = self._forward(x, matrices)
        log_p = F.log_softmax(h, 0)
        target = torch.full_like(log_p, smoothing / len(h))
        target.scatter_(0, y[None], 1 - smoothing + smoothing / len(h))
        loss, correct = -(target * log_p).sum() / size, (h.argmax(0) == y).sum()
        g, grads = log_p.exp_().sub_(target).div_(size), []
        for n in reversed(range(len(matrices))):
            below, grad = self.stages[n].backward(g, matrices[n], kept[n], n == 0)
            grads.append(grad)
            g = below if below is not None else g
        return loss, correct, *reversed(grads)

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """The network's logits (N, classes) for images (N, C, H, W)."""
        matrices = [stage.matrix() for stage in self.stages]
        parts = self._parts(x)
        return torch.cat(self._in_threads(lambda n: self._forward(parts[n], matrices)[0].t(), len(parts)))

    def _forward(self, x: Tensor, matrices: Sequence[Tensor]) -> tuple[Tensor, list[Any]]:
        """Logits (classes, N), and what each stage keeps for the way back."""
        h = rows(x[0].numel(), len(x))
        h[:-2].copy_(x.flatten(1).t())
        kept = []
        for stage, matrix in zip(self.stages, matrices, strict=True):
            h, k = stage.forward(h, matrix)
            kept.append(k)
        return h[:-2], kept

    def _parts(self, batch: Tensor) -> Sequence[Tensor]:
        return batch.tensor_split(max(1, min(self.threads, len(batch) // SHARD)))

    def _in_threads(self, work: Callable[[int], Any], parts: int) -> list[Any]:
        """What `work` gives for each part, by number; the first is done in this thread."""
        work = torch.no_grad()(work)  # a mode of the thread, not of the process
        waiting = [self._pool.submit(work, n) for n in range(1, parts)]
        return [work(0), *(w.result() for w in waiting)]


def captured(work: Callable[..., Any], example: tuple[Tensor, ...]) -> Callable[..., Any]:
    """`work` for arguments of the shapes in `example`, run by torch without Python in between.

    `torch.jit.trace` is on its way out of torch; nothing in its place runs without a C++ compiler. Where it is gone or
    fails, `work` itself comes back: slower, with the same results.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is on its way out, and that shapes become constants
            return torch.jit.trace(work, example, check_trace=False)  # type: ignore[no-any-return, no-untyped-call]
    except Exception:
        return work


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch's operations run in the thread that calls them: its own threads spin on the cores that shards need."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _is_pool(m: nn.Module) -> bool:
    return isinstance(m, nn.AvgPool2d | nn.MaxPool2d)
