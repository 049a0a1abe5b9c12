"""Layers as products of matrices, with their gradients: `LinearBlock` and `ConvBlock`.

A block is a layer with the activation and the 2×2 pooling behind it.

**Activations** are matrices. A row is a pixel of a channel (or a unit), a column an image. Two more rows lie below:

               image 0   image 1   …   image N − 1
    row 0      the upper left pixel of channel 0
      …          …
    row R − 1  the lower right pixel of the last channel
    row R      0         0         …   0             read where a window lies over the padding
    row R + 1  1         1         …   1             what the bias is multiplied with

**A convolution is a product**, M @ windows. The windows are a choice of rows (im2col): with `window_rows[p, t]` as
the row in which pixel p of window t lies,

    windows[p, (t, n)] = x[window_rows[p, t], n]        and        z[o, (t, n)] = Σₚ M[o, p] · windows[p, (t, n)]

With one window for each output, LeNet's first layer is (6 × 26) @ (26 × 784 N), 25 pixels and the ones: but 6 rows
leave a CPU's vector registers half empty. So all outputs of a *tile* of f × g neighbours are computed from one larger
window, and M has a row for each of them: the kernel, put where this output sees it.

    window of a tile: 8 × 6 pixels            M: (8 outputs · 6 channels) × (48 pixels + 1 bias)
    ┌───────────┐
    │k k k k k .│                             output (0, 0)  k k k k k . k k k k k . … . . . . . .│b
    │k k k k k .│    kernel k: 5 × 5          output (2, 0)  . . . . . . . . . . . . … . . . . . .│b
    │k k k k k .│    tile: 4 × 2 outputs      output (0, 1)  . k k k k k . k k k k k … . . . . . .│b
    │k k k k k .│                                  …
    │k k k k k .│    at the place of          output (3, 1)  . . . . . . . . . . . . … . k k k k k│b
    │. . . . . .│    output (0, 0)
    │. . . . . .│                             each line stands for 6 rows, one for each output channel;
    │. . . . . .│                             a dot is 0
    └───────────┘

The first layer is now (48 × 49) @ (49 × 98 N). It multiplies 1.9 times as often, by zeros, and is
faster all the same.

**Pooling needs no windows of its own.** The rows of M are ordered by the place of an output *in its pooling window*:
first the upper left outputs of all pooling windows of the tile, then the upper right, the lower left, the lower right
ones.

    outputs of a tile, by number of their row in M       z (48, 98 N), seen as (4, 2 · 6 · 98, N)
                                                         ┌──────────────┐
       0 2                                               │ 0 1          │ upper left outputs  ┐
       4 6      two pooling windows, one above           │ 2 3          │ upper right         │ mean or maximum
       1 3      the other                                │ 4 5          │ lower left          │ over the first axis
       5 7                                               │ 6 7          │ lower right         ┘ → (2 · 6 · 98, N)
                                                         └──────────────┘

So z is four matrices of equal shape, and pooling is their mean or maximum. What comes out has again a row for each
pixel of each channel, in an order of its own: by place in the tile, channel, tile. `row_of` tells the next block
where each lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet.runs.cost import WRITTEN_OUT_LIMIT
from lenet.training.steps.beside import NOWHERE, Beside

MIN_ROWS = 48
"""Rows that a matrix product should have at least: fewer leave a CPU's vector registers half empty."""

LEAK = 0.01
"""The slope of nn.LeakyReLU() below 0."""

aten = torch.ops.aten


class Activation(NamedTuple):
    """An activation, in place, and its gradient."""

    forward: Callable[[Tensor], Tensor]
    backward: Callable[[Tensor, Tensor, Tensor], Tensor]
    """From the gradient with respect to the output, and the output: that with respect to the input, written into the
    third, which may be the output itself."""


IDENTITY = Activation(lambda z: z, lambda g, a, into: g)
ACTIVATIONS: dict[type[nn.Module], Activation] = {
    nn.Sigmoid: Activation(
        torch.sigmoid_, lambda g, a, into: aten.sigmoid_backward.grad_input(g, a, grad_input=into)
    ),
    nn.Tanh: Activation(torch.tanh_, lambda g, a, into: aten.tanh_backward.grad_input(g, a, grad_input=into)),
    nn.ReLU: Activation(torch.relu_, lambda g, a, into: aten.threshold_backward.grad_input(g, a, 0, grad_input=into)),
    nn.LeakyReLU: Activation(
        lambda z: F.leaky_relu_(z, LEAK),
        lambda g, a, into: aten.leaky_relu_backward.grad_input(g, a, LEAK, True, grad_input=into),
    ),
}
"""The activations that a block can have. All of them rise, which lets max pooling go first."""


