"""The operator's log, one JSON object per line: `tail -F <runs>/.log/lenet.jsonl`.

Server and worker write the same file (`LENET_LOG_DIR` puts it elsewhere); a lock between processes keeps lines whole
and lets only one process rotate the file. A line has `time`, `level`, `event`, `process` and `pid`; where they apply
`run`, `code` and `params` (see errors.py); and for an error its `id`, the type of the exception and where it was raised.

Nothing that a visitor typed or sent, and nothing that identifies one, is logged: no text of an exception, and parameters
only for errors about this machine. The full traceback of an unexpected exception goes to stderr, under the same id.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from logging import LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from lenet.common import files, paths
from lenet.common.errors import LenetError

MAX_BYTES = 5 * 2**20  # of one file
TAIL = 2**19  # bytes at the end of a file in which `recent` looks
KEPT = 4  # older files beside it: lenet.jsonl.1 is the newest of them

# The parameters of these come from the machine and its runs; all other codes may quote what a visitor sent.
ABOUT_THE_MACHINE = {
    "data_missing", "data_file_absent", "data_cut", "data_truncated", "data_not_idx", "data_unreadable",
    "download_failed", "run_damaged", "disk_full", "not_writable", "diverged", "device_unavailable", "out_of_memory",
    "crashed",
}  # fmt: skip


def path() -> Path:
    """The log file of this environment: in `LENET_LOG_DIR`, else in `.log/` of the runs directory."""
    folder = os.environ.get("LENET_LOG_DIR")
    return (Path(folder).absolute() if folder else paths.runs_dir() / ".log") / "lenet.jsonl"


def info(event: str, **fields: Any) -> None:
    """Log a normal event, such as `log.info("run_started", run=run.id)`."""
    _write("info", event, fields)


def warning(event: str, **fields: Any) -> None:
    """Log something that the operator should know but that needs no immediate action."""
    _write("warning", event, fields)


def error(event: str, exc: BaseException | None = None, **params: Any) -> str:
    """Log an error and return its id, by which a visitor can report it.

    An `exc` that is not a LenetError also goes to stderr, with its text and traceback. `params` must not contain
    anything that came from a visitor.
    """
    error_id = secrets.token_hex(4)
    fields: dict[str, Any] = {"id": error_id, **params}
    if isinstance(exc, LenetError):
        fields["code"] = exc.code
        if exc.code in ABOUT_THE_MACHINE:
            fields["params"] = exc.params
    elif exc is not None:
        fields |= {"exception": type(exc).__name__, "at": list(_places(exc))}
        print(f"{time.strftime('%F %T')} {event} {error_id}", file=sys.stderr)
        traceback.print_exception(exc)
    _write("error", event, fields)
    return error_id


def recent(n: int = 20, levels: tuple[str, ...] = ("warning", "error")) -> list[dict[str, Any]]:
    """The last `n` entries of these levels, newest first. Lines that are not valid entries are skipped."""
    found: list[dict[str, Any]] = []
    for file in (path(), path().with_name("lenet.jsonl.1")):
        lines: list[bytes] = []
        with suppress(OSError), file.open("rb") as f:
            f.seek(max(0, f.seek(0, os.SEEK_END) - TAIL))
            lines = f.read().splitlines()
        for line in reversed(lines):
            if len(found) == n:
                return found
            with suppress(ValueError, RecursionError):
                entry = json.loads(line)
                if isinstance(entry, dict) and entry.get("level") in levels:
                    found.append(entry)
    return found


def _places(exc: BaseException) -> Iterator[str]:
    """Where it was raised, innermost first: our own files by their path in the project, others by name."""
    for frame in reversed(traceback.extract_tb(exc.__traceback__)[-8:]):
        file = Path(frame.filename)
        of_the_app = file.is_relative_to(paths.APP_DIR) and "site-packages" not in file.parts
        inside = file.is_relative_to(paths.PACKAGE) or of_the_app
        yield f"{file.relative_to(paths.PROJECT).as_posix() if inside else file.name}:{frame.lineno} {frame.name}"


def _write(level: str, event: str, fields: dict[str, Any]) -> None:
    now = time.time()
    entry = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z",
        "level": level,
        "event": event,
        "process": _process(),
        "pid": os.getpid(),
        **fields,
    }
    record = LogRecord("lenet", 0, "", 0, json.dumps(entry, default=str), None, None)
    file = path()
    with suppress(OSError):  # a full or read-only disk stops neither page nor training
        file.parent.mkdir(parents=True, exist_ok=True)
        _handler(file).emit(record)


@lru_cache(maxsize=1)
def _process() -> str:
    main = getattr(sys.modules.get("__main__"), "__spec__", None)
    return "worker" if main is not None and main.name == "lenet.worker" else "server"


class _SharedFile(RotatingFileHandler):
    """A rotating file that several processes append to. It is open only while it is locked: Windows could not rename
    it otherwise, and a file that was moved or deleted in between is created again."""

    def emit(self, record: LogRecord) -> None:
        with files.file_lock(Path(f"{self.baseFilename}.lock")).acquire(timeout=5, poll_interval=0.005):
            super().emit(record)
            written, self.stream = self.stream, None
            if written:
                written.close()

    def handleError(self, record: LogRecord) -> None:
        """Drop a line that cannot be written (the default would print a traceback for each)."""


@lru_cache(maxsize=4)
def _handler(file: Path) -> _SharedFile:
    return _SharedFile(file, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
