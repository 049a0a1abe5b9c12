"""The curves of a run: loss, accuracies and gradients over epochs, with as many points as a screen can show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.runs import Run, Status

MAX_POINTS = 600  # of one curve of steps: a screen has no pixels for more, and a live page sends them every second


@dataclass(frozen=True, eq=False)
class Curve:
    """One run as the figure draws it. All x are in epochs; losses of steps are means over neighbours.

    Equal is only what is the same object: figures are kept by it.
    """

    id: str
    label: str
    epochs: NDArray[Any]
    loss: NDArray[Any]
    train_acc: NDArray[Any]
    test_acc: NDArray[Any]
    step_x: NDArray[Any]
    step_loss: NDArray[Any]


def read_curve(run: Run) -> Curve:
    """The curve of a run so far, the same object until it grows. Raises LenetError where a file cannot be read."""
    per_epoch = max(run.status().steps_per_epoch, 1)
    return _curve(run, run.label(), per_epoch, run.stamp("metrics.csv"), run.stamp("steps.csv"))


@lru_cache(maxsize=64)
def _curve(run: Run, label: str, per_epoch: int, *_stamps: tuple[int, ...]) -> Curve:
    m, s = run.metrics(), run.steps()
    x, y = thin(s["step"] / per_epoch, s["loss"], MAX_POINTS)
    return Curve(run.id, label, m["epoch"], m["loss"], m["train_acc"], m["test_acc"], x, y)


def thin(x: NDArray[Any], y: NDArray[Any], points: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """At most `points` points: each the last x and the mean y of as many neighbours as that takes."""
    size = -(-len(x) // points)
    if size <= 1:
        return x, y
    starts = np.arange(0, len(x), size)
    ends = np.minimum(starts + size, len(x))
    return x[ends - 1], np.add.reduceat(y, starts) / (ends - starts)


def view_range(view: str, longest: int, status: Status) -> tuple[float, float]:
    """The epochs to show: `all`, `last` (the epoch in progress or the last one), or a range as `2-5`.

    An axis has a length: of a range `3-3` one epoch is shown.
    """
    if view == "all":
        return 0.0, float(longest)
    if view == "last":
        done = max(status.step / max(status.steps_per_epoch, 1), 1.0)
        return math.ceil(done) - 1.0, float(math.ceil(done))
    low, high = parse_range(view) or (0, longest)
    return float(low), float(max(high, low + 1))


def parse_range(text: str) -> tuple[int, int] | None:
    """The first and the last epoch of a range written as `2-5`; None where that is none."""
    low, _dash, high = text.partition("-")
    usable = all(x.isdecimal() and len(x) < 5 for x in (low, high)) and int(low) <= int(high)
    return (int(low), int(high)) if usable else None


def gradients(run: Run) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """For each layer: x in epochs, and the norm of the loss's gradient in its weights (a mean over neighbours)."""
    table = dict(run.gradients())
    if not table:
        return {}
    x = table.pop("step") / max(run.status().steps_per_epoch, 1)
    words = _layer_words(run, list(table))
    return {words[name]: thin(x, norms, MAX_POINTS) for name, norms in table.items()}


def _layer_words(run: Run, names: Sequence[str]) -> dict[str, str]:
    """What the layers of these weights are, with PyTorch's names in brackets."""
    weights: Mapping[str, NDArray[Any]] = {}
    with suppress(LenetError):
        weights = run.weights()
    words, convolutions, dense = {}, count(1), count(1)
    for name in names:
        axes = weights[name].ndim if name in weights else 0
        if axes == 4:
            words[name] = _("convolution {n} ({name})").format(n=next(convolutions), name=name)
        elif axes == 2:
            words[name] = _("dense {n} ({name})").format(n=next(dense), name=name)
        else:
            words[name] = name
    return words
