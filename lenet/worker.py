"""The process that trains queued runs, one at a time.

    python -m lenet.worker              # the app starts it where runs wait
    python -m lenet.worker --status     # one line on how the workers are; exit status 1 where something is wrong
    python -m lenet.worker --stop       # have them put back what they train, and end

Servers and worker talk to each other through the runs directory alone. A queued run is a directory whose status says so, a
request is a file in it, and what a worker does stands in its state (runs/state.py). The worker ends after half an hour
without work, and after two minutes without work and without a server; a server starts the next one (runs/supervision.py).

On SIGTERM, and on `--stop`, it stores the run that it is training as it is at that step, puts it back into the queue and
ends. When it is killed, or the power fails, the next worker goes on with that run from its last checkpoint.

On a public server runs take turns: one that others wait for is put back in the same way, behind them (runs/queue.py). There
may be several workers (`LENET_MAX_RUNNING`), numbered from 1, with a folder each; all of them take their runs from the same
queue. Where a machine has several GPUs, each worker sees one of them, in turn.

On a laptop there is one worker, and as many more as there are cores for runs of one thread, as experiments have them: those
end after a minute without such a run.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lenet.common import fields, log, process
from lenet.common.errors import LenetError
from lenet.common.fields import Field, check_integer
from lenet.common.jobs import AlreadyRunning, Hold
from lenet.experiments import control
from lenet.runs import Run, cost, find, health, rules, supervision, waiting_runs
from lenet.runs.queue import Turn, takes_all, waiting_for
from lenet.runs.state import worker_job, write_state
from lenet.runs.supervision import requeue_abandoned

SLEEP_AFTER = 1800.0  # seconds without work
ALONE_AFTER = 120.0  # seconds without work and without a server
BESIDE_AFTER = 60.0  # seconds without work of a worker that only trains runs of one thread beside the first
SERVER_EVERY = 5.0  # seconds between two looks for a server
TRY_AGAIN = 30.0  # seconds until a run that could not be begun is tried again: others go first
KEEP_UP_EVERY = 5.0  # seconds between two looks for runs of experiments that may be queued by now
SCAN_EVERY = 0.2  # seconds between two looks for queued runs


class Worker:
    """Trains what waits, on the device of this machine. Made in the process that trains: it imports torch."""

    def __init__(self, number: int) -> None:
        import torch

        from lenet.training.dataset import DatasetCache

        self.number = number
        self.cache = DatasetCache()
        # All cores but one, which is the server's, or a worker's share of them. Threads that share every layer (of
        # networks that written_out.py does not write out) stand still when one of them loses its core: on two cores,
        # one of them busy, two threads trained 2,500 examples/sec and one thread 11,000. What is written out goes at
        # 24,000 on one core of two while 40 visitors are served by the other, and at 46,000 on both.
        self.threads = max(1, (torch.get_num_threads() - 1) // rules.workers())
        self.use_threads()
        self._calibrated = False
        self._kept_up = 0.0

    def use_threads(self) -> None:
        """Have torch use this worker's threads: a resumed run may have set the number that it had before."""
        import torch

        torch.set_num_threads(self.threads)

    def machine(self) -> dict[str, Any]:
        """What this machine trains on, as in WorkerState."""
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

    def work(self, held: Hold, leaving: Callable[[], bool], patience: Patience, tries: dict[str, int]) -> None:
        """Train queued runs until there were none for longer than `patience` or this process is `leaving`.

        `tries` says how many workers before this one have begun a run, by its id (see `requeue_abandoned`).
        """
        write_state(self.number, state="idle", **self.machine())
        patience.begin()
        not_before: dict[str, float] = {}  # when a run that could not be begun is tried again
        while not leaving() and not patience.is_over():
            if held.is_lost:  # the folder was deleted: whoever makes it anew starts a worker of its own
                _print("the runs directory is gone")
                return
            self.keep_up()
            waiting = [run for run in waiting_for(self.number) if not_before.get(run.id, 0.0) < time.monotonic()]
            if not waiting:
                self.calibrate()
                time.sleep(SCAN_EVERY)
                continue
            run = waiting[0]
            write_state(self.number, state="training", run=run.id, tries=tries.pop(run.id, 0) + 1)
            try:
                self.train(run, leaving)
            except (LenetError, OSError) as e:  # another process took it, or its directory is gone
                _print(run.id, e)
                log.warning("run_not_trained", run=run.id, reason=str(e))
                not_before[run.id] = time.monotonic() + TRY_AGAIN
            write_state(self.number, state="idle", run="", tries=0)
            patience.begin()

    def calibrate(self) -> None:
        """Measure how fast the devices of this machine train of which nothing is known yet: pages then say how long a run
        takes, and a public server limits it on whichever device a visitor chooses."""
        from lenet.training import calibration
        from lenet.training.devices import pick_device

        if self._calibrated or not takes_all(self.number):
            return
        self._calibrated = True
        for device in self.machine()["devices"]:
            if device == "auto":
                continue
            try:
                calibration.measure(pick_device(device))
            except Exception as e:  # then the first runs tell
                log.warning("speed_not_measured", reason=f"{type(e).__name__}: {e}"[:200])
        self.use_threads()

    def keep_up(self) -> None:
        """Every few seconds queue runs of experiments that the limits of a public server let in by now."""
        if time.monotonic() - self._kept_up > KEEP_UP_EVERY:
            self._kept_up = time.monotonic()
            with suppress(LenetError, OSError):
                control.keep_up_all()

    def train(self, run: Run, leaving: Callable[[], bool]) -> None:
        """Train one run to its end, and write down how that was. Raises LenetError and OSError where it cannot begin."""
        from lenet.training.run import train_run

        log.info("run_started", run=run.id)
        _print(run.id)
        self.use_threads()
        status = train_run(run, self.cache, leaving=leaving, turn_over=Turn().is_over)
        if status.state != "failed":
            with suppress(LenetError):  # deleted since
                cost.learn(run.config, status)
        _print(run.id, status.state, status.code)
        if status.state == "failed":
            log.error("run_failed", run=run.id, code=status.code, params=status.params)
        else:
            log.info(f"run_{status.state}", run=run.id, epoch=status.epoch, step=status.step)


