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

from lenet.kernels.history import History, Kernels, read_course, read_history
from lenet.runs import Run

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["History", "Kernels", "read_history", "wall"]


def wall(run: Run) -> Figure:
    """The last kernels of a run as heatmaps on one scale, with its test accuracy in the title; for notebooks.

        kernels.wall(runs.find("reference-classic")).show()

    Raises LenetError if the run's files cannot be read, or it has no kernels yet.
    """
    from lenet.kernels.figures import heatmaps  # loads Plotly

    accuracies = read_course(run).curve.test_acc
    return heatmaps.wall(run.label(), read_history(run), float(accuracies[-1]) if len(accuracies) else None)
