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
    insight.json          what the test images say of the kernels (insight.py), where somebody asked for it
    request-stop, -pause  left by a page; taken up by the trainer within a second, on a slow disk within ten
    request-resume, -extend  left by a page; the worker then takes the run for a queued one
    owner                 of a run that a visitor of a public server started: see hosting.owner_of
    name, pinned          what its owner calls it, and that it is not to be deleted to make room
    lock                  held by the process that trains the run, and released by the system when it dies

The trainer writes, everybody reads; requests, name and pin are left by pages, of visitors only for runs of their own
(see hosting.py). Files are written beside and renamed, so a reader never sees half of one;
`steps.csv` and `gradients.csv` alone grow in place, and their readers pass over a last line that is not whole. No torch here.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import filelock
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from lenet import data, files, hosting, settings
from lenet.errors import LenetError
from lenet.i18n import N_, ngettext
from lenet.i18n import translate as _
from lenet.recipes import RECIPES, RunConfig

METRICS = ("epoch", "step", "loss", "train_acc", "test_acc", "examples_per_sec")
STEPS = ("step", "loss")
START_WITHIN = 60.0  # seconds from the making of a run to its training, by the process that made it
REFERENCE_PREFIX = "reference-"
SMALL = 4096  # bytes of a file that is kept with many of its like
MAX_NAME = 40  # characters of a run's name
MAX_BYTES = 64 * 2**20  # no file of a run is larger; a stranger's is not read into memory
MAX_JSON = 64 * 2**10  # of settings and states, which take thirty times their size in memory
MAX_TEXT = 200  # characters of a name in a status
MAX_NUMBER = 2**53  # a float counts no further

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
    engine: str = ""  # how it steps: `eager`, `phases` (phases.py) or `CUDA graph`
    peak_memory: int = 0  # bytes, of the process or on the GPU
    use: float = 0.0  # share of the time that the device was busy, 0 to 1, measured last; 0 where nobody can tell
    memory: int = 0  # bytes that are taken on the GPU, by whomever, of `memory_total`; 0 on a CPU
    memory_total: int = 0
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
    def exists(self) -> bool:
        """Whether nobody has deleted it."""
        return (self.path / "config.json").is_file()

    @property
    def in_training(self) -> bool:
        """Whether a living process trains it, or is about to. An end is seen 0.1 s late."""
        return files.is_locked(self.path / "lock", within=0.1)

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

    def label(self) -> str:
        """A name for readers. Of an own run, what tells it from others comes first: a list may cut the rest off."""
        c = self.config
        words = ngettext("{recipe}, {n} epoch, seed {seed}", "{recipe}, {n} epochs, seed {seed}", c.epochs)
        name = words.format(recipe=c.recipe, n=c.epochs, seed=c.seed)
        if c.recipe in RECIPES and c.model != RECIPES[c.recipe].model:
            name = _("{name}, own network").format(name=name)
        return _("{name} (came with the app)").format(name=name) if self.is_reference else f"{self._handle} · {name}"

    def short(self) -> str:
        """A shorter name for readers, where the settings are told elsewhere."""
        recipe = self.config.recipe
        if self.is_reference:
            return _("{name} (came with the app)").format(name=recipe)
        return self.name or f"{self._handle} · {recipe}"

    @property
    def _handle(self) -> str:
        """Its name, or its id without what `create` made up and others have as well."""
        return self.name or re.sub(r"^\S+-\d{4}-\d{6}-([0-9a-f]{4})$", r"\1", self.id)

    @property
    def owner(self) -> str:
        """Whose it is (see hosting.owner_of); empty of a run that was not started in a visitor's browser."""
        return self._word("owner", r"[0-9a-f]{64}")

    @property
    def name(self) -> str:
        """What its owner calls it; empty where nobody has named it."""
        name = self._word("name", r".*")
        with suppress(LenetError):
            return clean_name(name)
        return ""

    @property
    def pinned(self) -> bool:
        """Whether it is to stay when room is made for others."""
        return (self.path / "pinned").exists()

    @property
    def may_change(self) -> bool:
        """Whether who asks now may stop, resume, extend, name, pin or delete it."""
        return not self.is_reference and hosting.visitor().may_change(self.owner)

    def check_may_change(self) -> None:
        """Raises LenetError unless `may_change`."""
        if self.is_reference:
            raise LenetError("run_is_reference", id=self.id)
        if not self.may_change:
            raise LenetError("not_your_run", id=self.id)

    def waiting_since(self) -> float:
        """When it joined the queue, in seconds since 1970: when it was made, or asked to be resumed or extended."""
        asked = [0.0]
        for what in ("resume", "extend"):
            with suppress(OSError):
                asked.append((self.path / f"request-{what}").stat().st_mtime)
        return max(asked) or self.stored_status().created

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
        table = self._read("gradients.csv", _parse_table)
        if next(iter(table)) != "step" or not all(re.fullmatch(r"[\w.]{1,40}", name) for name in table):
            raise self._damaged("gradients.csv", "wrong columns")
        return table

    def predictions(self) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """For each test image the class that the network gave it and its softmax; None before the first epoch."""
        if not (self.path / "predictions.safetensors").exists():
            return None
        tensors = self._read("predictions.safetensors", safetensors.numpy.load)
        classes, confidence = tensors.get("classes"), tensors.get("confidence")
        if classes is None or confidence is None or classes.ndim != 1 or classes.shape != confidence.shape:
            raise self._damaged("predictions.safetensors", "wrong shapes")
        if (
            classes.dtype.kind not in "iu"
            or confidence.dtype.kind != "f"
            or not np.isin(classes, range(len(data.CLASSES))).all()
        ):
            raise self._damaged("predictions.safetensors", "no classes")
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
            raise self._damaged("kernels.safetensors", "wrong shapes")
        return steps, kernels

    def request(self, what: str, **params: Any) -> None:
        """Ask for `"stop"`, `"pause"`, `"resume"`, or, of a finished run, `"extend"` to `epochs`.

        Raises LenetError where that cannot be, the run is somebody else's, or the limits of a public server forbid it.
        """
        self.check_may_change()
        if what not in ("resume", "extend"):
            return self._leave(what, params)
        config = self.config.extended(params["epochs"]) if what == "extend" else self.config
        with queueing():
            _make_room(config, again=self)
            self._leave(what, params)

    def _leave(self, what: str, params: dict[str, Any]) -> None:
        with files.writing(self.path):
            self.forget_requests(*({"stop", "pause", "resume"} - {what}))
            files.write_json(self.path / f"request-{what}", params)

    def rename(self, name: str) -> None:
        """Call it `name`, or nothing where that is empty. Raises LenetError."""
        self.check_may_change()
        cleaned = clean_name(name)
        with files.writing(self.path):
            if cleaned:
                files.write_atomic(self.path / "name", cleaned.encode())
            else:
                (self.path / "name").unlink(missing_ok=True)

    def pin(self, pinned: bool) -> None:
        """Keep it when room is made for others, or let it go then. Raises LenetError."""
        self.check_may_change()
        with queueing():
            if pinned and not self.pinned:
                hosting.check_pin(book())
            with files.writing(self.path):
                if pinned:
                    files.write_atomic(self.path / "pinned", b"")
                else:
                    (self.path / "pinned").unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete it for good. Raises LenetError where it is being trained or pinned, or is not of who asks."""
        self.check_may_change()
        if self.pinned:
            raise LenetError("run_pinned", id=self.id)
        _delete(self)

    def forget_requests(self, *which: str) -> None:
        for what in which:
            (self.path / f"request-{what}").unlink(missing_ok=True)

    def take_extension(self) -> RunConfig:
        """The configuration to train, after taking up a request to extend. For the process that holds the lock."""
        config = self.config
        if self.requested("extend"):
            asked = self._read("request-extend", json.loads)
            epochs: Any = asked.get("epochs") if isinstance(asked, dict) else asked
            config = config.extended(epochs)  # refuses what is no number
            files.write_json(self.path / "config.json", config.to_dict())
            self.forget_requests("extend")
        return config

    def requested(self, what: str) -> bool:
        """Whether a request (see `request`) waits to be taken up."""
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
            stat = files.plain_stat(path)
            limit = MAX_JSON if name.endswith(".json") or name.startswith("request-") else MAX_BYTES
            if stat.st_size > limit:
                raise ValueError(f"{stat.st_size} bytes, more than {limit}")
            parsed: T = _parsed(path, parse, (stat.st_ino, stat.st_mtime_ns, stat.st_size))
            return parsed
        except Exception as e:  # whatever a stranger's file makes a parser raise is one sentence
            reason = str(e) if isinstance(e, LenetError) else f"{type(e).__name__}: {e}"
            if isinstance(e, FileNotFoundError):
                reason = "no such file"
            raise self._damaged(name, reason) from e

    def _word(self, name: str, pattern: str) -> str:
        """The content of a small file; empty where there is none, or it is not as `pattern`."""
        with suppress(LenetError, UnicodeDecodeError):
            if (self.path / name).exists():
                word = self._read(name, bytes).decode()
                return word if re.fullmatch(pattern, word) else ""
        return ""

    def _table(self, name: str, columns: Sequence[str]) -> Arrays:
        if not (self.path / name).exists():
            return {c: np.empty(0) for c in columns}
        table = self._read(name, _parse_table)
        if list(table) != list(columns):
            raise self._damaged(name, f"columns {', '.join(table)}")
        return table

    def _damaged(self, name: str, reason: str) -> LenetError:
        return LenetError("run_damaged", id=self.id, file=name, reason=reason[:200])


def _parsed(path: Path, parse: Callable[[bytes], Any], stamp: tuple[int, ...]) -> Any:
    # A list of runs reads a few small files of each: they do not push each other, or curves and weights, out.
    slot = (_small_slot if stamp[2] <= SMALL else _slot)(path, parse)
    held = slot[0]
    if held is None or held[0] != stamp:
        held = slot[0] = (stamp, parse(files.read_plain(path, MAX_BYTES)))
    return held[1]


@lru_cache(maxsize=256)
def _slot(path: Path, parse: Callable[[bytes], Any]) -> list[tuple[tuple[int, ...], Any] | None]:
    """The place of a file's last version: one that grows every second would fill a cache with its old ones."""
    return [None]


