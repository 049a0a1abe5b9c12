"""The curves of a run: loss, accuracies and gradients over epochs, with as many points as a screen can show."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common.translation import translate as _
from lenet.runs import Run, Status
from lenet.runs.files import METRICS_CSV, STEPS_CSV

MAX_POINTS = 600  # of one curve of steps: a screen has no pixels for more, and a live page sends them every second


@dataclass(frozen=True, eq=False)
class Curve:
    """One run as the figure draws it. All x are in epochs; losses of steps are means over neighbours.

    Equal only if it is the same object: figures are cached by it.
    """

    id: str
    label: str
    epochs: NDArray[Any]
    loss: NDArray[Any]
    train_acc: NDArray[Any]
    test_acc: NDArray[Any]
    more: dict[str, NDArray[Any]]
    """Those of MORE_METRICS that the run has, or will have after its first epoch; NaN in epochs without them."""
    step_x: NDArray[Any]
    step_loss: NDArray[Any]


def read_curve(run: Run, label: str = "") -> Curve:
    """The curve of a run so far, the same object until it grows. Raises LenetError where a file cannot be read.

    `label` is its name in the figure, if that is not the run's own.
    """
    per_epoch, config = max(run.status().steps_per_epoch, 1), run.config
    expected = ["test_loss"] + ["val_loss", "val_acc"] * (config.validation > 0)
    expected += ["train_cross_entropy"] * (config.label_smoothing > 0)
    name = label or run.label()
    return _curve(run, name, tuple(expected), per_epoch, run.stamp(METRICS_CSV), run.stamp(STEPS_CSV))


@lru_cache(maxsize=64)
def _curve(run: Run, label: str, expected: tuple[str, ...], per_epoch: int, *_stamps: tuple[int, ...]) -> Curve:
    m, s = run.metrics(), run.steps()
    x, y = thin(s["step"] / per_epoch, s["loss"], MAX_POINTS)
    begun = len(m["epoch"]) > 0  # older versions measured less
    more = {name: m.get(name, m["epoch"]) for name in expected if name in m or not begun}
    return Curve(run.id, label, m["epoch"], m["loss"], m["train_acc"], m["test_acc"], more, x, y)


@lru_cache(maxsize=8)
def until(curve: Curve, epoch: float) -> Curve:
    """The curve as far as it was then."""
    done, step = int((curve.epochs <= epoch).sum()), int((curve.step_x <= epoch).sum())
    return replace(
        curve, epochs=curve.epochs[:done], loss=curve.loss[:done], train_acc=curve.train_acc[:done],
        test_acc=curve.test_acc[:done], more={name: values[:done] for name, values in curve.more.items()},
        step_x=curve.step_x[:step], step_loss=curve.step_loss[:step],
    )  # fmt: skip


def thin(x: NDArray[Any], y: NDArray[Any], points: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """At most `points` points: each the last x and the mean y of as many neighbours as that takes."""
    size = -(-len(x) // points)
    if size <= 1:
        return x, y
    starts = np.arange(0, len(x), size)
    ends = np.minimum(starts + size, len(x))
    return x[ends - 1], np.add.reduceat(y, starts) / (ends - starts)


def epochs_of(run: Run) -> int:
    """The epochs that the curve of a run has, or will have: fewer than planned if it ended early."""
    status = run.status()
    return status.epoch if status.state == "finished" and status.ended_by else run.config.epochs


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
    words = _layer_words(run)
    return {words.get(name, name): thin(x, norms, MAX_POINTS) for name, norms in table.items()}


def _layer_words(run: Run) -> dict[str, str]:
    """What the convolutions and dense layers are called, by the names of their weights."""
    words: dict[str, str] = {}
    for group, text in (("conv", _("convolution {n} ({name})")), ("dense", _("dense {n} ({name})"))):
        layers = (row for row in run.config.model.layers if row.kind.group == group)
        words |= {row.weight_name: text.format(n=n, name=row.weight_name) for n, row in enumerate(layers, 1)}
    return words
