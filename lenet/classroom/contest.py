"""A contest: who makes the kernel that reacts to one thing in pictures and not to another.

A kernel of 5×5 weights, each from −1 to 1, is laid on every place of the pictures of a task: zero padding, no bias. The
tasks (lenet/classroom/tasks.py) mark what is *wanted*, and what is *not*.

**The score.** Take one that is wanted and one that is not, in all possible ways: the kernel has found the wanted one if it
responds more strongly there; if it responds alike, that counts half. Of all these pairs let `s` be the share that it has
found. Then

    score = 100 · (2·s − 1), and 0 where that is negative,

so that a kernel that cannot tell them apart has 0 and one that always can has 100. (`s` is the area under the ROC curve, or
the Mann–Whitney statistic.) Only which response is the larger counts: a kernel that is multiplied by any positive number has
the same score.

What is compared are *places*, or whole *pictures*: the response to a picture is then the sum of its positive responses,
what ReLU lets pass, within what is marked.

Weights are counted in hundredths and pixels from 0 to 255, so that all sums are whole numbers: the browser, which shows the
score at once (`components/score.js`), and this module, whose score counts, find the very same one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.classroom.classroom import Answer
from lenet.classroom.errors import ClassError
from lenet.classroom.tasks import SIZE, Picture, Task

LIMIT = 1.0
"""The largest |weight|."""
STEPS = 100
"""Weights are whole multiples of 1/STEPS."""

Kernel = tuple[int, ...]
"""SIZE × SIZE weights in hundredths, row by row."""
Sums = NDArray[np.int64]


def read(raw: Any) -> Kernel:
    """What came from a browser, or lies in a file, as a kernel. Raises ClassError with a sentence for anything else."""
    if not isinstance(raw, list) or len(raw) != SIZE * SIZE or not all(map(_is_weight, raw)):
        raise ClassError("not_a_kernel", n=SIZE * SIZE, limit=LIMIT)
    return tuple(round(weight * STEPS) for weight in raw)


def _is_weight(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= LIMIT  # which NaN is not


def plain(kernel: Kernel) -> list[float]:
    """The weights of a kernel as they are handed in and kept."""
    return [weight / STEPS for weight in kernel]


def of(kernel: NDArray[Any]) -> Kernel:
    """Any square kernel, scaled so that its largest weight is LIMIT: the score is that of the kernel itself."""
    most = float(np.abs(kernel).max()) or 1.0
    return tuple(int(weight) for weight in (kernel / most * STEPS).round().ravel())


# -- the score ---------------------------------------------------------------------------------------------------------


def response(kernel: Kernel, image: NDArray[np.uint8]) -> Sums:
    """The weighted sums at every place of an image (height, width), in hundredths of the weights times pixels of 0 to 255."""
    around = np.pad(image.astype(np.int64), SIZE // 2)
    windows = np.lib.stride_tricks.sliding_window_view(around, (SIZE, SIZE))
    return np.asarray(np.einsum("yxrc,rc->yx", windows, np.reshape(kernel, (SIZE, SIZE))))


def score(task: Task, kernel: Kernel) -> float:
    """From 0 to 100, with one decimal; see the top of this file."""
    return _scored(task, kernel)


@lru_cache(maxsize=2048)
def _scored(task: Task, kernel: Kernel) -> float:
    found = [_compared(task, picture, response(kernel, picture.image)) for picture in task.pictures()]
    wanted, other = (np.sort(np.concatenate(parts)) for parts in zip(*found, strict=True))
    # A pair counts 2 where the wanted one is larger and 1 where they are equal.
    points = int(np.searchsorted(other, wanted, "left").sum() + np.searchsorted(other, wanted, "right").sum())
    return per_mille(points, len(wanted) * len(other)) / 10


def per_mille(points: int, pairs: int) -> int:
    """1000 · (2·s − 1), rounded to a whole number, where s = points / (2 · pairs); 0 where that is negative."""
    return max(0, (2000 * (points - pairs) + pairs) // (2 * pairs))


def _compared(task: Task, picture: Picture, sums: Sums) -> tuple[Sums, Sums]:
    """What a picture adds to both sides: the responses at its places, or the one of the picture."""
    sides = (sums[picture.target == sign] for sign in (1, -1))
    wanted, other = (
        sides
        if task.compares == "places"
        else (np.maximum(side, 0).sum(keepdims=True) if side.size else side for side in sides)
    )
    return wanted, other


# -- who has handed in what --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """The kernel that counts of a number, its score, and its rank from 1, which equal scores share."""

    number: int
    kernel: Kernel
    score: float
    rank: int


def counts(task: Task, kernel: Kernel, before: Answer | None) -> bool:
    """Whether a kernel is to take the place of what its number has handed in before: the best one counts."""
    known = _kept(before.value) if before else None
    return known is None or score(task, kernel) > score(task, known)


def ranking(task: Task, given: Mapping[int, Answer]) -> list[Entry]:
    """Who has handed in, the best first; of equal scores the one that was there earlier. Damaged kernels are left out."""
    found: list[tuple[float, float, int, Kernel]] = []
    for number, answer in given.items():
        kernel = _kept(answer.value)
        if kernel is not None:
            found.append((-score(task, kernel), answer.at, number, kernel))
    found.sort()
    scores = [-worst for worst, *_rest in found]
    return [
        Entry(number, kernel, scores[n], scores.index(scores[n]) + 1)
        for n, (_score, _at, number, kernel) in enumerate(found)
    ]


def _kept(value: Any) -> Kernel | None:
    try:
        return read(value)
    except ClassError:
        return None


@dataclass(frozen=True)
class Known:
    """A kernel that nobody of the class has made, and its score: of the app's own, or one that a network has learned."""

    kernel: Kernel
    score: float


def solution(task: Task) -> Known:
    """The app's own kernel for a task."""
    kernel = tuple(round(weight * STEPS) for weight in task.kernel)
    return Known(kernel, score(task, kernel))


def learned(task: Task, kernels: NDArray[Any]) -> Sequence[Known]:
    """The kernels [out, in, 5, 5] of a first layer, each scored as the mean of its channels; those of another size are none."""
    if kernels.shape[-2:] != (SIZE, SIZE):
        return ()
    made = [of(kernel) for kernel in kernels.mean(1)]
    return [Known(kernel, score(task, kernel)) for kernel in made]


def table(task: Task, given: Mapping[int, Answer], start: float) -> str:
    """The ranking as CSV: seconds are counted from the beginning, `start`, to the kernel that counts."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("rank", "number", "score", "seconds", "weights"))
    for entry in ranking(task, given):
        weights = " ".join(f"{weight:g}" for weight in plain(entry.kernel))
        seconds = f"{given[entry.number].at - start:.1f}"
        writer.writerow((entry.rank, entry.number, f"{entry.score:.1f}", seconds, weights))
    return out.getvalue()
