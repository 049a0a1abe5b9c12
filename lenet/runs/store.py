"""Finding, creating, renaming, pinning and deleting runs, and requests to stop or to go on.

Except for the trainer (training/recorder.py) and looks.py, only this module changes run directories. files.py reads their
files, and admission.py decides what a visitor of a public server may do.
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
from pathlib import Path
from typing import Any

import filelock

from lenet import data
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.runs import admission, labels, removed
from lenet.runs.admission import RunFacts
from lenet.runs.configuration import RunConfig
from lenet.runs.files import CONFIG, NAME, STATUS, RunFiles, Status
from lenet.runs.listing import ID, Listed, found_in
from lenet.runs.visitors import check_may_act, visitor

REFERENCE_PREFIX = "reference-"
EXPERIMENTS, CLASSES = "experiments", "classes"
"""Folders beside the runs, and so the ids of none."""
DEFAULT_REFERENCE = REFERENCE_PREFIX + "classic"
"""The run that pages begin with."""
LESSON_PREFIX = REFERENCE_PREFIX + "lesson-"
"""Of runs that came with the app for a lesson. They are found, but not listed."""
MAX_NAME = 40  # characters of a run's name


class Run(RunFiles):
    """One run: its files, its name for readers, and the requests that can be made of it."""

    # -- names

    def label(self) -> str:
        """A name for readers. What distinguishes the run comes first, because a list may cut off the rest."""
        return self.titled(self.in_words(labels.label(self.config)))

    def in_words(self, label: str) -> str:
        """The `label` of its settings, and what is no part of a recipe: epochs, seed, and the data set if it is not the usual."""
        c = self.config
        words = ngettext("{recipe}, {n} epoch, seed {seed}", "{recipe}, {n} epochs, seed {seed}", c.epochs)
        text = words.format(recipe=label, n=c.epochs, seed=c.seed)
        if (images := self.data_set).key != data.DEFAULT:
            text = _("{name}, {data_set}").format(name=text, data_set=images.words())
        return text

    def titled(self, text: str) -> str:
        """What its settings are called, with its name or, if it has none, its id."""
        return _("{name} (came with the app)").format(name=text) if self.is_reference else f"{self._handle} · {text}"

    def short(self) -> str:
        """A shorter name for readers, used where epochs and seed are shown beside it."""
        return self.name or self.titled(labels.label(self.config))

    @property
    def _handle(self) -> str:
        """Its name, or else its id; of an id that `create` generated only the last four digits."""
        return self.name or re.sub(r"^\S+-\d{4}-\d{6}-([0-9a-f]{4})$", r"\1", self.id)

    @property
    def name(self) -> str:
        """The name that its owner gave it; empty if it has none, or if it is not for the visitor to see.

        On a public server its owner and the operator see it, and others the name that follows from id and settings.
        """
        name = self._word(NAME, r".*")
        with suppress(LenetError):
            return clean_name(name) if name and visitor().may_see_name(self.owner) else ""
        return ""

    # -- requests and changes

    @property
    def may_change(self) -> bool:
        """Whether the visitor may stop, resume, extend, name, pin or delete it."""
        return not self.is_reference and visitor().may_change(self.owner)

    def check_may_change(self) -> None:
        """Raises LenetError unless `may_change`."""
        if self.is_reference:
            raise LenetError("run_is_reference", id=self.id)
        check_may_act()
        if not self.may_change:
            raise LenetError("not_your_run", id=self.id)

    def request(self, what: str, **params: Any) -> None:
        """Request `"stop"`, `"pause"`, `"resume"` or, for a finished run, `"extend"` with `epochs`.

        Raises LenetError if the run belongs to somebody else or the limits of a public server forbid it.
        """
        self.check_may_change()
        if what not in ("resume", "extend"):
            return self._leave(what, params)
        self._check_images()
        config = self.config.extended(params["epochs"]) if what == "extend" else self.config
        with _one_at_a_time():
            _make_room(config, again=self)
            self._leave(what, params)

    def _check_images(self) -> None:
        """Raises LenetError where this machine has other images than those that it was begun on.

        Where it has none, another that trains may have them.
        """
        try:
            self.find_images()
        except data.DataError as error:
            if error.code.startswith("begun_on_"):
                raise

    def _leave(self, what: str, params: dict[str, Any]) -> None:
        """Write a request into the run's directory; it replaces those that it contradicts."""
        with files.writing(self.path):
            self.forget_requests(*({"stop", "pause", "resume"} - {what}))
            files.write_json(self.path / f"request-{what}", params)

    def rename(self, name: str) -> None:
        """Give it a name; an empty one removes the name. Raises LenetError."""
        self.check_may_change()
        cleaned = clean_name(name)
        with files.writing(self.path):
            if cleaned:
                files.write_atomic(self.path / NAME, cleaned.encode())
            else:
                (self.path / NAME).unlink(missing_ok=True)

    def pin(self, pinned: bool) -> None:
        """Exempt it from automatic deletion, or end that. Raises LenetError."""
        self.check_may_change()
        with _one_at_a_time():
            if pinned and not self.pinned:
                admission.check_pin(all_facts())
            with files.writing(self.path):
                if pinned:
                    files.write_atomic(self.path / "pinned", b"")
                else:
                    (self.path / "pinned").unlink(missing_ok=True)

    def release(self, since: float) -> None:
        """Have it be the first to be deleted when room is needed, from then on, unless it is pinned. Raises LenetError."""
        self.check_may_change()
        with files.writing(self.path):
            files.write_atomic(self.path / "released", str(int(since)).encode())

    def delete(self) -> None:
        """Delete it for good. Raises LenetError if it is pinned, in training, or somebody else's."""
        self.check_may_change()
        if self.pinned:
            raise LenetError("run_pinned", id=self.id)
        _delete(self)

    def forget_requests(self, *which: str) -> None:
        """Remove these requests, if there are any."""
        for what in which:
            (self.path / f"request-{what}").unlink(missing_ok=True)

    def next_config(self) -> RunConfig:
        """Its configuration, extended if that is requested. Raises LenetError."""
        config, status = self.config, self.stored_status()
        if self.requested("extend"):
            asked = self._read("request-extend", json.loads)
            more: Any = asked.get("epochs") if isinstance(asked, dict) else asked
            config = config.extended(more, status.epoch if status.ended_by else None)  # checks that it is a number
        return config

    def take_extension(self, epochs: int = 0) -> RunConfig:
        """The configuration to train: extended if that was requested or if it has fewer than `epochs` or ended before them,
        and with the data set that this machine has if there was none before. Only for the process that holds the run's
        lock. Raises LenetError.
        """
        config, status = self.next_config(), self.stored_status()
        done = status.epoch if status.ended_by else None
        if epochs > config.epochs or (done and epochs == config.epochs):
            config = config.extended(epochs, done)
        if config != self.config:
            files.write_json(self.path / CONFIG, config.to_dict())
            self.forget_requests("extend")
        if config.dataset == "auto":
            config = config.resolved()
            files.write_json(self.path / CONFIG, config.to_dict())
        return config


