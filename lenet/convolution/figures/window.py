"""What the convolution sandbox draws: plain data for the grid's component, and its words.

The output is computed by `lenet.convolution`. Products and their sums, of which a layer has too many to send, are
formed in the browser from the numbers that it gets; a test compares the two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common import colours
from lenet.common.activations import ACTIVATIONS
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.convolution.arithmetic import Convolution
from lenet.convolution.figures.remarks import channel_numbers, size_formula
from lenet.convolution.padding import ZERO, source
from lenet.grid import Grid
from lenet.grid.cells import shading, texts
from lenet.grid.words import change_of_channel, common_words

MANY = 64
"""With more output cells than this the window begins in the middle, where a picture has most to show."""


@cached(maxsize=128)
def scene(grid: Grid, layer: Convolution, kernel: int, activation: str, *, image: bool = False) -> dict[str, Any]:
    """Everything the component draws of one kernel and its output channel, as JSON values, in the reader's language.

    `kernel` is its number, counted from 0, and `activation` a key of ACTIVATIONS or "".

    `seen` are the channels of the input that the kernel sees. `input`, `kernel` and `output` hold, for each channel, the
    cells row by row: `texts`, `shades` (0–100 on their
    scale) and, but for the output, `values`. `rows[i]` and `columns[j]` are the cells of the window of output (i, j),
    counted from the input's corner; `row_kinds` and `column_kinds` say whether they are input (0) or padding (1), and
    `row_sources` and `column_sources` whose numbers stand there (None: zeros), from `first` = (row, column) on. All
    visitors share the result: nobody may change it. Raises ConvolutionError if the layer does not fit the grid.
    """
    size = grid.shape[1], grid.shape[2]
    height, width = layer.output_size(size)
    (top, bottom), (left, right) = layer.padded_extent(size)
    rows, columns = layer.windows(size)
    weight, made = layer.weight[kernel], output(grid, layer, kernel, activation)
    seen = list(layer.channels(kernel))
    scale, shades, legend = shading([made], image=False)
    input_scale, input_shades, _legend = shading([grid], image)
    return {
        "mode": "conv",
        "image": image,
        "channels": len(grid),
        "seen": seen,
        "out_channels": 1,
        "size": size,
        "out_size": (height, width),
        "first": (top, left),
        "start": height // 2 * width + width // 2 if height * width > MANY else 0,
        "row_kinds": [int(not 0 <= r < size[0]) for r in range(top, bottom)],
        "column_kinds": [int(not 0 <= c < size[1]) for c in range(left, right)],
        "row_sources": _sources(top, bottom, size[0], layer),
        "column_sources": _sources(left, right, size[1], layer),
        "rows": rows,
        "columns": columns,
        "input": {
            "texts": texts(grid),
            "shades": input_shades(grid),
            "scale": input_scale,
            "values": grid.reshape(len(grid), -1).tolist(),
        },
        "kernel": {
            "texts": texts(weight),
            "shades": signed_shades(weight),
            "scale": colours.DIVERGING,
            "values": weight.reshape(len(weight), -1).tolist(),
        },
        "output": {"texts": texts(made), "shades": shades(made)},
        "bias": 0.0 if layer.bias is None else float(layer.bias[kernel]),
        "activation": ACTIVATIONS[activation].name if activation else "",
        "padding_text": "0",
        "padding_counts": True,
        "scale": scale,
        "legend": legend,
        "colors": {"window": colours.WINDOW, "padding": colours.PADDING, "wrong": colours.WRONG},
        "formula": size_formula(grid, layer),
        "words": _words(grid.shape, layer, kernel),
    }


def output(grid: Grid, layer: Convolution, kernel: int, activation: str) -> NDArray[np.float64]:
    """(1, height, width): the output channel of one kernel."""
    one, seen = of_kernel(grid, layer, kernel)
    made = without_rounding(one(seen), np.abs(seen).max() * np.abs(one.weight).max())
    return ACTIVATIONS[activation].function(made) if activation else made


def of_kernel(grid: Grid, layer: Convolution, kernel: int) -> tuple[Convolution, Grid]:
    """A layer of this one kernel, and the channels of the grid that it sees."""
    bias = None if layer.bias is None else layer.bias[kernel : kernel + 1]
    one = Convolution(
        layer.weight[kernel : kernel + 1], bias, layer.stride, layer.padding, layer.dilation,
        padding_mode=layer.padding_mode,
    )  # fmt: skip
    channels = layer.channels(kernel)
    return one, grid[channels.start : channels.stop]


def without_rounding(sums: NDArray[np.float64], largest: float) -> NDArray[np.float64]:
    """Sums, with 0 where nothing but rounding is left of parts of which one may be as large as `largest`."""
    return np.where(np.abs(sums) < 1e-12 * largest, 0.0, sums)


def _sources(first: int, stop: int, n: int, layer: Convolution) -> list[int | None]:
    found = source(np.arange(first, stop), n, layer.padding_mode).tolist()
    return [None if cell == ZERO else cell for cell in found]


def signed_shades(weight: NDArray[np.float64]) -> list[list[int]]:
    """Places on a scale that is centred on zero."""
    limit = float(np.abs(weight).max()) or 1.0
    shades = (weight.reshape(len(weight), -1) / limit + 1) * 50
    return [[int(shade) for shade in channel] for channel in shades.round().tolist()]


def _words(shape: tuple[int, ...], layer: Convolution, kernel: int) -> dict[str, str]:
    channels, height, width = shape
    out = "×".join(map(str, layer.output_size((height, width))))
    several = layer.out_channels > 1
    size = "×".join(map(str, layer.weight.shape[1:]))
    padding = {
        "zeros": _("hatched: padding, counts as 0"),
        "reflect": _("hatched: padding, the input mirrored at its edge"),
        "replicate": _("hatched: padding, repeats the edge"),
        "circular": _("hatched: padding, the input from its other side"),
    }
    return common_words(channels) | {
        "input": _("Input {shape}").format(shape=f"{channels}×{height}×{width}"),
        "output": _("Output {shape}, channel {n}").format(shape=f"{layer.out_channels}×{out}", n=kernel + 1)
        if several
        else _("Output {shape}").format(shape=f"1×{out}"),
        "kernel": _kernel_title(layer, kernel),
        "padding": padding[layer.padding_mode],
        "beyond": "",  # there are no such cells
        "bias": _("bias {value}"),
        "channel_sum": _("channel {n}:"),
        "rows_summed": _("Each number is the sum of one row of products."),
        "channels_summed": _("Each number is the sum of one channel’s products."),
        "weight": _("weight {value}: the same in all {n} windows"),
        "unseen": _("channel {n}, not seen"),
        "edit_kernel": _("New weight for row {row}, column {column}"),
        "hint": _(
            "Hover over a cell to see what it belongs to, click to keep it. Double-click a cell of the input or the kernel to change it."
        ),
        "hint_touch": _(
            "Tap a cell to see what it belongs to, one of the input or the kernel twice to change it. Swipe sideways to move the window."
        ),
        "alt_kernel": paragraph(
            _("Kernel. Arrow keys choose a weight, Enter or a digit changes it."),
            change_of_channel(layer.weight.shape[1]),
        ),
        "alt": _("Convolution of an input of {size} with a kernel of {kernel}, output {out}").format(
            size=f"{channels}×{height}×{width}", kernel=size, out=f"1×{out}"
        ),
    }


def _kernel_title(layer: Convolution, kernel: int) -> str:
    """The number of the kernel among several, its shape, and the channels that it sees if these are not all."""
    size = "×".join(map(str, layer.weight.shape[1:]))
    if layer.groups > 1:
        channels = channel_numbers(layer, kernel)
        return _("Kernel {n}: {shape} for channel {channels}").format(n=kernel + 1, shape=size, channels=channels)
    if layer.out_channels > 1:
        return _("Kernel {n}: {shape}").format(n=kernel + 1, shape=size)
    return _("Kernel {shape}").format(shape=size)
