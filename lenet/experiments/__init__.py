"""Experiments: many runs that answer one question, with an interval.

>>> from lenet import experiments
>>> experiments.read("reference-activation").values(1)      # of the second arm: test accuracy by seed
"""

from lenet.experiments.control import at_once, check_may_change, extend, go_on, goes_on, start, stop
from lenet.experiments.experiment import Arm, Experiment, Variation
from lenet.experiments.results import Outcome, Results, read
from lenet.experiments.store import Stored, find, list_experiments

__all__ = ["at_once", "check_may_change", "extend", "go_on", "goes_on", "start", "stop", "Arm", "Experiment", "Outcome", "Results", "Stored", "Variation", "find", "list_experiments", "read"]
