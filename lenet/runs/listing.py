"""The run directories in a folder, found again with every click: what is known of one is kept until its files change."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from lenet.common.errors import LenetError
from lenet.runs.configuration import RunConfig
from lenet.runs.files import CONFIG, NAME, STATUS, RunFiles

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
R = TypeVar("R", bound=RunFiles)


@dataclass(frozen=True, eq=False)
class Listed(Generic[R]):
    """A run as it was found: the same object until its configuration, its status or its name is another.

    `derived` is for what follows from these files alone, so that it is worked out once for all visitors.
    """

    run: R
    stamps: tuple[tuple[int, ...], ...]  # of CONFIG, STATUS and NAME; empty where there is none
    derived: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def created(self) -> float | None:
        """None where the status cannot be read; such a run is looked at again each time."""
        with suppress(LenetError):
            return self.run.stored_status().created
        return None

    @cached_property
    def config(self) -> RunConfig:
        """Raises LenetError."""
        return self.run.config


_known: dict[Path, dict[str, Listed[Any]]] = {}
"""What was found last in each folder, by the names in it. Only the last two folders are kept."""


def found_in(folder: Path, make: Callable[[str, Path], R]) -> list[Listed[R]]:
    """The runs in a folder in the order of their names; `make` makes one of name and path.

    A page that offers a thousand runs asks for them with every click, so this takes plain strings and three `stat` for each,
    not paths.
    """
    before, now, found = _known.get(folder, {}), dict[str, Listed[Any]](), list[tuple[str, Listed[R]]]()
    with suppress(OSError), os.scandir(folder) as entries:
        for e in entries:
            if not (ID.fullmatch(e.name) and e.is_dir(follow_symlinks=False)):
                continue
            stamps = tuple([_stamp(f"{e.path}{os.sep}{name}") for name in (CONFIG, STATUS, NAME)])
            one = before.get(e.name)
            if one is None or one.stamps != stamps:
                run = make(e.name, folder / e.name)
                if not run.exists:
                    continue
                one = Listed(run, stamps)
            found.append((e.name, one))
            if one.created is not None:
                now[e.name] = one
    _known.pop(folder, None)
    for old in list(_known)[:-1]:
        _known.pop(old, None)
    _known[folder] = now
    return [one for _name, one in sorted(found, key=lambda named: named[0])]


def _stamp(path: str) -> tuple[int, ...]:
    """What changes when the file does; empty where there is none."""
    try:
        stat = os.lstat(path)
    except OSError:
        return ()
    return (stat.st_ino, stat.st_mtime_ns, stat.st_size, stat.st_mode)