class TooLarge(Exception):
    """A convolution would take more than WRITTEN_OUT_LIMIT."""


def new_rows(n: int, images: int, like: Tensor) -> Tensor:
    """Activations (n + 2, images), where and of the kind that `like` is: the first n rows are yet to be written, the
    last two are zeros and ones."""
    x = like.new_empty(n + 2, images)
    x[n], x[n + 1] = 0, 1
    return x


class Block(Protocol):
    """A layer with its activation and pooling. It keeps nothing: `forward` returns what `backward` needs."""

    layer: Any
    shape: tuple[int, int]
    """Of the matrix."""
    parameter_at: Tensor
    """int64: for each place of the matrix the parameter that stands there. Weights, then biases, are numbered as they
    lie in memory; the number behind the last stands for 0."""
    outputs: int
    """Rows of the output, but for the last two."""

    def matrix(self) -> Tensor:
        """M: the layer's weights and biases as the one matrix that activations are multiplied with."""

    def windows(self, x: Tensor) -> Tensor:
        """What M is multiplied with, from activations (rows + 2, N)."""

    def forward(self, windows: Tensor, matrix: Tensor, out: Tensor) -> Any:
        """Write the activations of the next block, (outputs + 2, N), into `out`; returns what `backward` needs."""

    def backward(
        self, g: Tensor, matrix: Tensor, saved: Any, is_first: bool, aside: Beside = NOWHERE
    ) -> tuple[Tensor | None, Tensor]:
        """From the gradient with respect to the output those with respect to the input, both (rows, N), and to M.

        The first block's input are the images: None in place of their gradient. `saved` is used up. The gradient of
        M, on which the way back does not depend, is computed `aside`.
        """

    def gradients(self, g: Tensor) -> tuple[Tensor, Tensor]:
        """From the gradient with respect to the matrix those with respect to the layer's weight and bias."""


class LinearBlock:
    """A dense layer and its activation. `row_of` tells in which row each of its inputs lies."""

    def __init__(self, layer: nn.Linear, activation: nn.Module | None, row_of: Tensor) -> None:
        self.layer = layer
        self.activation = ACTIVATIONS[type(activation)] if activation else IDENTITY
        device = layer.weight.device
        self.row_of_input = row_of.flatten().to(device)
        self.input_of_row = torch.argsort(self.row_of_input)
        self.no_weight = layer.weight.new_zeros(layer.out_features, 1)
        # The same by number.
        weights, self.outputs = layer.weight.numel(), layer.out_features
        numbers = torch.arange(weights, device=device).view(layer.weight.shape).index_select(1, self.input_of_row)
        biases = torch.arange(weights, weights + self.outputs, device=device)[:, None]
        entries = torch.cat((numbers, torch.full_like(biases, weights + self.outputs), biases), 1)
        self.shape, self.parameter_at = (self.outputs, entries.shape[1]), entries.flatten()

    def matrix(self) -> Tensor:
        weight, bias = self.layer.weight, self.layer.bias[:, None]
        return torch.cat((weight.index_select(1, self.input_of_row), self.no_weight, bias), 1)

    def windows(self, x: Tensor) -> Tensor:
        return x

    def forward(self, windows: Tensor, matrix: Tensor, out: Tensor) -> Any:
        z = torch.mm(matrix, windows, out=out[:-2])
        self.activation.forward(z)
        return windows, z

    def backward(
        self, g: Tensor, matrix: Tensor, saved: Any, is_first: bool, aside: Beside = NOWHERE
    ) -> tuple[Tensor | None, Tensor]:
        x, a = saved
        g = self.activation.backward(g, a, _room(a))
        with aside.beside(x, g):
            gradient = (x @ g.t()).t()
        return None if is_first else matrix[:, :-2].t() @ g, gradient

    def gradients(self, g: Tensor) -> tuple[Tensor, Tensor]:
        return g.index_select(1, self.row_of_input), g[:, -1].contiguous()


