"""Runs: what one is, how it lies on the disk, who may change it, and who trains it.

>>> from lenet import runs
>>> runs.find("reference-classic").metrics()["test_acc"][-1]
"""

from lenet.runs.files import METRICS, STATES, STEPS, Status
from lenet.runs.store import (
    MAX_NAME,
    REFERENCE_PREFIX,
    Run,
    book,
    create,
    find,
    list_runs,
    lock,
    obtain,
    queueing,
    references,
    twin,
    waiting_of,
)

__all__ = [
    "MAX_NAME", "METRICS", "REFERENCE_PREFIX", "STATES", "STEPS", "Run", "Status",
    "book", "create", "find", "list_runs", "lock", "obtain", "queueing", "references", "twin", "waiting_of",
]  # fmt: skip
