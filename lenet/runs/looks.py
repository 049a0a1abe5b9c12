"""Whether somebody looks at a run: what a page of a public server shows is deleted last (admission.py).

A page notes it in the file `looked-at` of the run, whose time is all that it holds, so that all servers know.
"""

from __future__ import annotations

import time
from contextlib import suppress

from lenet.common import files
from lenet.runs.files import RunFiles

EVERY = 60.0  # seconds between two notes of an open page
WITHIN = 2.5 * EVERY  # seconds since the last note; browsers may put off those of a hidden tab
FILE = "looked-at"


def note(run: RunFiles) -> None:
    """Note that somebody looks at it now; at most twice in EVERY seconds, however many do."""
    if not run.is_reference and not _noted_within(run, EVERY / 2):
        with suppress(OSError):  # it was deleted meanwhile, or the disk is full
            files.write_atomic(run.path / FILE, b"")


def looked_at(run: RunFiles) -> bool:
    """Whether a page shows it now."""
    return _noted_within(run, WITHIN)


def _noted_within(run: RunFiles, seconds: float) -> bool:
    with suppress(OSError):
        return abs(time.time() - (run.path / FILE).lstat().st_mtime) < seconds
    return False
