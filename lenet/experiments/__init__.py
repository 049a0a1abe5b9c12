"""Experiments: many runs that answer one question, with an interval.

>>> from lenet import experiments
>>> experiments.read("reference-activation").values(1)      # of the second arm: test accuracy by seed
"""

from lenet.experiments.control import (
    extend,
    extend_on_cluster,
    go_on,
    held_up,
    is_driven,
    keep_up,
    last_words,
    may_change,
    start,
    start_on_cluster,
    stop,
)
from lenet.experiments.experiment import Arm, Experiment, Variation
from lenet.experiments.results import Outcome, Results, read
from lenet.experiments.store import Stored, find, list_experiments

__all__ = [
    "Arm", "Experiment", "Outcome", "Results", "Stored", "Variation",
    "extend", "extend_on_cluster", "find", "go_on", "held_up", "is_driven", "keep_up", "last_words", "list_experiments", "may_change", "read", "start",
    "start_on_cluster", "stop",
]  # fmt: skip