_small_slot = lru_cache(maxsize=4096)(_slot.__wrapped__)


def _parse_config(raw: bytes) -> RunConfig:
    return RunConfig.from_dict(json.loads(raw))


def _parse_status(raw: bytes) -> Status:
    values = json.loads(raw)
    known = {f.name for f in fields(Status)}
    status = Status(**{k: v for k, v in values.items() if k in known})
    for f in fields(Status):
        value, kinds = getattr(status, f.name), _KINDS[str(f.type)]
        fits = isinstance(value, kinds) and (not isinstance(value, bool) or kinds is bool)
        if isinstance(value, str):
            fits = fits and len(value) <= MAX_TEXT and value.isprintable()
        elif isinstance(value, int | float):
            fits = fits and 0 <= value <= MAX_NUMBER  # NaN is in no range
        if not fits:
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
    run = Run(run_id, _path(run_id))
    if run.path.is_symlink() or not run.exists:
        raise LenetError("no_such_run", id=run_id)
    return run


def list_runs() -> list[Run]:
    """All runs, newest first, then those that came with the app. Damaged ones are in the list as well."""
    own = []
    with suppress(OSError), os.scandir(settings.runs_dir()) as entries:
        own = [
            Run(e.name, Path(e.path)) for e in entries if _ID.fullmatch(e.name) and e.is_dir(follow_symlinks=False)
        ]
    own = [r for r in own if not r.id.startswith(REFERENCE_PREFIX) and r.exists]
    return sorted(own, key=_created, reverse=True) + references()


