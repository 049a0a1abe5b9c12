"""The kernels of the first layer: how they came to be, what they respond to, and how they compare.

`history` reads the kernels of a run from initialisation to now; `note` has those that the note published. On them
work `responses` (to images, edges, frequencies), `similarity` (among the kernels of one set), `matching` (of two sets)
and `ablation` (on the whole test set, in a process of its own). `filters` are kernels from textbooks, `upload` takes
kernels from a file, `export` and `film` make files of them. `figures` draws all this, `explanations` says it.

>>> from lenet import kernels, runs
>>> run = runs.find("reference-classic")
>>> kernels.read_history(run).final.shape
(6, 1, 5, 5)
"""

from lenet.kernels.history import History, Kernels, read_history

__all__ = ["History", "Kernels", "read_history"]
