"""A run directory on one machine, kept up to date on another: what has changed in it, as small parts.

The machine that trains has an `Outbox`, which looks at the files and takes what is new; `put` writes that into the directory of
the other. Files that grow are sent from where they were before, and the weights, which do not, no more often than LARGE_EVERY.

A checkpoint is of use only with the tables and the history of kernels that lead up to it. So the outbox reads it before them, and
`put` writes it after them: what lies beside a checkpoint is never older. The status, which says how far all is, comes last.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy

from lenet.common import files
from lenet.common.errors import LenetError
from lenet.runs import Run
from lenet.runs.files import (
    BEST,
    CHECKPOINT,
    GRADIENTS_CSV,
    KERNELS,
    METRICS_CSV,
    MODEL,
    PREDICTIONS,
    STATUS,
    STEPS_CSV,
)

APPENDED = (STEPS_CSV, GRADIENTS_CSV)
"""Files that grow in place."""
LARGE = (CHECKPOINT, MODEL, BEST, PREDICTIONS)
"""Files that are written anew after every epoch, some 0.6 MB in all for LeNet."""
LARGE_EVERY = 5.0
"""Seconds between two sendings of them while a run is trained: as much training, and an epoch, is lost with a machine."""
ORDER = (METRICS_CSV, STEPS_CSV, GRADIENTS_CSV, KERNELS, PREDICTIONS, BEST, MODEL, CHECKPOINT, STATUS)
"""The order in which parts are written, and the reverse of that in which files are read."""


@dataclass(frozen=True)
class Part:
    """What a file is from `start` on; of what lies before, nothing has changed.

    `start` counts bytes. In the history of kernels it counts snapshots, and `content` is a file of those that follow.
    """

    name: str
    start: int
    content: bytes


class Outbox:
    """What is new in the directory of a run that is trained here. `known` are files that the other side has as they are."""

    def __init__(self, run: Run, known: Iterable[str] = (), large_every: float = LARGE_EVERY) -> None:
        self.run = run
        self._large_every = large_every
        self._large_taken = time.monotonic()
        self._stamps = {name: run.stamp(name) for name in known}
        self._length: dict[str, int] = {}  # bytes of files that grow in place
        self._metrics = b""
        self._snapshots: list[int] = []  # their steps

    def take(self, *, everything: bool = False) -> list[Part]:
        """What has changed since it was last called; with `everything` also what could wait."""
        now = time.monotonic()
        skipped: tuple[str, ...] = ()
        if everything or now - self._large_taken >= self._large_every:
            self._large_taken = now
        else:
            skipped = LARGE
        parts = []
        for name in reversed(ORDER):
            stamp = self.run.stamp(name)
            if name in skipped or not stamp or stamp == self._stamps.get(name):
                continue
            with suppress(FileNotFoundError):  # it is being replaced (Windows)
                if part := self._part(name, stamp):
                    parts.append(part)
                self._stamps[name] = stamp
        return parts

    def _part(self, name: str, stamp: tuple[int, ...]) -> Part | None:
        path = self.run.path / name
        if name in APPENDED:
            same = self._stamps.get(name, ())[:1] == stamp[:1]
            start = self._length.get(name, 0) if same else 0
            with path.open("rb") as f:
                f.seek(start)
                content = f.read()
            self._length[name] = start + len(content)
            return Part(name, start, content) if content else None
        content = path.read_bytes()
        if name == METRICS_CSV:
            start = len(self._metrics) if content.startswith(self._metrics) else 0
            self._metrics = content
            return Part(name, start, content[start:])
        if name == KERNELS:
            return self._new_snapshots(content)
        return Part(name, 0, content)

    def _new_snapshots(self, content: bytes) -> Part | None:
        tensors = safetensors.numpy.load(content)
        steps = tensors["steps"].tolist()
        start = len(self._snapshots) if steps[: len(self._snapshots)] == self._snapshots else 0
        self._snapshots = steps
        if start == len(steps):
            return None
        new = {key: np.ascontiguousarray(tensor[start:]) for key, tensor in tensors.items()}
        return Part(KERNELS, start, safetensors.numpy.save(new))


def put(folder: Path, parts: Iterable[Part]) -> None:
    """Write parts into the directory of their run. Raises LenetError where it cannot be written to or a part does not fit."""
    with files.writing(folder):
        for part in sorted(parts, key=lambda part: ORDER.index(part.name)):  # no other name is ever written
            _put(folder / part.name, part)


def _put(path: Path, part: Part) -> None:
    if not part.start:
        files.write_atomic(path, part.content)
    elif part.name == KERNELS:
        before, new = (safetensors.numpy.load(raw) for raw in (path.read_bytes(), part.content))
        _check(path, len(before["steps"]), part)
        files.write_tensors(path, {key: np.concatenate([before[key], new[key]]) for key in before})
    elif part.name in APPENDED:
        _check(path, path.stat().st_size, part)
        with path.open("ab") as f:
            f.write(part.content)
    else:
        whole = path.read_bytes()
        _check(path, len(whole), part)
        files.write_atomic(path, whole + part.content)


def _check(path: Path, length: int, part: Part) -> None:
    if length != part.start:
        raise LenetError(
            "run_damaged", id=path.parent.name, file=path.name, reason=f"{length} in place of {part.start}"
        )
