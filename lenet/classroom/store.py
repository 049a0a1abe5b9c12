"""Where classes are kept: a folder `<runs>/classes/<code>/` each, with

    class.json                  the class
    members.json                who is in it
    stage.json                  what it is shown
    activities/<id>.json        what it does, or did
    activities/<id>-<round>.json    the answers of a round

Each file is written beside and renamed, under the lock of its class, and read by its stamp: every server process of a runs
directory shows the same class, and a crash leaves the old file or the new one. The folder itself is made as `.new-…` and
renamed, and is renamed to `.gone-…` before it is deleted: so there is a class, or there is none.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from lenet.classroom import admission
from lenet.classroom.classroom import CODE, Classroom, code_of, new_code
from lenet.classroom.errors import ClassError
from lenet.common import files, paths
from lenet.runs.store import CLASSES
from lenet.runs.visitors import visitor

CLASS, MEMBERS, STAGE, ACTIVITIES = "class.json", "members.json", "stage.json", "activities"
KEPT = 30 * 86400.0  # seconds for which a public server keeps a class that has ended
MOST_KEPT = 500  # of them: whoever opens and ends one after another fills no disk
MAX_BYTES = 2**20  # of a file: a hundred members, or their answers, take a tenth of it
MAX_FILES = 4096  # whose content is remembered

T = TypeVar("T")
Stamp = tuple[int, ...]


def open_class(owner: str) -> Classroom:
    """A new class of that browser. Raises LenetError if the current visitor may not open one, or nothing can be written."""
    folder = _folder()
    with files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with files.locked(folder / ".lock"), files.writing(folder):
        admission.check_may_open(list_open(), owner)
        _clear(folder)
        opened = Classroom(_free_code(folder), owner, time.time(), address=visitor().address)
        beside = folder / f".new-{secrets.token_hex(8)}"
        try:
            beside.mkdir()
            files.write_json(beside / CLASS, asdict(opened))
            beside.rename(folder / opened.code)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    return opened


def _free_code(folder: Path) -> str:
    while (folder / (code := new_code())).exists():
        pass
    return code


def hand_over(code: str, owner: str) -> Classroom:
    """Have another browser lead a class instead. Raises LenetError where the class has ended, or nothing can be written."""
    with locked_open(code) as known:
        known = replace(known, owner=owner)
        write(known.code, CLASS, asdict(known))
    return known


def _clear(folder: Path) -> None:
    """Delete what nobody comes back for: what a server that was killed has left half made or half deleted, and on a public
    server, which cannot keep all that there ever were, classes that have ended."""
    for known in _outdated() if paths.hosted() else []:
        with suppress(OSError):
            (folder / known.code).rename(folder / f".gone-{secrets.token_hex(8)}")
    for left in folder.iterdir():
        if left.name.startswith((".new-", ".gone-")) or (CODE.fullmatch(left.name) and not any(left.glob("*.json"))):
            shutil.rmtree(left, ignore_errors=True)


def _outdated() -> list[Classroom]:
    """The classes that ended a month ago; and where too many have ended since, the oldest of the address that has most."""
    ended = [known for known in list_classes() if not known.is_open]
    gone = [known for known in ended if time.time() > (known.closed or known.ends) + KEPT]
    kept = [known for known in ended if known not in gone]
    while len(kept) > MOST_KEPT:
        (most, _count), *_rest = Counter(map(_source, kept)).most_common(1)
        oldest = next(known for known in reversed(kept) if _source(known) == most)
        kept.remove(oldest)
        gone.append(oldest)
    return gone


def _source(known: Classroom) -> str:
    return known.address or known.owner


def find(code: str) -> Classroom:
    """The class with that code, open or not, as somebody types it. Raises ClassError."""
    code = code_of(code)
    found = read(code, CLASS, partial(_made, code), None)
    if found is None:
        raise ClassError("no_such_class", letters=code)
    return found


def _made(code: str, values: Any) -> Classroom:
    times = float(values["created"]), float(values["closed"])
    return Classroom(code, str(values["owner"]), *times, str(values["address"]))


def find_open(code: str) -> Classroom:
    """The class with that code. Raises ClassError if there is none, or if it has ended."""
    found = find(code)
    if not found.is_open:
        raise ClassError("class_closed", letters=found.code)
    return found


def list_classes() -> list[Classroom]:
    """All classes that can be read, the newest first."""
    return _newest_first(_find_all(lambda _before: False))


def list_open() -> list[Classroom]:
    """The open ones, the newest first. Every page asks, and there are many that have ended: their files are not looked at
    again, since none is ever opened again."""
    found = _find_all(lambda before: not before.is_open)
    return _newest_first(known for known in found if known.is_open)


_listed: dict[tuple[str, int], Classroom] = {}
"""The classes that were listed last, by folder and its inode."""


def _find_all(is_settled: Callable[[Classroom], bool]) -> list[Classroom]:
    """All classes that can be read; one that `is_settled`, as it was when they were listed last, is taken from there."""
    global _listed
    found: dict[tuple[str, int], Classroom] = {}
    with suppress(OSError), os.scandir(_folder()) as entries:
        for entry in entries:
            if CODE.fullmatch(entry.name):
                place = (entry.path, entry.inode())
                before = _listed.get(place)
                with suppress(ClassError):
                    found[place] = before if before and is_settled(before) else find(entry.name)
    _listed = found
    return list(found.values())


def _newest_first(classes: Iterable[Classroom]) -> list[Classroom]:
    return sorted(classes, key=lambda known: -known.created)


def close(code: str) -> Classroom:
    """End a class; its files stay. Raises LenetError."""
    with locked(code) as known:
        if not known.closed:
            known = replace(known, closed=time.time())
            write(known.code, CLASS, asdict(known))
    return known


# -- files -------------------------------------------------------------------------------------------------------------


def _folder() -> Path:
    return paths.runs_dir() / CLASSES


def folder_of(code: str) -> Path:
    return _folder() / code


class _Changing(threading.local):
    code = ""


_changing = _Changing()
"""The class that this thread changes."""


@contextmanager
def locked(code: str) -> Iterator[Classroom]:
    """Context in which nobody else changes a class, which is given. Raises LenetError, also where there is no such class."""
    code = find(code).code
    with files.locked(folder_of(code) / ".lock"):
        _changing.code = code
        try:
            yield find(code)
        finally:
            _changing.code = ""


@contextmanager
def locked_open(code: str) -> Iterator[Classroom]:
    """`locked`. Raises LenetError also if the class has ended."""
    with locked(find_open(code).code):
        yield find_open(code)


def stamp(code: str, name: str) -> Stamp:
    """What changes whenever a file of a class does; empty where there is none."""
    try:
        found = files.plain_stat(folder_of(code) / name)
    except (OSError, ValueError):
        return ()
    return (found.st_ino, found.st_mtime_ns, found.st_size)


_contents: dict[Path, tuple[Stamp, Any]] = {}
"""What each file had when it was read last."""


def read(code: str, name: str, make: Callable[[Any], T], default: T) -> T:
    """What a file of a class has, as `make` makes it of plain JSON, and not to be changed; `default` where there is none.

    Whoever changes the class reads the file itself: two that were written in the same tick of the clock may have the same
    stamp, and what was handed in between them would be lost; and a file that cannot be looked at now is not one that is not
    there. Raises ClassError if the file is damaged, or cannot be read.
    """
    path, now = folder_of(code) / name, stamp(code, name)
    if _changing.code != code:
        if not now:
            return default
        known: tuple[Stamp, T] | None = _contents.get(path)
        if known and known[0] == now:
            return known[1]
    try:
        found = make(json.loads(files.read_plain(path, MAX_BYTES)))
    except FileNotFoundError:
        return default
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ClassError) as e:
        raise ClassError("class_damaged", letters=code, reason=f"{type(e).__name__}: {e}"[:200]) from e
    if len(_contents) >= MAX_FILES:
        _contents.clear()
    _contents[path] = (now, found)
    return found


def write(code: str, name: str, value: Any) -> None:
    """Write a file of a class, within `locked`. Raises LenetError."""
    path = folder_of(code) / name
    with files.writing(path.parent):
        path.parent.mkdir(exist_ok=True)
        files.write_json(path, value)
