"""Work in the background: done by a process of its own, watched and stopped by everybody through files.

Three kinds of work use this: training (runs/supervision.py), the look at all test images (kernels/ablation.py) and the
download of the data set (data.py). Each kind has a folder, in which one process at a time is at work:

    lock            held by that process; the system releases it when the process ends, also when it is killed
    log             what the process has printed

Where tasks are asked for by name (`TaskQueue`), the folder also holds

    TASK.asked      somebody wants this task; the oldest is next. Removing the file stops the work on it
    progress.json   the task in hand: `task`, the `share` of it that is done (0 to 1), the seconds `left` (or null)
    TASK.failed     why the last attempt failed: `code` and `params` of a LenetError, and the `version` that it was about

The runs that wait for training are such tasks too, but each has a directory of its own that says all this of it
(runs/files.py), so training uses the first two files alone.

A process may be killed at any moment. What it leaves behind tells the rest:

    lock free, TASK.asked              not begun yet: the next process does it
    lock free, progress.json           killed at this task: it has failed, until somebody asks for it again
    lock held, progress.json damaged   at work, nobody knows how far
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
"""What a task calls with the share of its work that is done. It raises Stopped when nobody wants the task any more."""


class AlreadyRunning(Exception):
    """Another process is at work in this folder."""


class Stopped(Exception):
    """Nobody wants the task in hand any more."""


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
        """Whether a process is at work. A process that was started just now does not hold its lock yet."""
        return files.is_locked(self.folder / "lock")

    def start(self, *options: str) -> None:
        """Start the process and return at once; should one be at work already, the new one ends by itself.

        Raises LenetError where the folder cannot be written to.
        """
        with files.writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            start_process(self.module, *options, log=self.folder / "log")

    @contextmanager
    def hold(self, timeout: float) -> Iterator[Hold]:
        """Context: this is the process at work. Raises AlreadyRunning where another one still is after `timeout`
        seconds, and LenetError where the folder cannot be written to.
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
        """Whether the folder was deleted meanwhile: another process may be at work in the one that took its place."""
        return _identity(self.path) != self.identity


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


# -- tasks that are asked for by name ----------------------------------------------------------------------------

TASK = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""What a task can be called."""


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
    """How far the work on a task is."""

    share: float = 0.0
    """Of the work that is done, 0 to 1."""
    left: float | None = None
    """Seconds; None while nobody can tell."""
    ahead: int = 0
    """Tasks that come first."""


class TaskQueue(Job, ABC):
    """A job whose process does tasks one after the other. What is done for a task is said by a subclass."""

    @abstractmethod
    def do(self, task: str, tell: Tell) -> None:
        """Do a task and store its result."""

    @abstractmethod
    def is_done(self, task: str) -> bool:
        """Whether the result of a task is there already."""

    @abstractmethod
    def error(self, cause: Exception | None) -> LenetError:
        """What readers are told of a task that ended with `cause`; None where its process was killed."""

    def version(self, task: str) -> str:
        """Of what the task is about; a failure counts for this version alone."""
        return ""

    # -- for everybody

    def ask(self, task: str, *options: str) -> None:
        """Ask for a task, and start a process for it. Raises LenetError where the folder cannot be written to."""
        self._put(task)
        self.start(*options)

    def withdraw(self, task: str) -> None:
        """Ask for a task no longer: the work on it stops within a second. Raises LenetError."""
        with files.writing(self.folder):
            self._asked(task).unlink(missing_ok=True)

    def progress(self, task: str) -> Progress | None:
        """How far the work on a task is, also while others come first; None where it is not asked for or none works."""
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
        """Why the last attempt at a task failed; None where none did, or it was asked for again since."""
        if self._in_hand().task == task and not self.is_running:
            return self.error(None)
        failed = _read(_Failed, self._failed(task))
        with suppress(LenetError, TypeError):  # what it was about is gone; parameters that cannot be some
            if failed.code and failed.version == self.version(task):
                return LenetError(failed.code, **(failed.params or {}))
        return None

    # -- for the process

    def work_off(self, *tasks: str) -> None:
        """Do these tasks and all others that are asked for, the oldest first, until none is left.

        Raises AlreadyRunning where another process is at it, which does them then, and LenetError.
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
            return  # it may have been asked for again since
        except Exception as e:  # a task that cannot be done does not hold up the others
            self._fail(task, e)
        finally:
            self._progress.unlink(missing_ok=True)
        self._asked(task).unlink(missing_ok=True)

    def _clear_up(self) -> None:
        """A task at which a process before this one was killed is not tried again by itself."""
        if killed := self._in_hand().task:
            with suppress(LenetError):  # what it was about is gone
                if not self.is_done(killed):
                    self._fail(killed, None)
            self._asked(killed).unlink(missing_ok=True)
        self._progress.unlink(missing_ok=True)

    def _put(self, task: str) -> None:
        """Put a task into the queue, where it is not there yet. What went wrong before does not count any more."""
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
        """Writes down how far the task is. The time that is left follows from the work after the first call."""
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
        first = None  # loading what the task needs does not count
        return tell

    # -- its files

    @property
    def _progress(self) -> Path:
        return self.folder / "progress.json"

    def _asked(self, task: str) -> Path:
        return self.folder / f"{task}.asked"

    def _failed(self, task: str) -> Path:
        return self.folder / f"{task}.failed"

    def _waiting(self) -> list[str]:
        """The tasks that are asked for, the oldest first."""
        found = []
        for path in self.folder.glob("*.asked"):
            task = path.name.removesuffix(".asked")
            with suppress(OSError):  # withdrawn just now
                if re.fullmatch(TASK, task):
                    found.append((path.stat().st_mtime_ns, task))
        return [task for _time, task in sorted(found)]

    def _in_hand(self) -> _InHand:
        """The task that is worked at; none where the file is not there or damaged."""
        return _read(_InHand, self._progress)


def _read(cls: type[T], file: Path) -> T:
    """A file as a `cls`; its defaults where the file is not there or damaged."""
    with suppress(OSError, ValueError, RecursionError):
        return fields.read(cls, json.loads(files.read_plain(file, MAX_JSON)), file.name)
    return cls()
