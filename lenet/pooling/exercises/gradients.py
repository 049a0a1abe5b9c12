"""Exercises on the gradient that a pooling layer passes back."""

from __future__ import annotations

from lenet.common.translation import N_
from lenet.exercises.form import ask_number
from lenet.exercises.kinds import Draft, Led, Random, kind
from lenet.exercises.panels import Grid
from lenet.exercises.text import Text, say
from lenet.pooling.arithmetic import Mode, Pooling
from lenet.pooling.exercises.scenes import (
    INPUT,
    SUBJECT,
    distinct,
    numbers,
    params_of,
    window_cells,
)


@kind(
    "pool-gradient", SUBJECT, N_("Where the gradient goes: max"), level=2,
    hint=N_("Look for the windows in which the marked cell holds the maximum: it gets their gradients, and no others."),
    misconceptions={
        "all": N_("You added up the gradients of all windows that hold the cell. Only those count in which it is the maximum."),
        "shared": N_("You divided the gradients among the cells of a window. Max pooling gives all of it to the cell that wins."),
        "one": N_("You counted one window only. Where windows overlap, a cell gets the gradients of all that it wins."),
        "value": N_("This is the number in the cell. What arrives there is the gradient of the outputs that took it."),
        "none": N_("The cell does win a window, so the gradient of that output arrives."),
    },
)  # fmt: skip
def max_gradient(random: Random) -> Draft | None:
    return _gradient(random, "max")


@kind(
    "pool-average-gradient", SUBJECT, N_("Where the gradient goes: average"), level=3,
    hint=N_("Each window gives every one of its {count} cells the same share of its gradient."),
    misconceptions={
        "undivided": N_("You gave the cell whole gradients. Of each window it gets 1/{count}, its share of the mean."),
        "one": N_("You counted one window only. The marked cell lies in several: their shares add up."),
        "side": N_("You divided by {kernel}, the side of the window. The mean divides by all {count} cells."),
        "winner": N_("This is how max pooling passes gradients back. An average gives a share to each cell, however large its number."),
    },
)  # fmt: skip
def average_gradient(random: Random) -> Draft | None:
    return _gradient(random, "avg")


def _gradient(random: Random, mode: Mode) -> Draft | None:
    side, kernel = 4, int(random.integers(2, 4))
    x, pool = distinct(random, (side, side), 0), Pooling(mode, kernel, 1)
    out = pool.output_size((side, side))
    arriving = numbers(random, out, 1, 9)
    cell = int(random.integers(1, side - 1)), int(random.integers(1, side - 1))
    holding = [(i, j) for i in range(out[0]) for j in range(out[1]) if cell in window_cells(pool, (i, j))]
    winners = Pooling("max", kernel, 1).argmax(x)
    won = [(i, j) for i, j in holding if winners[i, j] == cell[0] * side + cell[1]]
    if mode == "max" and not won:
        return None
    everything, of_won = (sum(float(arriving[at]) for at in which) for which in (holding, won))
    shares = kernel**2 if mode == "avg" else 1
    mistakes: dict[str, Led] = {
        "all": everything,
        "shared": [everything / kernel**2, of_won / kernel**2],
        "one": [float(arriving[at]) / shares for at in (won if mode == "max" else holding)],
        "value": float(x[cell]),
        "none": 0.0,
        "undivided": everything,
        "side": everything / kernel,
        "winner": of_won,
    }
    params = params_of(pool, cell)
    question = N_(
        "{mode} with a {kernel}×{kernel} window and stride {stride}. The second grid holds the gradients that arrive at its output. Which "
        "gradient arrives at the marked cell of the input?"
    )
    terms = " + ".join(say(float(arriving[at])) for at in (won if mode == "max" else holding))
    answer = float(pool.gradient(x, arriving)[cell])
    won_words = Text(N_("It is the maximum of windows whose gradients are {terms}."), {"terms": terms})
    mean = Text("({terms})/{count} = {answer}", {"terms": terms, "count": kernel**2, "answer": answer})
    return Draft(
        Text(question, params), ask_number(0 if mode == "max" else 2), answer, mistakes,
        won_words if mode == "max" else mean,
        (Grid(INPUT, x, marked=frozenset({cell})), Grid(Text(N_("Gradient of the output")), arriving, "←", shown=frozenset(won if mode == "max" else holding))),
        params, {"x": x, "pool": pool, "cell": cell, "arriving": arriving},
    )  # fmt: skip
