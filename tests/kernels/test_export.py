"""Kernels as files to download."""

from __future__ import annotations

import csv
import io

import numpy as np

from lenet import runs
from lenet.kernels import export
from lenet.kernels.history import read_history
from tests.helpers.kernels import random_kernels


def test_csv_holds_every_weight_exactly() -> None:
    final = random_kernels(3, 2, 5, 4)
    rows = list(csv.DictReader(io.StringIO(export.to_csv(final))))
    assert len(rows) == final.size
    for row in rows:
        place = tuple(int(row[name]) - 1 for name in ("kernel", "channel", "row", "column"))
        assert np.float32(row["weight"]) == final[place]


def test_npz_holds_the_history() -> None:
    history = read_history(runs.find("reference-classic"))
    with np.load(io.BytesIO(export.to_npz(history))) as found:
        assert (found["steps"] == history.steps).all() and (found["kernels"] == history.kernels).all()
