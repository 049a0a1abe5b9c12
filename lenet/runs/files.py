"""The files of a run directory and how they are read: the only thing that trainer and pages share.

`<runs>/<id>/` holds

    config.json           RunConfig; the directory appears only together with it
    status.json           how far the run is, on which device, how it ended (Status)
    metrics.csv           a row per epoch: METRICS, and of MORE_METRICS those that the run has (see metrics.py)
    steps.csv             step, loss
    model.safetensors     the state dict; its metadata say after which `step`
    best.safetensors      that of the best epoch, in a run with a validation split; its metadata name epoch and accuracy
    kernels.safetensors   `steps` [T] and the first layer's weights `kernels` [T, out, in, kh, kw], from step 0 on
    gradients.csv         step and the norm of the loss's gradient in each layer's weights, by their names
    predictions.safetensors  `classes` [N] and `confidence` [N] for the test images, after the last epoch
    checkpoint.safetensors  what resuming needs (see training/trainer.py)
    insight.json          the test of the kernels on all test images (kernels/ablation.py), if it was requested
    model.onnx            the network as ONNX (onnx_export.py), if it was requested
    tensorboard/          its TensorBoard event file, if `python -m lenet.train` was asked for one (training/tensorboard.py)
    request-stop, -pause  written by a page; obeyed by the trainer within a second, on a slow disk within ten
    request-resume, -extend  written by a page; the worker then treats the run as queued
    owner, address        who started it and from where, if that was a visitor of a public server (see RunFiles.owner)
    name, pinned          the name that its owner gave it (see Run.name); marks a run that must not be deleted to make room
    released              from when on it is the first to be deleted to make room: the end of its class
    looked-at             its time is when a page of a public server last showed the run (see looks.py)
    lock                  held by the process that trains the run, and released by the system when it dies

The trainer writes these files and everything else reads them. Requests, name, pin and looks are written by pages; visitors may
only change runs of their own (see store.py and visitors.py). Files are written under another name and renamed, so a
reader never sees half of one. Only `steps.csv` and `gradients.csv` grow in place: readers ignore an incomplete last line.
No torch here.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from lenet import data
from lenet.common import fields, files, paths
from lenet.common.errors import LenetError
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs import parsing
from lenet.runs.configuration import RunConfig, whole
from lenet.runs.metrics import METRICS, MORE_METRICS, in_words
from lenet.runs.parsing import Arrays

CONFIG = "config.json"
STATUS = "status.json"
NAME = "name"
METRICS_CSV = "metrics.csv"
STEPS_CSV = "steps.csv"
GRADIENTS_CSV = "gradients.csv"
MODEL = "model.safetensors"
BEST = "best.safetensors"
KERNELS = "kernels.safetensors"
PREDICTIONS = "predictions.safetensors"
CHECKPOINT = "checkpoint.safetensors"

STEPS = ("step", "loss")
"""The columns of STEPS_CSV."""
START_WITHIN = 60.0  # seconds from the making of a run to its training, by the process that made it

STATES = {
    "queued": N_("waiting"),
    "running": N_("training"),
    "paused": N_("paused"),
    "finished": N_("finished"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}
"""`interrupted` is never written: it is the state of a run that says `running` while no process trains it."""

T = TypeVar("T")


@dataclass(frozen=True)
class Status:
    """The progress of a run. Times are in seconds (since 1970, or durations); `code` and `params` describe a failure."""

    state: str = fields.setting("queued", options=STATES)
    for_worker: bool = True  # False: the process that made the run trains it itself
    created: float = 0.0
    started: float = 0.0  # of the current or last training, which began at `started_step`
    started_step: int = 0
    updated: float = 0.0
    turn_ended: float = 0.0  # when the run was put back into the queue because others waited; 0 if it was not
    epoch: int = 0
    step: int = 0
    steps_per_epoch: int = 0
    device: str = ""
    device_name: str = ""
    engine: str = ""  # how it steps: `eager`, `phases` (written_out.py) or `CUDA graph`; `eager: …` says why no graph
    peak_memory: int = 0  # bytes, of the process or on the GPU
    use: float = 0.0  # last measured share of the time that the device was busy, 0 to 1; 0 if unknown
    memory: int = 0  # bytes in use on the GPU, by all processes, of `memory_total`; 0 on a CPU
    memory_total: int = 0
    data: str = ""  # the images that it is trained on: `full` or `sample`
    dataset: str = ""  # their data set, as in RunConfig; empty before the first step, and of older versions
    classes: int = 0
    train_size: int = 0  # images in all, of which an epoch takes `train_images`
    test_size: int = 0
    checksum: str = ""  # see data.Source
    train_images: int = 0
    examples_per_sec: float = 0.0
    train_seconds: float = 0.0
    ended_by: str = ""  # `early_stopping` where that ended a finished run, after `epoch` epochs
    code: str = ""
    params: dict[str, Any] | None = None

    @property
    def active(self) -> bool:
        """Whether the run is queued or in training."""
        return self.state in ("queued", "running")

    def words(self) -> str:
        """The state in the reader's language."""
        return _(STATES[self.state])