# -- finding -----------------------------------------------------------------------------------------------------


def _path(run_id: str) -> Path:
    if not (isinstance(run_id, str) and ID.fullmatch(run_id)):
        raise LenetError("bad_run_id", id=str(run_id)[:80])
    if run_id.startswith(LESSON_PREFIX):
        return paths.LESSONS_DIR / run_id.removeprefix(LESSON_PREFIX)
    if run_id.startswith(REFERENCE_PREFIX):
        return paths.REFERENCE_DIR / run_id.removeprefix(REFERENCE_PREFIX)
    return paths.runs_dir() / run_id


def find(run_id: str) -> Run:
    """The run with that id. Raises LenetError if there is none."""
    run = Run(run_id, _path(run_id))
    if run.path.is_symlink() or not run.exists:
        raise missing(run_id)
    return run


def exists(run_id: str) -> bool:
    """Whether there is something of that id, be it damaged. Raises LenetError if there cannot be."""
    return _path(run_id).exists()


def missing(run_id: str) -> LenetError:
    """Why there is no run of that id: it was removed to make room, or there never was one, or its owner deleted it."""
    if when := removed.when(run_id):
        return LenetError("run_removed", id=run_id, when=time.strftime("%F %R", time.gmtime(when)))
    return LenetError("no_such_run", id=run_id)


def list_runs() -> list[Run]:
    """All runs, newest first, then those that came with the app; damaged ones are included."""
    return [one.run for one in listed()]


def references() -> list[Run]:
    """The runs that came with the app."""
    return [one.run for one in _references()]


def listed() -> list[Listed[Run]]:
    """`list_runs`, with what is known of them. Of a run that has not changed since the last time no file is opened."""
    own = [one for one in found_in(paths.runs_dir(), Run) if not one.run.id.startswith(REFERENCE_PREFIX)]
    return sorted(own, key=lambda one: one.created or 0.0, reverse=True) + _references()


def _references() -> list[Listed[Run]]:
    return found_in(paths.REFERENCE_DIR, lambda name, path: Run(REFERENCE_PREFIX + name, path))


# -- making, locking, deleting -----------------------------------------------------------------------------------


