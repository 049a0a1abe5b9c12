"""Starts workers when runs wait, replaces workers that were killed, and requeues the runs that those left behind.

Workers do not belong to a server process: all servers with the same runs directory start the same ones, and see from their
locks whether they are running. A new worker does not hold its lock at once, so a server waits a while after it has started
one. If two servers start the same worker, the second process finds the lock taken and ends.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from lenet.common import files, log, paths
from lenet.common.errors import LenetError
from lenet.runs import rules
from lenet.runs.files import STATUS
from lenet.runs.queue import waiting_runs
from lenet.runs.state import read_state, stored_state, worker_job
from lenet.runs.store import Run, find, lock

LOCKED_WITHIN = 5.0  # seconds from the start of a worker until it holds its lock, on a busy machine
LOOK_EVERY = 3.0  # seconds between two looks of `Supervisor.check`
TRIES = 3  # workers that one run may crash before it has to be resumed by hand


class Supervisor:
    """Starts the workers of one runs directory; each server process has one for it (see `supervisor`)."""

    def __init__(self) -> None:
        self._busy = threading.Lock()  # a server serves each visitor in a thread
        self._started: dict[int, float] = {}  # when this process last started a worker, by its number
        self._looked = -LOOK_EVERY  # when this process last looked for runs that wait

    def ensure_running(self) -> None:
        """Start the workers that are needed and not running; returns at once. Raises LenetError if that fails."""
        with self._busy:
            self._start(1)
            for number in range(2, rules.workers() + 1):
                before = [read_state(n) for n in range(1, number)]
                if all(state.state == "training" for state in before) and waiting_runs():
                    self._start(number)

    def check(self) -> None:
        """Start a worker if runs wait and none is running, for example because it was killed.

        Called for every page that is served; it only looks every few seconds.
        """
        if time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        if not all(is_alive(number) for number in range(1, rules.workers() + 1)) and waiting_runs():
            with suppress(LenetError):  # the training page tells those who wait for a run
                self.ensure_running()

    def probe(self) -> None:
        """Start a worker to find out which device this machine has; it ends if no run waits. Raises LenetError."""
        if not is_alive():
            worker_job().start("--probe")

    def _start(self, number: int) -> None:
        if time.monotonic() - self._started.get(number, -LOCKED_WITHIN) < LOCKED_WITHIN or is_alive(number):
            return
        worker_job(number).start(*(("--number", str(number)) if number > 1 else ()))
        self._started[number] = time.monotonic()


def supervisor() -> Supervisor:
    """This process's supervisor of the current runs directory."""
    return _supervisor(paths.runs_dir())


@cache
def _supervisor(_runs_dir: Path) -> Supervisor:
    return Supervisor()


def is_alive(number: int = 1) -> bool:
    """Whether that worker is running."""
    return worker_job(number).is_running


# -- the runs of killed workers -----------------------------------------------------------------------


def will_be_requeued(run: Run) -> bool:
    """Whether the next worker will continue this run automatically, because the last one was killed while training it."""
    states = map(stored_state, range(1, rules.workers() + 1))
    return any(s.state == "training" and s.run == run.id and s.tries < TRIES for s in states)


def requeue_abandoned(number: int) -> dict[str, int]:
    """Put the run that the last worker of that number was training when it was killed back into the queue.

    Returns the number of workers that have begun it by its id; an empty dict if there is no such run. A run that has
    crashed TRIES workers is left interrupted. Only for the worker that holds the lock.
    """
    last = stored_state(number)
    if last.state != "training":
        return {}
    with suppress(LenetError, OSError):
        run = find(last.run)
        held = lock(run)  # so no process trains it, whatever its status says
        try:
            status = run.stored_status()
            if status.state == "running" and last.tries < TRIES:
                files.write_json(run.path / STATUS, asdict(replace(status, state="queued", for_worker=True)))
                log.warning("run_taken_up", run=run.id, tries=last.tries)
                return {run.id: last.tries}
            if status.state == "running":
                log.error("run_left_interrupted", run=run.id, tries=last.tries)
        finally:
            held.release()
    return {}