class Patience:
    """How long a worker waits for work: `sleep_after` seconds, or `alone_after` once there is no server any more."""

    def __init__(self, sleep_after: float, alone_after: float) -> None:
        self.sleep_after, self.alone_after = sleep_after, alone_after
        self.begin()

    def begin(self) -> None:
        """There was work until now."""
        self._idle_since = self._served = time.monotonic()
        self._looked = -SERVER_EVERY

    def is_over(self) -> bool:
        now = time.monotonic()
        if now - self._looked >= SERVER_EVERY:
            self._looked = now
            if supervision.is_served():
                self._served = now
        return now - self._idle_since >= self.sleep_after or now - self._served >= self.alone_after


def _print(*words: object) -> None:
    print(time.strftime("%F %T"), *words, flush=True)


def _leave_on_signal() -> threading.Event:
    """An event that is set once this process is asked to end; when it is asked again, it ends at once."""
    leave = threading.Event()

    def on_signal(number: int, frame: object) -> None:
        leave.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return leave


def serve(number: int, *, only_probe: bool, patience: Patience) -> None:
    """Be the worker of that number. Raises AlreadyRunning where there is one, and LenetError."""
    signalled = _leave_on_signal()

    def leaving() -> bool:
        return signalled.is_set() or supervision.asked_to_stop(number)

    process.go_last()
    os.environ.update(process.gpu_of(number))  # before PyTorch is imported
    worker = Worker(number) if only_probe else None
    machine = worker.machine() if worker else {}
    if worker and not waiting_runs():
        # The lock is held for a moment only, and not while it measures: a worker that is wanted now does not wait for it.
        with worker_job(number).hold(timeout=1):
            write_state(number, **machine)
        worker.calibrate()
    with worker_job(number).hold(timeout=1) as held:
        try:
            supervision.forget_stop_request(number)
            tries = requeue_abandoned(number)
            if worker and not waiting_runs():
                write_state(number, **machine)
                return
            log.info("worker_started", number=number)
            write_state(number, state="starting", run="")
            (worker or Worker(number)).work(held, leaving, patience, tries)
            log.info("worker_stopped", number=number, asked=leaving())
        except BaseException as e:
            log.error("worker_failed", e)
            raise
        finally:
            write_state(number, state="asleep", run="")


def stop() -> int:
    """Stop all workers and say what became of their runs; 1 where one did not end. Raises LenetError."""
    alone, stuck = True, False
    for number, run_id, ended in supervision.stop_workers():
        alone = False
        if not ended:
            stuck = True
            within = supervision.STOPPED_WITHIN
            print(f"worker {number} has not ended within {within:.0f} seconds", file=sys.stderr)
            continue
        print(f"worker {number} has ended{_what_became_of(run_id)}")
    if alone:
        print("no worker is running")
    return 1 if stuck else 0


def _what_became_of(run_id: str) -> str:
    with suppress(LenetError):
        run = find(run_id)
        status = run.status()
        if status.state == "queued":
            steps = status.steps_per_epoch * run.config.epochs
            text = f": {run_id} waits at step {status.step} of {steps} and goes on with the next worker"
            return text + (", which the server that is running starts" if supervision.is_served() else "")
        return f": {run_id} is {status.state}"
    return ""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lenet.worker", description="Train queued runs, one at a time.")
    parser.add_argument(
        "--probe", action="store_true", help="detect the device of this machine, and exit if no run is waiting"
    )
    parser.add_argument(
        "--sleep-after",
        type=float,
        metavar="SECONDS",
        help="exit after this long without work, whether there is a server or not (default: 1800, without one 120)",
    )
    parser.add_argument(
        "--number", type=int, default=1, metavar="N", help="number of this worker, if there are several (default: 1)"
    )
    parser.add_argument(
        "--stop", action="store_true", help="have all workers put back what they train and exit, and say so"
    )
    parser.add_argument("--status", action="store_true", help="print the state of the workers in one line, and exit")
    args = parser.parse_args(argv)
    try:
        rules.limits()  # a limit that cannot be read is told before anything begins
        rules.workers()
        if args.sleep_after is not None:
            Field("sleep-after", float).check(args.sleep_after)
        check_integer("number", args.number, 1, int(fields.table(rules.Limits)["running"].high))
    except LenetError as e:
        print(e, file=sys.stderr)
        return 2
    if args.status:
        well, line = health.report()
        print(line)
        return 0 if well else 1
    patience = Patience(SLEEP_AFTER, ALONE_AFTER) if takes_all(args.number) else Patience(BESIDE_AFTER, BESIDE_AFTER)
    if args.sleep_after is not None:
        patience = Patience(args.sleep_after, args.sleep_after)
    try:
        if args.stop:
            return stop()
        serve(args.number, only_probe=args.probe, patience=patience)
    except AlreadyRunning:
        print("a worker is running already", file=sys.stderr)
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
