"""Train one run from its directory, in this process: what the worker and `python -m lenet.train` do."""

from __future__ import annotations

import errno
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import torch

from lenet import data, runs
from lenet.common import errors, files
from lenet.common.errors import LenetError
from lenet.runs import Run, Status
from lenet.runs.configuration import does_not_fit
from lenet.runs.files import STATUS
from lenet.runs.metrics import in_words
from lenet.training.dataset import DatasetCache
from lenet.training.devices import device_name, peak_memory, pick_device, reset_peak_memory
from lenet.training.recorder import EndRequested, Recorder
from lenet.training.trainer import Trainer


def train_run(
    run: Run,
    cache: DatasetCache | None = None,
    say: Callable[[str], None] = lambda line: None,
    leaving: Callable[[], bool] = lambda: False,
    epochs: int = 0,
    turn_over: Callable[[], bool] = lambda: False,
    after_epoch: Callable[[], None] = lambda: None,
    stopping: Callable[[], bool] = lambda: False,
    source: data.Source | None = None,
) -> Status:
    """Train a queued, stopped or interrupted run to its end; returns its final status.

    `cache` may have the data already, and has where they lie on another machine, whose `source` is given; `say` is called
    with a line an epoch, `after_epoch` when the files of one are written. Once `leaving` returns True, the run is kept as it is at that step and queued again; once `turn_over` does, likewise, but
    behind the runs that wait; once `stopping` does, it is kept likewise, and stopped. A run of fewer than `epochs` is
    first extended to that number; one that early stopping ended goes on to it.

    A problem of the run (its loss, its data, its device, the disk) ends in its status, not in an exception. Raises
    LenetError only where another process is training it, it is deleted, or its directory cannot be read or written.
    """
    held = runs.lock(run)
    reserve, threads = run.path / ".room", torch.get_num_threads()
    try:
        status = run.stored_status()
        finished = status.state == "finished" and not run.requested("extend")
        if finished and epochs <= (status.epoch if status.ended_by else run.config.epochs):
            return status
        if status.state != "queued":  # readers see it wait until it runs, and no longer what it was before
            from_page = run.requested("resume") or run.requested("extend")
            status = _write_status(run, "queued", for_worker=status.for_worker or from_page)
        run.forget_requests("stop", "pause", "resume")
        files.write_atomic(reserve, bytes(2**18))  # given up when the disk is full: the status can still be written
        recorder = _begin(
            run, status, source, cache or DatasetCache(), say, lambda: leaving() or stopping(), epochs, turn_over
        )
        try:
            _train_epochs(recorder, say, after_epoch)
        except EndRequested as request:
            recorder.end_early("stopped" if stopping() else request.state)  # the disk may be full now
        return recorder.status
    except KeyboardInterrupt:
        _write_status(run, "stopped")
        raise
    except Exception as e:
        if not run.exists:  # deleted: there is nothing left to write a status into
            raise LenetError("no_such_run", id=run.id) from e
        code, params = _diagnosis(e, run)
        reserve.unlink(missing_ok=True)
        say(errors.say(code, params))
        return _write_status(run, "failed", epoch=len(run.metrics()["epoch"]), code=code, params=params)
    finally:
        torch.set_num_threads(threads)
        with suppress(OSError, LenetError):
            reserve.unlink(missing_ok=True)
            if run.stored_status().state != "queued":  # a run that waits again heeds what was asked a moment ago
                run.forget_requests("stop", "pause")
        held.release()


def _begin(
    run: Run,
    status: Status,
    source: data.Source | None,
    cache: DatasetCache,
    say: Callable[[str], None],
    leaving: Callable[[], bool],
    epochs: int,
    turn_over: Callable[[], bool],
) -> Recorder:
    """Everything that a run is trained with, taken up where it ended."""
    source = source or run.find_images()  # a run that goes on does so with the images that it began with
    config = run.take_extension(epochs)
    if config.threads:
        torch.set_num_threads(config.threads)
    device = pick_device(config.device)
    reset_peak_memory(device)
    if config.model.num_classes != len(source.data_set.classes):
        raise does_not_fit(config.model, source.data_set)
    say(f"training on {device}; data: {source.words()}")
    trainer = Trainer(config, *cache.get(source, device))
    status = replace(
        status,
        code="",
        params=None,
        steps_per_epoch=trainer.steps_per_epoch,
        device=str(device),
        device_name=device_name(device),
        ended_by="",
        engine=trainer.train_step.name,
        data=source.kind,
        dataset=source.data_set.key,
        classes=len(source.data_set.classes),
        train_size=source.sizes["train"],
        test_size=source.sizes["test"],
        checksum=source.checksum,
        train_images=trainer.examples,
    )
    recorder = Recorder(run, trainer, status, leaving, turn_over)
    recorder.begin()
    return recorder


def _train_epochs(recorder: Recorder, say: Callable[[str], None], after_epoch: Callable[[], None]) -> None:
    trainer = recorder.trainer
    while trainer.epoch < trainer.config.epochs and not recorder.patience_is_over:
        loss, train_acc = trainer.run_epoch(recorder.after_step)
        recorder.end_epoch(loss, train_acc)
        say(f"epoch {trainer.epoch}: {in_words(recorder.metrics[-1])}")
        after_epoch()
    early = trainer.epoch < trainer.config.epochs
    if early:
        say(f"ended early: no epoch since {recorder.best_epoch} has had a better validation accuracy")
    ended_by = "early_stopping" if early else ""
    recorder.update(state="finished", ended_by=ended_by, peak_memory=peak_memory(trainer.device))


def _write_status(run: Run, state: str, **changes: Any) -> Status:
    """Write how a run stands that no recorder writes for."""
    status = replace(run.stored_status(), state=state, updated=time.time(), **changes)
    files.write_json(run.path / STATUS, asdict(status))
    return status


def _diagnosis(error: Exception, run: Run) -> tuple[str, dict[str, Any]]:
    """What ended a run, as a code and its parameters."""
    if isinstance(error, LenetError):
        return error.code, error.params
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full", {"epoch": len(run.metrics()["epoch"])}
    if isinstance(error, torch.OutOfMemoryError):
        return "out_of_memory", {"device": run.config.device}
    traceback.print_exception(error)
    return "crashed", {"reason": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
