"""The engine `local`: trains the runs of an experiment in processes on this machine, several at a time.

Each run takes one thread, and there are as many at a time as this process may use cores: threads of one run wait for each other
in every step, runs never do. Examples/sec on two cores of an AMD EPYC (Zen 5), in training alone; medians of seven bursts of a second
each, taken in turn, ahead of all else on the machine:

| recipe    | one run of one thread | one run of two threads | two runs of one thread, together |
|-----------|-----------------------|------------------------|----------------------------------|
| `classic` | 17,767                | 30,886                 | 33,512 (1.09 times as many)      |
| `modern`  | 16,024                | 24,688                 | 29,480 (1.19 times as many)      |

Runs on a GPU share it: PER_GPU at a time, a number that has not been measured.

The processes (trainer.py) load PyTorch once and then train one run after the other. They give way to everything else on the
machine (`process.go_last`), and stop where this process ends, even by a kill: see there.
"""

from __future__ import annotations

import json
import os
import platform
import queue
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from lenet import runs
from lenet.common import paths, process
from lenet.common.errors import LenetError
from lenet.experiments.engines import Task

LOOK_EVERY = 0.2  # seconds between two looks whether to stop, and after runs that others train
TRIES = 3  # processes that one run may crash before it is left as it is
PER_GPU = 2  # runs at a time
MEMORY = 1.2e9  # bytes of a process that trains on all of Fashion-MNIST


