"""What trains the runs of an experiment.

| engine  | trains                                                                                       |
|---------|----------------------------------------------------------------------------------------------|
| `local` | in processes on this machine, as many runs at a time as it has cores (local.py)              |
| `ray`   | on the nodes of an existing Ray cluster (ray.py)                                             |

A run is trained the same whatever trains it: on a CPU by one thread, with equal numbers to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lenet.runs.configuration import RunConfig

ENGINES = ("local", "ray")


@dataclass(frozen=True)
class Task:
    """A run to be trained. Its directory may not exist yet: whoever begins it makes it (`runs.create(config, run_id,
    for_worker=False)`), or finds that another has made it meanwhile."""

    run_id: str
    config: RunConfig


class Engine(Protocol):
    def train(
        self,
        tasks: Sequence[Task],
        *,
        ended: Callable[[Task], None],
        say: Callable[[str], None],
        stopping: Callable[[], bool],
    ) -> None:
        """Train what is not finished, in this order as far as can be; return when all have ended, or soon after `stopping`.

        `ended` is called for each task once its run has finished or failed, `say` with a line on what else there is to know.
        The files of a run lie in the runs directory, brought up to date while it is trained. A run that another process
        trains is waited for. Raises LenetError where nothing can be trained.
        """