class ConvBlock:
    """A convolution, its activation and the 2×2 pooling behind it (`"avg"`, `"max"` or `""`).

    `row_of` (C, H, W) tells in which row each pixel of the input lies; `self.row_of` (O, H', W') the same of the
    output. Raises TooLarge.
    """

    def __init__(self, layer: nn.Conv2d, activation: nn.Module | None, pooling: str, row_of: Tensor) -> None:
        self.layer, self.pooling = layer, pooling
        self.activation = ACTIVATIONS[type(activation)] if activation else IDENTITY
        k, stride, padding = layer.kernel_size[0], layer.stride[0], int(layer.padding[0])
        channels, *size = row_of.shape
        pool = 2 if pooling else 1  # outputs that the pooling drops at an odd edge are not computed
        height, width = (((n + 2 * padding - k) // stride + 1) // pool * pool for n in size)

        # The tile, f × g outputs, and the window from which they are computed.
        sizes = [(pool, pool), (2 * pool, pool), (2 * pool, 2 * pool), (4, 2), (4, 4)]
        fitting = [(f, g) for f, g in sizes if height % f == 0 and width % g == 0]
        wide = ((f, g) for f, g in fitting if f * g * layer.out_channels >= MIN_ROWS)
        f, g = next(wide, fitting[-1])
        window = channels, (f - 1) * stride + k, (g - 1) * stride + k
        tiles = height // f, width // g
        pixels = window[0] * window[1] * window[2]
        if max(f * g * layer.out_channels * pixels, pixels * tiles[0] * tiles[1]) > WRITTEN_OUT_LIMIT:
            raise TooLarge

        self._lay_out_matrix(k, stride, pool, (f, g), window)
        self._choose_rows(row_of, padding, (f * stride, g * stride), window, tiles)
        self._move(layer.weight.device)

        # Where the pooled outputs come to lie: by place in the tile, output channel, tile.
        down, right = f // pool, g // pool
        lies = torch.arange(down * right * layer.out_channels * self.tiles)
        lies = lies.view(down, right, layer.out_channels, *tiles).permute(2, 3, 0, 4, 1)
        self.row_of = lies.reshape(layer.out_channels, height // pool, width // pool)
        self.outputs = self.row_of.numel()

    def _lay_out_matrix(
        self, k: int, stride: int, pool: int, tile: tuple[int, int], window: tuple[int, int, int]
    ) -> None:
        """Decide which parameter stands where in the matrix.

        Row: output of the tile, output channel. Column: input channel, row and column of the window; last the bias.
        """
        # The place within the pooling window is the slower axis: see the drawing above.
        within, down, right = range(pool), range(tile[0] // pool), range(tile[1] // pool)
        outputs = [(pool * c + a, pool * d + b) for a in within for b in within for c in down for d in right]

        # The matrix by numbers of parameters: weights, then biases, and the number behind them for what is 0.
        weights, biases = self.layer.weight.numel(), self.layer.out_channels
        numbers = torch.full((len(outputs), biases, *window), weights + biases)
        for n, (y, x) in enumerate(outputs):
            kernel = torch.arange(weights).view(self.layer.weight.shape)
            numbers[n, :, :, y * stride : y * stride + k, x * stride : x * stride + k] = kernel
        last = torch.arange(weights, weights + biases).expand(len(outputs), biases)
        numbers = torch.cat((numbers.flatten(2), last[:, :, None]), 2)
        self.shape = len(outputs) * biases, numbers.shape[2]
        self.parameter_at = numbers.flatten()
        # And the other way round: where each parameter stands in the matrix transposed, output by output.
        found = torch.argsort(self.parameter_at, stable=True)[: (weights + biases) * len(outputs)]
        found = found % self.shape[1] * self.shape[0] + found // self.shape[1]
        self.places_of_parameters = found.view(-1, len(outputs)).t().flatten()

    def _choose_rows(
        self,
        row_of: Tensor,
        padding: int,
        step: tuple[int, int],
        window: tuple[int, int, int],
        tiles: tuple[int, int],
    ) -> None:
        """Decide which rows of the input the windows consist of, one window every `step` pixels."""
        self.inputs = row_of.numel()  # also the number of the row of zeros; that of ones is the next
        padded = F.pad(row_of, (padding,) * 4, value=self.inputs)
        y = torch.arange(window[1])[:, None, None, None] + torch.arange(tiles[0])[:, None] * step[0]
        x = torch.arange(window[2])[:, None, None] + torch.arange(tiles[1]) * step[1]
        self.tiles = tiles[0] * tiles[1]
        inside = [
            sum(
                padding <= a + b * step[axis] < row_of.shape[axis + 1] + padding
                for a in range(window[axis + 1])
                for b in range(n)
            )
            for axis, n in enumerate(tiles)
        ]
        self.read = window[0] * inside[0] * inside[1]  # rows of the windows that do not lie over the padding
        # y and x broadcast to (row, column, row of tiles, column of tiles).
        self.window_rows = padded[:, y, x].flatten()
        self.window_rows_and_ones = torch.cat((self.window_rows, torch.full((self.tiles,), self.inputs + 1)))

    def _move(self, device: torch.device) -> None:
        """Have all that the step reads lie where the layer's weights do."""
        self.zero = self.layer.weight.new_zeros(1)
        self.bags: tuple[Tensor, Tensor] | None = None
        if device.type != "cpu":
            self.bags = self.bags_of_windows()
            for name in ("parameter_at", "places_of_parameters", "window_rows_and_ones"):
                setattr(self, name, getattr(self, name).to(device))

    def bags_of_windows(self) -> tuple[Tensor, Tensor]:
        """For each row of the input, its bag: the rows of the windows that are read from it, in their order.

        All bags one behind the other, and where each begins, on the layer's device. For `index_add_` adds rows on a
        GPU in an order that changes, and the last bits of a run with it.
        """
        numbers, rows = self.window_rows.sort(stable=True)  # those that lie over the padding come last
        begins = torch.searchsorted(numbers, torch.arange(self.inputs))
        device = self.layer.weight.device
        return rows[: self.read].to(device), begins.to(device)

    def matrix(self) -> Tensor:
        weight, bias = self.layer.weight.flatten(), self.layer.bias
        assert bias is not None
        return torch.cat((weight, bias, self.zero)).index_select(0, self.parameter_at).view(self.shape)

    def windows(self, x: Tensor) -> Tensor:
        return x.index_select(0, self.window_rows_and_ones).view(self.shape[1], self.tiles * x.shape[1])

    def forward(self, windows: Tensor, matrix: Tensor, out: Tensor) -> Any:
        out = out[:-2]
        if not self.pooling:
            with rounding_of_convolutions(out.device):
                z = torch.mm(matrix, windows, out=out.view(len(matrix), -1)).view_as(out)
            self.activation.forward(z)
            return windows, z, z
        with rounding_of_convolutions(out.device):
            z = (matrix @ windows).view(4, -1, out.shape[1])
        if self.pooling == "avg":
            self.activation.forward(z)
            torch.mean(z, 0, out=out)
        else:  # pooled before the activation: all of ours rise, so it is the same, at a quarter of the work
            a, b, c, d = z
            torch.maximum(torch.maximum(a, b), torch.maximum(c, d), out=out)
            self.activation.forward(out)
        return windows, z, out

    def backward(
        self, g: Tensor, matrix: Tensor, saved: Any, is_first: bool, aside: Beside = NOWHERE
    ) -> tuple[Tensor | None, Tensor]:
        windows, z, out = saved
        n = g.shape[1]
        if self.pooling == "max":
            g = _to_largest(self.activation.backward(g, out, _room(out)), z)
        else:
            if self.pooling:
                g = (g * 0.25).expand_as(z)
            g = self.activation.backward(g, z, _room(z))
        g = g.reshape(len(matrix), self.tiles * n)
        with aside.beside(windows, g), rounding_of_convolutions(g.device):
            gradient = (windows @ g.t()).t()  # MKL takes a quarter longer for g @ windows.t()
        if is_first:
            return None, gradient
        with rounding_of_convolutions(g.device):
            g_windows = matrix[:, :-1].t() @ g
        return self._sum_of_windows(g_windows.view(-1, n)), gradient

    def _sum_of_windows(self, g: Tensor) -> Tensor:
        """The gradients of the input's rows from those of the windows' rows (col2im): a pixel lies in several."""
        if self.bags is not None:
            rows, begins = self.bags
            return F.embedding_bag(rows, g, begins, mode="sum")
        g_input = torch.zeros(self.inputs + 1, g.shape[1])
        return g_input.index_add_(0, self.window_rows, g)[:-1]

    def gradients(self, g: Tensor) -> tuple[Tensor, Tensor]:
        by_output = g.t().flatten().index_select(0, self.places_of_parameters)
        weight = self.layer.weight
        parameters = by_output.view(-1, weight.numel() + len(weight)).sum(0)
        return parameters[: weight.numel()].view(weight.shape), parameters[weight.numel() :]


def _room(a: Tensor) -> Tensor:
    """Where the gradient with respect to what led to `a` is written. On a CPU `a` itself, which is no longer needed;
    on a GPU it may still be read, for a gradient of weights that is computed aside."""
    return a if a.device.type == "cpu" else torch.empty_like(a)


@contextmanager
def rounding_of_convolutions(device: torch.device) -> Iterator[None]:
    """Have a CUDA device round products of matrices as it does in torch's own convolutions: factors to 10 bits (TF32),
    unless torch is told otherwise."""
    if device.type != "cuda":
        yield
        return
    matmul = torch.backends.cuda.matmul
    before = matmul.allow_tf32
    matmul.allow_tf32 = torch.backends.cudnn.allow_tf32
    try:
        yield
    finally:
        matmul.allow_tf32 = before


def _to_largest(g: Tensor, z: Tensor) -> Tensor:
    """The gradient g (R, N) of the maximum of z (4, R, N), given to the largest; of equals to the first."""
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
