"""The run directory: the only thing that trainer and pages share.

`<runs>/<id>/` holds

    config.json           RunConfig; the directory appears only together with it
    status.json           how far the run is, on which device, how it ended (Status)
    metrics.csv           a row an epoch: epoch, step, loss, train_acc, test_acc, examples_per_sec
    steps.csv             step, loss
    model.safetensors     the state dict
    kernels.safetensors   `steps` [T] and the first layer's weights `kernels` [T, out, in, kh, kw], from step 0 on
    gradients.csv         step and the norm of the loss's gradient in each layer's weights, by their names
    predictions.safetensors  `classes` [N] and `confidence` [N] for the test images, after the last epoch
    checkpoint.safetensors  what resuming needs (see engine.py)
    request-stop, -pause  left by a page; taken up by the trainer within a second
    request-resume, -extend  left by a page; the worker then takes the run for a queued one
    lock                  held by the process that trains the run, and released by the system when it dies

The trainer writes, everybody reads. Files are written beside and renamed, so a reader never sees half of one;
`steps.csv` and `gradients.csv` alone grow in place, and their readers pass over a last line that is not whole. No torch here.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import filelock
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from lenet import files, settings
from lenet.errors import LenetError
from lenet.i18n import N_, ngettext
from lenet.i18n import translate as _
from lenet.recipes import RunConfig

METRICS = ("epoch", "step", "loss", "train_acc", "test_acc", "examples_per_sec")
STEPS = ("step", "loss")
START_WITHIN = 60.0  # seconds from the making of a run to its training, by the process that made it
REFERENCE_PREFIX = "reference-"
MAX_BYTES = 64 * 2**20  # no file of a run is larger; a stranger's is not read into memory

STATES = {
    "queued": N_("waiting"),
    "running": N_("training"),
    "paused": N_("paused"),
    "finished": N_("finished"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}
"""`interrupted` is never written: it is what readers call a run that says `running` while nobody trains it."""

T = TypeVar("T")
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Status:
    """How a run stands. Times in seconds (since 1970 or of duration); `code` and `params` word a failure."""

    state: str = "queued"
    for_worker: bool = True  # False: the process that made the run trains it itself
    created: float = 0.0
    started: float = 0.0  # of the training that is going on or went on last, which began at `started_step`
    started_step: int = 0
    updated: float = 0.0
    epoch: int = 0
    step: int = 0
    steps_per_epoch: int = 0
    device: str = ""
    device_name: str = ""
    engine: str = ""  # how it steps: `eager`, or `CUDA graph`
    peak_memory: int = 0  # bytes, of the process or on the GPU
    data: str = ""
    train_images: int = 0
    examples_per_sec: float = 0.0
    train_seconds: float = 0.0
    code: str = ""
    params: dict[str, Any] | None = None

    @property
    def active(self) -> bool:
        """Whether the run is still going to change."""
        return self.state in ("queued", "running")

    def words(self) -> str:
        """The state in the reader's language."""
        return _(STATES[self.state])


