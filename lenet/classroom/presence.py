"""Who is in a class right now, and who follows: the browsers that wait for its news.

Every server process counts those that wait at it, and tells the others in a file of its own, `presence/<process>.json` in the
folder of the class. It is written when the count has changed, and now and then besides: one that stays old is of a process
that was killed.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lenet.classroom import store
from lenet.common import files

PRESENCE = "presence"
BETWEEN = 6.0  # seconds for which a browser counts between two questions
WRITTEN_EVERY = 2.0  # seconds between two writings, at least
RENEWED_EVERY = 20.0  # seconds after which a file is written again though nothing has changed
OLD = 45.0  # seconds after which a file says nothing any more
FORGOTTEN = 600.0  # seconds after which it is deleted
MAX_BYTES = 2**14

TEACHER = 0
"""The number of whoever leads a class: they wait as the others do, and are none of those who are here."""

_PROCESS = secrets.token_hex(8)


@dataclass(frozen=True)
class Present:
    """The numbers of those who are here, and of those among them who follow."""

    here: frozenset[int] = frozenset()
    following: frozenset[int] = frozenset()


class Waiting:
    """Who waits for the news of a class at this process."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._open: Counter[int] = Counter()
        self._last: dict[int, tuple[float, bool]] = {}  # when a number was here last, and whether it followed
        self._written: tuple[float, Present] = (0.0, Present())

    @contextmanager
    def waits(self, number: int, follows: bool) -> Iterator[None]:
        """Within it that number waits."""
        self._open[number] += 1
        self._last[number] = (time.monotonic(), follows)
        try:
            yield
        finally:
            self._open[number] -= 1
            self._last[number] = (time.monotonic(), self._last[number][1])

    def count(self, number: int) -> int:
        """How often that number waits."""
        return self._open[number]

    def now(self) -> Present:
        since = time.monotonic() - BETWEEN
        last = list(self._last.items())  # pages ask from threads of their own
        known = {n: follows for n, (at, follows) in last if n != TEACHER and (self._open[n] > 0 or at > since)}
        return Present(frozenset(known), frozenset(n for n, follows in known.items() if follows))

    def tell(self) -> bool:
        """Tell other processes, if it is time to. Returns whether there will be more to tell."""
        at, told = self._written
        now, age = self.now(), time.monotonic() - at
        if (now != told and age >= WRITTEN_EVERY) or (now.here and age >= RENEWED_EVERY):
            self._written = (time.monotonic(), now)
            with suppress(OSError):  # a disk that is full: only the others do not hear of it
                _write(_file(self.code, _PROCESS), now)
        return bool(now.here) or now != self._written[1]

    def withdraw(self) -> None:
        """Tell other processes that nobody is here: this one ends, and what it has told would count for a while."""
        with suppress(OSError):
            _file(self.code, _PROCESS).unlink(missing_ok=True)

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits, or has lately."""
        return self._open.total() <= 0 and not self.now().here

    def all(self) -> Present:
        """Those who are here at any process."""
        found = [self.now(), *_elsewhere(self.code)]
        return Present(
            frozenset().union(*(one.here for one in found)), frozenset().union(*(one.following for one in found))
        )


_waiting: dict[str, Waiting] = {}


def waiting(code: str) -> Waiting:
    """Those who wait at this process for the news of the class with exactly that code. Only where they wait: see class_watch."""
    return _waiting.setdefault(code, Waiting(code))


def forget(code: str) -> None:
    """Nobody waits for the news of that class any more."""
    _waiting.pop(code, None)


def present(code: str) -> Present:
    """Those who are in the class right now, at any process. Raises ClassError."""
    code = store.find(code).code
    return (_waiting.get(code) or Waiting(code)).all()


def _file(code: str, process: str) -> Path:
    return store.folder_of(code) / PRESENCE / f"{process}.json"


def _write(path: Path, now: Present) -> None:
    """Without waiting for the disk: after a crash nobody is here."""
    if not now.here:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    _clear(path.parent)
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps({"here": sorted(now.here), "following": sorted(now.following)}), encoding="utf-8")
    beside.replace(path)


def _clear(folder: Path) -> None:
    """Delete the files of processes that were killed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if _age(entry.stat(follow_symlinks=False)) > FORGOTTEN:
                    Path(entry.path).unlink()


def _age(found: os.stat_result) -> float:
    """Seconds since it was written. A clock that was set back does not make it young."""
    return abs(time.time() - found.st_mtime)


def _elsewhere(code: str) -> Iterator[Present]:
    with suppress(OSError), os.scandir(store.folder_of(code) / PRESENCE) as entries:
        for entry in entries:
            if entry.name.endswith(".json") and entry.name != f"{_PROCESS}.json":
                with suppress(OSError, ValueError, KeyError, TypeError):
                    found = files.plain_stat(Path(entry.path))
                    if _age(found) < OLD:
                        yield _read(Path(entry.path), found.st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, _stamp: int) -> Present:
    found = json.loads(files.read_plain(path, MAX_BYTES))
    return Present(*(frozenset(int(n) for n in found[key]) for key in ("here", "following")))
