"""Idx files: the format of MNIST, a head with the shape and then a byte a pixel or label.

The head is 0x0000, the type of the values (0x08: bytes), the number of axes, and their lengths as big-endian int32.
Files may be gzipped, whatever their names say. See http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from lenet.common.errors import LenetError

BYTES = 0x08
TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
MAX_BYTES = 2**30
"""Of one file's content: a head that claims more is refused before anything is unpacked."""
GZIP = b"\x1f\x8b"
CHUNK = 2**20


class DataError(LenetError):
    """The images are missing, damaged, or not those that are wanted."""


@dataclass(frozen=True)
class Checksums:
    """The md5 of a file: of its content, and of the file as it lies there (the same for one that is not packed)."""

    content: str
    file: str


def shape_of(path: Path, axes: int) -> tuple[int, ...]:
    """The shape that the head of an idx file of bytes with that many axes says. Raises DataError."""
    with _reading(path), _unpacked(path) as f:
        return _head(path, f, axes)


def check_length(path: Path, shape: tuple[int, ...]) -> None:
    """Hold the length of a file against the shape in its head, without reading all of it if possible. Raises DataError."""
    expected = head_size(shape) + math.prod(shape)
    with _reading(path), path.open("rb") as f:
        if f.read(2) != GZIP:
            _check_size(path, shape, f.seek(0, os.SEEK_END))
            return
        # A gzip file ends with the length of its content modulo 2³²; a cut one ends with anything.
        f.seek(-4, os.SEEK_END)
        if int.from_bytes(f.read(4), "little") == expected % 2**32:
            return
    with _reading(path), _unpacked(path) as unpacked:
        _check_size(path, shape, sum(len(part) for part in _chunks(unpacked, expected + CHUNK)))


def read(path: Path, axes: int) -> NDArray[np.uint8]:
    """The values of an idx file of bytes with that many axes. Raises DataError."""
    with _reading(path), _unpacked(path) as f:
        shape = _head(path, f, axes)
        size = math.prod(shape)
        raw = f.read(size + 1)
    _check_size(path, shape, head_size(shape) + len(raw))
    return np.frombuffer(raw, np.uint8).reshape(shape)


def checksums(path: Path) -> Checksums:
    """The md5 of a file and of its content. Raises DataError."""
    with _reading(path):
        with _unpacked(path) as f:
            content = _md5(_chunks(f, MAX_BYTES + CHUNK))
        with path.open("rb") as f:
            packed = f.read(2) == GZIP
            f.seek(0)
            return Checksums(content, _md5(_chunks(f, MAX_BYTES + CHUNK)) if packed else content)


def head_size(shape: tuple[int, ...]) -> int:
    """Bytes of the head of an idx file."""
    return 4 + 4 * len(shape)


def _head(path: Path, f: BinaryIO, axes: int) -> tuple[int, ...]:
    magic = f.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in {BYTES, *TYPES} or not magic[3]:
        raise DataError("data_not_idx", path=str(path), reason=f"it begins with {magic.hex() or 'nothing'}")
    if magic[2] != BYTES:
        raise DataError("data_not_bytes", path=str(path), type=TYPES[magic[2]])
    if magic[3] != axes:
        raise DataError("data_other_axes", path=str(path), found=magic[3], expected=axes)
    raw = f.read(4 * axes)
    if len(raw) < 4 * axes:
        raise DataError("data_truncated", path=str(path), found=4 + len(raw), expected=4 + 4 * axes)
    shape = tuple(int(n) for n in np.frombuffer(raw, ">u4"))
    if math.prod(shape) > MAX_BYTES:
        found, limit = math.ceil(math.prod(shape) / 2**20), MAX_BYTES // 2**20
        raise DataError("data_too_large", path=str(path), found=found, limit=limit)
    return shape


def _check_size(path: Path, shape: tuple[int, ...], size: int) -> None:
    """Raises DataError where a file of `size` bytes, its head included, does not hold this shape."""
    found, expected = size - head_size(shape), math.prod(shape)
    if found < expected:
        raise DataError("data_truncated", path=str(path), found=found, expected=expected)
    if found > expected:
        raise DataError("data_too_long", path=str(path), expected=expected, shape="×".join(map(str, shape)))


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Context: what goes wrong in it becomes a DataError that names the file."""
    try:
        yield
    except FileNotFoundError as e:
        raise DataError("data_file_absent", path=str(path)) from e
    except EOFError as e:
        raise DataError("data_cut", path=str(path)) from e
    except (OSError, zlib.error) as e:
        raise DataError("data_unreadable", path=str(path), reason=_reason(e)) from e


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _unpacked(path: Path) -> BinaryIO:
    """The content of a file, gzipped or not."""
    with path.open("rb") as f:
        packed = f.read(2) == GZIP
    return cast(BinaryIO, gzip.open(path) if packed else path.open("rb"))


def _chunks(f: BinaryIO, limit: int) -> Iterator[bytes]:
    """The content in parts, up to `limit` bytes."""
    while limit > 0 and (part := f.read(min(CHUNK, limit))):
        limit -= len(part)
        yield part


def _md5(parts: Iterator[bytes]) -> str:
    md5 = hashlib.md5(usedforsecurity=False)
    for part in parts:
        md5.update(part)
    return md5.hexdigest()