def references() -> list[Run]:
    """The runs that came with the app."""
    return [
        Run(REFERENCE_PREFIX + path.parent.name, path.parent)
        for path in sorted(settings.REFERENCE_DIR.glob("*/config.json"))
    ]


def _created(run: Run) -> float:
    try:
        return float(run.stored_status().created)
    except (LenetError, TypeError, ValueError):
        return 0.0


def twin(config: RunConfig) -> Run | None:
    """A run of the very same configuration and images that is going on or has finished here: it need not be trained again."""
    kind = data.find(config.data).kind
    for run in list_runs():
        with suppress(LenetError):
            if run.is_reference or run.config != config:
                continue
            status = run.status()
            if status.state in ("queued", "running", "paused", "finished") and status.data in ("", kind):
                return run
    return None


def obtain(config: RunConfig, *, again: bool = False) -> tuple[Run, bool]:
    """The run that a reader asks for, and whether it is new: the twin that exists, unless `again`, or a new queued one.

    Raises LenetError where it cannot be made or the limits of a public server forbid it. Several servers may do this
    in the same moment over one runs directory.
    """
    with queueing():
        if not again and (known := twin(config)):
            return known, False
        _make_room(config)
        return create(config), True


def queueing() -> AbstractContextManager[None]:
    """Context: only one process at a time counts runs and adds to them, or to the pinned ones."""
    return files.locked(settings.runs_dir() / ".queueing.lock")


