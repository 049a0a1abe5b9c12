"""What the lessons of the kernel page ask. Every right answer is computed from the kernels of the lesson's run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import runs
from lenet.common.formatting import decimals
from lenet.common.translation import N_
from lenet.exercises import Question, Text
from lenet.kernels import note
from lenet.kernels.history import History, Kernels, read_history
from lenet.kernels.matching import STRONG, align, chance, correlations
from lenet.kernels.responses import ANGLES, edge_responses
from lenet.kernels.similarity import trajectories, vectors
from lenet.lessons import Option, choose, compare
from lenet.lessons.lesson import Settings

ALIKE = 0.9
"""From this cosine on, a kernel has kept its pattern."""
GROWN = 1.5
"""So many times as long, a kernel has grown."""


CLEARLY = 1.5
"""So many times as strongly, a kernel prefers one edge to another."""


def history_of(before: Settings) -> History:
    return read_history(runs.find(before["run"]))


# -- the edge detector ---------------------------------------------------------------------------------------------------


def preference(kernels: Kernels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each kernel the largest response to a vertical edge that is bright on the right, and to one that is bright on the
    left, below or above."""
    strength = edge_responses(kernels)
    others = [ANGLES // 4, ANGLES // 2, 3 * ANGLES // 4]
    return strength[:, 0], strength[:, others].max(1)


def edges(before: Settings, _after: Settings) -> Question:
    kernels = history_of(before).final
    wanted, others = preference(kernels)
    mirrored = edge_responses(kernels)[:, ANGLES // 2]
    best = int(np.argmax(wanted / others))
    options = {}
    for n, (to_it, to_others, to_mirror) in enumerate(zip(wanted, others, mirrored, strict=True)):
        told = {"n": n + 1, "wanted": _two(to_it), "others": _two(to_others), "mirrored": _two(to_mirror)}
        if n == best:
            why = N_(
                "Its weights are negative on the left and positive on the right: {wanted} for this edge, at most {others} for another."
            )
        elif to_mirror > CLEARLY * to_it:
            why = N_(
                "It finds the opposite, an edge that is bright on the left: {mirrored} for that, {wanted} for this one."
            )
        elif to_it == wanted.max():
            why = N_(
                "It does respond most of all, {wanted}, but with {others} to other edges too: most of its weights have one sign, "
                "so that it answers to whatever is bright."
            )
        else:
            why = N_("It does not tell edges apart like that: {wanted} for this edge, {others} for another one.")
        options[str(n)] = Option(Text("{n}", told), Text(why, told))
    text = N_(
        "Which kernel finds an edge that is dark on the left and bright on the right, and responds to no other as much? Red "
        "weights are positive, blue ones negative."
    )
    return choose(Text(text), options, str(best))


# -- what training changes -----------------------------------------------------------------------------------------------


def change(history: History) -> tuple[float, float]:
    """The mean cosine of kernels with what they become, and how many times as long they get."""
    _distance, cosine = trajectories(history)
    first, last = (np.linalg.norm(vectors(kernels), axis=1) for kernels in (history.kernels[0], history.final))
    return float(cosine[0].mean()), float(last.mean() / first.mean())


def training(before: Settings, _after: Settings) -> Question:
    cosine, growth = change(history_of(before))
    told = {"cosine": _two(cosine), "times": decimals(growth, 1)}
    options = {
        "stay": Option(
            Text(N_("They hardly change")),
            Text(
                N_(
                    "The first layer gets the smallest gradient, and moves all the same: its kernels get {times} times as long, "
                    "and their cosine with the beginning is {cosine}."
                ),
                told,
            ),
        ),
        "grow": Option(
            Text(N_("Each keeps its pattern, only stronger")),
            Text(N_("They do get {times} times as long. But a cosine of {cosine} with the beginning is another pattern."), told),
        ),
        "become": Option(
            Text(N_("They get other patterns, and stronger")),
            Text(
                N_(
                    "{times} times as long, and on average their cosine with the beginning is {cosine}: 1 would be the same pattern, "
                    "0 has nothing of it."
                ),
                told,
            ),
        ),
    }  # fmt: skip
    kept = "grow" if growth > GROWN else "stay"
    text = N_("These are the six kernels before training, random numbers. What does training make of them?")
    return choose(Text(text, told), options, kept if cosine >= ALIKE else "become")


# -- another random start ------------------------------------------------------------------------------------------------


def seeds(before: Settings, _after: Settings) -> Question:
    kernels, others = history_of(before).final, note.KERNELS
    n = len(kernels)
    pairs = align(kernels, others)
    strong = _strong([pair.correlation for pair in pairs])
    told: dict[str, Any] = {
        "n": n,
        "threshold": STRONG,
        "strong": strong,
        "chance": decimals(chance(n, kernels[0].size, partners=len(others)).strong(STRONG), 1),
        "in_place": _strong(np.diag(correlations(kernels, others)).tolist()),
    }
    return compare(
        Text(
            N_(
                "The note trained the same network from another random start: its kernels stand below. How many of the {n} "
                "kernels did both find, wherever they stand, also with light and dark swapped?"
            ),
            told,
        ),
        (
            strong,
            Text(
                N_(
                    "{strong} of {n} have a partner with a correlation of {threshold} or more. Of random kernels {chance} of {n} "
                    "have one."
                ),
                told,
            ),
        ),
        {
            "in_place": (
                told["in_place"],
                Text(
                    N_(
                        "That compares only kernels in the same place. But kernels have no order: what one network learned as "
                        "its first, another may learn as its third."
                    )
                ),
            ),
            "signed": (
                sum(pair.correlation >= STRONG for pair in pairs),
                Text(
                    N_(
                        "That leaves out kernels with all signs changed. They find the same edge: the next layer needs only a "
                        "minus in front."
                    )
                ),
            ),
            "all": (
                n,
                Text(
                    N_(
                        "Training does not lead to one solution: where it begins decides part of it. Some pairs stay below a "
                        "correlation of {threshold}."
                    ),
                    told,
                ),
            ),
        },
    )  # fmt: skip


def _strong(values: list[float]) -> int:
    return sum(abs(value) >= STRONG for value in values)


def _two(value: float) -> str:
    return decimals(float(value), 2)
