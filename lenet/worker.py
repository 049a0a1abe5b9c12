"""The process that owns the device and works off queued runs, one at a time.

    python -m lenet.worker              # the app starts it where runs wait
    python -m lenet.worker --status     # one line on how it is; exit status 1 where something is wrong

Servers talk to it through the runs directory alone: a queued run is a directory whose status says so, a request is
a file in it. What the worker is doing and on which device stands in `<runs>/.worker/state.json`, so that pages can
tell without importing torch. It goes to sleep (ends) after half an hour without work.

On SIGTERM it keeps the run that it is training as it is at that step, puts it back into the queue and ends. A run that it
was training when it was killed, or the power failed, is taken up by the next worker.

A public server may train several runs at once (`LENET_MAX_RUNNING`): then there are as many workers, told apart by their
number. The second one has its files in `.worker-2/`, and so on; all of them work off the same queue.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import filelock

from lenet import data, runs
from lenet.common import files, log, paths
from lenet.common.errors import LenetError
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs import Run, rules
from lenet.runs import files as run_files
from lenet.runs.configuration import DEVICES, RunConfig

SLEEP_AFTER = 1800.0  # seconds without work
TRY_AGAIN = 30.0  # seconds until a run is tried again that could not be begun: others go first
SCAN_EVERY = 0.2  # seconds between two looks for queued runs
TEND_EVERY = 3.0  # seconds between two looks of a server process whether runs wait for a worker that is not there
TRIES = 3  # workers that one run may bring down before it has to be resumed by hand

STATES = {
    "unknown": N_("not started yet"),
    "starting": N_("starting"),
    "idle": N_("ready"),
    "training": N_("training"),
    "asleep": N_("asleep"),
}


@dataclass(frozen=True)
class WorkerState:
    """What the worker last said of itself; `devices` are the values of RunConfig.device that work here."""

    state: str = "unknown"
    pid: int = 0
    run: str = ""
    device: str = ""
    device_name: str = ""
    devices: tuple[str, ...] = ()
    torch: str = ""
    tries: int = 0  # workers that have begun `run`, more than one where some died of it
    updated: float = 0.0

    def words(self) -> str:
        """The state in the reader's language."""
        return _(STATES.get(self.state, STATES["unknown"]))


_number = 1  # of the worker that this process is, if it is one


def _home(number: int = 0) -> Path:
    number = number or _number
    return paths.runs_dir() / (".worker" if number == 1 else f".worker-{number}")


def read_states() -> list[WorkerState]:
    """What each worker that this server may have says of itself."""
    return [read_state(number) for number in range(1, rules.workers() + 1)]


def read_state(number: int = 0) -> WorkerState:
    """What the worker's file says; `asleep` where the process that wrote it is gone."""
    state = _stored_state(number)
    if state.state not in ("unknown", "asleep") and not is_alive(number):
        return replace(state, state="asleep", run="")
    return state


def _stored_state(number: int = 0) -> WorkerState:
    try:
        values: dict[str, Any] = json.loads(files.read_plain(_home(number) / "state.json", run_files.MAX_JSON))
        return _parsed(values)
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return WorkerState()


def _parsed(values: dict[str, Any]) -> WorkerState:
    """A state from a file that anyone may have written: what is not of its kind keeps its default."""
    first = WorkerState()
    good = {
        f.name: values[f.name]
        for f in fields(WorkerState)
        if type(values.get(f.name)) is type(getattr(first, f.name)) and len(str(values[f.name])) <= run_files.MAX_TEXT
    }
    devices = values.get("devices")
    devices = tuple(d for d in devices if d in DEVICES) if isinstance(devices, list) else ()
    return replace(first, **good, devices=devices)


def is_alive(number: int = 0) -> bool:
    """Whether a worker runs on this runs directory."""
    return files.is_locked(_home(number) / "lock")


_spawned: dict[tuple[str, ...], float] = {}  # when this process last did so, by options


def ensure_running(*options: str) -> None:
    """Start the workers that are wanted and not there; returns at once. Raises LenetError where that cannot be done.

    Two servers may do this in the same moment: the second worker finds the lock taken and ends.
    """
    _ensure_running(1, options)
    for number in range(2, rules.workers() + 1):
        busy = sum(state.state == "training" for state in read_states()[: number - 1])
        if busy == number - 1 and queue():  # those before it have enough to do
            _ensure_running(number, (*options, "--number", str(number)))


def _ensure_running(number: int, options: tuple[str, ...]) -> None:
    if time.monotonic() - _spawned.get(options, -60.0) < 5 or is_alive(number):
        return
    home = _home(number)
    with files.writing(home):
        home.mkdir(parents=True, exist_ok=True)
        files.start("lenet.worker", *options, log=home / "worker.log")
    _spawned[options] = time.monotonic()


def will_take_up(run: Run) -> bool:
    """Whether it is the run that a worker died of, so that the next one begins with it (see `take_up`)."""
    return any(
        last.state == "training" and last.run == run.id and last.tries < TRIES
        for last in map(_stored_state, range(1, rules.workers() + 1))
    )