@dataclass(frozen=True)
class RunFiles:
    """One run directory on the disk. Each method raises LenetError if a file that it reads is damaged."""

    id: str
    path: Path

    @property
    def is_reference(self) -> bool:
        """Whether the run came with the app."""
        return self.path.parent in (paths.REFERENCE_DIR, paths.LESSONS_DIR)

    @property
    def exists(self) -> bool:
        """Whether the run still exists on disk."""
        return (self.path / CONFIG).is_file()

    @property
    def has_weights(self) -> bool:
        """Whether its weights have been saved."""
        return (self.path / MODEL).is_file()

    @property
    def in_training(self) -> bool:
        """Whether a live process trains it or is about to. The end of a training is noticed up to 0.1 s late."""
        return files.is_locked(self.path / "lock", within=0.1)

    @property
    def config(self) -> RunConfig:
        return self._read(CONFIG, _parse_config)

    def stored_status(self) -> Status:
        """The status as the trainer last wrote it."""
        return self._read(STATUS, _parse_status)

    def status(self) -> Status:
        """The status as written, corrected by requests that wait, and `interrupted` if the process that trained it is gone."""
        status = self.stored_status()
        again = self.requested("extend" if status.state == "finished" else "resume")
        if again and (status.state != "running" or not self.in_training):
            status = replace(status, state="queued", for_worker=True)
        if status.state == "queued" and self.requested("stop"):
            return replace(status, state="stopped")
        late = abs(time.time() - status.created) > START_WITHIN  # or the clock was set: then it is locked
        if status.state == "queued" and not status.for_worker and late and not files.is_locked(self.path / "lock"):
            return replace(status, state="interrupted")  # its process ended before it began
        if status.state == "running" and not self.in_training:
            # The trainer may have finished between the two looks.
            status = self.stored_status()
            if status.state == "running":
                return replace(status, state="interrupted")
        return status

    @property
    def owner(self) -> str:
        """Who started the run, as a hash of the browser's key; empty if that was not a visitor of a public server."""
        return self._word("owner", r"[0-9a-f]{64}")

    @property
    def address(self) -> str:
        """The network address from which that visitor came, as a hash (see Visitor.address); empty if it is not known."""
        return self._word("address", r"[0-9a-f]{32}")

    @property
    def released(self) -> bool:
        """Whether it is the first to be deleted when room is needed."""
        since = self._word("released", r"[0-9]{1,12}")
        return bool(since) and time.time() >= int(since)

    @property
    def pinned(self) -> bool:
        """Whether it is exempt from automatic deletion."""
        return (self.path / "pinned").exists()

    def requested(self, what: str) -> bool:
        """Whether a request (see `Run.request`) is pending."""
        return (self.path / f"request-{what}").exists()

    def waiting_since(self) -> float:
        """When it joined the queue, in seconds since 1970: when it was created, or last requested to be resumed or extended."""
        asked = [0.0]
        for what in ("resume", "extend"):
            with suppress(OSError):
                asked.append((self.path / f"request-{what}").stat().st_mtime)
        return max(asked) or self.stored_status().created

    def metrics(self) -> Arrays:
        """Columns METRICS, and of MORE_METRICS those that the run has; one entry per epoch, NaN where it has none."""
        return self._table(METRICS_CSV, METRICS, MORE_METRICS)

    def best(self) -> dict[str, float]:
        """Of the weights in BEST: their `epoch`, and `val_acc`, `val_loss`, `test_acc`, `test_loss` after it; {} without."""
        return self._read(BEST, parsing.metadata) if (self.path / BEST).exists() else {}

    def steps(self) -> Arrays:
        """Columns STEPS: the loss of every optimiser step so far."""
        return self._table(STEPS_CSV, STEPS)

    def gradients(self) -> Arrays:
        """`step`, and for each weight (`0.weight`, …) the norm of the gradient of the loss at that step."""
        if not (self.path / GRADIENTS_CSV).exists():  # the run was trained by an older version
            return {}
        table = self._read(GRADIENTS_CSV, parsing.table)
        if next(iter(table)) != "step" or not all(re.fullmatch(r"[\w.]{1,40}", name) for name in table):
            raise self.damaged(GRADIENTS_CSV, "wrong columns")
        return table

    def predictions(self) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """For each test image the predicted class and its softmax; None before the end of the first epoch."""
        if not (self.path / PREDICTIONS).exists():
            return None
        tensors = self._read(PREDICTIONS, safetensors.numpy.load)
        classes, confidence = tensors.get("classes"), tensors.get("confidence")
        if classes is None or confidence is None or classes.ndim != 1 or classes.shape != confidence.shape:
            raise self.damaged(PREDICTIONS, "wrong shapes")
        if (
            classes.dtype.kind not in "iu"
            or confidence.dtype.kind != "f"
            or not np.isin(classes, range(len(self.data_set.classes))).all()
        ):
            raise self.damaged(PREDICTIONS, "no classes")
        return classes.astype(np.int64), confidence

    def weights(self) -> Arrays:
        """The state dict as arrays, by PyTorch's names and in its order (`0.weight`, `0.bias`, `3.weight`, …)."""
        return self._read(MODEL, parsing.weights)

    def kernels(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Steps [T] and the first layer's weights at each of them, [T, out, in, kh, kw]."""
        tensors = self._read(KERNELS, safetensors.numpy.load)
        steps, kernels = tensors.get("steps"), tensors.get("kernels")
        if (
            steps is None
            or kernels is None
            or kernels.ndim != 5
            or steps.shape != kernels.shape[:1]
            or not steps.size
        ):
            raise self.damaged(KERNELS, "wrong shapes")
        return steps, kernels

    def raw(self, name: str) -> bytes | None:
        """A file of the run unchanged, for download; None if it does not exist yet."""
        return self._read(name, bytes) if (self.path / name).exists() else None

    def log_lines(self) -> list[str]:
        """The two lines that the note prints at the end of training; empty before the first epoch."""
        m = self.metrics()
        if not len(m["epoch"]):
            return []
        s = self.status()
        return [
            in_words({name: float(column[-1]) for name, column in m.items()}),
            f"{s.examples_per_sec:.1f} examples/sec on {s.device}",
        ]

    # -- its images

    @property
    def data_set(self) -> data.DataSet:
        """The data set that it is trained on, or will be."""
        key, status = self._data_set_key, self.stored_status()
        if key == "auto":
            return data.here()
        known = data.DATA_SETS.get(key)
        classes = status.classes or self.config.model.num_classes if known is None else 0
        return known or data.own(classes, status.train_size, status.test_size)

    @property
    def _data_set_key(self) -> str:
        status = self.stored_status()
        if status.data and not status.dataset:  # begun by an older version, which knew no other
            return data.DEFAULT
        return status.dataset or self.config.dataset

    def images(self, split: str) -> tuple[data.Images, data.Labels]:
        """The images and labels that it is trained on, as `data.load` gives them. Raises DataError where they are not here.

        A run of a full data set on a machine that has only the sample gets the sample's images, which are its first.
        """
        try:
            return data.load_from(self.find_images(), split)
        except data.DataError as error:
            if self._data_set_key != data.DEFAULT or error.code not in (*data.MISSING, "begun_on_others"):
                raise
        return data.load(split, "sample", self._data_set_key)

    def find_images(self) -> data.Source:
        """Where this machine has the images that it was begun on, or will be. Raises DataError where it has not, or others."""
        status, name = self.stored_status(), self.data_set.words()
        try:
            found = data.find(status.data or self.config.data, self._data_set_key)
        except data.DataError as error:
            if status.data and error.code == "data_other_set":
                raise data.DataError("begun_on_others", **error.params | {"id": self.id, "name": name}) from error
            raise
        begun = {"train": status.train_size, "test": status.test_size}
        if status.train_size and begun != found.sizes:
            sizes = [" + ".join(f"{n:,}" for n in each.values()) for each in (begun, found.sizes)]
            raise data.DataError(
                "begun_on_other_sizes",
                id=self.id,
                name=name,
                begun=sizes[0],
                found=sizes[1],
                folder=str(found.folder),
            )
        if status.checksum and status.checksum != found.checksum:
            raise data.DataError(
                "begun_on_other_checksum",
                id=self.id, name=name, begun=status.checksum, found=found.checksum, folder=str(found.folder),
            )  # fmt: skip
        return found

    # -- reading

    def stamp(self, name: str) -> tuple[int, ...]:
        """Inode, modification time and size of a file, which change when the file does; empty if it does not exist."""
        try:
            stat = (self.path / name).stat()
        except OSError:
            return ()
        return (stat.st_ino, stat.st_mtime_ns, stat.st_size)

    def weights_stamp(self) -> tuple[int, ...]:
        """What changes when `weights` do; empty where there are none yet."""
        return self.stamp(MODEL)

    def _read(self, name: str, parse: Callable[[bytes], T]) -> T:
        try:
            return parsing.parsed(self.path / name, parse)
        except Exception as e:  # a file from elsewhere can make a parser raise anything
            reason = str(e) if isinstance(e, LenetError) else f"{type(e).__name__}: {e}"
            if isinstance(e, FileNotFoundError):
                reason = "no such file"
            raise self.damaged(name, reason) from e

    def _word(self, name: str, pattern: str) -> str:
        """The content of a small text file; empty if it does not exist or does not match `pattern`."""
        with suppress(LenetError, UnicodeDecodeError):
            if (self.path / name).exists():
                word = self._read(name, bytes).decode()
                return word if re.fullmatch(pattern, word) else ""
        return ""

    def _table(self, name: str, columns: Sequence[str], more: Sequence[str] = ()) -> Arrays:
        """A table that begins with `columns` and may have those of `more` behind them."""
        if not (self.path / name).exists():
            return {c: np.empty(0) for c in columns}
        table = self._read(name, parsing.table)
        if list(table)[: len(columns)] != list(columns) or not set(table) <= {*columns, *more}:
            raise self.damaged(name, f"columns {', '.join(table)}")
        return table

    def damaged(self, name: str, reason: str) -> LenetError:
        """That one of its files cannot be read."""
        return LenetError("run_damaged", id=self.id, file=name, reason=reason[:200])


def _parse_config(raw: bytes) -> RunConfig:
    values = whole(json.loads(raw))
    if isinstance(values, dict):
        values.setdefault("dataset", data.DEFAULT)  # there was no other in older versions
    return RunConfig.from_dict(values)


def _parse_status(raw: bytes) -> Status:
    return fields.read(Status, json.loads(raw), "status")
