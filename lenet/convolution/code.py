"""The convolution on screen as code to copy: PyTorch, plain loops, and NumPy without a loop.

Each is a whole script that prints the output on screen, written for exactly this layer: what the layer does not use
(bias, padding, dilation, groups …) is not in the code.
"""

from __future__ import annotations

from collections.abc import Callable

from lenet.common.activations import ACTIVATIONS
from lenet.common.code import numbers, short
from lenet.convolution.arithmetic import Convolution
from lenet.grid import Grid

_NUMPY_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pytorch(grid: Grid, layer: Convolution, activation: str = "") -> str:
    """With torch; `Y` is a tensor (1, O, H', W')."""
    lines = ["import torch"]
    options = _options(layer)
    if layer.padding_mode == "zeros":
        lines += ["import torch.nn.functional as F", ""]
    else:
        lines += ["from torch import nn", ""]
    lines += [
        f"X = torch.tensor([{numbers(grid.tolist(), 2)}])  # (N, I, H, W) = {(1, *grid.shape)}",
        *_weights(layer, "torch.tensor"),
    ]
    if layer.padding_mode == "zeros":  # the function has no other mode
        bias = [] if layer.bias is None else ["bias"]
        lines += [f"Y = F.conv2d({', '.join(['X', 'weight', *bias, *options])})"]
    else:
        sizes = [str(layer.in_channels), str(layer.out_channels), short(layer.kernel_size)]
        bias = ["bias=False"] if layer.bias is None else []
        mode = f'padding_mode="{layer.padding_mode}"'
        lines += [
            f"conv = nn.Conv2d({', '.join([*sizes, *options, mode, *bias])})",
            "with torch.no_grad():",
            "    conv.weight.copy_(weight)",
            *([] if layer.bias is None else ["    conv.bias.copy_(bias)"]),
            "    Y = conv(X)",
        ]
    if activation:
        lines.append("Y = " + ACTIVATIONS[activation].pytorch.format(x="Y"))
    return _script([*lines, "print(Y.shape)", "print(Y)"])


def loop(grid: Grid, layer: Convolution, activation: str = "") -> str:
    """Plain Python, a loop for each index; `Y` is a list of O lists of rows."""
    size = grid.shape[1], grid.shape[2]
    height, width = layer.output_size(size)
    is_padded = layer.padded_extent(size) != ((0, size[0]), (0, size[1]))
    by_zeros = is_padded and layer.padding_mode == "zeros"
    applied = ACTIVATIONS[activation].python if activation else "{x}"
    lines = ["import math", ""] if "math." in applied else []
    lines += [f"X = {numbers(grid.tolist())}  # input channels × rows × columns", *_weights(layer, "")]
    lines += [f"height, width = {size[0]}, {size[1]}"] if is_padded else []
    planes = "X"
    if layer.groups > 1:
        inputs, outputs = layer.weight.shape[1], layer.out_channels // layer.groups
        first = "o" if outputs == 1 else f"o // {outputs}"
        first += "" if inputs == 1 else f" * {inputs}"
        planes = f"X[{first} : {first} + {inputs}]"
    places = [_place(letter, step, layer, axis) for axis, (letter, step) in enumerate((("i", "a"), ("j", "b")))]
    if is_padded and not by_zeros:
        places = [_source(place, side, layer) for place, side in zip(places, ("height", "width"), strict=True)]
    start = "0.0" if layer.bias is None else "bias[o]"
    deep = " " * 16
    lines += [
        "Y = []",
        "for o, kernel in enumerate(weight):",
        "    output = []",
        f"    for i in range({height}):",
        "        row = []",
        f"        for j in range({width}):",
        f"            total = {start}",
        f"            for plane, weights in zip({planes}, kernel):",
        f"{deep}for a in range({layer.kernel_size[0]}):",
        f"{deep}    for b in range({layer.kernel_size[1]}):",
        f"{deep}        r = {places[0]}",
        f"{deep}        c = {places[1]}",
    ]
    if by_zeros:
        lines += [
            f"{deep}        if 0 <= r < height and 0 <= c < width:  # padding with 0 adds nothing",
            f"{deep}            total += plane[r][c] * weights[a][b]",
        ]
    else:
        lines.append(f"{deep}        total += plane[r][c] * weights[a][b]")
    remark = ACTIVATIONS[activation].remark if activation else ""
    lines += [
        f"            row.append({applied.format(x='total')}){remark}",
        "        output.append(row)",
        "    Y.append(output)",
        "print(Y)",
    ]
    return _script(lines)


