"""Metrics of epochs: which is the best, how they are put into words, files of older versions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lenet import runs
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC
from lenet.runs.metrics import METRICS, best_epoch, best_of, in_words


@pytest.mark.parametrize(
    ("accuracies", "losses", "best"),
    [
        ([0.5, 0.7, 0.6], [1.0, 0.9, 0.8], 2),
        ([0.1, 0.1, 0.1], [2.30, 2.28, 2.29], 2),  # a sigmoid network on its plateau: the loss falls already
        ([0.7, 0.7], [0.9, 0.9], 1),
        ([math.nan, 0.2], [math.nan, 2.0], 2),
        ([math.nan], [math.nan], 0),
        ([], [], 0),
    ],
)
def test_the_best_epoch(accuracies: list[float], losses: list[float], best: int) -> None:
    assert best_epoch(accuracies, losses) == best
    assert best_of({"val_acc": np.array(accuracies), "val_loss": np.array(losses)}) == best
    assert best_of({"test_acc": np.array([0.5])}) == 0


def test_the_notes_words_are_as_they_were_without_a_split() -> None:
    row = {"loss": 0.47, "train_acc": 0.824, "test_acc": 0.805}
    assert in_words(row) == "loss 0.470, train acc 0.824, test acc 0.805"
    assert in_words(row | {"val_acc": math.nan}) == in_words(row)
    assert in_words(row | {"val_acc": 0.8125}) == in_words(row) + ", val acc 0.812"


def test_metrics_of_older_versions_open_and_wrong_columns_are_refused() -> None:
    run = runs.create(CLASSIC, "old")
    file, head = run.path / "metrics.csv", ",".join(METRICS)
    file.write_text(f"{head}\n1,24,2.3,0.1,0.1,5000\n")
    assert list(run.metrics()) == list(METRICS)
    file.write_text(f"{head},test_loss\n1,24,2.3,0.1,0.1,5000,nan\n2,48,2.2,0.1,0.1,5000,2.25\n")
    np.testing.assert_array_equal(run.metrics()["test_loss"], [np.nan, 2.25])  # trained on by this version
    for wrong in ("epoch,step,loss", f"{head},unheard_of", f"test_loss,{head}"):
        file.write_text(f"{wrong}\n")
        with pytest.raises(LenetError):
            run.metrics()
