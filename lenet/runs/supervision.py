"""Starts workers when runs wait, replaces workers that were killed, requeues the runs that those left behind, and stops workers.

Workers do not belong to a server process: all servers with the same runs directory start the same ones, and see from their
locks whether they are running. A new worker does not hold its lock at once, so a server waits a while after it has started
one. If two servers start the same worker, the second process finds the lock taken and ends. Each server holds a lock in
`<runs>/.servers/`, from which workers see whether there is one.
"""

from __future__ import annotations

import os
import secrets
import shlex
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import filelock

from lenet.common import fields, files, log, paths
from lenet.common.errors import LenetError
from lenet.runs import rules
from lenet.runs.files import STATUS
from lenet.runs.queue import waiting_for
from lenet.runs.state import read_state, read_states, stored_state, worker_job
from lenet.runs.store import Run, find, lock

LOCKED_WITHIN = 5.0  # seconds from the start of a worker until it holds its lock, on a busy machine
LOOK_EVERY = 3.0  # seconds between two looks of `Supervisor.check`
FORGOTTEN_AFTER = 60.0  # seconds until the lock of a killed server is removed
STOPPED_WITHIN = 60.0  # seconds in which a worker that is asked to puts back its run and ends, on a slow disk
MAX_WORKERS = int(fields.table(rules.Limits)["running"].high)
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
            for number in range(2, rules.workers_for_one_thread() + 1):
                before = [read_state(n) for n in range(1, number)]
                if all(state.state == "training" for state in before) and waiting_for(number):
                    self._start(number)

    def check(self) -> None:
        """Start a worker if runs wait and none is running, for example because it was killed.

        Called for every page that is served; it only looks every few seconds.
        """
        if time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        number = next((n for n in range(1, rules.workers_for_one_thread() + 1) if not is_alive(n)), 0)
        if number and waiting_for(number):
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


# -- servers -------------------------------------------------------------------------------------------------------------


@contextmanager
def serving() -> Iterator[None]:
    """Context in which workers know this process as a server of the current runs directory."""
    folder = paths.runs_dir() / ".servers"
    held = files.file_lock(folder / f"{os.getpid()}-{secrets.token_hex(4)}")
    with suppress(
        OSError, filelock.Timeout
    ):  # the runs directory cannot be written to: there will be no worker either
        folder.mkdir(parents=True, exist_ok=True)
        held.acquire(timeout=1)
    try:
        yield
    finally:
        held.release()
        with suppress(OSError):
            Path(held.lock_file).unlink(missing_ok=True)


def is_served() -> bool:
    """Whether a server with this runs directory is running."""
    served = False
    with suppress(OSError):
        for path in list((paths.runs_dir() / ".servers").iterdir()):
            if files.is_locked(path):
                served = True
            elif time.time() - path.stat().st_mtime > FORGOTTEN_AFTER:  # its server was killed
                path.unlink(missing_ok=True)
    return served


def what_goes_on() -> str:
    """For the terminal of a server that ends: which runs are trained all the same, and how to stop that. Empty if none is."""
    in_training = [state.run for state in read_states() if state.state == "training"]
    if not in_training:
        return ""
    python, there = Path(sys.executable), ""
    if not paths.INSTALLED and Path.cwd() != paths.PROJECT:  # `python -m` looks for `lenet` in the current folder
        there = f"cd {shlex.quote(str(paths.PROJECT))} && "
    elif python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    command = f"{there}{shlex.quote(str(python))} -m lenet.worker --stop"
    return f"Training goes on in the background: {', '.join(in_training)}. To stop it, and go on later: {command}"


# -- stopping workers ----------------------------------------------------------------------------------------------------


def asked_to_stop(number: int) -> bool:
    """Whether that worker is to put its run back into the queue and to end."""
    return _stop_request(number).exists()


def forget_stop_request(number: int) -> None:
    """What was asked of an earlier worker does not concern the next one."""
    with suppress(OSError):
        _stop_request(number).unlink(missing_ok=True)


def stop_workers() -> Iterator[tuple[int, str, bool]]:
    """Ask every worker of this runs directory to end; for each that was running its number, the run that it trained, and
    whether it has ended within STOPPED_WITHIN. Raises LenetError if the directory cannot be written to."""
    numbers = [n for n in range(1, MAX_WORKERS + 1) if is_alive(n)]
    trained = {number: read_state(number).run for number in numbers}
    for number in numbers:
        _request_stop(number)
    ends = time.monotonic() + STOPPED_WITHIN
    for number in numbers:
        while is_alive(number) and time.monotonic() < ends:
            _request_stop(number)  # a worker that began at that moment has taken the first one for an old one
            time.sleep(0.1)
        ended = not is_alive(number)
        if ended:
            forget_stop_request(number)
        yield number, trained[number], ended


def _request_stop(number: int) -> None:
    with files.writing(_stop_request(number).parent):
        _stop_request(number).touch()


def _stop_request(number: int) -> Path:
    return worker_job(number).folder / "request-stop"


# -- the runs of killed workers -----------------------------------------------------------------------


def will_be_requeued(run: Run) -> bool:
    """Whether the next worker will continue this run automatically, because the last one was killed while training it."""
    states = map(stored_state, range(1, rules.workers_for_one_thread() + 1))
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
