"""Where classes are kept: a folder `<runs>/classes/<code>/` each, with

    class.json                  the class
    members.json                who is in it
    stage.json                  what it is shown
    activities/<id>.json        what it does, or did
    activities/<id>-<round>.json    the answers of a round

Each file is written beside and renamed, under the lock of its class, and read by its stamp: every server process of a runs
directory shows the same class, and a crash leaves the old file or the new one.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from lenet.classroom import admission
from lenet.classroom.classroom import CODE, Classroom, code_of, new_code
from lenet.classroom.errors import ClassError
from lenet.common import files, paths
from lenet.runs.store import CLASSES
from lenet.runs.visitors import visitor

CLASS, MEMBERS, STAGE, ACTIVITIES = "class.json", "members.json", "stage.json", "activities"
KEPT = 30 * 86400.0  # seconds for which a public server keeps a class that has ended
MAX_BYTES = 2**20  # of a file: a hundred members, or their answers, take a tenth of it

Stamp = tuple[int, ...]


def open_class(owner: str) -> Classroom:
    """A new class of that browser. Raises LenetError if the current visitor may not open one, or nothing can be written."""
    folder = paths.runs_dir() / CLASSES
    with files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with files.locked(folder / ".lock"), files.writing(folder):
        admission.check_may_open(list_classes(), owner)
        if paths.hosted():
            _forget_old(folder)
        while True:
            code = new_code()
            with suppress(FileExistsError):
                (folder / code).mkdir()
                break
        opened = Classroom(code, owner, time.time(), address=visitor().address)
        files.write_json(folder / code / CLASS, asdict(opened))
    return opened


def _forget_old(folder: Path) -> None:
    """Delete the classes that ended a month ago: a public server cannot keep all that there ever were."""
    for known in list_classes():
        if time.time() > (known.closed or known.ends) + KEPT:
            gone = folder / f".gone-{known.code}"
            with suppress(OSError):
                (folder / known.code).rename(gone)
    for gone in folder.glob(".gone-*"):
        shutil.rmtree(gone, ignore_errors=True)


def find(code: str) -> Classroom:
    """The class with that code, open or not, as somebody types it. Raises ClassError."""
    code = code_of(code)
    found = read(code, CLASS, None)
    if found is None:
        raise ClassError("no_such_class", letters=code)
    return _made(code, found)


def find_open(code: str) -> Classroom:
    """The class with that code. Raises ClassError if there is none, or if it has ended."""
    found = find(code)
    if not found.is_open:
        raise ClassError("class_closed", letters=found.code)
    return found


def list_classes() -> list[Classroom]:
    """All classes that can be read, the newest first."""
    found = []
    with suppress(OSError):
        for folder in (paths.runs_dir() / CLASSES).iterdir():
            with suppress(ClassError):
                if CODE.fullmatch(folder.name):
                    found.append(find(folder.name))
    return sorted(found, key=lambda known: -known.created)


def close(code: str) -> Classroom:
    """End a class; its files stay. Raises LenetError."""
    with locked(code):
        known = find(code)
        if not known.closed:
            known = replace(known, closed=time.time())
            write(known.code, CLASS, asdict(known))
    return known


# -- files -------------------------------------------------------------------------------------------------------------


def folder_of(code: str) -> Path:
    return paths.runs_dir() / CLASSES / code


@contextmanager
def locked(code: str) -> Iterator[None]:
    """Context in which nobody else changes a class. Raises LenetError, also where there is no such class."""
    code = find(code).code
    with files.locked(folder_of(code) / ".lock"):
        yield


def stamp(code: str, name: str) -> Stamp:
    """What changes whenever a file of a class does; empty where there is none."""
    try:
        found = files.plain_stat(folder_of(code) / name)
    except (OSError, ValueError):
        return ()
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def read(code: str, name: str, default: Any) -> Any:
    """The content of a file of a class, not to be changed; `default` where there is none. Raises ClassError if it is damaged."""
    now = stamp(code, name)
    if not now:
        return default
    try:
        return _read(folder_of(code) / name, now)
    except FileNotFoundError:
        return default
    except (OSError, ValueError, RecursionError) as e:
        raise _damaged(code, e) from e


def write(code: str, name: str, value: Any) -> None:
    """Write a file of a class, within `locked`. Raises LenetError."""
    path = folder_of(code) / name
    with files.writing(path.parent):
        path.parent.mkdir(exist_ok=True)
        files.write_json(path, value)


@lru_cache(maxsize=512)
def _read(path: Path, _stamp: Stamp) -> Any:
    return json.loads(files.read_plain(path, MAX_BYTES))


@lru_cache(maxsize=512)
def _of_values(code: str, owner: str, created: float, closed: float, address: str) -> Classroom:
    return Classroom(code, owner, created, closed, address)


def _made(code: str, found: Any) -> Classroom:
    try:
        times = float(found["created"]), float(found["closed"])
        return _of_values(code, str(found["owner"]), *times, str(found["address"]))
    except (KeyError, TypeError, ValueError) as e:
        raise _damaged(code, e) from e


def _damaged(code: str, error: Exception) -> ClassError:
    return ClassError("class_damaged", letters=code, reason=f"{type(error).__name__}: {error}"[:200])
