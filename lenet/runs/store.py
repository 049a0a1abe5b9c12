"""Runs: found, made, named, asked to stop or to go on, and deleted.

What a run's files say is in files.py, what a visitor of a public server may do is decided in rules.py. Whatever
changes a run directory, but for the trainer itself (training/recorder.py), does so here. No torch here.
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
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import filelock

from lenet import data
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.runs import rules
from lenet.runs.configuration import RECIPES, RunConfig
from lenet.runs.files import METRICS as METRICS
from lenet.runs.files import STATES as STATES
from lenet.runs.files import STEPS as STEPS
from lenet.runs.files import RunFiles
from lenet.runs.files import Status as Status

REFERENCE_PREFIX = "reference-"
MAX_NAME = 40  # characters of a run's name


class Run(RunFiles):
    """One run: what its files say, what readers call it, and what may be asked of it."""

    # -- what it is called

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
    def name(self) -> str:
        """What its owner calls it; empty where nobody has named it."""
        name = self._word("name", r".*")
        with suppress(LenetError):
            return clean_name(name)
        return ""

    # -- what may be asked of it

    @property
    def may_change(self) -> bool:
        """Whether who asks now may stop, resume, extend, name, pin or delete it."""
        return not self.is_reference and rules.visitor().may_change(self.owner)

    def check_may_change(self) -> None:
        """Raises LenetError unless `may_change`."""
        if self.is_reference:
            raise LenetError("run_is_reference", id=self.id)
        if not self.may_change:
            raise LenetError("not_your_run", id=self.id)

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
                rules.check_pin(book())
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


# -- finding -----------------------------------------------------------------------------------------------------

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _path(run_id: str) -> Path:
    if not _ID.fullmatch(run_id):
        raise LenetError("bad_run_id", id=run_id[:80])
    if run_id.startswith(REFERENCE_PREFIX):
        return paths.REFERENCE_DIR / run_id.removeprefix(REFERENCE_PREFIX)
    return paths.runs_dir() / run_id


def find(run_id: str) -> Run:
    """The run of that id. Raises LenetError where there is none."""
    run = Run(run_id, _path(run_id))
    if run.path.is_symlink() or not run.exists:
        raise LenetError("no_such_run", id=run_id)
    return run


def list_runs() -> list[Run]:
    """All runs, newest first, then those that came with the app. Damaged ones are in the list as well."""
    own = []
    with suppress(OSError), os.scandir(paths.runs_dir()) as entries:
        own = [
            Run(e.name, Path(e.path)) for e in entries if _ID.fullmatch(e.name) and e.is_dir(follow_symlinks=False)
        ]
    own = [r for r in own if not r.id.startswith(REFERENCE_PREFIX) and r.exists]
    return sorted(own, key=_created, reverse=True) + references()


def references() -> list[Run]:
    """The runs that came with the app."""
    return [
        Run(REFERENCE_PREFIX + path.parent.name, path.parent)
        for path in sorted(paths.REFERENCE_DIR.glob("*/config.json"))
    ]


def _created(run: Run) -> float:
    try:
        return run.stored_status().created
    except LenetError:
        return 0.0


# -- making, locking, deleting -----------------------------------------------------------------------------------


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
            if owner := rules.visitor().owner:
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


def clean_name(raw: str) -> str:
    """A name for a run as it is kept: one line, nothing unprintable. Raises LenetError where it cannot be one."""
    printable = "".join(" " if c.isspace() else c for c in raw if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(printable.split())
    if len(name) > MAX_NAME or set(name) & set("<>&"):  # figures would take those for markup
        raise LenetError("bad_name", name=name[: MAX_NAME + 1], limit=MAX_NAME)
    return name


def lock(run: Run) -> filelock.BaseFileLock:
    """Acquire the run for training in this process. Raises LenetError where another one has it."""
    held = files.file_lock(run.path / "lock")
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


# -- the queue, and room for what joins it ------------------------------------------------------------------------


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
    return files.locked(paths.runs_dir() / ".queueing.lock")


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


def waiting_of(owner: str) -> int:
    """How many runs of that owner are in the queue."""
    count = 0
    for run in list_runs():
        with suppress(LenetError):
            count += run.status().state == "queued" and run.owner == owner
    return count


def _make_room(config: RunConfig, again: Run | None = None) -> None:
    """Before a run is queued on a public server: refuse it, or delete the oldest runs that have to go for it."""
    if not paths.hosted():
        return
    more = rules.expected_bytes(config.model.cost()[0])
    kept = {k.id: k for k in book()}
    if again:
        more = max(0, more - kept[again.id].bytes) if again.id in kept else more
    for run_id in rules.admit(list(kept.values()), config.epochs, more, again.id if again else ""):
        with suppress(LenetError):  # one that has just begun again stays
            _delete(find(run_id))


def book() -> list[rules.Kept]:
    """The facts of every run directory, but not of the runs that came with the app, on which rules.py decides."""
    return [_facts(run) for run in list_runs() if not run.is_reference]


def _facts(run: Run) -> rules.Kept:
    state, last = "", 0.0
    with suppress(LenetError):
        status = run.status()
        state, last = status.state, status.updated
    size = _bytes(run.path, run.stamp("status.json"))
    if state in ("queued", "running"):
        with suppress(LenetError):
            size = max(size, rules.expected_bytes(run.config.model.cost()[0]))
    return rules.Kept(run.id, run.owner, state, last, size, run.pinned)


@lru_cache(maxsize=4096)
def _bytes(path: Path, stamp: tuple[int, ...]) -> int:
    """Bytes of the files of a run directory, by the stamp of its status: that changes whenever another file does."""
    with suppress(OSError), os.scandir(path) as entries:
        return sum(e.stat(follow_symlinks=False).st_size for e in entries if e.is_file(follow_symlinks=False))
    return 0