def book() -> list[hosting.Kept]:
    """The facts of every run directory, but not of the runs that came with the app, on which hosting.py decides."""
    return [_facts(run) for run in list_runs() if not run.is_reference]


def waiting_of(owner: str) -> int:
    """How many runs of that owner are in the queue."""
    count = 0
    for run in list_runs():
        with suppress(LenetError):
            count += run.status().state == "queued" and run.owner == owner
    return count


def _facts(run: Run) -> hosting.Kept:
    state, last, stamp = "", 0.0, (0, 0, 0)
    with suppress(LenetError, OSError):
        status, stat = run.status(), (run.path / "status.json").stat()
        state, last, stamp = status.state, status.updated, (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    size = _bytes(run.path, stamp)
    if state in ("queued", "running"):
        with suppress(LenetError):
            size = max(size, hosting.expected_bytes(run.config.model.cost()[0]))
    return hosting.Kept(run.id, run.owner, state, last, size, run.pinned)


@lru_cache(maxsize=4096)
def _bytes(path: Path, stamp: tuple[int, ...]) -> int:
    """Bytes of the files of a run directory, by the stamp of its status: that changes whenever another file does."""
    with suppress(OSError), os.scandir(path) as entries:
        return sum(e.stat(follow_symlinks=False).st_size for e in entries if e.is_file(follow_symlinks=False))
    return 0


def _make_room(config: RunConfig, again: Run | None = None) -> None:
    """Before a run is queued on a public server: refuse it, or delete the oldest runs that have to go for it."""
    if not settings.hosted():
        return
    more = hosting.expected_bytes(config.model.cost()[0])
    kept = {k.id: k for k in book()}
    if again:
        more = max(0, more - kept[again.id].bytes) if again.id in kept else more
    for run_id in hosting.admit(list(kept.values()), config.epochs, more, again.id if again else ""):
        with suppress(LenetError):  # one that has just begun again stays
            _delete(find(run_id))


def _delete(run: Run) -> None:
    held = lock(run)  # nobody trains it, and nobody begins to
    gone = run.path.with_name(f".gone-{secrets.token_hex(8)}")
    try:
        if os.name == "nt":  # renames no folder with an open file in it
            held.release()
        with files.writing(run.path.parent):
            run.path.rename(gone)
    finally:
        held.release()
    for left in run.path.parent.glob(".gone-*"):  # also what a killed process has left
        shutil.rmtree(left, ignore_errors=True)


def clean_name(raw: str) -> str:
    """A name for a run as it is kept: one line, nothing unprintable. Raises LenetError where it cannot be one."""
    printable = "".join(" " if c.isspace() else c for c in raw if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(printable.split())
    if len(name) > MAX_NAME or set(name) & set("<>&"):  # figures would take those for markup
        raise LenetError("bad_name", name=name[: MAX_NAME + 1], limit=MAX_NAME)
    return name


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
            if owner := hosting.visitor().owner:
                files.write_atomic(beside / "owner", owner.encode())
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
    if not run.exists:  # deleted while we waited
        held.release()
        raise LenetError("no_such_run", id=run.id)
    return held
