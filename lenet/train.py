"""Train LeNet.

    python -m lenet.train                               # the note's recipe: ten epochs, about 13 s on two CPU cores
    python -m lenet.train --recipe modern --seed 3
    python -m lenet.train --recipe modern --epochs 2 --data sample --run-id try1
    python -m lenet.train --resume try1                 # go on after a crash, a stop, a power cut

Everything a run is lies in its RunConfig (runs/configuration.py), how it steps is in training/trainer.py, and what it leaves in its
directory, where the app shows it live, is written by training/recorder.py.
"""

from __future__ import annotations

import argparse
import errno
import json
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from lenet import data, runs
from lenet.architecture.configuration import check_integer, known_fields
from lenet.common import errors, files, paths, process
from lenet.common.errors import LenetError
from lenet.runs import Run, Status, configuration
from lenet.runs.configuration import RECIPES, RunConfig
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


# -- command line ------------------------------------------------------------------------------------------------


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lenet.train",
        description="Train LeNet on Fashion-MNIST; the app shows the run live.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--recipe", choices=list(RECIPES), help="a named configuration (default: classic)")
    parser.add_argument("--epochs", type=int, help="passes over the training images")
    parser.add_argument("--seed", type=int, help="decides the initial weights and every shuffle")
    parser.add_argument("--device", choices=configuration.DEVICES, help="auto takes a GPU where there is one")
    parser.add_argument("--data", choices=configuration.SOURCES, help="full Fashion-MNIST or the bundled sample")
    parser.add_argument("--threads", type=int, help="CPU threads (default: one a core); fewer on a busy machine")
    parser.add_argument("--runs-dir", type=Path, help="where runs lie (default: LENET_RUNS_DIR, else runs/)")
    parser.add_argument("--run-id", help="name of the run (default: made from recipe and time)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="JSON file with a RunConfig or a LeNetConfig")
    parser.add_argument("--resume", metavar="ID", help="finish a stopped or interrupted run with its own settings")
    return parser.parse_args(argv)


def config_from(args: argparse.Namespace) -> RunConfig:
    """The RunConfig that the options ask for: a file or a recipe, changed by what else is given."""
    values: dict[str, Any] = {}
    if "config" in args:
        try:
            values = json.loads(args.config.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as e:
            raise LenetError("config_unreadable", path=str(args.config), reason=str(e)) from e
        values = dict(known_fields(RunConfig, configuration.whole(values), str(args.config)))
    given = {k: v for k, v in vars(args).items() if k in ("recipe", "epochs", "seed", "device", "data")}
    return RunConfig.from_dict({**values, **given})


def main(argv: list[str] | None = None) -> int:
    """Train as the options say; 0 when the run finished, 1 when it failed or was stopped, 2 for a wrong option."""
    args = parse_args(argv)
    if "runs_dir" in args:
        paths.use_runs_dir(args.runs_dir)
    run: Run | None = None
    try:
        if "threads" in args:
            torch.set_num_threads(check_integer("threads", args.threads, 1, 256))
        if "resume" in args:
            run = runs.find(args.resume)
            run.check_may_change()  # not of those that came with the app
        else:
            run = runs.create(config_from(args), args.run_id if "run_id" in args else None, for_worker=False)
        status = train_run(run, say=lambda line: print(line, flush=True))
    except LenetError as e:
        print(e, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if run is not None:
            print(f"stopped; go on with: python -m lenet.train --resume {run.id}", file=sys.stderr)
        return 130
    if status.state != "finished":
        return 1
    print("\n".join(run.log_lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
