"""The runs that were removed to make room for others, in `.removed.json` in the runs directory.

A link to such a run can then say what became of it. The newest MAX_KEPT are remembered.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

from lenet.common import files, paths
from lenet.runs.parsing import MAX_JSON

MAX_KEPT = 500  # with ids of up to 64 characters they fit into MAX_JSON


def note(run_id: str) -> None:
    """Remember that a run was removed now. Only while no other process removes runs (see `store._make_room`).

    Raises LenetError if the runs directory cannot be written to.
    """
    known = _read()
    known.pop(run_id, None)
    newest = list(known.items())[1 - MAX_KEPT :]
    with files.writing(_file().parent):
        files.write_json(_file(), dict([*newest, (run_id, time.time())]))


def when(run_id: str) -> float | None:
    """When a run was removed, in seconds since 1970; None if it was not, or too long ago."""
    return _read().get(run_id)


def _file() -> Path:
    return paths.runs_dir() / ".removed.json"


def _read() -> dict[str, float]:
    """The removed runs, the oldest first; what is no id and time is left out."""
    try:
        known = json.loads(files.read_plain(_file(), MAX_JSON))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {id: moment for id, moment in known.items() if _is_time(moment)}


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value < 2**33
