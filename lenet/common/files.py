"""Files that stay whole when their writer is killed, and locks that are released when their process ends."""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import filelock
import safetensors.numpy
from numpy.typing import NDArray

from lenet.common.errors import LenetError


class writing:
    """Context: an OSError inside becomes a LenetError that names the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise LenetError("not_writable", folder=str(self.folder), reason=reason) from error


_PLAIN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def plain_stat(path: Path) -> os.stat_result:
    """The `stat` of a regular file. Raises OSError, and ValueError for a link, a folder, a pipe or a device.

    A link could make us read a file that its creator may not read; a pipe could block us for ever.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is not a plain file")
    return found


def read_plain(path: Path, limit: int) -> bytes:
    """The content of a regular file (see `plain_stat`). Raises OSError, and ValueError if it is larger than `limit` bytes."""
    plain_stat(path)
    with os.fdopen(os.open(path, _PLAIN), "rb") as f:
        if not stat.S_ISREG(os.fstat(f.fileno()).st_mode):
            raise ValueError("it is not a plain file")
        raw = f.read(limit + 1)
    if len(raw) > limit:
        raise ValueError(f"more than {limit} bytes")
    return raw


def read_named(path: Path, limit: int) -> bytes:
    """The content of a file that a user has named, be it a link or a pipe. Raises OSError, and ValueError as soon as it
    turns out to be larger than `limit` bytes: devices such as /dev/zero have no end."""
    with path.open("rb") as f:
        raw = f.read(limit + 1)
    if len(raw) > limit:
        raise ValueError(f"it has more than {limit:,} bytes")
    return raw


def check_writable(path: Path) -> None:
    """Raises LenetError if no file can be written at `path`: better said before minutes of work than after them."""
    folder, reason = path.parent, ""
    if path.is_dir():
        reason = "it is a folder"
    elif not folder.is_dir():
        reason = f"there is no folder {folder}"
    elif not os.access(path if path.exists() else folder, os.W_OK):
        reason = os.strerror(errno.EACCES)
    if reason:
        raise LenetError("file_not_writable", path=str(path), reason=reason)


_outlives_process = True


def end_with_process() -> None:
    """Nobody reads this process's files once it has ended: from now on, they are not flushed to the disk."""
    global _outlives_process
    _outlives_process = False


def write_atomic(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a temporary file, flush it to the disk and rename it: a crash leaves either the old or the new file.

    `mode` are its permissions, from which the system takes those of the process's umask. Others may write the same file at the
    same time: the last one stays.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(beside, _NEW, mode), "wb") as f:
            f.write(content)
            if _outlives_process:
                f.flush()
                os.fsync(f.fileno())
        _replace(beside, path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _replace(source: Path, target: Path) -> None:
    # Windows refuses to replace a file while somebody reads it; readers here take milliseconds.
    for _attempt in range(50):
        try:
            source.replace(target)
            return
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(0.02)
    source.replace(target)


def write_json(path: Path, value: Any) -> None:
    write_atomic(path, json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n")


def write_tensors(path: Path, tensors: dict[str, NDArray[Any]], metadata: dict[str, str] | None = None) -> None:
    """Arrays as safetensors; each must be contiguous."""
    write_atomic(path, safetensors.numpy.save(tensors, metadata))


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV with a header; floats in their shortest exact form."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def file_lock(path: Path) -> filelock.BaseFileLock:
    """A lock that the system releases when the process that holds it ends, however it ends.

    On a file system without such locks, acquiring it raises OSError. By default filelock would fall back to marker files,
    which stay behind when their process is killed, and it would detect such file systems by opening an unnamed file in the
    folder of each new lock.
    """
    return filelock.FileLock(path, fallback_to_soft=False)


@contextmanager
def locked(path: Path, timeout: float = 10.0) -> Iterator[None]:
    """Context that holds the lock at `path` against all threads and processes; creates its folder if needed.

    Raises LenetError if the lock is not free within `timeout` seconds or the folder cannot be written to.
    """
    held = file_lock(path)
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            held.acquire(timeout=timeout, poll_interval=0.01)
        except filelock.Timeout as e:
            raise LenetError("busy") from e
    try:
        yield
    finally:
        held.release()


_held: dict[Path, float] = {}
"""When this process last found each lock held."""


def is_locked(path: Path, within: float = 0.0) -> bool:
    """Whether a living process holds the lock, or did in the last `within` seconds: a page asks ten times over."""
    if time.monotonic() - _held.get(path, -math.inf) < within:
        return True
    _held.pop(path, None)
    if not path.exists():
        return False
    probe = file_lock(path)
    try:
        probe.acquire(timeout=0)
    except (filelock.Timeout, OSError):  # OSError: the folder is not writable for us; trust the status
        _held[path] = time.monotonic()
        return True
    probe.release()
    return False