@dataclass(frozen=True)
class Run:
    """One run directory. Methods read it; each raises LenetError where a file of it cannot be read."""

    id: str
    path: Path

    @property
    def is_reference(self) -> bool:
        """Whether the run came with the app."""
        return self.path.parent == settings.REFERENCE_DIR

    @property
    def config(self) -> RunConfig:
        return self._read("config.json", _parse_config)

    def stored_status(self) -> Status:
        """The status as the trainer wrote it last."""
        return self._read("status.json", _parse_status)

    def status(self) -> Status:
        """The status as written, or `interrupted` where it says `running` and its process is gone."""
        status = self.stored_status()
        again = self.requested("extend" if status.state == "finished" else "resume")
        if again and not files.is_locked(self.path / "lock"):
            status = replace(status, state="queued", for_worker=True)
        if status.state == "queued" and self.requested("stop"):
            return replace(status, state="stopped")
        if status.state == "queued" and not status.for_worker and time.time() - status.created > START_WITHIN:
            return replace(status, state="interrupted")  # its process ended before it began
        if status.state == "running" and not files.is_locked(self.path / "lock"):
            # The trainer may have finished between the two looks.
            status = self.stored_status()
            if status.state == "running":
                return replace(status, state="interrupted")
        return status

    def label(self) -> str:
        """A name for readers. Of an own run, what tells it from others comes first: a list may cut the rest off."""
        c = self.config
        words = ngettext("{recipe}, {n} epoch, seed {seed}", "{recipe}, {n} epochs, seed {seed}", c.epochs)
        name = words.format(recipe=c.recipe, n=c.epochs, seed=c.seed)
        short = re.sub(r"^\S+-\d{4}-\d{6}-([0-9a-f]{4})$", r"\1", self.id)  # of a name that was made up
        return _("{name} (came with the app)").format(name=name) if self.is_reference else f"{short} · {name}"

    def metrics(self) -> Arrays:
        """Columns METRICS, one entry an epoch."""
        return self._table("metrics.csv", METRICS)

    def steps(self) -> Arrays:
        """Columns STEPS: the loss of every optimiser step so far."""
        return self._table("steps.csv", STEPS)

    def gradients(self) -> Arrays:
        """`step`, and for each weight (`0.weight`, …) the norm of the loss's gradient in it at that step."""
        if not (self.path / "gradients.csv").exists():  # of a version before this one
            return {}
        return self._read("gradients.csv", _parse_table)

    def predictions(self) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """For each test image the class that the network gave it and its softmax; None before the first epoch."""
        if not (self.path / "predictions.safetensors").exists():
            return None
        tensors = self._read("predictions.safetensors", safetensors.numpy.load)
        classes, confidence = tensors.get("classes"), tensors.get("confidence")
        if classes is None or confidence is None or classes.ndim != 1 or classes.shape != confidence.shape:
            raise LenetError("run_damaged", id=self.id, file="predictions.safetensors", reason="wrong shapes")
        return classes.astype(np.int64), confidence

    def weights(self) -> Arrays:
        """The state dict as arrays, by PyTorch's names and in its order (`0.weight`, `0.bias`, `3.weight`, …)."""
        return self._read("model.safetensors", _parse_weights)

    def kernels(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Steps [T] and the first layer's weights at each of them, [T, out, in, kh, kw]."""
        tensors = self._read("kernels.safetensors", safetensors.numpy.load)
        steps, kernels = tensors.get("steps"), tensors.get("kernels")
        if (
            steps is None
            or kernels is None
            or kernels.ndim != 5
            or steps.shape != kernels.shape[:1]
            or not steps.size
        ):
            raise LenetError("run_damaged", id=self.id, file="kernels.safetensors", reason="wrong shapes")
        return steps, kernels

    def request(self, what: str, **params: Any) -> None:
        """Ask for `"stop"`, `"pause"`, `"resume"`, or, of a finished run, `"extend"` to `epochs`. Raises LenetError."""
        if self.is_reference:
            raise LenetError("run_is_reference", id=self.id)
        if what == "extend":
            self.config.extended(params["epochs"])  # refuses what cannot be
        with files.writing(self.path):
            self.forget_requests(*({"stop", "pause", "resume"} - {what}))
            files.write_json(self.path / f"request-{what}", params)

    def forget_requests(self, *which: str) -> None:
        for what in which:
            (self.path / f"request-{what}").unlink(missing_ok=True)

    def take_extension(self) -> RunConfig:
        """The configuration to train, after taking up a request to extend. For the process that holds the lock."""
        config = self.config
        if self.requested("extend"):
            config = config.extended(self._read("request-extend", json.loads).get("epochs"))
            files.write_json(self.path / "config.json", config.to_dict())
            self.forget_requests("extend")
        return config

    def requested(self, what: str) -> bool:
        """Whether a request for `"stop"` or `"resume"` waits to be taken up."""
        return (self.path / f"request-{what}").exists()

    def raw(self, name: str) -> bytes | None:
        """A file of the run as it is, for download; None where it is not there yet."""
        return self._read(name, bytes) if (self.path / name).exists() else None

    def log_lines(self) -> list[str]:
        """The two lines that the note prints at the end of training; empty before the first epoch."""
        m = self.metrics()
        if not len(m["epoch"]):
            return []
        s = self.status()
        return [
            f"loss {m['loss'][-1]:.3f}, train acc {m['train_acc'][-1]:.3f}, test acc {m['test_acc'][-1]:.3f}",
            f"{s.examples_per_sec:.1f} examples/sec on {s.device}",
        ]

    # Reading is cached by what the file system says of the file, because many visitors look at the same run.

    def stamp(self, name: str) -> tuple[int, ...]:
        """What changes when the file does; empty where there is none."""
        try:
            stat = (self.path / name).stat()
        except OSError:
            return ()
        return (stat.st_ino, stat.st_mtime_ns, stat.st_size)

    def _read(self, name: str, parse: Callable[[bytes], T]) -> T:
        path = self.path / name
        try:
            stat = path.stat()
            if stat.st_size > MAX_BYTES:
                raise ValueError(f"{stat.st_size} bytes, more than {MAX_BYTES}")
            parsed: T = _parsed(path, parse, (stat.st_ino, stat.st_mtime_ns, stat.st_size))
            return parsed
        except Exception as e:  # whatever a stranger's file makes a parser raise is one sentence
            reason = str(e) if isinstance(e, LenetError) else f"{type(e).__name__}: {e}"
            if isinstance(e, FileNotFoundError):
                reason = "no such file"
            raise LenetError("run_damaged", id=self.id, file=name, reason=reason[:200]) from e

    def _table(self, name: str, columns: Sequence[str]) -> Arrays:
        if not (self.path / name).exists():
            return {c: np.empty(0) for c in columns}
        table = self._read(name, _parse_table)
        if list(table) != list(columns):
            raise LenetError("run_damaged", id=self.id, file=name, reason=f"columns {', '.join(table)}"[:200])
        return table


def _parsed(path: Path, parse: Callable[[bytes], Any], stamp: tuple[int, ...]) -> Any:
    slot = _slot(path, parse)
    held = slot[0]
    if held is None or held[0] != stamp:
        held = slot[0] = (stamp, parse(path.read_bytes()))
    return held[1]


@lru_cache(maxsize=256)
def _slot(path: Path, parse: Callable[[bytes], Any]) -> list[tuple[tuple[int, ...], Any] | None]:
    """The place of a file's last version: one that grows every second would fill a cache with its old ones."""
    return [None]


def _parse_config(raw: bytes) -> RunConfig:
    return RunConfig.from_dict(json.loads(raw))


def _parse_status(raw: bytes) -> Status:
    values = json.loads(raw)
    known = {f.name for f in fields(Status)}
    status = Status(**{k: v for k, v in values.items() if k in known})
    for f in fields(Status):
        value, kinds = getattr(status, f.name), _KINDS[str(f.type)]
        if not isinstance(value, kinds) or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(f"{f.name} is {value!r:.40}")
    if status.state not in STATES:
        raise ValueError(f"state {status.state!r:.40}")
    return status


_KINDS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "dict[str, Any] | None": (dict, type(None)),
}


