"""Runs: their configuration, their files, who may change them, and the workers that train them.

>>> from lenet import runs
>>> runs.find("reference-classic").metrics()["test_acc"][-1]
"""

from lenet.runs.files import BEST, METRICS_CSV, MODEL, STATES, STEPS, STEPS_CSV, Status
from lenet.runs.labels import label, labels_beside
from lenet.runs.metrics import METRICS, MORE_METRICS
from lenet.runs.queue import ahead_of, time_to_train, waiting_runs
from lenet.runs.state import WorkerState, read_state, read_states
from lenet.runs.store import (
    DEFAULT_REFERENCE,
    LESSON_PREFIX,
    MAX_NAME,
    Run,
    all_facts,
    create,
    exists,
    find,
    find_equal,
    list_runs,
    listed,
    lock,
    missing,
    obtain,
    references,
    waiting_of,
)
from lenet.runs.supervision import supervisor, will_be_requeued

__all__ = [
    "BEST", "DEFAULT_REFERENCE", "LESSON_PREFIX", "MAX_NAME", "METRICS", "METRICS_CSV", "MODEL", "MORE_METRICS",
    "STATES", "STEPS", "STEPS_CSV",
    "Run", "Status", "WorkerState",
    "ahead_of", "all_facts", "create", "exists", "find", "find_equal", "label", "labels_beside", "list_runs", "listed", "lock", "missing", "obtain",
    "read_state", "read_states", "references", "supervisor", "time_to_train", "waiting_of", "waiting_runs", "will_be_requeued",
]  # fmt: skip
