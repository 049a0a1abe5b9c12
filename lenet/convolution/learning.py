"""How a kernel learns: the gradient of one weight, place by place, and gradient descent on tasks small enough to see.

A task shows an input and the map that a hidden kernel makes of it. A kernel that begins with other numbers is to make the
same map: the loss is the mean squared error between its map and the target, and every step moves each weight against
its gradient. `components/learning` does the same in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lenet.common.arguments import Pair
from lenet.common.translation import N_
from lenet.convolution.arithmetic import Array, Convolution, Gradients
from lenet.convolution.examples import INPUTS, KERNELS
from lenet.grid import Grid


@dataclass(frozen=True)
class Term:
    """What one place contributes to the gradient of a weight: the input cell that the weight met there times what arrives.

    ``cell`` is counted like the cells of a window: outside the input it is padding.
    """

    place: Pair
    cell: Pair
    value: float
    arriving: float

    @property
    def product(self) -> float:
        return self.value * self.arriving


def weight_terms(
    layer: Convolution, x: ArrayLike, grad_output: ArrayLike, weight: tuple[int, int, int, int]
) -> list[Term]:
    """The terms of the gradient of ``layer.weight[weight]``, a place of the output after the other.

    x is one sample (I, H, W) and ``grad_output`` the gradient of its output (O, H', W'). The sum of the products is that
    weight's entry in `Convolution.gradients`: one weight is shared by all places, so all places have their say.
    """
    grid, arriving = np.asarray(x, float), np.asarray(grad_output, float)
    kernel, channel, a, b = weight
    rows, columns = layer.windows((grid.shape[1], grid.shape[2]))
    return [
        Term(
            (i, j),
            (rows[i][a], columns[j][b]),
            float(layer.terms(grid, kernel, i, j).values[channel, a, b]),
            float(arriving[kernel, i, j]),
        )
        for i in range(len(rows))
        for j in range(len(columns))
    ]


def mean_squared_error(output: Array, target: Array) -> float:
    return float(np.square(output - target).mean())


def error_gradient(output: Array, target: Array) -> Array:
    """The gradient of the mean squared error with respect to the output: what arrives at each place."""
    return np.asarray(2 * (output - target) / target.size)


@dataclass(frozen=True)
class Task:
    """Find the kernel that makes the target of the input. `name` and `remark` are English, to be translated when shown.

    `input` is a key of INPUTS, `hidden` a key of KERNELS, and `start` the kernel to begin with.
    """

    name: str
    remark: str
    input: str
    hidden: str
    start: Sequence[Sequence[float]]

    @property
    def grid(self) -> Grid:
        return INPUTS[self.input].grid()

    @cached_property
    def target(self) -> Array:
        """(1, H', W') of what the hidden kernel makes of the input."""
        return Convolution(KERNELS[self.hidden].weight())(self.grid)

    @property
    def first(self) -> Convolution:
        return Convolution([[self.start]])

    def loss(self, layer: Convolution) -> float:
        return mean_squared_error(layer(self.grid), self.target)

    def gradients(self, layer: Convolution) -> Gradients:
        """Of the loss."""
        return layer.gradients(self.grid, error_gradient(layer(self.grid), self.target))

    def step(self, layer: Convolution, rate: float) -> Convolution:
        """One step of gradient descent: each weight minus the learning rate times its gradient."""
        return Convolution(layer.weight - rate * self.gradients(layer).weight)

    @cached_property
    def largest_rate(self) -> float:
        """With a smaller learning rate the loss falls to its minimum, with a larger one it grows without end.

        The loss is quadratic in the weights. Along an eigenvector of its matrix of second derivatives a step multiplies
        the distance from the minimum by 1 - rate × eigenvalue, which must stay above -1 for the largest eigenvalue.
        """
        layer = self.first
        size = self.grid.shape[1], self.grid.shape[2]
        height, width = layer.output_size(size)
        places = [layer.terms(self.grid, 0, i, j).values.ravel() for i in range(height) for j in range(width)]
        met = np.array(places)  # a row for each place: what the weights met there
        return float(2 / np.linalg.eigvalsh(2 / len(met) * met.T @ met)[-1])


RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""The learning rates to choose from: with the largest one every task diverges."""
FIRST_RATE = 0.3

_START = [[0.3, -0.2, 0.1], [-0.4, 0.2, 0.3], [0.1, 0.4, -0.3]]

TASKS: dict[str, Task] = {
    "vertical": Task(
        N_("Vertical edges"),
        N_("Only input and target are known. Step by step the kernel becomes one that finds vertical edges."),
        "letter",
        "vertical",
        _START,
    ),
    "diagonal": Task(
        N_("Diagonal edges"),
        N_("The same input with another target: the same steps lead to another kernel."),
        "letter",
        "diagonal",
        _START,
    ),
    "blur": Task(
        N_("Blur"),
        N_("Not only edges: any map that some kernel makes can be learned from examples."),
        "letter",
        "blur",
        _START,
    ),
    "bar": Task(
        N_("Several answers"),
        N_(
            "This input changes from left to right only. The loss falls to 0, but with another kernel than the one that made "
            "the target: only the sums of its columns can be learned here."
        ),
        "bar",
        "vertical",
        _START,
    ),
}
