"""What the files of a run directory say, as values (files.py says what each of them is).

Files come from anywhere: only plain ones are opened, and none that would fill the memory. Many visitors look at the same run,
so a file is parsed once for all of them, until it changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from lenet.common import files

MAX_BYTES = 64 * 2**20  # no file of a run is larger; one from elsewhere that is must not fill the memory
MAX_JSON = 64 * 2**10  # of settings and states, which take thirty times their size in memory
SMALL = 4096  # bytes; smaller files have a larger cache, because lists of runs read a few of each run

T = TypeVar("T")
Arrays = dict[str, NDArray[Any]]


def parsed(path: Path, parse: Callable[[bytes], T]) -> T:
    """A file as `parse` reads it. Raises OSError, ValueError for one that is too large or not plain, and what `parse` does."""
    stat = files.plain_stat(path)
    limit = MAX_JSON if path.name.endswith(".json") or path.name.startswith("request-") else MAX_BYTES
    if stat.st_size > limit:
        raise ValueError(f"{stat.st_size} bytes, more than {limit}")
    stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    # A list of runs reads a few small files of each. They must not evict each other, nor curves and weights.
    slot = (_small_slot if stat.st_size <= SMALL else _slot)(path, parse)
    held = slot[0]
    if held is None or held[0] != stamp:
        held = slot[0] = (stamp, parse(files.read_plain(path, MAX_BYTES)))
    value: T = held[1]
    return value


@lru_cache(maxsize=256)
def _slot(path: Path, parse: Callable[[bytes], Any]) -> list[tuple[tuple[int, ...], Any] | None]:
    """The cache entry of a file: only its last version, since a file that grows every second would fill the cache."""
    return [None]


_small_slot = lru_cache(maxsize=4096)(_slot.__wrapped__)


def forget() -> None:
    """Let go of all that was read: for a process that has to do with thousands of runs, once with each."""
    _slot.cache_clear()
    _small_slot.cache_clear()


# -- formats -------------------------------------------------------------------------------------------------------


def weights(raw: bytes) -> Arrays:
    """The tensors of a state dict sorted by layer, weight before bias: the file does not keep their order."""
    tensors = safetensors.numpy.load(raw)

    def place(name: str) -> tuple[int, str, bool]:
        layer, _dot, what = name.partition(".")
        return (int(layer) if layer.isdecimal() else MAX_BYTES, layer, what != "weight")

    return {name: tensors[name] for name in sorted(tensors, key=place)}


def metadata(raw: bytes) -> dict[str, float]:
    """The numbers in the metadata of a safetensors file: the JSON before its tensors."""
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    return {name: float(value) for name, value in header["__metadata__"].items()}


def table(raw: bytes) -> Arrays:
    """CSV with a header as arrays by column; a last line without newline is incomplete and ignored."""
    head, *lines = raw[: raw.rfind(b"\n") + 1].decode().splitlines() or [""]
    columns = head.split(",")
    rows = np.array([line.split(",") for line in lines], float).reshape(-1, len(columns))
    return dict(zip(columns, rows.T, strict=True))
