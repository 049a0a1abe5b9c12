"""TensorBoard's event files of runs: kept up to date while one is trained, or made at once to be downloaded.

    python -m lenet.train --tensorboard         # into the directory of the run
    tensorboard --logdir runs

What stands in them: events.py. A run that is finished, one in training and one of the command line are read alike, from
what their directories hold.
"""

from __future__ import annotations

import errno
import io
import os
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from lenet.common.errors import LenetError, explain
from lenet.runs import Run
from lenet.training.events import EventFile

FOLDER = "tensorboard"
"""In the directory of a run, where its event files lie unless another folder is named."""
SUFFIX = ".lenet"
"""Ends the names of our files: those of other programs in the same folder are left alone."""
MAX_SHARE = 0.1
"""Of the time of a training, what keeping its event file up to date may take."""


@cache
def is_installed() -> bool:
    """Whether event files can be written here."""
    found = find_spec("tensorboard")
    return found is not None and found.origin is not None  # and no folder that happens to be called so


def check(folder: Path | None = None) -> None:
    """Raises LenetError where the package `tensorboard` is missing, with the command that installs it, or where `folder`,
    which is made if there is none, cannot be written to."""
    if not is_installed():
        raise LenetError("tensorboard_missing")
    if folder is not None:
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def folder_of(run: Run, named: Path | None = None) -> Path:
    """Where the event file of a run goes: to a folder with its name in the one that is named, or else into its directory.

    Raises LenetError if its directory must not be changed.
    """
    if named is not None:
        return named / run.id
    if run.is_reference:
        raise LenetError("reference_needs_folder", id=run.id)
    run.check_may_change()
    return run.path / FOLDER


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Context: an OSError inside becomes a LenetError that names the path."""
    try:
        yield
    except OSError as error:
        raise LenetError("file_not_writable", path=str(path), reason=error.strerror or str(error)) from error


@contextmanager
def following(run: Run, folder: Path, say: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Context of a training whose event file lies in `folder`; gives a function to be called after every epoch.

    The file is a new one, in place of what an earlier training has left: it has all steps of the run, each once. Raises
    LenetError if it cannot be made. What fails later does not end the training, and `say` is told it once.
    """
    failed, spent, began = False, 0.0, time.perf_counter()

    def attempt(write: Callable[[], None]) -> None:
        nonlocal failed, spent
        at = time.perf_counter()
        try:
            if not failed:
                write()
        except (OSError, LenetError) as error:
            failed = True
            say(explain(error))
        spent += time.perf_counter() - at

    def after_epoch() -> None:
        if spent <= MAX_SHARE * (time.perf_counter() - began):
            attempt(events.extend)

    out = _new_file(folder)
    try:
        events = EventFile(run, out)
        try:
            yield after_epoch
        finally:
            attempt(events.finish)
    finally:
        with suppress(OSError):  # of a full disk, which has been said
            out.close()


def _new_file(folder: Path) -> BinaryIO:
    """An event file to be written, beside which none of ours in `folder` holds anything. Raises LenetError.

    The one before is emptied, and removed the next time: TensorBoard may be reading it, and does not get from a file that
    is gone to the next one.
    """
    path = folder / f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}{SUFFIX}"
    with _writing(path):
        folder.mkdir(parents=True, exist_ok=True)
        for earlier in folder.glob(f"events.out.tfevents.*{SUFFIX}"):
            if earlier.stat().st_size:
                os.truncate(earlier, 0)
            else:
                earlier.unlink()
        return path.open("xb")


def zipped(run: Run) -> bytes:
    """The event file of a run so far as a ZIP archive, in a folder that is called like the run. Raises LenetError."""
    check()
    raw, packed = io.BytesIO(), io.BytesIO()
    EventFile(run, raw).finish()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{run.id}/events.out.tfevents.{time.time_ns()}{SUFFIX}", raw.getvalue())
    return packed.getvalue()
