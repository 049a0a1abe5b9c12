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

from lenet import runs
from lenet.common.errors import LenetError
from lenet.runs import Run
from lenet.runs.configuration import RunConfig

ENGINES = ("local", "ray")


@dataclass(frozen=True)
class Task:
    """A run to be trained. Its directory may not exist yet: whoever begins it makes it (see `find_or_create`)."""

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


def find_or_create(task: Task) -> Run:
    """The run of a task, made if nobody has made it yet; no worker takes it. Raises LenetError."""
    try:
        return runs.find(task.run_id)
    except LenetError:
        try:
            return runs.create(task.config, task.run_id, for_worker=False)
        except LenetError as e:
            if e.code != "run_exists":  # else another process has made it at this moment
                raise
            return runs.find(task.run_id)


def engine(name: str, *, address: str = "", jobs: int = 0) -> Engine:
    """The engine of that name, one of ENGINES. Raises LenetError where it cannot train here."""
    if name == "ray":
        from lenet.experiments.engines.ray import RayEngine

        return RayEngine(address)
    from lenet.experiments.engines.local import LocalEngine

    return LocalEngine(jobs)
