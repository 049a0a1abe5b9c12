"""The kernels of a run's first layer from initialisation to now, read from its files and checked. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenet.common.errors import LenetError
from lenet.runs import Run
from lenet.runs.files import KERNELS
from lenet.training import curves
from lenet.training.curves import Curve

Kernels = NDArray[np.float32]
"""The weights of one convolution, [out, in, kh, kw]."""

MAX_SECOND_LAYER = 12_000
"""Weights of a second layer that can be drawn at once; LeNet's has 2,400."""


# Equal only if it is the same object: arrays have no truth value.
@dataclass(frozen=True, eq=False)
class History:
    """First-layer kernels [T, out, in, kh, kw] after each of the optimiser `steps` [T], which increase."""

    steps: NDArray[np.int64]
    kernels: Kernels

    @classmethod
    def of_snapshot(cls, kernels: Kernels) -> History:
        """Kernels [out, in, kh, kw] of which nothing but one snapshot is known."""
        return cls(np.zeros(1, np.int64), kernels[None])

    @property
    def initial(self) -> Kernels | None:
        """The kernels before the first step, [out, in, kh, kw]; None if the history does not go back that far."""
        if len(self.steps) < 2 or self.steps[0] != 0:
            return None
        first: Kernels = self.kernels[0]
        return first

    @property
    def final(self) -> Kernels:
        """The kernels of the last step, [out, in, kh, kw]."""
        last: Kernels = self.kernels[-1]
        return last

    def nearest(self, step: int) -> int:
        """The index of the snapshot nearest to a step; of two, the earlier one."""
        return int(np.abs(self.steps - step).argmin())

    def thinned(self, max_weights: int) -> History:
        """At most `max_weights` weights: evenly spaced snapshots, always with the first and the last."""
        keep = max(2, max_weights // self.final.size)
        if len(self.steps) <= keep:
            return self
        at = np.linspace(0, len(self.steps) - 1, keep).round().astype(int)
        return History(self.steps[at], self.kernels[at])


@dataclass(frozen=True)
class Course:
    """How a run's training went: its curve, its number of epochs, and the steps of an epoch (0: not known yet)."""

    curve: Curve
    epochs: int
    steps_per_epoch: int


def finite(kernels: Kernels) -> Kernels:
    """The kernels with 0 for every weight that is not a finite number, as a diverged run has them."""
    return np.nan_to_num(kernels, nan=0, posinf=0, neginf=0)


def color_limit(kernels: Kernels) -> float:
    """The end of a colour scale for these kernels: the largest finite |weight|, or 1 if all weights are 0."""
    return float(np.abs(finite(kernels)).max(initial=0)) or 1.0


# -- of a run -----------------------------------------------------------------------------------------------------


def has_history(run: Run) -> bool:
    """Whether the run has saved kernels yet. A run that waits in the queue has none."""
    return (run.path / KERNELS).exists()


def read_history(run: Run) -> History:
    """The kernels of a run from initialisation to now, the same object until they are more.

    Raises LenetError if the file cannot be read, or does not fit the network of the run's configuration.
    """
    return _history(run, run.config.model.convolutions[0].weight_shape, run.stamp(KERNELS))


@lru_cache(maxsize=32)
def _history(run: Run, weight_shape: tuple[int, ...], _stamp: tuple[int, ...]) -> History:
    steps, kernels = run.kernels()
    fits = kernels.shape[1:] == weight_shape
    ordered = steps.ndim == 1 and steps.dtype.kind in "iu" and steps[0] >= 0 and bool((np.diff(steps) > 0).all())
    if not (fits and ordered and kernels.dtype.kind == "f"):
        raise LenetError("weights_do_not_fit", id=run.id)
    return History(steps.astype(np.int64, copy=False), kernels.astype(np.float32, copy=False))


def read_course(run: Run) -> Course:
    """The course of a run so far. Raises LenetError if one of its files cannot be read."""
    return Course(curves.read_curve(run), run.config.epochs, run.status().steps_per_epoch)


def read_second_layer(run: Run) -> Kernels | None:
    """The kernels of the second convolution at the end of training, [out, in, kh, kw].

    None if the network has no second convolution or one with more than MAX_SECOND_LAYER weights, or if no weights
    are saved yet. Raises LenetError if the weights do not fit the run's network.
    """
    convolutions = run.config.model.convolutions
    if len(convolutions) < 2 or not run.has_weights:
        return None
    weight = run.weights().get(convolutions[1].weight_name)
    if weight is None or weight.shape != convolutions[1].weight_shape or weight.dtype.kind != "f":
        raise LenetError("weights_do_not_fit", id=run.id)
    return weight.astype(np.float32) if weight.size <= MAX_SECOND_LAYER else None
