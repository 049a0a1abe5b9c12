"""What the lessons of the convolution page ask. Every right answer is computed by `lenet.convolution` from the lesson's
settings.

Each function takes the settings before the answer and those after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lenet import grid as grids
from lenet.common.activations import ACTIVATIONS
from lenet.common.translation import N_
from lenet.convolution.arithmetic import Array, Convolution
from lenet.convolution.examples import EXAMPLES
from lenet.convolution.learning import TASKS, Task, weight_terms
from lenet.exercises import Question, Text
from lenet.grid import Grid, tidy
from lenet.lessons import Option, choose, compare
from lenet.lessons.lesson import Settings

FIRST = (0, 0, 0, 0)
"""The weight in the upper left corner of the first kernel's first channel."""
MANY_STEPS = 30
DIGITS = 3


def shown(settings: Settings) -> tuple[Grid, Convolution, str]:
    """The grid, the layer and the activation that the page shows with these settings of a lesson."""
    example = EXAMPLES[settings["example"]]
    own = example.layer()
    weight = np.array(own.weight)
    if "weights" in settings:
        weight = np.array(grids.from_url(settings["weights"]))[None]
    stride = settings.get("conv_stride", own.stride[0])
    padding = settings.get("conv_padding", int(own.padding[0]))
    bias = np.zeros(len(weight)) if own.bias is None else np.array(own.bias)
    bias[0] = settings.get("bias", bias[0])
    activation = settings.get("activation", example.activation or "none")
    return example.grid(), Convolution(weight, bias, stride, padding), "" if activation == "none" else activation


def output(settings: Settings) -> Array:
    """What comes out, activation included."""
    grid, layer, activation = shown(settings)
    return ACTIVATIONS[activation].function(layer(grid)) if activation else layer(grid)


def _reasons(params: Mapping[str, Any], **mistakes: tuple[Any, str]) -> dict[str, tuple[Any, Text]]:
    return {name: (value, Text(why, params)) for name, (value, why) in mistakes.items()}


def window(before: Settings, _after: Settings) -> Question:
    grid, layer, _activation = shown(before)
    terms = layer.terms(grid, 0, 0, 0)
    cells, weights = terms.values[0], layer.weight[0, 0]
    products = cells * weights
    turned, total = float((cells * weights[::-1, ::-1]).sum()), float(cells.sum())
    largest = float(products.max())
    told = {"products": " + ".join(f"{tidy(x)}·{tidy(w)}" for x, w in zip(cells.flat, weights.flat, strict=True))}
    return compare(
        Text(N_("The kernel lies on the upper left window. Which number comes out there?")),
        (float(output(before)[0, 0, 0]), Text(N_("Each cell times the weight that lies on it, and all products added: {products}."), told)),
        _reasons(
            told,
            turned=(turned, N_("That turns the kernel by 180° first, as in mathematics. Networks lay it on the input as it is written.")),
            cells=(total, N_("That adds up the cells of the window. Each has to be multiplied by its weight before.")),
            largest=(largest, N_("That is the largest of the products. A convolution adds them all up.")),
        ),
    )  # fmt: skip


def edges(before: Settings, _after: Settings) -> Question:
    layer = shown(before)[1]
    sides, row = layer.kernel_size, ", ".join(map(tidy, layer.weight[0, 0, 0].tolist()))
    half = np.arange(sides[1]) > sides[1] // 2 - 1
    patterns = {"vertical": np.tile(half, (sides[0], 1)), "horizontal": np.tile(half[:, None], (1, sides[1]))}
    patterns["bright"] = np.ones(sides, bool)
    answers = {name: abs(float((layer.weight[0, 0] * cells).sum())) for name, cells in patterns.items()}
    right = max(answers, key=answers.__getitem__)
    return choose(
        Text(N_("Each row of the kernel is {row}. Where will its output be large?"), {"row": row}),
        {
            "bright": Option(
                Text(N_("On every bright area")),
                Text(
                    N_("Inside a bright area all cells are alike, and weights of −1 and 1 cancel: the output is 0.")
                ),
            ),
            "horizontal": Option(
                Text(N_("At horizontal edges")),
                Text(
                    N_("Along a horizontal edge, the left and the right column of a window are alike: they cancel.")
                ),
            ),
            "vertical": Option(
                Text(N_("At vertical edges")),
                Text(N_("It subtracts the left column from the right one: what is left is large where they differ.")),
            ),
        },
        right,
    )