def numpy(grid: Grid, layer: Convolution, activation: str = "") -> str:
    """With NumPy and no loop at all; `Y` is an array (O, H', W')."""
    span = tuple((k - 1) * d + 1 for k, d in zip(layer.kernel_size, layer.dilation, strict=True))
    steps = "".join(f", ::{s}" if s > 1 else ", :" for s in (*layer.stride, *layer.dilation))
    pick = f"[:{steps}]" if {*layer.stride, *layer.dilation} != {1} else ""
    applied = ACTIVATIONS[activation].numpy if activation else ""
    lines = [
        *(["import math", ""] if "math." in applied else []),
        "import numpy as np",
        "from numpy.lib.stride_tricks import sliding_window_view",
        "",
        f"X = np.array({numbers(grid.tolist())})  # (I, H, W) = {grid.shape}",
        *_weights(layer, "np.array"),
    ]
    source = "X"
    if layer.paddings != ((0, 0), (0, 0)):
        source = "padded"
        mode = "" if layer.padding_mode == "zeros" else f', mode="{_NUMPY_MODES[layer.padding_mode]}"'
        lines.append(f"padded = np.pad(X, [(0, 0), {layer.paddings[0]}, {layer.paddings[1]}]{mode})")
    lines += [
        f"windows = sliding_window_view({source}, {span}, axis=(1, 2)){pick}",
        "# windows[c, i, j] is what the kernels see of input channel c for output cell (i, j)",
    ]
    if layer.groups == 1:
        lines.append('Y = np.einsum("cijab,ocab->oij", windows, weight)')
    else:
        groups, output = layer.groups, layer.output_size((grid.shape[1], grid.shape[2]))
        lines += [
            f"groups = windows.reshape({groups}, {layer.weight.shape[1]}, *windows.shape[1:])",
            f"kernels = weight.reshape({groups}, {layer.out_channels // groups}, *weight.shape[1:])",
            'Y = np.einsum("gcijab,gocab->goij", groups, kernels)'
            f".reshape{(layer.out_channels, *output)}",
        ]  # fmt: skip
    if layer.bias is not None:
        lines.append("Y = Y + bias[:, None, None]")
    if activation:
        lines.append(f"Y = {applied.format(x='Y')}{ACTIVATIONS[activation].remark}")
    return _script([*lines, "print(Y.shape)", "print(Y)"])


CODES: dict[str, Callable[[Grid, Convolution, str], str]] = {"pytorch": pytorch, "loop": loop, "numpy": numpy}


def _script(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _options(layer: Convolution) -> list[str]:
    """The arguments that differ from PyTorch's defaults."""
    defaults = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    values = {name: getattr(layer, name) for name in defaults}
    return [f"{name}={short(value)}" for name, value in values.items() if value != defaults[name]]


def _weights(layer: Convolution, make: str) -> list[str]:
    """The lines that write weight and bias down, with the function that makes an array of a list."""
    call = "{}" if not make else make + "({})"
    shape = f"(O, I, height, width) = {layer.weight.shape}"
    lines = [f"weight = {call.format(numbers(layer.weight.tolist()))}  # {shape}"]
    lines += [] if layer.bias is None else [f"bias = {call.format(numbers(layer.bias.tolist()))}"]
    return [*lines, ""]


def _place(window: str, cell: str, layer: Convolution, axis: int) -> str:
    """The row (or column) that the kernel's row `cell` meets in window `window`."""
    stride, dilation, before = layer.stride[axis], layer.dilation[axis], layer.paddings[axis][0]
    place = window if stride == 1 else f"{window} * {stride}"
    place += " + " + (cell if dilation == 1 else f"{cell} * {dilation}")
    return place + (f" - {before}" if before else "")


def _source(place: str, side: str, layer: Convolution) -> str:
    """The row (or column) of the input whose number stands there, with the padding of the layer's mode."""
    if layer.padding_mode == "circular":
        return f"({place}) % {side}"
    if layer.padding_mode == "replicate":
        return f"min(max({place}, 0), {side} - 1)"
    return f"{side} - 1 - abs({side} - 1 - abs({place}))"