def _parse_weights(raw: bytes) -> Arrays:
    """A file keeps its tensors in no order that a reader would know: layers by number, weight before bias."""
    tensors = safetensors.numpy.load(raw)

    def place(name: str) -> tuple[int, str, bool]:
        layer, _dot, what = name.partition(".")
        return (int(layer) if layer.isdecimal() else MAX_BYTES, layer, what != "weight")

    return {name: tensors[name] for name in sorted(tensors, key=place)}


def _parse_table(raw: bytes) -> Arrays:
    """CSV with a header as arrays by column; a last line without its newline is not there yet."""
    head, *lines = raw[: raw.rfind(b"\n") + 1].decode().splitlines() or [""]
    columns = head.split(",")
    rows = np.array([line.split(",") for line in lines], float).reshape(-1, len(columns))
    return dict(zip(columns, rows.T, strict=True))


# -- finding and making ------------------------------------------------------------------------------------------

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _path(run_id: str) -> Path:
    if not _ID.fullmatch(run_id):
        raise LenetError("bad_run_id", id=run_id[:80])
    if run_id.startswith(REFERENCE_PREFIX):
        return settings.REFERENCE_DIR / run_id.removeprefix(REFERENCE_PREFIX)
    return settings.runs_dir() / run_id


def find(run_id: str) -> Run:
    """The run of that id. Raises LenetError where there is none."""
    path = _path(run_id)
    if not (path / "config.json").is_file():
        raise LenetError("no_such_run", id=run_id)
    return Run(run_id, path)


