"""The layer on screen as code to copy: PyTorch, a plain double loop, and vectorised NumPy.

Each is a whole script that prints the output on screen, written for exactly this layer: what the layer does not use
(padding, dilation, ceil_mode …) is not in the code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lenet.common.code import numbers, short
from lenet.grid import Grid
from lenet.pooling.arguments import Pair, PoolingError, pair
from lenet.pooling.arithmetic import Pooling


def pytorch(grid: Grid, pool: Pooling) -> str:
    """With torch.nn; `Y` is a tensor (1, C, H', W')."""
    options = {"kernel_size": pool.kernel_size, "stride": pool.stride, "padding": pool.padding}
    defaults = Pooling(pool.mode, pool.kernel_size, pool.stride, pool.padding)
    for name in ("dilation", "ceil_mode", "count_include_pad", "divisor_override"):
        value = getattr(pool, name)
        if value != getattr(defaults, name):
            options[name] = value
    layer = "MaxPool2d" if pool.mode == "max" else "AvgPool2d"
    arguments = ", ".join(f"{name}={short(value)}" for name, value in options.items())
    shape = ", ".join(map(str, (1, *grid.shape)))
    return (
        "import torch\nfrom torch import nn\n\n"
        f"X = torch.tensor([{numbers(grid.tolist())}])  # (N, C, H, W) = ({shape})\n\n"
        f"pool = nn.{layer}({arguments})\n"
        "Y = pool(X)\nprint(Y.shape)\nprint(Y)\n"
    )


def loop(grid: Grid, pool: Pooling) -> str:
    """Plain Python, two loops over the output; `Y` is a list of C lists of rows."""
    size = grid.shape[1], grid.shape[2]
    height, width = pool.output_size(size)
    overhangs, rule = _overhangs(pool, size), _rule(pool, size)
    lines = [f"X = {numbers(grid.tolist())}  # channels × rows × columns", ""]
    lines += [f"height, width = {size[0]}, {size[1]}"] if overhangs else []
    lines += [
        "Y = []",
        "for plane in X:",
        "    output = []",
        f"    for i in range({height}):",
        "        row = []",
        f"        for j in range({width}):",
        f"            rows = {_range('i', pool, 0)}",
        f"            columns = {_range('j', pool, 1)}",
    ]
    if overhangs:  # the padding of a max is −∞ and that of an average 0: leaving it out gives the same number
        lines += [
            "            window = [",
            "                plane[r][c]",
            "                for r in rows if 0 <= r < height",
            "                for c in columns if 0 <= c < width",
            "            ]  # padding is left out: " + ("−∞ never wins" if pool.mode == "max" else "0 adds nothing"),
        ]
    else:
        lines.append("            window = [plane[r][c] for r in rows for c in columns]")
    if pool.mode == "max":
        empty = pool.dilation != (1, 1) and overhangs  # a dilated window may touch no input cell at all
        lines.append(
            '            row.append(max(window, default=float("-inf")))'
            if empty
            else "            row.append(max(window))"
        )
    elif rule == "counted":
        inside = [
            f"sum({-p} <= {c} < {side}{f' + {p}' if p else ''} for {c} in {cells})"
            for p, c, side, cells in zip(pool.padding, "rc", ("height", "width"), ("rows", "columns"), strict=True)
        ]
        lines += [
            f"            counted = {' * '.join(inside)}",
            "            row.append(sum(window) / counted)  # what lies beyond the padding is not counted",
        ]
    else:
        lines.append(f"            row.append(sum(window) / {'len(window)' if rule == 'input' else rule})")
    lines += ["        output.append(row)", "    Y.append(output)", "print(Y)"]
    return "\n".join(lines) + "\n"


def numpy(grid: Grid, pool: Pooling) -> str:
    """With NumPy and no loop at all; `Y` is an array (C, H', W')."""
    size = grid.shape[1], grid.shape[2]
    overhangs, rule = _overhangs(pool, size), _rule(pool, size)
    extent = pool.padded_extent(size)
    ring = ", ".join(str((-first, stop - n)) for (first, stop), n in zip(extent, size, strict=True))
    value = "-np.inf" if pool.mode == "max" else "0"
    span = tuple((k - 1) * d + 1 for k, d in zip(pool.kernel_size, pool.dilation, strict=True))
    steps = "".join(f", ::{s}" if s > 1 else ", :" for s in pool.stride)
    inner = "".join(f", ::{d}" if d > 1 else ", :" for d in pool.dilation)
    pick = f"[:{steps}{inner if pool.dilation != (1, 1) else ''}]" if {*pool.stride, *pool.dilation} != {1} else ""
    lines = [
        "import numpy as np",
        "from numpy.lib.stride_tricks import sliding_window_view",
        "",
        f"X = np.array({numbers(grid.tolist())})  # (C, H, W) = {grid.shape}",
        "",
    ]
    source = "X"
    if overhangs:
        source = "padded"
        lines.append(f"padded = np.pad(X, [(0, 0), {ring}], constant_values={value})")
    lines += [
        f"windows = sliding_window_view({source}, {span}, axis=(1, 2)){pick}",
        "# windows[n, i, j] is the window of output cell (i, j) of channel n",
    ]
    if pool.mode == "max":
        lines.append("Y = windows.max(axis=(3, 4))")
    elif rule in ("input", "counted"):
        p, q = pool.padding
        shape = size if rule == "input" else (size[0] + 2 * p, size[1] + 2 * q)
        rest = ring if rule == "input" else f"(0, {extent[0][1] - size[0] - p}), (0, {extent[1][1] - size[1] - q})"
        lines += [
            f"counted = np.pad(np.ones((1, {shape[0]}, {shape[1]})), [(0, 0), {rest}])",
            f"divisors = sliding_window_view(counted, {span}, axis=(1, 2)){pick}.sum(axis=(3, 4))",
            "Y = windows.sum(axis=(3, 4)) / divisors",
        ]
    elif pool.divisor_override is None:
        lines.append("Y = windows.mean(axis=(3, 4))")
    else:
        lines.append(f"Y = windows.sum(axis=(3, 4)) / {rule}")
    return "\n".join([*lines, "print(Y.shape)", "print(Y)"]) + "\n"


CODES: dict[str, Callable[[Grid, Pooling], str]] = {"pytorch": pytorch, "loop": loop, "numpy": numpy}


def _overhangs(pool: Pooling, size: Pair) -> bool:
    """Whether any window reaches outside the input."""
    return pool.padded_extent(size) != ((0, size[0]), (0, size[1]))


def _rule(pool: Pooling, size: Pair) -> str:
    """What an average divides by: a number, or "input" or "counted" where it depends on the window."""
    if pool.divisor_override is not None:
        return str(pool.divisor_override)
    if not pool.count_include_pad:
        return "input" if _overhangs(pool, size) else "len(window)"
    kernel = pool.kernel_size[0] * pool.kernel_size[1]
    return str(kernel) if bool((pool.divisors(size) == kernel).all()) else "counted"


def _range(index: str, pool: Pooling, axis: int) -> str:
    """The rows (or columns) of a window as a `range`."""
    kernel, stride, padding, dilation = (
        pair[axis] for pair in (pool.kernel_size, pool.stride, pool.padding, pool.dilation)
    )
    start = index if stride == 1 else f"{index} * {stride}"
    start += f" - {padding}" if padding else ""
    stop = f"{start} + {kernel * dilation}"
    return f"range({start}, {stop}, {dilation})" if dilation > 1 else f"range({start}, {stop})"


def pytorch_refusal(layer: Mapping[str, Any], channels: int, error: PoolingError) -> str:
    """The sentence of PyTorch's own RuntimeError where it refuses what `error` refuses; "" for other refusals.

    `layer` are the refused arguments of `Pooling`.
    """
    if error.code == "output_empty":
        sizes = [error.params["size"], error.params["output"]]
        given, made = (f"({channels}x{size[0]}x{size[1]})" for size in sizes)  # type: ignore[index]
        return f"Given input size: {given}. Calculated output size: {made}. Output size is too small"
    if error.code != "padding_too_large":
        return ""
    arguments = {"padding": 0, "dilation": 1} | dict(layer)
    kernel, padding, dilation = (pair(name, arguments[name], 0) for name in ("kernel_size", "padding", "dilation"))
    for k, p, d in zip(kernel, padding, dilation, strict=True):
        if p > ((k - 1) * d + 1) // 2:
            return f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and dilation={d}"
    return (
        "pad should be smaller than or equal to half of kernel size, but got "
        f"padW = {padding[1]}, padH = {padding[0]}, kW = {kernel[1]}, kH = {kernel[0]}"
    )
