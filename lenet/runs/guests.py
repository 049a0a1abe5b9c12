"""Whether guests may only look: those who open the app of a laptop from another machine.

`<runs>/.guests.json` holds the switch of whoever sits at the machine, for all servers and also after a restart. It is not
there until the machine's address was shown to be given to others; from then on guests may only look, unless the switch says
otherwise. visitors.py knows who is a guest.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from lenet.common import files, paths

MAX_BYTES = 1000


def may_only_look() -> bool:
    """Whether guests may only look. A file that cannot be read does not let them do more."""
    try:
        stat = _file().lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return _read(_file(), (stat.st_ino, stat.st_mtime_ns, stat.st_size))


def let_only_look(on: bool) -> None:
    """Set the switch. Raises LenetError if the runs directory is not writable."""
    with files.writing(_file().parent):
        _file().parent.mkdir(parents=True, exist_ok=True)
        files.write_json(_file(), {"only_look": on})


def address_is_shown() -> None:
    """The address is about to be shown: guests may only look, unless the switch has been set. Raises LenetError."""
    if not _file().exists():
        let_only_look(True)


@lru_cache(maxsize=4)
def _read(path: Path, _stamp: tuple[int, ...]) -> bool:
    try:
        found = json.loads(files.read_plain(path, MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return True
    return not (isinstance(found, dict) and found.get("only_look") is False)


def _file() -> Path:
    return paths.runs_dir() / ".guests.json"
