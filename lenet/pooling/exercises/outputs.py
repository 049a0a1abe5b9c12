"""Exercises on one output of a pooling layer, and on the cell that it comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common.translation import N_
from lenet.exercises.form import ask_cell, ask_number
from lenet.exercises.kinds import Draft, Random, kind
from lenet.exercises.panels import Grid
from lenet.exercises.text import Text
from lenet.pooling.arguments import Pair
from lenet.pooling.arithmetic import Pooling
from lenet.pooling.exercises.scenes import (
    INPUT,
    SUBJECT,
    listed,
    mean_sum,
    numbers,
    one_step,
    output_grid,
    params_of,
    scene,
    window_cells,
    window_numbers,
)

STRIDE_FORGOTTEN = N_(
    "This is the answer for a window that moves one cell at a time. Here it moves {stride} from one output cell to the next."
)


@kind(
    "pool-max", SUBJECT, N_("One output of max pooling"), level=1,
    hint=N_("Place the {kernel}×{kernel} window on the input and look for its largest number."),
    misconceptions={
        "mean": N_("This is the mean of the window. Max pooling keeps its largest number."),
        "sum": N_("This is the sum of the window. Max pooling keeps its largest number."),
        "stride": STRIDE_FORGOTTEN,
        "everywhere": N_("This is the largest number of the whole input. Each output looks at its own window only."),
        "size": N_(
            "You took the number that is furthest from 0. It is negative, and max pooling keeps the largest number: one that is "
            "less negative, or positive."
        ),
    },
)  # fmt: skip
def one_max(random: Random) -> Draft | None:
    x, pool, cell = scene(random, "max")
    window, moved = window_numbers(x, pool, cell), window_numbers(x, one_step(pool), cell)
    if pool.stride == (1, 1) or cell == (0, 0):
        return None
    return one_output(
        x, pool, cell, decimals=0,
        mistakes={
            "mean": float(window.mean()),
            "sum": float(window.sum()),
            "stride": float(moved.max()),
            "everywhere": float(x.max()),
            "size": float(window.flat[np.abs(window).argmax()]),
        },
        solution=Text("max({numbers}) = {answer}", {"numbers": listed(window), "answer": float(window.max())}),
    )  # fmt: skip


@kind(
    "pool-average", SUBJECT, N_("One output of average pooling"), level=1,
    hint=N_("Add up the numbers of the {kernel}×{kernel} window and divide by how many there are."),
    misconceptions={
        "sum": N_("This is the sum of the window: it still has to be divided by its {count} numbers."),
        "side": N_(
            "You divided by {kernel}, the side of the window. A window of {kernel}×{kernel} has {count} numbers to divide by."
        ),
        "max": N_("This is the largest number of the window: max pooling would keep it. Average pooling takes the mean."),
        "stride": STRIDE_FORGOTTEN,
    },
)  # fmt: skip
def one_average(random: Random) -> Draft | None:
    x, pool, cell = scene(random, "avg", low=0)
    window, moved = window_numbers(x, pool, cell), window_numbers(x, one_step(pool), cell)
    if cell == (0, 0):
        return None
    return one_output(
        x, pool, cell, decimals=2,
        mistakes={
            "sum": float(window.sum()),
            "side": float(window.sum()) / pool.kernel_size[0],
            "max": float(window.max()),
            "stride": float(moved.mean()) if pool.stride != (1, 1) else None,
        },
        solution=mean_sum(window, window.size),
    )  # fmt: skip


@kind(
    "pool-winner", SUBJECT, N_("The cell that wins"), level=1,
    hint=N_("Only the cells of the window compete: the largest of them wins."),
    misconceptions={
        "everywhere": N_("This cell holds the largest number of the input, but it lies outside of the window."),
        "size": N_("This number is furthest from 0, but it is negative: any number above it is larger."),
        "smallest": N_("This cell holds the smallest number of the window. In max pooling the largest one wins."),
        "stride": STRIDE_FORGOTTEN,
    },
)  # fmt: skip
def winner(random: Random) -> Draft | None:
    x, pool, cell = scene(random, "max", each_once=True)
    if cell == (0, 0):
        return None

    def place(window: NDArray[Any], at: int, of: Pooling) -> tuple[float, float]:
        row, column = divmod(at, window.shape[1])
        return float(row + cell[0] * of.stride[0]), float(column + cell[1] * of.stride[1])

    window, one = window_numbers(x, pool, cell), one_step(pool)
    moved = window_numbers(x, one, cell)
    return Draft(
        Text(
            N_("A {kernel}×{kernel} max pooling with stride {stride}: which input cell becomes row {row}, column {column} of the output?"),
            params_of(pool, cell),
        ),
        ask_cell(x.shape),
        place(window, int(window.argmax()), pool),
        {
            "everywhere": divmod(int(x.argmax()), x.shape[1]),
            "smallest": place(window, int(window.argmin()), pool),
            "size": place(window, int(np.abs(window).argmax()), pool),
            "stride": place(moved, int(moved.argmax()), one),
        },
        Text(N_("The largest number of the window is {answer}."), {"answer": float(window.max())}),
        (Grid(INPUT, x, shown=window_cells(pool, cell), asks=True), output_grid(x, pool, cell)),
        params_of(pool, cell), {"x": x, "pool": pool, "cell": cell},
    )  # fmt: skip


@kind(
    "pool-padded-average", SUBJECT, N_("An average at the edge"), level=2,
    hint=N_("Padding adds zeros to the sum. What decides is how many cells the sum is divided by."),
    misconceptions={
        "divisor": N_(
            "You divided by {other}. With count_include_pad={include}, the sum is divided by {divisor}: that is how many cells "
            "of the window count."
        ),
        "sum": N_("This is the sum of the window: it still has to be divided by {divisor}."),
        "side": N_("You divided by {kernel}, the side of the window, and not by a number of cells."),
    },
)  # fmt: skip
def padded_average(random: Random) -> Draft | None:
    x, include = numbers(random, (3, 4), 0, 9), bool(random.integers(2))
    kernel = int(random.integers(2, 4))
    pool = Pooling("avg", kernel, kernel, 1, count_include_pad=include)
    size = pool.output_size((3, 4))
    cell = int(random.integers(size[0])), int(random.integers(size[1]))
    window = pool.window(*cell, (3, 4))
    inside = np.array([x[r, c] for r, c, what in window.cells if what == "input"])
    counted, divisor = window.count("input") + window.count("padding"), window.divisor or 1
    other = counted + len(inside) - divisor
    if counted == len(inside):
        return None
    params = params_of(pool, cell) | {"include": str(include), "divisor": divisor, "other": other}
    question = N_(
        "A {kernel}×{kernel} average pooling with stride {stride}, padding {padding} and count_include_pad={include}: which number "
        "stands in row {row}, column {column} of the output?"
    )
    return Draft(
        Text(question, params), ask_number(2), float(pool(x)[cell]),
        {
            "divisor": float(inside.sum()) / other,
            "sum": float(inside.sum()),
            "side": float(inside.sum()) / kernel,
        },
        mean_sum(inside, divisor),
        (Grid(INPUT, x, shown=window_cells(pool, cell), padding=pool.padding), output_grid(x, pool, cell)),
        params, {"x": x, "pool": pool, "cell": cell},
    )  # fmt: skip


@kind(
    "pool-negative", SUBJECT, N_("A maximum of negative numbers"), level=2,
    hint=N_("The padding of max pooling never wins. Compare the numbers of the input that lie in the window."),
    misconceptions={
        "zero": N_("Padding does not hold 0 here: max pooling pads with −∞, which is never larger than a number."),
        "size": N_("{wrong} is furthest from 0, but it is the smallest number of the window, not the largest."),
        "stride": STRIDE_FORGOTTEN,
    },
)  # fmt: skip
def negative(random: Random) -> Draft | None:
    x = numbers(random, (4, 4), -9, 0)
    pool = Pooling("max", 3, int(random.integers(1, 3)), 1)
    size = pool.output_size((4, 4))
    cell = int(random.integers(size[0])), int(random.integers(size[1]))
    inside = [x[r, c] for r, c, what in pool.window(*cell, (4, 4)).cells if what == "input"]
    one = one_step(pool)
    params = params_of(pool, cell) | {"wrong": float(min(inside))}
    question = N_(
        "A {kernel}×{kernel} max pooling with stride {stride} and padding {padding}: which number stands in row {row}, column {column} "
        "of the output?"
    )
    if len(inside) == 9:
        return None
    return Draft(
        Text(question, params), ask_number(), float(pool(x)[cell]),
        {"zero": 0.0, "size": float(min(inside)), "stride": float(one(x)[cell]) if pool.stride != (1, 1) else None},
        Text("max({numbers}) = {answer}", {"numbers": listed(np.array(inside)), "answer": float(max(inside))}),
        (Grid(INPUT, x, shown=window_cells(pool, cell), padding=(1, 1), padding_text="−∞", padding_hidden=True), output_grid(x, pool, cell)),
        params, {"x": x, "pool": pool, "cell": cell},
    )  # fmt: skip


def one_output(
    x: NDArray[np.float64], pool: Pooling, cell: Pair, *, decimals: int, mistakes: dict[str, float | None], solution: Text
) -> Draft:  # fmt: skip
    params = params_of(pool, cell)
    question = N_(
        "{mode} with a {kernel}×{kernel} window and stride {stride}: which number stands in row {row}, column {column} of the output?"
    )
    figure = Grid(INPUT, x, shown=window_cells(pool, cell)), output_grid(x, pool, cell)
    return Draft(
        Text(question, params), ask_number(decimals), float(pool(x)[cell]), mistakes, solution, figure, params,
        {"x": x, "pool": pool, "cell": cell},
    )  # fmt: skip
