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


def test_csv_names_step_and_epoch() -> None:
    text = export.to_csv(random_kernels(1, 1, 1, 2), 222, 235)
    assert text.splitlines()[0] == "step,epoch,kernel,channel,row,column,weight"
    assert [(row["step"], row["epoch"]) for row in csv.DictReader(io.StringIO(text))] == [("222", "0.945")] * 2
    assert next(csv.DictReader(io.StringIO(export.to_csv(random_kernels(1, 1, 1, 1), 3))))["epoch"] == ""
    assert "step" not in export.to_csv(random_kernels(1, 1, 1, 1)), "the kernels of a file have none"


def test_npz_holds_the_history() -> None:
    history = read_history(runs.find("reference-classic"))
    with np.load(io.BytesIO(export.to_npz(history))) as found:
        assert (found["steps"] == history.steps).all() and (found["kernels"] == history.kernels).all()
