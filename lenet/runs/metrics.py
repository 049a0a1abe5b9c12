"""What is measured after each epoch of a run, and which epoch is the best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

METRICS = ("epoch", "step", "loss", "train_acc", "test_acc", "examples_per_sec")
"""What every run has, one value an epoch. `loss` is what is minimised: with label smoothing more than the cross-entropy."""
MORE_METRICS = ("test_loss", "val_loss", "val_acc", "train_cross_entropy")
"""Cross-entropies, and the accuracy on the validation images. A run has `val_…` if it has a validation split,
`train_cross_entropy` if its `loss` is another, and none of them in epochs that an older version trained."""


def in_words(row: Mapping[str, float]) -> str:
    """The metrics of an epoch as the note prints them, and the validation accuracy if there is one."""
    words = f"loss {row['loss']:.3f}, train acc {row['train_acc']:.3f}, test acc {row['test_acc']:.3f}"
    judged = row.get("val_acc", math.nan)
    return words if math.isnan(judged) else f"{words}, val acc {judged:.3f}"


def best_of(columns: Mapping[str, Any]) -> int:
    """The best epoch by the columns of a run's metrics, as `best_epoch` says."""
    return best_epoch(columns.get("val_acc", ()), columns.get("val_loss", ()))


def best_epoch(accuracies: Sequence[float], losses: Sequence[float]) -> int:
    """The epoch (from 1) with the highest validation accuracy, of equals with the lowest loss, of these the first.

    0 if no accuracy is a number: the run has no validation images.
    """
    judged = [
        (-a, loss, n) for n, (a, loss) in enumerate(zip(accuracies, losses, strict=True), 1) if not math.isnan(a)
    ]
    return min(judged)[2] if judged else 0
