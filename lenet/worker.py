"""The one process that owns the device and works off queued runs.

    python -m lenet.worker              # the app starts it when somebody opens the training page

Servers talk to it through the runs directory alone: a queued run is a directory whose status says so, a request is
a file in it. What the worker is doing and on which device stands in `<runs>/.worker/state.json`, so that pages can
tell without importing torch. It goes to sleep (ends) after half an hour without work.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import filelock

from lenet import files, runs, settings
from lenet.errors import LenetError
from lenet.i18n import N_
from lenet.i18n import translate as _
from lenet.recipes import DEVICES
from lenet.runs import Run

SLEEP_AFTER = 1800.0  # seconds without work
TRY_AGAIN = 30.0  # seconds until a run is tried again that could not be begun: others go first
SCAN_EVERY = 0.2  # seconds between two looks for queued runs

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
    updated: float = 0.0

    def words(self) -> str:
        """The state in the reader's language."""
        return _(STATES.get(self.state, STATES["unknown"]))


def _home() -> Path:
    return settings.runs_dir() / ".worker"


def read_state() -> WorkerState:
    """What the worker's file says; `asleep` where the process that wrote it is gone."""
    try:
        values: dict[str, Any] = json.loads(files.read_plain(_home() / "state.json", runs.MAX_JSON))
        state = _parsed(values)
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        state = WorkerState()
    if state.state not in ("unknown", "asleep") and not is_alive():
        return replace(state, state="asleep", run="")
    return state


def _parsed(values: dict[str, Any]) -> WorkerState:
    """A state from a file that anyone may have written: what is not of its kind keeps its default."""
    first = WorkerState()
    good = {
        f.name: values[f.name]
        for f in fields(WorkerState)
        if type(values.get(f.name)) is type(getattr(first, f.name)) and len(str(values[f.name])) <= runs.MAX_TEXT
    }
    devices = values.get("devices")
    devices = tuple(d for d in devices if d in DEVICES) if isinstance(devices, list) else ()
    return replace(first, **good, devices=devices)


def is_alive() -> bool:
    """Whether a worker runs on this runs directory."""
    return files.is_locked(_home() / "lock")


_spawned: dict[tuple[str, ...], float] = {}  # when this process last did so, by options


def ensure_running(*options: str) -> None:
    """Start a worker unless one is there; returns at once. Raises LenetError where that cannot be done.

    Two servers may do this in the same moment: the second worker finds the lock taken and ends.
    """
    if time.monotonic() - _spawned.get(options, -60.0) < 5 or is_alive():
        return
    home = _home()
    with files.writing(home):
        home.mkdir(parents=True, exist_ok=True)
        files.start("lenet.worker", *options, log=home / "worker.log")
    _spawned[options] = time.monotonic()


# -- the process itself ------------------------------------------------------------------------------------------


def queue() -> list[Run]:
    """Runs that wait for the worker, first come first."""
    waiting = []
    for run in runs.list_runs():
        with suppress(LenetError):
            status = run.status()
            if status.state == "queued" and status.for_worker:
                waiting.append((status.created, run))
    return [run for _created, run in sorted(waiting, key=lambda pair: pair[0])]


def ahead_of(run: Run) -> list[Run]:
    """The runs that the worker will train, or is training, before this queued one."""
    waiting = queue()
    before = waiting[: waiting.index(run)] if run in waiting else []
    state = read_state()
    if state.state == "training":
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
            per_epoch = status.steps_per_epoch * config.batch_size or config.examples_per_epoch or 60_000
            left += per_epoch * config.epochs - status.step * config.batch_size
    return left / speed if speed else None


def _write_state(**changes: Any) -> None:
    state = asdict(read_state()) | {"pid": os.getpid(), "updated": time.time()} | changes
    with suppress(OSError):  # a full disk does not stop the worker
        files.write_json(_home() / "state.json", state)


def leave_a_core() -> int:
    """Train on all cores but one, which is the server's; returns the number of threads.

    Threads that wait for each other at every layer stand still when one of them loses its core. On two cores, one of
    them busy, two threads trained 2 500 examples/sec and one thread 11 000; with nothing else to do, 20 000 and 16 000.
    """
    import torch

    threads = max(1, torch.get_num_threads() - 1)
    torch.set_num_threads(threads)
    return threads


def _facts() -> dict[str, Any]:
    """What this machine trains on. Imports torch."""
    import torch

    from lenet.engine import device_name, pick_device

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


def work(sleep_after: float = SLEEP_AFTER) -> None:
    """Train queued runs until there has been none for `sleep_after` seconds. The caller holds the lock."""
    _write_state(state="starting", run="")
    import torch

    from lenet.engine import DataCache
    from lenet.train import train_run

    threads = leave_a_core()
    _write_state(state="idle", **_facts())
    cache = DataCache()
    idle_since = time.monotonic()
    refused: dict[str, float] = {}  # until when a run is passed over that could not even be begun
    place = _lock_id()
    while time.monotonic() - idle_since < sleep_after:
        if _lock_id() != place:  # the folder was deleted under us: whoever makes it anew starts a worker of its own
            print(time.strftime("%F %T"), "the runs directory is gone", flush=True)
            return
        waiting = [run for run in queue() if refused.get(run.id, 0.0) < time.monotonic()]
        if not waiting:
            time.sleep(SCAN_EVERY)
            continue
        run = waiting[0]
        _write_state(state="training", run=run.id)
        print(time.strftime("%F %T"), run.id, flush=True)
        torch.set_num_threads(threads)  # a resumed run may have taken the number that it had before
        try:
            status = train_run(run, cache)
            print(time.strftime("%F %T"), run.id, status.state, status.code, flush=True)
        except (LenetError, OSError) as e:  # another process took it, or its directory is gone
            print(time.strftime("%F %T"), run.id, e, flush=True)
            refused[run.id] = time.monotonic() + TRY_AGAIN
        _write_state(state="idle", run="")
        idle_since = time.monotonic()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lenet.worker", description="Train queued runs, one at a time.")
    parser.add_argument("--probe", action="store_true", help="only write which device this machine has, and end")
    parser.add_argument("--sleep-after", type=float, default=SLEEP_AFTER, metavar="SECONDS")
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    home = _home()
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
        if args.probe:
            _write_state(state="asleep", run="", **facts)
        else:
            work(args.sleep_after)
    finally:
        _write_state(state="asleep", run="")
        held.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
