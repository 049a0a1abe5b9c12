"""What a run has led to: its test images as its network judges them, its parameters; and what batch sizes cost."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common import paths
from lenet.common.formatting import number
from lenet.common.translation import translate as _
from lenet.runs import Run


def judged_images(run: Run) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]] | None:
    """Test images, their labels, the classes that the run's network gave them, and its softmax; None before epoch 1.

    A run of the full data set on a machine that has only the sample shows the sample's images, which are its first.
    Raises LenetError where the run's images are not on this machine.
    """
    predictions = run.predictions()
    if predictions is None:
        return None
    images, labels = run.images("test")
    n = min(len(labels), len(predictions[0]))
    return images[:n], labels[:n], predictions[0][:n], predictions[1][:n]


def losses_in_words(run: Run) -> str:
    """The cross-entropy on each kind of images after the last epoch, by which runs with and without label smoothing compare."""
    metrics, smoothed = run.metrics(), run.config.label_smoothing > 0
    words = {
        "train_cross_entropy" if smoothed else "loss": _("training images {loss}"),
        "val_loss": _("validation images {loss}"),
        "test_loss": _("test images {loss}"),
    }
    last = {name: metrics[name][-1] for name in words if len(metrics.get(name, ()))}
    parts = [words[name].format(loss=f"{loss:.3f}") for name, loss in last.items() if not math.isnan(loss)]
    text = _("Cross-entropy without label smoothing: {losses}") if smoothed else _("Cross-entropy: {losses}")
    return text.format(losses=_(", ").join(parts)) if parts else ""


def confusion(labels: NDArray[Any], classes: NDArray[Any], n: int) -> NDArray[np.int64]:
    """[n, n]: how many images of label i were given class j; n is the number of classes."""
    counts = np.bincount(labels * n + classes, minlength=n * n)
    return np.asarray(counts[: n * n], np.int64).reshape(n, n)


def worst_mistakes(
    labels: NDArray[Any], classes: NDArray[Any], confidence: NDArray[Any], count: int
) -> NDArray[np.int64]:
    """Indices of the `count` wrongly classified images of which the network was surest, surest first."""
    wrong = np.flatnonzero(labels != classes)
    return np.asarray(wrong[np.argsort(-confidence[wrong], kind="stable")][:count])


def mistake_words(label: int, given: int, confidence: float, names: Sequence[str]) -> tuple[str, str]:
    """The two lines under a picture that the network got wrong; `names` are those of the classes."""
    return f"{names[label]} →", f"{names[given]}, {confidence:.2f}"


def parameter_dump(run: Run) -> str:
    """Every parameter's name, shape and first ten values, as the note prints them."""
    return _dump(run, run.weights_stamp())


@lru_cache(maxsize=32)  # 2 ms that all who watch a run share
def _dump(run: Run, _stamp: tuple[int, ...]) -> str:
    lines = []
    for name, w in run.weights().items():
        values = np.array2string(
            w.ravel()[:10], precision=4, separator=", ", floatmode="fixed", max_line_width=46, prefix="tensor("
        )
        lines += [f"{name}: shape={tuple(w.shape)}", f"tensor({values})"]
    return "\n".join(lines)


@lru_cache(maxsize=1)
def batch_sizes() -> dict[str, Any]:
    """What `python -m lenet.bench --batch-sizes` printed when this version was made: `device`, `torch`, `rows`."""
    values: dict[str, Any] = json.loads((paths.REFERENCE_DIR / "batch_sizes.json").read_bytes())
    return values


def batch_size_rows() -> list[dict[str, str]]:
    """The table over batch sizes for readers."""
    return [
        {
            _("Batch size"): str(row["batch_size"]),
            _("Examples/sec"): number(row["examples_per_sec"]),
            _("Peak memory"): number(row["peak_memory"] / 2**20) + " MiB",
        }
        for row in batch_sizes()["rows"]
    ]
