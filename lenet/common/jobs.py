"""Background work, done in a separate process and watched and stopped through files.

Three kinds of work use this: training (runs/supervision.py), the test on all test images (kernels/ablation.py) and the
download of the data set (data.py). Each kind has a folder, in which one process at a time works:

    lock            held by that process; the system releases it when the process ends, also when it is killed
    log             what the process has printed

Where tasks are asked for by name (`TaskQueue`), the folder also holds

    TASK.asked      this task is requested; the oldest request is next. Removing the file stops the work on it
    progress.json   the current task: `task`, the `share` of it that is done (0 to 1), the seconds `left` (or null)
    TASK.failed     why the last attempt failed: `code` and `params` of a LenetError, and the `version` that was tried

The runs that wait for training are such tasks too, but each has a directory of its own with this information
(runs/files.py), so training uses only the first two files.

A process may be killed at any moment. Its files then tell the state of the work:

    lock free, TASK.asked              not begun yet: the next process does it
    lock free, progress.json           killed during this task: it counts as failed until it is requested again
    lock held, progress.json damaged   at work, progress unknown
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import filelock

from lenet.common import fields, files, paths
from lenet.common.errors import LenetError
from lenet.common.fields import setting

MAX_JSON = 64 * 2**10  # bytes of a file that is read here
WRITE_EVERY = 0.3  # seconds between two writings of progress.json

T = TypeVar("T")
Tell = Callable[[float], None]
"""Called by a task with the share of its work that is done. Raises Stopped when the task is no longer requested."""


class AlreadyRunning(Exception):
    """Another process is at work in this folder."""


class Stopped(Exception):
    """The current task is no longer requested."""


def start_process(module: str, *options: str, log: Path) -> None:
    """Start `python -m module` so that it outlives this process; its output is appended to `log`.

    A new interpreter, never a fork: a page's script is `__main__` in a server, and a fork would copy the server.
    """
    detached: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        detached = {"creationflags": 0x00000008 | 0x00000200 | 0x00004000}  # detached, its own group, below normal
    # `python -m` searches its folder first: in a checkout that finds `lenet`, in site-packages it would come before the
    # standard library.
    safe_path = ["-P"] if paths.INSTALLED else []
    with log.open("ab") as out:
        subprocess.Popen(
            [sys.executable, *safe_path, "-m", module, *options],
            cwd=paths.PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=os.environ | {"LENET_RUNS_DIR": str(paths.runs_dir()), "PYTHONUNBUFFERED": "1"},
            **detached,
        )


# -- a process and its lock --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """Work that one process at a time does in `folder`; `python -m module` is that process."""

    folder: Path
    module: str

    @property
    def is_running(self) -> bool:
        """Whether a process is at work. One that was started a moment ago may not hold its lock yet."""
        return files.is_locked(self.folder / "lock")

    def start(self, *options: str) -> None:
        """Start the process and return at once; if one is at work already, the new one ends by itself.

        Raises LenetError if the folder cannot be written to.
        """
        with files.writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            start_process(self.module, *options, log=self.folder / "log")

    @contextmanager
    def hold(self, timeout: float) -> Iterator[Hold]:
        """Context in which this is the process at work. Raises AlreadyRunning if another one still is after `timeout`
        seconds, and LenetError if the folder cannot be written to.
        """
        lock = files.file_lock(self.folder / "lock")
        with files.writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=timeout)
            except filelock.Timeout as e:
                raise AlreadyRunning from e
        try:
            yield Hold(self.folder / "lock", _identity(self.folder / "lock"))
        finally:
            lock.release()


@dataclass(frozen=True)
class Hold:
    """A lock that this process holds."""

    path: Path
    identity: tuple[int, int] | None

    @property
    def is_lost(self) -> bool:
        """Whether the folder was deleted and perhaps replaced since: another process may be at work in the new one."""
        return _identity(self.path) != self.identity


def _identity(path: Path) -> tuple[int, int] | None:
    """The device and inode of a file; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


# -- tasks that are asked for by name ----------------------------------------------------------------------------