_tended = -60.0  # when this process last looked


def tend() -> None:
    """Start workers where runs wait and one is not there; whoever serves a page asks for it, and it looks now and then.

    A worker that was killed is replaced although nobody looks at the runs that wait for it.
    """
    global _tended
    if time.monotonic() - _tended < TEND_EVERY:
        return
    _tended = time.monotonic()
    with suppress(LenetError):  # who waits for a run is told, see the training page
        if not all(map(is_alive, range(1, rules.workers() + 1))) and queue():
            ensure_running()


# -- the process itself ------------------------------------------------------------------------------------------


def queue() -> list[Run]:
    """Runs that wait for the worker, in the order in which it takes them: owners by turns (see hosting.in_turn)."""

    def past(moment: float) -> float:  # or a clock that was set back would let an owner wait until it has caught up
        return moment if moment < time.time() + 60 else 0.0

    waiting: list[tuple[str, float, Run]] = []
    begun: list[tuple[Run, float]] = []  # with the end of its training, infinity while that goes on
    for run in reversed(runs.list_runs()):
        with suppress(LenetError):
            status = run.status()
            if run.is_reference or not status.for_worker:
                continue
            taken = status.state == "queued" and run.in_training  # by a worker, which has not written so yet
            if status.state == "queued" and not taken:
                waiting.append((run.owner, past(run.waiting_since()), run))
            if taken or status.started:
                going_on = taken or status.state == "running"
                begun.append((run, math.inf if going_on else past(status.updated)))
    if len(waiting) < 2:
        return [run for _owner, _since, run in waiting]
    served: dict[str, float] = {}
    for run, ended in begun:
        served[run.owner] = max(ended, served.get(run.owner, 0.0))
    return rules.in_turn(waiting, served)


def ahead_of(run: Run) -> list[Run]:
    """The runs that the worker will train, or is training, before this queued one."""
    waiting = queue()
    before = waiting[: waiting.index(run)] if run in waiting else []
    for state in read_states():
        if state.state == "training" and state.run != run.id:
            with suppress(LenetError):
                before.insert(0, runs.find(state.run))
    return before


def wait_seconds(before: list[Run]) -> float | None:
    """How long `before` will still take at the speed measured last on this machine; None where none was measured."""
    speed, left = 0.0, 0.0
    for run in [*before, *runs.list_runs()]:
        with suppress(LenetError):
            status = run.status()
            if not run.is_reference and status.examples_per_sec and status.device == read_state().device:
                speed = status.examples_per_sec
                break
    for run in before:
        with suppress(LenetError):
            status, config = run.status(), run.config
            per_epoch = status.steps_per_epoch * config.batch_size or _examples(config)
            left += per_epoch * config.epochs - status.step * config.batch_size
    return left / speed / rules.workers() if speed else None


def _examples(config: RunConfig) -> int:
    """Images of an epoch of a run that has not begun. Raises LenetError where there are none."""
    sizes = data.SAMPLE_SIZES if data.find(config.data).kind == "sample" else data.FULL_SIZES
    return min(config.examples_per_epoch or sizes["train"], sizes["train"])


def _write_state(**changes: Any) -> None:
    state = asdict(read_state()) | {"pid": os.getpid(), "updated": time.time()} | changes
    with suppress(OSError):  # a full disk does not stop the worker
        files.write_json(_home() / "state.json", state)


