"""The words and formulas around the window: what there is to see, and why the output has its size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.convolution.arithmetic import Convolution
from lenet.convolution.examples import KERNELS
from lenet.grid import Grid, tidy
from lenet.grid.words import size_lines


def size_formula(grid: Grid, layer: Convolution) -> list[str]:
    """The formula of the output's size, a line each (see `size_lines`)."""
    sizes = grid.shape[1], grid.shape[2]
    paddings = [before for before, _behind in layer.paddings]
    axes = list(zip(sizes, layer.kernel_size, layer.stride, paddings, layer.dilation, strict=True))
    return size_lines(axes, layer.output_size(sizes), ceil_mode=False)


@cached(maxsize=128)
def remarks(remark: str, grid: Grid, layer: Convolution, kernel: int) -> str:
    """All there is to say about what is on screen, in the reader's language, as paragraphs of Markdown.

    `remark` is what is said of the example, "" where its numbers were changed.
    """
    name = kernel_name(layer.weight[kernel])
    of_kernel = "" if not name or remark else f"**{_(KERNELS[name].name)}.** {_(KERNELS[name].remark)}"
    said = (remark, of_kernel, groups_sentence(layer), parameters_sentence(layer), flip_sentence(grid, layer, kernel))
    return "  \n".join(sentence for sentence in said if sentence)


def kernel_name(weight: NDArray[np.float64]) -> str:
    """The name of the textbook kernel that a kernel (channels, height, width) is in every channel; "" for any other."""
    for name, known in KERNELS.items():
        if weight.shape[1:] == np.shape(known.values) and bool((weight == np.array(known.values)).all()):
            return name
    return ""


def channel_numbers(layer: Convolution, kernel: int) -> str:
    """The channels that a kernel sees, counted from 1: "2", or "3–4"."""
    seen = layer.channels(kernel)
    return f"{seen.start + 1}" if len(seen) == 1 else f"{seen.start + 1}–{seen.stop}"


def groups_sentence(layer: Convolution) -> str:
    """Which kernel sees which channels; "" where each sees all of them."""
    if layer.groups == 1:
        return ""
    pairs = ", ".join(f"{n + 1} ← {channel_numbers(layer, n)}" for n in range(layer.out_channels))
    told = _("**{n} groups**: each kernel sees the channels of its group and no other. Kernel ← channels: {pairs}.")
    return told.format(n=layer.groups, pairs=pairs)


def parameters_sentence(layer: Convolution) -> str:
    """How many numbers the layer has to learn, and that they do not grow with the input."""
    kernels, channels, height, width = layer.weight.shape
    counted = _(
        "{kernels} · {channels} · {height} · {width} weights + {kernels} biases = {n} parameters, whatever the size of the input: each weight is the same at every place."
    )
    n = layer.weight.size + kernels
    if kernels == 1:
        counted = _(
            "{channels} · {height} · {width} weights + 1 bias = {n} parameters, whatever the size of the input: each weight is the same at every place."
        )
    return counted.format(kernels=kernels, channels=channels, height=height, width=width, n=n)


def flip_sentence(grid: Grid, layer: Convolution, kernel: int) -> str:
    """What the convolution of mathematics would give: it turns the kernel by 180°."""
    lead = _(
        "The kernel lies on the input as it is written: a **cross-correlation**, which deep learning calls convolution. "
        "The convolution of mathematics turns the kernel by 180° first."
    )
    ours, turned = layer(grid)[kernel], layer.flipped(grid)[kernel]
    differ = np.argwhere(~np.isclose(ours, turned, rtol=1e-9, atol=1e-12))
    if not len(differ):
        return paragraph(lead, _("Here that would change nothing."))
    i, j = differ[0]
    told = _(
        "Here that would change {n} of {total} output cells: row {row}, column {column} would be {turned} instead of {ours}."
    )
    if layer.bias is not None:
        told = _(
            "Here that would change {n} of {total} sums: that of row {row}, column {column} would be {turned} instead of {ours}."
        )
    values = {"turned": tidy(float(turned[i, j])), "ours": tidy(float(ours[i, j]))}
    return paragraph(lead, told.format(n=len(differ), total=ours.size, row=i + 1, column=j + 1, **values))
