"""When a run is lost: its loss is no number any more, or far beyond what it was at first."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

import numpy as np

from lenet.common.errors import LenetError

LATEST = 50
"""Steps that are looked at together. No run whose losses over that many steps were mostly too high has come back."""
FACTOR = 10.0
"""A loss is too high beyond this many times the first one, or the loss of guessing where the first one was lower."""


class DivergenceWatch:
    """The first and the latest losses of a run, which tells `classes` apart; `losses` are those that it has had before."""

    def __init__(self, losses: Iterable[float] = (), classes: int = 10) -> None:
        before = list(losses)
        self._guessing = math.log(classes)
        self._first = before[:1]
        self._latest = deque(before, maxlen=LATEST)

    def check(self, losses: list[float], epoch: int) -> None:
        """Look at the losses of the next steps. Raises LenetError where the run is lost; `epoch` is for its sentence.

        The median of the latest losses counts, for a run may leap and come back, at the peak of a learning rate or
        where one batch was odd.
        """
        if bad := [x for x in losses if not math.isfinite(x)]:
            raise LenetError("diverged", loss=str(bad[0]), epoch=epoch)
        self._first = self._first or losses[:1]
        self._latest += losses
        if len(self._latest) < LATEST:
            return
        usual = float(np.median(self._latest))
        if usual > FACTOR * max(*self._first, self._guessing):
            raise LenetError("diverged", loss=f"{usual:.3g}", epoch=epoch)