def blur(before: Settings, _after: Settings) -> Question:
    grid, layer, _activation = shown(before)
    made, flat = output(before)[0], float(layer.weight[0].sum())
    steps = [float(np.abs(np.diff(values)).mean()) for values in (grid[0], made)]
    right = "outlines" if abs(flat) < 1e-9 else "soft" if steps[1] < steps[0] else "same"
    return choose(
        Text(N_("All nine weights of this kernel are 1/9. What will it make of the boot?")),
        {
            "same": Option(
                Text(N_("The same boot")),
                Text(N_("For that, the weight in the middle would have to be 1 and all others 0.")),
            ),
            "soft": Option(
                Text(N_("A blurred boot")),
                Text(N_("Each output cell is the mean of nine: neighbours become more alike.")),
            ),
            "outlines": Option(
                Text(N_("Its outlines alone")),
                Text(N_("For that, positive and negative weights would have to cancel. All of these are positive.")),
            ),
        },
        right,
    )


def channels(before: Settings, _after: Settings) -> Question:
    grid, layer, _activation = shown(before)
    terms = layer.terms(grid, 0, 0, 0)
    sums = [float(part) for part in (terms.values * layer.weight[0]).sum(axis=(1, 2))]
    told = {f"sum{n}": part for n, part in enumerate(sums, 1)}
    values = {"mean": float(np.mean(sums)), "largest": max(sums), "total": sum(sums)}
    found = float(output(before)[0, 0, 0])
    right = next(name for name, value in values.items() if value == found)
    return choose(
        Text(N_("In the upper left window, the products of channel 1 sum to {sum1}, those of channel 2 to {sum2}. What comes out?"), told),
        {
            "both": Option(
                Text(N_("{sum1} and {sum2}"), told),
                Text(N_("Pooling would keep the channels apart. A kernel of a convolution makes one output channel of all of them.")),
            ),
            "mean": Option(Text("{value}", {"value": values["mean"]}), Text(N_("That is their mean. Nothing is divided here."))),
            "largest": Option(Text("{value}", {"value": values["largest"]}), Text(N_("That is the larger one. No channel is left out."))),
            "total": Option(
                Text("{value}", {"value": values["total"]}),
                Text(N_("The sums of all channels are added up: {sum1} + {sum2}."), told),
            ),
        },
        right,
    )  # fmt: skip


def bias(before: Settings, _after: Settings) -> Question:
    grid, layer, _activation = shown(before)
    total = float((layer.terms(grid, 0, 0, 0).values * layer.weight[0]).sum())
    added = float(before["bias"])
    told = {"sum": total, "bias": added, "biased": total + added}
    return compare(
        Text(N_("In the upper left window the products sum to {sum}. Then come a bias of {bias} and ReLU. Which number comes out?"), told),
        (float(output(before)[0, 0, 0]), Text(N_("{sum} + {bias} = {biased}, and ReLU makes 0 of everything below 0."), told)),
        _reasons(
            told,
            sum=(total, N_("That is the sum alone: the bias and ReLU come after it.")),
            biased=(total + added, N_("That is the sum with its bias. ReLU comes after it, and no negative number passes it.")),
            order=(max(total, 0.0) + added, N_("That adds the bias after ReLU. It belongs to the sum, and comes first.")),
            size=(abs(total + added), N_("ReLU does not drop the sign: it makes 0 of a negative number.")),
        ),
    )  # fmt: skip