def list_runs() -> list[Run]:
    """All runs, newest first, then those that came with the app. Damaged ones are in the list as well."""
    own = []
    with suppress(OSError), os.scandir(settings.runs_dir()) as entries:
        own = [Run(e.name, Path(e.path)) for e in entries if _ID.fullmatch(e.name) and e.is_dir()]
    own = [r for r in own if not r.id.startswith(REFERENCE_PREFIX) and (r.path / "config.json").is_file()]
    return sorted(own, key=_created, reverse=True) + references()


def references() -> list[Run]:
    """The runs that came with the app."""
    return [
        Run(REFERENCE_PREFIX + path.parent.name, path.parent)
        for path in sorted(settings.REFERENCE_DIR.glob("*/config.json"))
    ]


def _created(run: Run) -> float:
    try:
        return float(run.status().created)
    except (LenetError, TypeError, ValueError):
        return 0.0


def twin(config: RunConfig) -> Run | None:
    """A run of the very same configuration that is going on or has finished here: it need not be trained again."""
    for run in list_runs():
        with suppress(LenetError):
            if (
                not run.is_reference
                and run.config == config
                and run.status().state in ("queued", "running", "paused", "finished")
            ):
                return run
    return None


def create(config: RunConfig, run_id: str | None = None, *, for_worker: bool = True) -> Run:
    """A new queued run. Raises LenetError where the id is taken or cannot be one, or the disk refuses.

    With `for_worker=False` the worker leaves it to the caller to train.
    """
    if run_id is None:
        stamp = time.strftime("%m%d-%H%M%S")
        recipe = re.sub(r"[^A-Za-z0-9]+", "-", config.recipe).strip("-") or "run"
        run_id = f"{recipe}-{stamp}-{secrets.token_hex(2)}"
    if run_id.startswith(REFERENCE_PREFIX):
        raise LenetError("run_exists", id=run_id)
    path = _path(run_id)
    with files.writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.parent / f".new-{secrets.token_hex(8)}"
        beside.mkdir()
        try:
            files.write_json(beside / "config.json", config.to_dict())
            now = time.time()
            files.write_json(beside / "status.json", asdict(Status(for_worker=for_worker, created=now, updated=now)))
            if path.exists():  # rename would replace an empty directory
                raise LenetError("run_exists", id=run_id)
            beside.rename(path)
        except OSError as e:
            if e.errno in (errno.EEXIST, errno.ENOTEMPTY):
                raise LenetError("run_exists", id=run_id) from e
            raise
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return Run(run_id, path)


# -- training -----------------------------------------------------------------------------------------------------


def lock(run: Run) -> filelock.BaseFileLock:
    """Acquire the run for training in this process. Raises LenetError where another one has it."""
    held = filelock.FileLock(run.path / "lock")
    try:
        held.acquire(timeout=2)  # a reader that asks `is_locked` holds it for a moment
    except filelock.Timeout as e:
        raise LenetError("run_busy", id=run.id) from e
    except OSError as e:
        raise LenetError("not_writable", folder=str(run.path), reason=e.strerror or str(e)) from e
    return held
