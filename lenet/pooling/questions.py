"""What the lessons of the pooling page ask. Every right answer is computed by `lenet.pooling` from the lesson's settings.

Each function takes the settings before the answer and those after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import grid as grids
from lenet.common.translation import N_
from lenet.exercises import Question, Text
from lenet.grid import Grid, tidy
from lenet.lessons import Option, choose, compare
from lenet.lessons.lesson import Settings
from lenet.pooling import robustness, stacking
from lenet.pooling.arguments import Pair, PoolingError
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.examples import EXAMPLES, PADDINGS


def shown(settings: Settings) -> tuple[Grid, Pooling]:
    """The grid and the layer that the page shows with these settings of a lesson."""
    example = EXAMPLES[settings["preset"]]
    grid = grids.from_url(settings["grid"]) if "grid" in settings else example.grid()
    mode = settings.get("mode", "max")
    kernel = settings.get("kernel", example.kernel_size)
    stride, padding = settings.get("stride", example.stride), settings.get("padding", example.padding)
    return grid, Pooling(mode, kernel, stride, padding, ceil_mode=settings.get("ceil", False))


def _size(grid: Grid) -> Pair:
    return grid.shape[1], grid.shape[2]


def _listed(numbers: NDArray[Any]) -> str:
    return ", ".join(map(tidy, numbers.ravel().tolist()))


def _reasons(params: dict[str, Any], **mistakes: tuple[Any, str]) -> dict[str, tuple[Any, Text]]:
    return {name: (value, Text(why, params)) for name, (value, why) in mistakes.items()}


def window(before: Settings, _after: Settings) -> Question:
    grid, layer = shown(before)
    cells = np.array(layer.terms(grid[0], 0, 0))
    mean, total, first = float(cells.mean()), float(cells.sum()), float(cells[0])
    told = {"numbers": _listed(cells), "mean": mean, "sum": total, "first": first}
    return compare(
        Text(N_("The window lies on {numbers}. Which number does max pooling make of them?"), told),
        (float(layer(grid)[0, 0, 0]), Text(N_("Max pooling keeps the largest number of the window."))),
        _reasons(
            told,
            mean=(mean, N_("{mean} is the mean of {numbers}: average pooling gives that.")),
            sum=(total, N_("{sum} is the sum of {numbers}. Pooling does not add up.")),
            first=(first, N_("{first} is the first number. Which one is kept depends on size, not on place.")),
        ),
    )


def stride(before: Settings, after: Settings) -> Question:
    grid, layer = shown(before)
    size, kernel, step = _size(grid), layer.kernel_size, layer.stride[0]
    smaller = shown(after)[1]
    out, found = layer.output_size(size), smaller.output_size(size)
    told = {
        "n": size[0],
        "kernel": kernel,
        "k": kernel[0],
        "old": step,
        "new": smaller.stride[0],
        "out": out,
        "places": found[0],
    }
    return compare(
        Text(N_("The window moves {old} cells at a time, and the output is {out}. How large is it with a stride of {new}?"), told),
        (found, Text(N_("A window of {k} cells has {n} − {k} + 1 = {places} places in a row of {n}."), told)),
        _reasons(
            told,
            same=(out, N_("The window keeps its size, but with smaller steps it stops at more places.")),
            input=(size, N_("The window would have to begin at every cell. At the last one it does not fit in any more.")),
            smaller=((max(1, out[0] // step), max(1, out[1] // step)), N_("Smaller steps lead to more places, not to fewer.")),
        ),
    )  # fmt: skip


def zero(before: Settings, _after: Settings) -> Question:
    grid, layer = shown(before)
    terms = np.array(layer.terms(grid[0], 0, 0))
    cells = terms[np.isfinite(terms)]
    farthest = float(cells[np.abs(cells).argmax()])
    told = {"numbers": _listed(cells), "n": len(terms) - len(cells), "farthest": farthest}
    return compare(
        Text(N_("The window at the upper left lies on {numbers}, and on {n} cells of padding. Which is its maximum for PyTorch?"), told),
        (float(layer(grid)[0, 0, 0]), Text(N_("PyTorch pads a maximum with −∞, which is never larger than a number: padding never wins."))),
        _reasons(
            told,
            zero=(0.0, N_("An average and a convolution do pad with 0. A maximum of 0 would be a number that stands nowhere in the input.")),
            farthest=(farthest, N_("{farthest} is the farthest from 0, and that is the smallest of these numbers.")),
        ),
    )  # fmt: skip


def divisor(before: Settings, _after: Settings) -> Question:
    grid, layer = shown(before)
    size = _size(grid)
    kinds = [kind for _row, _column, kind in layer.window(0, 0, size).cells]
    inside, outside = kinds.count("input"), kinds.count("padding")
    total = float(np.sum(layer.terms(grid[0], 0, 0)))
    told = {"sum": total, "inside": inside, "outside": outside, "all": len(kinds), "k": layer.kernel_size[0]}
    return compare(
        Text(N_("The window at the upper left lies on {inside} cells of the input, whose sum is {sum}, and on {outside} cells of padding, which count as 0. By what is the sum divided?"), told),
        (int(layer.divisors(size)[0, 0]), Text(N_("Padding counts like any other cell, so the average is over all {all} cells of the window."), told)),
        _reasons(
            told,
            inside=(inside, N_("That leaves the padding out. PyTorch does so only if asked: count_include_pad=False.")),
            side=(layer.kernel_size[0], N_("{k} is the side of the window. It has {k} · {k} cells.")),
            grid=(size[0] * size[1], N_("That is all of the input. Each window has an average of its own.")),
        ),
    )  # fmt: skip


def rounding(before: Settings, after: Settings) -> Question:
    grid, layer = shown(before)
    size, kernel, step = _size(grid), layer.kernel_size, layer.stride[0]
    out, found = layer.output_size(size), shown(after)[1].output_size(size)
    every = Pooling("max", kernel, 1).output_size(size)
    told = {"n": size[0], "k": kernel[0], "s": step, "out": out, "places": found[0]}
    return compare(
        Text(N_("{n} cells in a row, windows of {k} with a stride of {s}: ({n} − {k})/{s} is no whole number. Rounded down, the output is {out}. How large is it rounded up?"), told),
        (found, Text(N_("⌈({n} − {k})/{s}⌉ + 1 = {places}: one more window begins in the last row and column, and reaches beyond the input."), told)),
        _reasons(
            told,
            down=(out, N_("That is rounded down, as PyTorch does unless asked: the last row and column are left out.")),
            every=(every, N_("That many windows would begin with a stride of 1.")),
            input=(size, N_("Rounding up adds one window at the end, it does not bring the old size back.")),
        ),
    )  # fmt: skip


def channels(before: Settings, after: Settings) -> Question:
    (grid, layer), changed = shown(before), shown(after)[0]
    [[channel, row, column]] = np.argwhere(grid != changed).tolist()
    hit = layer(grid) != layer(changed)
    right = "both" if hit[1 - channel].any() else "own" if hit.sum() > 1 else "one"
    told = {"n": channel + 1, "row": row + 1, "column": column + 1, "value": float(changed[channel, row, column])}
    return choose(
        Text(N_("In channel {n}, the number in row {row}, column {column} becomes {value}. Which outputs change?"), told),
        {
            "one": Option(
                Text(N_("One of channel {n}"), told),
                Text(N_("Windows overlap here: this cell lies in several, and in each of them it is the largest now.")),
            ),
            "own": Option(
                Text(N_("Several of channel {n}"), told),
                Text(N_("The cell lies in several windows, and a window of pooling never mixes channels.")),
            ),
            "both": Option(
                Text(N_("Some of both channels")),
                Text(N_("A convolution adds its channels up. Pooling goes through each channel by itself.")),
            ),
        },
        right,
    )  # fmt: skip


def fit(before: Settings, after: Settings) -> Question:
    (grid, _layer), kernel = shown(before), after["kernel"]
    size = _size(grid)
    right = next(padding for padding in range(PADDINGS[1] + 1) if _accepts(kernel, padding, size))
    n = size[0]
    told = {"n": n, "k": kernel, "both": 2 * right, "padding": right, "most": kernel // 2}
    return compare(
        Text(N_("How much padding does a {k}×{k} window need at least on this {n}×{n} input?"), told),
        (right, Text(N_("Padding lies on both sides: {n} + 2·{padding} = {k} cells, and the window fits once."), told)),
        _reasons(
            told,
            none=(0, N_("PyTorch adds no padding by itself: a window larger than its input is refused.")),
            one_side=(kernel - n, N_("That many cells are missing, but padding is added on both sides.")),
            too_much=(kernel - kernel // 2, N_("PyTorch refuses a padding above half a window, {most} here: a window might lie on padding alone.")),
        ),
    )  # fmt: skip


def _accepts(kernel: int, padding: int, size: Pair) -> bool:
    try:
        Pooling("max", kernel, 1, padding).output_size(size)
    except PoolingError:
        return False
    return True


def shift(before: Settings, _after: Settings) -> Question:
    grid, layer = shown(before)
    exact = {n: robustness.moved(grid, layer, n)["max"].change == 0 for n in robustness.AMOUNTS["shift"][1:]}
    step, kernel = layer.stride[1], layer.kernel_size[1]
    right = "every" if all(exact.values()) else "multiples" if any(exact.values()) else "none"
    told = {"k": kernel, "s": step, "multiples": ", ".join(str(n * step) for n in (1, 2, 3))}
    return choose(
        Text(N_("The boot is moved to the right, then pooled ({k}×{k}, stride {s}). After which shifts is the pooled picture exactly the old one, only moved?"), told),
        {
            "every": Option(
                Text(N_("After every shift")),
                Text(N_("Pooling forgets a little of where things are, but after a shift by 1 its windows hold other numbers than before.")),
            ),
            "multiples": Option(
                Text(N_("After {multiples} … cells"), told),
                Text(N_("After a multiple of the stride, each window lies on the same numbers as its neighbour did before."), told),
            ),
            "none": Option(
                Text(N_("After none")),
                Text(N_("The windows stand {s} cells apart: once the boot has moved that far, the next window meets just the same numbers."), told),
            ),
        },
        right,
    )  # fmt: skip


def noise(before: Settings, after: Settings) -> Question:
    grid, layer = shown(before)
    found = robustness.responses(grid, layer, "noise", after["noise"])
    right = "avg" if found["avg"].change < found["max"].change else "max"
    return choose(
        Text(N_("Every pixel of the boot is changed a little, at random. Which pooled picture shows less of this noise?")),
        {
            "max": Option(
                Text(N_("Max pooling’s")),
                Text(N_("Max pooling ignores most cells, but it keeps the largest: often the one that the noise has raised most.")),
            ),
            "avg": Option(
                Text(N_("Average pooling’s")),
                Text(N_("What is too much in one cell and too little in another cancels in their mean.")),
            ),
        },
        right,
    )  # fmt: skip


def gradient(before: Settings, _after: Settings) -> Question:
    grid, layer = shown(before)
    size = _size(grid)
    row, column = divmod(int(grid[0].argmax()), size[1])
    largest = float(grid.max())
    received = layer.gradient(grid, np.ones((1, *layer.output_size(size))))
    told = {"value": largest, "row": row + 1, "column": column + 1, "n": float(received[0, row, column])}
    return compare(
        Text(N_("Training sends a gradient of 1 back to each output cell. How much of all that reaches the {value} in row {row}, column {column}?"), told),
        (told["n"], Text(N_("It holds the maximum of {n} windows. Each passes its whole gradient to it, and they add up."), told)),
        _reasons(
            told,
            one=(1.0, N_("One window would give 1. But this cell holds the maximum of several, and their gradients add up.")),
            value=(largest, N_("The gradient does not depend on how large the number is, only on where it is the largest.")),
            none=(0.0, N_("Pooling has nothing to learn, but it passes the gradient on to the layers before it.")),
        ),
    )  # fmt: skip


def stack(before: Settings, after: Settings) -> Question:
    grid, layer = shown(before)
    n = after["pools"]
    found = stacking.stack(grid, [layer] * n)[-1].field
    k = layer.kernel_size[0]
    told = {"n": n, "k": k, "s": layer.stride[0], "product": " · ".join([str(layer.stride[0])] * n), "side": found[0]}
    slow = 1 + n * (k - 1)
    return compare(
        Text(N_("{n} poolings follow one another, each {k}×{k} with a stride of {s}. How many cells of the input does a cell of the last map see?"), told),
        (found, Text(N_("Each pooling doubles the side that a cell sees: {product} = {side}."), told)),
        _reasons(
            told,
            last=((k, k), N_("It sees {k}×{k} cells of the map before it, and each of those sees several of the one before.")),
            stride_1=((slow, slow), N_("With a stride of 1 the windows overlap, and each pooling adds one row and one column.")),
            added=((n * k, n * k), N_("The sides do not add up: every cell that is seen stands for a whole window.")),
        ),
    )  # fmt: skip
