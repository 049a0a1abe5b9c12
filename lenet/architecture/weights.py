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
    def weights(self) -> StateDict: ...
    def weights_stamp(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class Network:
    """A network with the weights of a run as they are now, or (`run_id` "") with those that PyTorch begins with.

    Two are equal where configuration, run and version of the weights are: a key for whatever is computed with the
    network once for all visitors. `load` reads the weights; it raises LenetError where that fails.
    """

    config: LeNetConfig
    run_id: str = ""
    stamp: tuple[int, ...] = ()
    load: Callable[[], StateDict] | None = field(default=None, compare=False, repr=False)


def of_run(run: Run) -> Network:
    """The network of a run. Raises LenetError where it has no weights that can be read."""
    stamp = run.weights_stamp()
    if not stamp:
        run.weights()  # says what is wrong
    return Network(run.config.model, run.id, stamp, run.weights)


def first_with(config: LeNetConfig, runs: Iterable[Run]) -> Network:
    """The network of the first of these runs that has this very configuration; untrained where none has."""
    for run in runs:
        with suppress(LenetError):
            if run.config.model == config:
                return of_run(run)
    return Network(config)
