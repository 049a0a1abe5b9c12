"""What there is to see in a lesson, in words: sentences about the grid and the layer on screen.

Each function takes a grid, a layer and an activation ("": none). It answers in the reader's language, and raises
ConvolutionError for a layer that does not fit the grid.
"""

from __future__ import annotations

from lenet.common.formatting import number
from lenet.common.translation import translate as _
from lenet.convolution.arithmetic import Convolution
from lenet.grid import Grid, tidy

NEARLY = 1e-9
"""Weights whose sum differs by less sum to 0 or 1: 1/9 is not exact."""


def window(grid: Grid, layer: Convolution, _activation: str) -> str:
    """How many windows share the weights."""
    height, width = layer.output_size((grid.shape[1], grid.shape[2]))
    told = _("The kernel stops at {places} places, and its {n} weights are the same at each of them.")
    return told.format(places=number(height * width), n=layer.weight[0].size)


def balance(_grid: Grid, layer: Convolution, _activation: str) -> str:
    """What becomes of an area whose cells are all alike."""
    total = float(layer.weight[0].sum())
    if abs(total) < NEARLY:
        return _("These weights sum to 0: where all cells are alike, nothing is left.")
    if abs(total - 1) < NEARLY:
        return _("These weights sum to 1: where all cells are alike, they stay as they are.")
    return _("These weights sum to {sum}: where all cells are alike, they are multiplied by it.").format(
        sum=tidy(total)
    )


def channels(grid: Grid, layer: Convolution, _activation: str) -> str:
    """How many channels go in and come out."""
    told = _("Channels going in: {n}. Coming out: {kernels}, one for each kernel.")
    return told.format(n=len(grid), kernels=layer.out_channels)


def negatives(grid: Grid, layer: Convolution, activation: str) -> str:
    """How many sums are below 0, and what the activation does to them."""
    sums = layer(grid)[0]
    n, total = number(int((sums < 0).sum())), number(sums.size)
    if activation == "relu":
        return _("{n} of {total} sums are below 0: ReLU makes 0 of them.").format(n=n, total=total)
    return _("{n} of {total} sums are below 0.").format(n=n, total=total)


def size(grid: Grid, layer: Convolution, _activation: str) -> str:
    """The sizes."""
    sides = grid.shape[1], grid.shape[2]
    out, into = ("×".join(map(str, side)) for side in (layer.output_size(sides), sides))
    return _("The output is {output}, the input {input}.").format(output=out, input=into)