TASK = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""The pattern of task names."""


@dataclass(frozen=True)
class _InHand:
    """progress.json."""

    task: str = setting("", pattern=TASK)
    share: float = setting(0.0, high=1.0)
    left: float | None = None


@dataclass(frozen=True)
class _Failed:
    """TASK.failed."""

    code: str = ""
    params: dict[str, Any] | None = None
    version: str = ""


@dataclass(frozen=True)
class Progress:
    """The progress of a task."""

    share: float = 0.0
    """The share of the work that is done, 0 to 1."""
    left: float | None = None
    """Seconds that are left; None while they cannot be estimated."""
    ahead: int = 0
    """Tasks that are done before this one."""


class TaskQueue(Job, ABC):
    """A job whose process does tasks one after the other. Subclasses define what a task is."""

    @abstractmethod
    def do(self, task: str, tell: Tell) -> None:
        """Do a task and store its result."""

    @abstractmethod
    def is_done(self, task: str) -> bool:
        """Whether the result of a task exists already."""

    @abstractmethod
    def error(self, cause: Exception | None) -> LenetError:
        """The error shown for a task that ended with `cause`, which is None if its process was killed."""

    def version(self, task: str) -> str:
        """The version of what the task works on; a failure only counts for the version that it happened with."""
        return ""

    # -- for everybody

    def ask(self, task: str, *options: str) -> None:
        """Request a task and start a process for it. Raises LenetError if the folder cannot be written to."""
        self._put(task)
        self.start(*options)

    def withdraw(self, task: str) -> None:
        """Withdraw the request for a task: the work on it stops within a second. Raises LenetError."""
        with files.writing(self.folder):
            self._asked(task).unlink(missing_ok=True)

    def progress(self, task: str) -> Progress | None:
        """The progress of a requested task, also while others come first; None if it is not requested or no process runs."""
        if not self._asked(task).exists() or not self.is_running:
            return None
        in_hand = self._in_hand()
        if in_hand.task == task:
            return Progress(in_hand.share, in_hand.left)
        if not in_hand.task:
            return Progress()
        before = [other for other in self._waiting() if other != in_hand.task]
        return Progress(ahead=1 + (before.index(task) if task in before else 0))

    def failure(self, task: str) -> LenetError | None:
        """Why the last attempt at a task failed; None if it did not, or the task has been requested again since."""
        if self._in_hand().task == task and not self.is_running:
            return self.error(None)
        failed = _read(_Failed, self._failed(task))
        with suppress(LenetError, TypeError):  # what the task worked on is gone, or the stored parameters are invalid
            if failed.code and failed.version == self.version(task):
                return LenetError(failed.code, **(failed.params or {}))
        return None

    @property
    def in_hand(self) -> str:
        """The task that a process is at, or was at when it was killed; empty if there is none."""
        return self._in_hand().task

    # -- for the process

    def work_off(self, *tasks: str) -> None:
        """Do these tasks and all other requested ones, the oldest first, until none is left.

        Raises AlreadyRunning if another process is at work, which will then do them, and LenetError.
        """
        for task in tasks:
            self._put(task)
        # A process that is about to end may have looked for tasks a moment ago: wait for its lock.
        with self.hold(timeout=2):
            self._clear_up()
            while waiting := self._waiting():
                self._attempt(waiting[0])

    def _attempt(self, task: str) -> None:
        try:
            if not self.is_done(task):
                self.do(task, self._teller(task))
        except Stopped:
            return  # it may have been requested again since
        except Exception as e:  # one failing task must not block the others
            self._fail(task, e)
        finally:
            self._progress.unlink(missing_ok=True)
        self._asked(task).unlink(missing_ok=True)

    def _clear_up(self) -> None:
        """Mark the task during which the previous process was killed as failed, so that it is not retried."""
        if killed := self._in_hand().task:
            with suppress(LenetError):  # what the task worked on is gone
                if not self.is_done(killed):
                    self._fail(killed, None)
            self._asked(killed).unlink(missing_ok=True)
        self._progress.unlink(missing_ok=True)

    def _put(self, task: str) -> None:
        """Put a task into the queue unless it is there already, and forget its last failure."""
        with files.writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._failed(task).unlink(missing_ok=True)
            if self._in_hand().task == task and not self.is_running:
                self._progress.unlink(missing_ok=True)
            if not self._asked(task).exists():
                self._asked(task).touch()

    def _fail(self, task: str, cause: Exception | None) -> None:
        told = self.error(cause)
        print(f"{task}: {told}", file=sys.stderr)
        with suppress(LenetError, OSError):
            files.write_json(self._failed(task), asdict(_Failed(told.code, told.params, self.version(task))))

    def _teller(self, task: str) -> Tell:
        """A function that records progress. The remaining time is estimated from the work after the first call."""
        first: tuple[float, float] | None = None
        written = -math.inf

        def tell(share: float) -> None:
            nonlocal first, written
            if not self._asked(task).exists():
                raise Stopped
            now = time.monotonic()
            first = first or (now, share)
            if now - written < WRITE_EVERY:
                return
            written, (began, before) = now, first
            left = round((now - began) * (1 - share) / (share - before), 1) if share > before else None
            with suppress(OSError):  # a full disk does not stop the work
                files.write_json(self._progress, asdict(_InHand(task, round(share, 3), left)))

        tell(0.0)
        first = None  # the time for loading does not count
        return tell

    def work_off_as_command(self, task: str) -> int:
        """`work_off` for a command; returns its exit status. Raises LenetError.

        Where another process is at work, the command says that this one will do the task.
        """
        try:
            self.work_off(task)
        except AlreadyRunning:
            print(
                f"another process of {self.module} does what was asked for, one task after the other", file=sys.stderr
            )
            return 0
        return 0 if self.is_done(task) else 1

    # -- its files

    @property
    def _progress(self) -> Path:
        return self.folder / "progress.json"

    def _asked(self, task: str) -> Path:
        return self.folder / f"{task}.asked"

    def _failed(self, task: str) -> Path:
        return self.folder / f"{task}.failed"

    def _waiting(self) -> list[str]:
        """The requested tasks, the oldest first."""
        found = []
        for path in self.folder.glob("*.asked"):
            task = path.name.removesuffix(".asked")
            with suppress(OSError):  # withdrawn just now
                if re.fullmatch(TASK, task):
                    found.append((path.stat().st_mtime_ns, task))
        return [task for _time, task in sorted(found)]

    def _in_hand(self) -> _InHand:
        """The current task; an empty one if the file is missing or damaged."""
        return _read(_InHand, self._progress)


def _read(cls: type[T], file: Path) -> T:
    """A JSON file as a `cls`; the defaults if the file is missing or damaged."""
    with suppress(OSError, ValueError, RecursionError):
        return fields.read(cls, json.loads(files.read_plain(file, MAX_JSON)), file.name)
    return cls()
