"""The kernels of the first layer: how they came to be, what they respond to, and how they compare.

`history` reads the kernels of a run from initialisation to now; `note` has those that the note published. On them
work `responses` (to images, edges, frequencies), `similarity` (among the kernels of one set), `matching` (of two sets)
and `ablation` (on the whole test set, in a process of its own). `filters` are kernels from textbooks, `upload` takes
kernels from a file (read by `safetensors_file`), `export` and `film` make files of them. `figures` draws all this,
`explanations` says it.

>>> from lenet import kernels, runs
>>> run = runs.find("reference-classic")
>>> kernels.read_history(run).final.shape
(6, 1, 5, 5)
>>> kernels.wall(run).layout.title.text
'classic, 10 epochs, seed 0 (came with the app) · step 2350 · test acc 80.9%'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lenet.common.fields import check_integer
from lenet.kernels.history import History, Kernels, read_history
from lenet.runs import Run

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["History", "Kernels", "read_history", "wall"]


def wall(run: Run, step: int | None = None) -> Figure:
    """The kernels of a run as heatmaps on one scale, as they were at `step` or are last; for notebooks.

        kernels.wall(runs.find("reference-classic"), step=235).show()

    A run keeps its kernels at some hundred steps: the title names the one that is nearest to `step`, and the test accuracy
    where an epoch ended there. Raises LenetError if the run's files cannot be read, it has no kernels yet, or `step` is no
    step of it so far.
    """
    from lenet.kernels.figures import heatmaps  # loads Plotly

    history, metrics = read_history(run), run.metrics()
    accuracies = metrics["test_acc"]
    if step is not None:
        whole = int(step) if isinstance(step, np.integer) else step
        at = history.nearest(check_integer("step", whole, 0, int(history.steps[-1])))
        history = History(history.steps[: at + 1], history.kernels[: at + 1])
        accuracies = accuracies[metrics["step"] == history.steps[-1]]
    return heatmaps.wall(run.label(), history, float(accuracies[-1]) if len(accuracies) else None)