def size(before: Settings, after: Settings) -> Question:
    (grid, layer, _activation), other = shown(before), shown(after)[1]
    n, k, p, s = grid.shape[1], layer.kernel_size[0], int(layer.padding[0]), other.stride[0]
    out, found = layer.output_size((n, n)), other.output_size((n, n))
    told = {"n": n, "k": k, "p": p, "s": s, "out": out, "places": found[0]}
    without, up = (n - k) // s + 1, -(-(n + 2 * p - k) // s) + 1
    return compare(
        Text(N_("{n}×{n} cells, padding {p}, a {k}×{k} kernel: with a stride of 1 the output is {out}. How large is it with a stride of {s}?"), told),
        (found, Text(N_("⌊({n} + 2·{p} − {k})/{s}⌋ + 1 = {places}: of the places that stride 1 has, every second one is left."), told)),
        _reasons(
            told,
            same=(out, N_("That is the size with a stride of 1. With larger steps the kernel stops at fewer places.")),
            no_padding=((without, without), N_("That forgets the padding: the kernel moves over {n} + 2·{p} cells.")),
            up=((up, up), N_("That is rounded up. A convolution rounds down: a kernel that does not fit in any more makes no output.")),
        ),
    )  # fmt: skip


# -- how a kernel learns -----------------------------------------------------------------------------------------------


def places(before: Settings, _after: Settings) -> Question:
    task = TASKS[before["task"]]
    layer = task.first
    found = len(weight_terms(layer, task.grid, np.ones_like(task.target), FIRST))
    told = {"n": found, "rows": task.target.shape[1], "k": layer.weight.size}
    return compare(
        Text(N_("To learn, a weight needs its gradient: how the loss changes with it. How many places of the output have a say in that of one weight?")),
        (found, Text(N_("The kernel has stopped at all {rows} · {rows} places with the same weight. Each adds a term: the input cell under the weight times what arrives there."), told)),
        _reasons(
            told,
            one=(1, N_("A weight has no place of its own: the same one lies on every window in turn.")),
            weights=(layer.weight.size, N_("That is how many weights the kernel has, and each has a gradient of its own.")),
            cells=(task.grid.size, N_("That is how many cells the input has. There are fewer places: the kernel must fit in.")),
        ),
    )  # fmt: skip


def step(before: Settings, _after: Settings) -> Question:
    task, rate = TASKS[before["task"]], before["rate"]
    layer = task.first
    weight, gradient = float(layer.weight[FIRST]), round(float(task.gradients(layer).weight[FIRST]), DIGITS)
    told = {"weight": weight, "gradient": gradient, "rate": rate}

    def rounded(value: float) -> float:
        return round(value, DIGITS)

    return compare(
        Text(N_("The weight at the upper left is {weight}, its gradient {gradient}. What is it after a step with a learning rate of {rate}?"), told),
        (rounded(float(task.step(layer, rate).weight[FIRST])), Text(N_("{weight} − {rate} · {gradient}: a step goes against the gradient, as that is where the loss falls."), told)),
        _reasons(
            told,
            up=(rounded(weight + rate * gradient), N_("That goes with the gradient, where the loss grows.")),
            whole=(rounded(weight - gradient), N_("That forgets the learning rate, which says how far a step goes.")),
            change=(rounded(-rate * gradient), N_("That is the change. It is added to the weight.")),
        ),
    )  # fmt: skip


def losses(task: Task, rate: float, steps: int) -> list[float]:
    """The loss before and after each of so many steps."""
    layer, found = task.first, []
    for _step in range(steps):
        found.append(task.loss(layer))
        layer = task.step(layer, rate)
    return [*found, task.loss(layer)]


def rate(before: Settings, after: Settings) -> Question:
    task = TASKS[before["task"]]
    first, *_others, last = losses(task, after["rate"], MANY_STEPS)
    right = "grows" if last > first else "falls" if last < losses(task, before["rate"], MANY_STEPS)[-1] else "slower"
    told = {"rate": before["rate"], "larger": after["rate"]}
    return choose(
        Text(N_("With a learning rate of {rate} the loss falls from step to step. What does it do with one of {larger}?"), told),
        {
            "falls": Option(
                Text(N_("It falls faster")),
                Text(N_("Larger steps help up to a point. These go so far past the minimum that they end higher than they began.")),
            ),
            "slower": Option(
                Text(N_("It falls more slowly")),
                Text(N_("Steps that go past the minimum can be slow. These end higher than they began, every time.")),
            ),
            "grows": Option(
                Text(N_("It grows without end")),
                Text(N_("Each step goes past the minimum and ends higher on the other side, where the gradient is larger still.")),
            ),
        },
        right,
    )  # fmt: skip
