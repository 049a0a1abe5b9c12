"""Train one run to its end, in this process."""

from __future__ import annotations

import errno
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from lenet import data, runs
from lenet.common import errors, files, process
from lenet.common.errors import LenetError
from lenet.runs import Run, Status
from lenet.training.recorder import Asked, Recorder
from lenet.training.trainer import DataCache, Trainer, device_name, pick_device


def train_run(
    run: Run,
    cache: DataCache | None = None,
    say: Callable[[str], None] = lambda line: None,
    leaving: Callable[[], bool] = lambda: False,
) -> Status:
    """Train a queued, stopped or interrupted run to its end, in this process; returns its final status.

    Once `leaving` says that this process has to go, the run is kept as it is at that step and queued again.

    A problem of the run (its loss, its data, its device, the disk) ends in its status, not in an exception.
    Raises LenetError only where another process is training it, it is deleted, or its directory cannot be read or written.
    """
    held = runs.lock(run)
    room = run.path / ".room"
    try:
        status = run.stored_status()
        if status.state == "finished" and not run.requested("extend"):
            return status
        if status.state != "queued":  # until it runs, readers see it wait: what it was before is over
            from_page = run.requested("resume") or run.requested("extend")
            status = _end(run, "queued", for_worker=status.for_worker or from_page)
        run.forget_requests("stop", "pause", "resume")
        files.write_atomic(room, bytes(2**18))  # given up when the disk is full, so that the last word can be written
        recorder = _start(run, status, cache or DataCache(), say, leaving)
        try:
            _finish_epochs(recorder, say)
        except Asked as asked:
            recorder.end_early(asked.state)  # the disk may be full now
        return recorder.status
    except KeyboardInterrupt:
        _end(run, "stopped")
        raise
    except Exception as e:
        if not run.exists:  # whoever deleted it wants no last word of it
            raise LenetError("no_such_run", id=run.id) from e
        code, params = _diagnosis(e, run)
        room.unlink(missing_ok=True)
        say(errors.say(code, params))
        return _end(run, "failed", epoch=len(run.metrics()["epoch"]), code=code, params=params)
    finally:
        with suppress(OSError):
            room.unlink(missing_ok=True)
            run.forget_requests("stop", "pause")
        held.release()


def _start(
    run: Run, status: Status, cache: DataCache, say: Callable[[str], None], leaving: Callable[[], bool]
) -> Recorder:
    config = run.take_extension()
    device = pick_device(config.device)
    forget_peak_memory(device)
    source = data.find(status.data or config.data)  # a run that goes on does so with the images that it began with
    say(f"training on {device}")
    trainer = Trainer(config, *cache.get(source, device))
    status = replace(
        status,
        code="",
        params=None,
        steps_per_epoch=trainer.steps_per_epoch,
        device=str(device),
        device_name=device_name(device),
        engine=trainer.engine,
        data=source.kind,
        train_images=trainer.examples,
    )
    recorder = Recorder(run, trainer, status, leaving)
    recorder.begin()
    return recorder


def _finish_epochs(recorder: Recorder, say: Callable[[str], None]) -> None:
    trainer = recorder.trainer
    while trainer.epoch < trainer.config.epochs:
        loss, train_acc = trainer.run_epoch(recorder.look)
        recorder.end_epoch(loss, train_acc)
        test_acc = recorder.rows[-1][4]
        say(f"epoch {trainer.epoch}: loss {loss:.3f}, train acc {train_acc:.3f}, test acc {test_acc:.3f}")
    recorder.update(state="finished", peak_memory=peak_memory(trainer.device))


def forget_peak_memory(device: torch.device) -> None:
    """Have `peak_memory` look at what comes from now on: a worker has trained other runs before."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    with suppress(OSError):  # not on Linux
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory(device: torch.device) -> int:
    """Most bytes that this process has held at a time: on the GPU where it trains there, else in main memory."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return process.peak_memory()


def _end(run: Run, state: str, **changes: Any) -> Status:
    status = replace(run.stored_status(), state=state, updated=time.time(), **changes)
    files.write_json(run.path / "status.json", asdict(status))
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
