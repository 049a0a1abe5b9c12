"""Secrets of this installation, in `.secrets/` of the runs directory, for all servers that share it.

    operator     signs the operator's cookie (sign_in.py)
    addresses    hides the network addresses of visitors (visitors.py)

Each is 256 random bits, made when it is first needed. It may be deleted at any time: then nobody is signed in any more, or
addresses are counted anew.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from lenet.common import files, paths

SIZE = 32  # bytes


def keyed_hash(which: str, *words: str) -> str:
    """The HMAC-SHA256 of these words under a secret, in hexadecimal. Raises LenetError if a new one cannot be written."""
    message = "\0".join(words).encode("utf-8", "surrogatepass")
    return hmac.new(_read(which) or renew(which, only_missing=True), message, hashlib.sha256).hexdigest()


def stamp(which: str) -> tuple[int, ...]:
    """What changes when a secret does; empty if there is none yet."""
    try:
        stat = _file(which).lstat()
    except OSError:
        return ()
    return (stat.st_ino, stat.st_mtime_ns, stat.st_size)


def renew(which: str, *, only_missing: bool = False) -> bytes:
    """Replace a secret, and with it all that was made from it; with `only_missing`, only where there is none."""
    file = _file(which)
    with files.locked(file.with_name("lock")), files.writing(file.parent):
        if only_missing and (known := _read(which)):  # another server has made one meanwhile
            return known
        new = secrets.token_bytes(SIZE)
        files.write_atomic(file, new, mode=0o600)
        return new


def _file(which: str) -> Path:
    return paths.runs_dir() / ".secrets" / which


def _read(which: str) -> bytes:
    """A secret; empty if there is none, or no whole one."""
    try:
        found = files.read_plain(_file(which), SIZE)
    except (OSError, ValueError):
        return b""
    return found if len(found) == SIZE else b""
