"""What the convolution sandbox draws of the gradient's way back through one kernel, and its words.

The gradients of all output cells together are computed by `Convolution.gradients`. Those of a single one, or of some, are
formed in the browser while the reader points; a test compares the two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.common import colours
from lenet.common.activations import ACTIVATIONS
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.convolution.arithmetic import Convolution
from lenet.convolution.figures import window
from lenet.grid import Grid
from lenet.grid.cells import shading, texts
from lenet.grid.words import change_of_channel

Array = NDArray[np.float64]


class Back(NamedTuple):
    """What arrives at the sums of one kernel, (1, height, width), and the gradients that follow from it.

    `input` has every channel of the grid, with 0 in those that the kernel does not see; `weight` has those that it sees.
    """

    arriving: Array
    input: Array
    weight: Array
    bias: float


def gradients(grid: Grid, layer: Convolution, kernel: int, activation: str, *, numbered: bool = False) -> Back:
    """Of one kernel, where each output cell receives 1, or with `numbered` 1, 2, 3 … in reading order.

    Behind an activation that is multiplied by its slope first.
    """
    one, seen = window.of_kernel(grid, layer, kernel)
    sums = window.output(grid, layer, kernel, "")
    arriving = _received(sums, numbered)
    if activation:
        arriving = arriving * ACTIVATIONS[activation].slope(sums)
    found = one.gradients(seen, arriving)
    to_input, channels = np.zeros(grid.shape), layer.channels(kernel)
    to_input[channels.start : channels.stop] = window.without_rounding(
        found.input, np.abs(arriving).max() * np.abs(one.weight).max()
    )
    to_weight = window.without_rounding(found.weight[0], np.abs(arriving).max() * np.abs(seen).max())
    return Back(arriving, to_input, to_weight, float(arriving.sum()))


def _received(sums: Array, numbered: bool) -> Array:
    return np.arange(1.0, sums.size + 1).reshape(sums.shape) if numbered else np.ones(sums.shape)


@cached(maxsize=64)
def scene(grid: Grid, layer: Convolution, kernel: int, activation: str, *, numbered: bool = False) -> dict[str, Any]:
    """The gradient's way back, for the component of `window.scene`.

    `output` is what arrives at the sums, `input` and `kernel` are the gradients. `cells` and `weights` are the numbers of
    the input and the kernel themselves, of which the browser forms the gradients that come from some output cells; `low` and
    `high` are the ends of the colour scale. With an activation `sums` are the texts of its inputs, `received` those of what
    arrives at its outputs. All visitors share the result.
    """
    forward = window.scene(grid, layer, kernel, activation)
    back = gradients(grid, layer, kernel, activation, numbered=numbered)
    alone = [layer.weight[kernel] * back.arriving.min(), layer.weight[kernel] * back.arriving.max()]
    maps = [back.input, back.arriving, *alone]
    scale, shades, legend = shading(maps, image=False)
    _scale, low, high = colours.scale(min(float(m.min()) for m in maps), max(float(m.max()) for m in maps))
    sums = window.output(grid, layer, kernel, "")
    through = {"sums": texts(sums)[0], "received": texts(_received(sums, numbered))[0]} if activation else {}
    return forward | through | {
        "back": True,
        "start": 0,
        "cells": forward["input"],
        "weights": forward["kernel"],
        "input": {"texts": texts(back.input), "shades": shades(back.input)},
        "kernel": {
            "texts": texts(back.weight),
            "shades": window.signed_shades(back.weight),
            "scale": colours.DIVERGING,
        },
        "output": {
            "texts": texts(back.arriving),
            "shades": shades(back.arriving),
            "values": back.arriving.reshape(1, -1).tolist(),
        },
        "bias": back.bias,
        "scale": scale,
        "low": low,
        "high": high,
        "legend": legend,
        "formula": [],
        "words": forward["words"] | _words(grid, layer, kernel, activation),
    }  # fmt: skip


def _words(grid: Grid, layer: Convolution, kernel: int, activation: str) -> dict[str, str]:
    channels, height, width = grid.shape
    out = "×".join(map(str, layer.output_size((height, width))))
    seen = layer.weight.shape[1]
    output = _("Gradient of the output")
    if activation:
        output = _("Gradient through {activation}").format(activation=ACTIVATIONS[activation].name)
    kernel_title = _("Gradient of the kernel")
    if layer.out_channels > 1:
        kernel_title = _("Gradient of kernel {n}").format(n=kernel + 1)
    return {
        "input": _("Gradient of the input"),
        "output": output,
        "kernel": kernel_title,
        "padding": _("hatched: padding, its gradient is lost")
        if layer.padding_mode == "zeros"
        else _("hatched: padding, its gradient goes to the cells that stand there"),
        "all": _("Show what all output cells send back"),
        "play": _("Play: add what each output cell sends back"),
        "all_cells": _("All {n} output cells together"),
        "cells_so_far": _("Output cells 1 to {n} of {total}"),
        "one_cell": _("Output row {row}, column {column} alone"),
        "to_input": _("{value}·weight → input"),
        "to_weight": _("{value}·input → weight"),
        "to_bias": _("{value} → bias"),
        "of_bias": _("bias:"),
        "weight": _("row {row}, column {column}: gradient of the weight"),
        "more_terms": _("… {n} terms …"),
        "nothing": _("0: no window sends anything here"),
        "received": _("The sum of gradient × weight over its windows."),
        "of_weight": _("The sum of input × gradient over all places."),
        "added_up": _("The sums of what these output cells send back."),
        "hint": _(
            "Hover over an output cell to see what it alone sends back, click to keep it. Hover over an input cell or a weight to see its terms."
        ),
        "hint_touch": _(
            "Tap an output cell to see what it alone sends back, an input cell or a weight to see its terms. Swipe sideways to move the window."
        ),
        "alt_input": paragraph(
            _("Gradient of the input. Arrow keys choose a cell."), change_of_channel(channels)
        ),
        "alt_kernel": paragraph(
            _("Gradient of the kernel. Arrow keys choose a weight."), change_of_channel(seen)
        ),
        "alt_output": _("Gradient of the output. Arrow keys choose the cell that sends back alone, Escape all of them."),
        "alt": _("The gradient flowing back: {size} from {out}").format(
            size="×".join(map(str, grid.shape)), out=f"1×{out}"
        ),
    }  # fmt: skip


@cached(maxsize=64)
def remarks(grid: Grid, layer: Convolution, kernel: int, activation: str) -> str:
    """What there is to say about the gradients, in the reader's language, as paragraphs of Markdown."""
    places = np.prod(layer.output_size((grid.shape[1], grid.shape[2])))
    said = []
    if places > 1:
        told = _(
            "Every weight is used at all {n} places, so its gradient is a sum over all of them: input cell times arriving "
            "gradient."
        )
        said.append(told.format(n=places))
    if activation:
        said.append(
            _("On its way through the activation each gradient is multiplied by the activation’s slope at its sum.")
        )
    if layer.stride == (1, 1) and layer.padding_mode == "zeros":
        said.append(
            _(
                "The gradient of the input is a convolution too: the kernel, turned by 180°, slides over the arriving gradient."
            )
        )
    if layer.out_channels > 1:
        said.append(
            _("This is kernel {n} alone: what all kernels send back to the input is added up.").format(n=kernel + 1)
        )
    return "  \n".join(said)


def to_csv(back: Back) -> str:
    """A row for each number: what it belongs to, its channel, row and column (counted from 1), and the gradient."""
    rows = ["of,channel,row,column,gradient"]
    for name in ("output", "input", "weight"):
        values = back.arriving if name == "output" else getattr(back, name)
        rows += [f"{name},{c + 1},{i + 1},{j + 1},{float(values[c, i, j])!r}" for c, i, j in np.ndindex(values.shape)]
    return "\n".join([*rows, f"bias,,,,{back.bias!r}"]) + "\n"
