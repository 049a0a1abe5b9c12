"""Which weights a network has: those of a run, or the ones it begins with. No torch here.

Runs are built on networks and not the other way round: what a page has found among the runs, it hands over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.data import DataSet

StateDict = Mapping[str, NDArray[np.float32]]


class HasNetwork(Protocol):
    """The configuration of a run, as far as it is needed here."""

    @property
    def model(self) -> LeNetConfig: ...


class Run(Protocol):
    """A run, as far as it is needed here: see `lenet.runs.Run`."""

    @property
    def id(self) -> str: ...
    @property
    def config(self) -> HasNetwork: ...
    @property
    def data_set(self) -> DataSet: ...
    def weights(self) -> StateDict: ...
    def weights_stamp(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class Network:
    """A network with the weights of a run as they are now, or (`run_id` "") with those that PyTorch begins with.

    Two are equal where configuration, run and version of the weights are: a key for whatever is computed with the
    network once for all visitors. `load` reads the weights; it raises LenetError where that fails. `data_set` is what
    the run was trained on; None for a network that has not been trained.
    """

    config: LeNetConfig
    run_id: str = ""
    stamp: tuple[int, ...] = ()
    load: Callable[[], StateDict] | None = field(default=None, compare=False, repr=False)
    data_set: DataSet | None = field(default=None, compare=False, repr=False)

    def fits(self, shown: DataSet) -> bool:
        """Whether its outputs are the classes of this data set; those of an untrained network can be of any that has as many."""
        return self.config.num_classes == len(shown.classes) and self.data_set in (None, shown)

    def class_names(self, shown: DataSet) -> list[str]:
        """The names of its outputs: classes of what it was trained on, or for an untrained one of what is `shown`.

        Numbers where it has more outputs or fewer.
        """
        names = (self.data_set or shown).class_names()
        n = self.config.num_classes
        return names if len(names) == n else [str(i) for i in range(n)]


def of_run(run: Run) -> Network:
    """The network of a run. Raises LenetError where it has no weights that can be read."""
    stamp = run.weights_stamp()
    if not stamp:
        run.weights()  # says what is wrong
    return Network(run.config.model, run.id, stamp, run.weights, run.data_set)


def first_with(config: LeNetConfig, runs: Iterable[Run]) -> Network:
    """The network of the first of these runs that has this very configuration; untrained where none has."""
    for run in runs:
        with suppress(LenetError):
            if run.config.model == config:
                return of_run(run)
    return Network(config)