def create(config: RunConfig, run_id: str | None = None, *, for_worker: bool = True) -> Run:
    """Create a queued run, on the data set that this machine has for its configuration, as far as that can be told now.

    Raises LenetError if the id is taken or invalid, or the folder cannot be written to. With `for_worker=False` no worker trains it; the caller does.
    """
    if run_id is None:
        run_id = _free_id(config)
    if run_id.startswith(REFERENCE_PREFIX) or run_id in (EXPERIMENTS, CLASSES):
        raise LenetError("run_exists", id=run_id)
    path = _path(run_id)
    with suppress(data.DataError):  # then the run ends with it, see `take_extension`
        config = config.resolved()
    with files.writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.parent / f".new-{secrets.token_hex(8)}"
        beside.mkdir()
        try:
            files.write_json(beside / CONFIG, config.to_dict())
            now = time.time()
            files.write_json(beside / STATUS, asdict(Status(for_worker=for_worker, created=now, updated=now)))
            who = visitor()
            for name, word in (("owner", who.owner), ("address", who.address)):
                if word:
                    files.write_atomic(beside / name, word.encode())
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


def _free_id(config: RunConfig) -> str:
    """An id for a new run. Of forty that a class begins within a second, two would have the same one every hundredth time."""
    recipe = re.sub(r"[^A-Za-z0-9]+", "-", config.recipe).strip("-") or "run"
    while True:
        run_id = f"{recipe}-{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        if not _path(run_id).exists():
            return run_id


def clean_name(raw: str) -> str:
    """A name as it is stored: one line, without unprintable characters. Raises LenetError if it is not allowed."""
    printable = "".join(" " if c.isspace() else c for c in raw if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(printable.split())
    if len(name) > MAX_NAME or set(name) & set("<>&"):  # figures would interpret these as markup
        raise LenetError("bad_name", name=name[: MAX_NAME + 1], limit=MAX_NAME)
    return name


def lock(run: Run) -> filelock.BaseFileLock:
    """Acquire the lock of a run, in order to train it. Raises LenetError if another process holds it."""
    held = files.file_lock(run.path / "lock")
    with files.writing(run.path):
        try:
            held.acquire(timeout=2)  # `is_locked` in another process holds it for a moment
        except filelock.Timeout as e:
            raise LenetError("run_busy", id=run.id) from e
    if not run.exists:  # deleted while we waited
        held.release()
        raise LenetError("no_such_run", id=run.id)
    return held


def _delete(run: Run) -> None:
    held = lock(run)  # so that no process trains it or begins to
    gone = run.path.with_name(f".gone-{secrets.token_hex(8)}")
    try:
        if os.name == "nt":  # cannot rename a folder with an open file in it
            held.release()
        with files.writing(run.path.parent):
            run.path.rename(gone)
    finally:
        held.release()
    for left in run.path.parent.glob(".gone-*"):  # also those left by a killed process
        shutil.rmtree(left, ignore_errors=True)


# -- joining the queue -------------------------------------------------------------------------------------------


def obtain(config: RunConfig, *, again: bool = False, run_id: str | None = None) -> tuple[Run, bool]:
    """A run with these settings and whether it is new: an existing one, or else (or with `again`) a new queued one, of that
    id if one is given.

    Raises LenetError if it cannot be created or the limits of a public server forbid it.
    """
    with _one_at_a_time():
        if not again and (known := find_equal(config)):
            return known, False
        _make_room(config)
        return create(config, run_id), True


def find_equal(config: RunConfig) -> Run | None:
    """A run with the same settings and data that is finished, paused, queued or in training, so that another is not
    needed; None if there is none."""
    config, source = config.resolved(), data.find(config.data, config.dataset)
    for one in listed():
        with suppress(LenetError):
            if one.run.is_reference or one.config != config:
                continue
            run, status = one.run, one.run.status()
            same = status.data in ("", source.kind) and (not status.checksum or status.checksum == source.checksum)
            if same and status.state in ("queued", "running", "paused", "finished"):
                return run
    return None


def waiting_of(owner: str) -> int:
    """The number of queued runs of an owner."""
    count = 0
    for run in list_runs():
        with suppress(LenetError):
            count += run.status().state == "queued" and run.owner == owner
    return count


def all_facts() -> list[RunFacts]:
    """The facts about all runs except those that came with the app, for admission.py."""
    return [admission.facts_of(run) for run in list_runs() if not run.is_reference]


def _one_at_a_time() -> AbstractContextManager[None]:
    """Context in which no other process counts or adds runs. Several servers may share one runs directory."""
    return files.locked(paths.runs_dir() / ".queueing.lock")


def _make_room(config: RunConfig, again: Run | None = None) -> None:
    """Check the limits before a run joins the queue, and delete old runs to make room. Raises LenetError."""
    check_may_act()
    if not paths.hosted():
        return
    facts, run_id = all_facts(), again.id if again else ""
    admission.check_limits(facts, config.epochs, run_id)
    if again is None or config != again.config:  # a run that only goes on was let in before
        admission.check_cost(config)
    own = sum(known.bytes for known in facts if known.id == run_id)
    more = max(0, admission.expected_bytes(config.model.cost()[0]) - own)
    for old in admission.to_delete(facts, more, run_id):
        with suppress(LenetError):  # a run that was resumed a moment ago is kept
            _delete(find(old))
            removed.note(old)