def at_once(device: str) -> int:
    """How many runs are trained at a time on that device (a value of RunConfig.device)."""
    gpus = 0 if device in ("cpu", "mps") else len(process.gpus())
    if gpus:
        return PER_GPU * gpus
    if device == "mps" or (device == "auto" and (sys.platform, platform.machine()) == ("darwin", "arm64")):
        return PER_GPU
    return max(1, int(min(process.cores(), process.free_memory() // MEMORY)))


class Trainer:
    """A process that trains. What it tells is put into `told`, with None where it has ended."""

    def __init__(self, number: int, told: queue.Queue[tuple[Trainer, dict[str, Any] | None]]) -> None:
        self.task: Task | None = None
        self.is_ready = False
        background: dict[str, Any] = {"start_new_session": True}  # Ctrl-C in the terminal reaches this process alone
        if os.name == "nt":
            background = {"creationflags": 0x00000200 | 0x00004000}  # its own group, below normal
        self._process = subprocess.Popen(
            [sys.executable, *(["-P"] if paths.INSTALLED else []), "-m", "lenet.experiments.engines.trainer"],
            cwd=paths.PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | {"LENET_RUNS_DIR": str(paths.runs_dir())} | process.gpu_of(number),
            **background,
        )
        threading.Thread(target=self._listen, args=(told,), daemon=True).start()

    def _listen(self, told: queue.Queue[tuple[Trainer, dict[str, Any] | None]]) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            with suppress(ValueError):  # cut off by its end
                told.put((self, json.loads(line)))
        self._process.wait()
        told.put((self, None))

    def train(self, task: Task) -> None:
        self.task = task
        self._order(train=task.run_id, config=task.config.to_dict())

    def stop(self) -> None:
        """Have it stop its run at the next step, and end."""
        self._order(stop=True)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _order(self, **what: Any) -> None:
        assert self._process.stdin
        with suppress(OSError):  # it has ended: `told` will say so
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()


class LocalEngine:
    """Trains on this machine, `jobs` runs at a time; 0: as many as pay off."""

    def __init__(self, jobs: int = 0) -> None:
        self.jobs = jobs

    def train(
        self,
        tasks: Sequence[Task],
        *,
        ended: Callable[[Task], None],
        say: Callable[[str], None],
        stopping: Callable[[], bool],
    ) -> None:
        """See engines.Engine."""
        training = _Training(tasks, self.jobs or (at_once(tasks[0].config.device) if tasks else 1), ended, say)
        try:
            while training.goes_on:
                if stopping():
                    training.stop()
                training.go_on()
        finally:
            for trainer in training.trainers:
                trainer.kill()  # idle ones, or all where this is left by an exception


class _Training:
    """The state of one `train`."""

    def __init__(
        self, tasks: Sequence[Task], jobs: int, ended: Callable[[Task], None], say: Callable[[str], None]
    ) -> None:
        self.todo = deque(tasks)
        self.elsewhere: list[Task] = []  # other processes train them
        self.trainers: list[Trainer] = []
        self._jobs, self._ended, self._say = jobs, ended, say
        self._told: queue.Queue[tuple[Trainer, dict[str, Any] | None]] = queue.Queue()
        self._crashed: Counter[str] = Counter()
        self._started = 0
        self._never_ready = 0  # trainers that ended before they could train
        self._stopped = False

    @property
    def goes_on(self) -> bool:
        return bool(self.todo or self.elsewhere or any(trainer.task for trainer in self.trainers))

    def stop(self) -> None:
        """Train nothing new, and have every run stop at its next step."""
        if not self._stopped:
            self._stopped = True
            self.todo.clear()
            self.elsewhere.clear()
            for trainer in self.trainers:
                trainer.stop()

    def go_on(self) -> None:
        """Hand out what can be trained, and take up what has happened meanwhile; takes LOOK_EVERY at most."""
        while self.todo and (trainer := self._free()):
            trainer.train(self.todo.popleft())
        with suppress(queue.Empty):
            trainer, told = self._told.get(timeout=LOOK_EVERY)
            if told is None:
                self._take_end(trainer)
            elif "ready" in told:
                trainer.is_ready = True
            elif trainer.task:
                task, trainer.task = trainer.task, None
                if "ended" in told:
                    self._take_result(task, told["state"])
                else:
                    self._take_refusal(task, LenetError(told["code"], **told["params"]))
        for task in [task for task in self.elsewhere if not _in_training(task)]:
            self.elsewhere.remove(task)
            if _has_ended(task):
                self._ended(task)
            else:
                self.todo.appendleft(task)

    def _free(self) -> Trainer | None:
        """A trainer without a task, a new one if there may be more; None where all are busy."""
        for trainer in self.trainers:
            if trainer.task is None:
                return trainer
        if len(self.trainers) >= self._jobs:
            return None
        self._started += 1
        self.trainers.append(Trainer(len(self.trainers) + 1, self._told))
        return self.trainers[-1]

    def _take_result(self, task: Task, state: str) -> None:
        if not (self._stopped and state == "stopped"):
            self._ended(task)

    def _take_refusal(self, task: Task, why: LenetError) -> None:
        """A run could not be begun. Raises `why` where no other could be either."""
        if why.code == "run_busy":
            self._say(str(why))
            self.elsewhere.append(task)
        elif why.code in ("no_such_run", "run_removed"):  # deleted a moment ago
            self._again(task, why)
        else:
            raise why

    def _take_end(self, trainer: Trainer) -> None:
        """A trainer has ended: by the order to stop, by its system, or by a crash in its run."""
        self.trainers.remove(trainer)
        if not trainer.is_ready and not self._stopped:
            self._never_ready += 1
            if self._never_ready >= TRIES:
                raise LenetError("trainer_ends_at_once")
        if trainer.task and not self._stopped:
            self._again(trainer.task, LenetError("trainer_killed", id=trainer.task.run_id))

    def _again(self, task: Task, why: LenetError) -> None:
        """Have a run go on, unless that has been tried often enough."""
        self._crashed[task.run_id] += 1
        self._say(str(why))
        if self._crashed[task.run_id] < TRIES:
            self.todo.appendleft(task)
        else:
            self._ended(task)


def _in_training(task: Task) -> bool:
    with suppress(LenetError):
        return runs.find(task.run_id).in_training
    return False


def _has_ended(task: Task) -> bool:
    """Whether a run needs no training any more, or is not to be tried again by itself."""
    with suppress(LenetError):
        return runs.find(task.run_id).status().state in ("finished", "failed")
    return False