def leave_a_core() -> int:
    """Train on all cores but one, which is the server's, or on a worker's share of them; returns the number of threads.

    Threads that share every layer (of networks that written_out.py does not write out) stand still when one of them loses its
    core: on two cores, one of them busy, two threads trained 2,500 examples/sec and one thread 11,000. What is written
    out goes at 24,000 on one core of two while 40 visitors are served by the other, and at 46,000 on both.
    """
    import torch

    threads = max(1, (_threads_of_torch() - 1) // rules.workers())
    torch.set_num_threads(threads)
    return threads


@cache
def _threads_of_torch() -> int:
    """How many threads torch takes by itself, as long as nobody has told it otherwise."""
    import torch

    return torch.get_num_threads()


def go_last() -> None:
    """Let the pages go first where there are not cores enough for all.

    A process that leads a session of its own, as the worker does, is in a scheduling group of its own on many Linux
    systems: `nice` counts within a group, and `autogroup` between groups.
    """
    with suppress(AttributeError, OSError):  # Windows: see files.start
        os.nice(10)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("10")


def _facts() -> dict[str, Any]:
    """What this machine trains on. Imports torch."""
    import torch

    from lenet.training.devices import device_name, pick_device

    device = pick_device("auto")
    devices = ["auto", "cpu"]
    devices += ["cuda"] if torch.cuda.is_available() else []
    devices += ["mps"] if torch.backends.mps.is_available() else []
    return {
        "device": str(device),
        "device_name": device_name(device),
        "devices": devices,
        "torch": torch.__version__,
    }


def _lock_id() -> tuple[int, int] | None:
    """Which file the lock is; None where there is none."""
    try:
        found = (_home() / "lock").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def take_up() -> tuple[str, int]:
    """Put the run that the last worker died of, if it did, back into its place in the queue.

    Returns its id and how many workers have begun it. The caller holds the worker's lock. A run that brings every worker down is left interrupted after TRIES of them.
    """
    last = _stored_state()
    if last.state == "training":
        with suppress(LenetError, OSError):
            run = runs.find(last.run)
            with runs.lock(run):  # then nobody trains it, whatever its status says
                status = run.stored_status()
                if status.state != "running":
                    return "", 0
                if last.tries >= TRIES:
                    log.error("run_left_interrupted", run=run.id, tries=last.tries)
                    return "", 0
                files.write_json(run.path / "status.json", asdict(replace(status, state="queued", for_worker=True)))
            log.warning("run_taken_up", run=run.id, tries=last.tries)
            return run.id, last.tries
    return "", 0


def work(leaving: Callable[[], bool], sleep_after: float = SLEEP_AFTER, begun: tuple[str, int] = ("", 0)) -> None:
    """Train queued runs until there has been none for `sleep_after` seconds or this process is `leaving`.

    The caller holds the lock; `begun` is what `take_up` said.
    """
    _write_state(state="starting", run="")
    import torch

    from lenet.training.dataset import DatasetCache
    from lenet.training.run import train_run

    threads = leave_a_core()
    _write_state(state="idle", **_facts())
    cache = DatasetCache()
    idle_since = time.monotonic()
    refused: dict[str, float] = {}  # until when a run is passed over that could not even be begun
    place = _lock_id()
    while not leaving() and time.monotonic() - idle_since < sleep_after:
        if _lock_id() != place:  # the folder was deleted under us: whoever makes it anew starts a worker of its own
            print(time.strftime("%F %T"), "the runs directory is gone", flush=True)
            return
        waiting = [run for run in queue() if refused.get(run.id, 0.0) < time.monotonic()]
        if not waiting:
            time.sleep(SCAN_EVERY)
            continue
        run = waiting[0]
        tries = begun[1] if run.id == begun[0] else 0
        _write_state(state="training", run=run.id, tries=tries + 1)
        log.info("run_started", run=run.id)
        print(time.strftime("%F %T"), run.id, flush=True)
        torch.set_num_threads(threads)  # a resumed run may have taken the number that it had before
        try:
            status = train_run(run, cache, leaving=leaving)
            print(time.strftime("%F %T"), run.id, status.state, status.code, flush=True)
            if status.state == "failed":
                log.error("run_failed", run=run.id, code=status.code, params=status.params)
            else:
                log.info(f"run_{status.state}", run=run.id, epoch=status.epoch, step=status.step)
        except (LenetError, OSError) as e:  # another process took it, or its directory is gone
            print(time.strftime("%F %T"), run.id, e, flush=True)
            log.warning("run_not_trained", run=run.id, reason=str(e))
            refused[run.id] = time.monotonic() + TRY_AGAIN
        _write_state(state="idle", run="", tries=0)
        idle_since = time.monotonic()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lenet.worker", description="Train queued runs, one at a time.")
    parser.add_argument(
        "--probe", action="store_true", help="write which device this machine has, and end if no run waits"
    )
    parser.add_argument("--sleep-after", type=float, default=SLEEP_AFTER, metavar="SECONDS")
    parser.add_argument("--number", type=int, default=1, metavar="N", help="which of several workers it is")
    parser.add_argument("--status", action="store_true", help="say in one line how the workers are, and end")
    args = parser.parse_args(argv)
    global _number
    _number = max(args.number, 1)
    try:
        rules.limits()
    except LenetError as e:
        print(e, file=sys.stderr)
        return 2
    if args.status:
        from lenet.runs import health  # which asks this module

        well, line = health.report()
        print(line)
        return 0 if well else 1
    leave = threading.Event()

    def on_signal(number: int, frame: object) -> None:
        leave.set()
        signal.signal(number, signal.SIG_DFL)  # a second one ends at once

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    home = _home()
    go_last()
    held = filelock.FileLock(home / "lock")
    facts: dict[str, Any] = {}
    try:
        home.mkdir(parents=True, exist_ok=True)
        if args.probe:  # before the lock: a worker that is wanted now does not wait for it
            leave_a_core()
            facts = _facts()
        held.acquire(timeout=1)
    except filelock.Timeout:
        print("a worker is running already", file=sys.stderr)
        return 0
    except OSError as e:
        print(LenetError("not_writable", folder=str(home), reason=e.strerror or str(e)), file=sys.stderr)
        return 1
    try:
        begun = take_up()
        if args.probe and not queue():
            _write_state(state="asleep", run="", **facts)
        else:
            log.info("worker_started", number=_number)
            work(leave.is_set, args.sleep_after, begun)
            log.info("worker_stopped", number=_number, asked=leave.is_set())
    except BaseException as e:
        log.error("worker_failed", e)
        raise
    finally:
        _write_state(state="asleep", run="")
        held.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
