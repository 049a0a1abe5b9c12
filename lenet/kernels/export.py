"""Kernels as files to download: CSV and NumPy's `.npz`. The animated GIF is in film.py."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np

from lenet.common import files
from lenet.kernels.history import History, Kernels

CSV_COLUMNS = ("kernel", "channel", "row", "column", "weight")


def to_csv(kernels: Kernels, step: int | None = None, steps_per_epoch: int = 0) -> str:
    """Kernels [out, in, kh, kw] as CSV, one row for each weight. Kernels, channels, rows and columns count from 1.

    The step of training and its epoch, to three decimals, come first in every row, unless `step` is None. The epoch is
    empty if `steps_per_epoch` is 0: not known.
    """
    epoch = f"{round(step / steps_per_epoch, 3):g}" if step is not None and steps_per_epoch else ""
    before = {} if step is None else {"step": step, "epoch": epoch}

    def rows() -> Iterable[tuple[Any, ...]]:
        for (kernel, channel, row, column), weight in np.ndenumerate(kernels):
            place = (kernel + 1, channel + 1, row + 1, column + 1)
            yield *before.values(), *place, str(weight)  # the shortest exact float32

    return files.csv_text((*before, *CSV_COLUMNS), rows())


def to_npz(history: History) -> bytes:
    """`steps` [T] and `kernels` [T, out, in, kh, kw] for `numpy.load`."""
    out = io.BytesIO()
    np.savez_compressed(out, steps=history.steps, kernels=history.kernels)
    return out.getvalue()
