"""Train LeNet.

    python -m lenet.train                               # the note's recipe: ten epochs, about 13 s on two CPU cores
    python -m lenet.train --recipe modern --seed 3
    python -m lenet.train --recipe modern --epochs 2 --data sample --run-id try1
    python -m lenet.train --resume try1                 # go on after a crash, a stop, a power cut
    python -m lenet.train --resume try1 --epochs 4      # or make it longer
    python -m lenet.train --tensorboard                 # and watch it in TensorBoard too

What a run is: RunConfig in runs/configuration.py. How it is trained: training/run.py.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from lenet import runs
from lenet.common import fields, files, paths
from lenet.common.errors import LenetError
from lenet.common.fields import check_integer
from lenet.runs import Run, configuration
from lenet.runs.configuration import RECIPES, RunConfig
from lenet.runs.files import MAX_JSON
from lenet.training import tensorboard
from lenet.training.progress import sample_hint
from lenet.training.run import train_run

OPTIONS = [field for field in fields.table(RunConfig).values() if field.flag]
"""The settings of a run that have an option."""


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    """The options that were given, and no others. Ends the process where one is unknown or not of its kind."""
    parser = argparse.ArgumentParser(
        prog="python -m lenet.train",
        description="Train LeNet; the app shows the run live.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    for field in OPTIONS:
        takes: dict[str, Any] = {"choices": field.choices} if field.choices else {"type": field.kind}
        parser.add_argument("--" + field.name.replace("_", "-"), help=field.flag, **takes)
    parser.add_argument(
        "--threads", type=int, help="number of CPU threads (default: one per core); use fewer on a busy machine"
    )
    parser.add_argument(
        "--runs-dir",
        type=paths.option,
        metavar="DIR",
        help="folder of the runs (default: LENET_RUNS_DIR, else runs/)",
    )
    parser.add_argument("--run-id", help="name of the run (default: made from recipe and time)")
    parser.add_argument(
        "--config", type=paths.option, metavar="FILE", help="JSON file with a RunConfig or a LeNetConfig"
    )
    parser.add_argument(
        "--resume", metavar="ID",
        help="continue a stopped or interrupted run with its own settings; with more --epochs, make it longer",
    )  # fmt: skip
    parser.add_argument(
        "--tensorboard", metavar="DIR", nargs="?", const=None, type=paths.option,
        help="write a TensorBoard event file, brought up to date after every epoch, into the folder ID in DIR (default: "
        "into the folder tensorboard in the run's own)",
    )  # fmt: skip
    return parser.parse_args(argv)


def config_from(args: argparse.Namespace) -> RunConfig:
    """The RunConfig that the options ask for: a file or a recipe, changed by what else is given."""
    values = read_config(args.config) if "config" in args else {}
    return RunConfig.from_dict(values | options(args))


def options(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that are given as options, by name."""
    given = vars(args)
    return {field.name: given[field.name] for field in OPTIONS if field.name in given}


def read_config(path: Path) -> dict[str, Any]:
    """The settings in a file, which may begin with a byte order mark. Raises LenetError.

    A run may be called by a recipe of its own, but only if the file leaves no setting to a recipe.
    """
    try:
        found = json.loads(files.read_named(path, MAX_JSON))
    except (OSError, ValueError, RecursionError) as e:
        reason = e.strerror if isinstance(e, OSError) and e.strerror else str(e)
        raise LenetError("config_unreadable", path=str(path), reason=reason) from e
    values = fields.known(RunConfig, configuration.whole(found), str(path))
    recipe = values.get("recipe", "classic")
    if recipe not in RECIPES and not values.keys() >= RunConfig().to_dict().keys():
        raise LenetError("unknown_recipe", value=str(recipe)[:40], path=str(path), options=", ".join(RECIPES))
    return values


def epochs_beside(run: Run, args: argparse.Namespace) -> int:
    """The epochs that a run to be resumed is to have: its own, or more. Raises LenetError if an option contradicts it."""
    named = (read_config(args.config) if "config" in args else {}) | options(args)
    asked, own = configuration.flat(RunConfig.from_dict(named)), configuration.flat(run.config)
    status = run.stored_status()
    in_fact = {"data": status.data, "device": status.device}  # what "auto" was
    names = [name for name in named if name != "model"] + [f"model.{name}" for name in named.get("model", ())]
    if "run_id" in args:
        names, asked, own = [*names, "run_id"], asked | {"run_id": args.run_id}, own | {"run_id": run.id}
    for name in names:
        if name == "epochs" or (name == "dataset" and asked[name] == "auto"):
            continue
        if asked[name] not in (own[name], in_fact.get(name)):
            option = f"--{name.replace('_', '-')}" if name in args else f"{name} in {args.config}"
            has = in_fact.get(name) or own[name]
            raise LenetError("resume_contradicts", option=option, value=asked[name], id=run.id, own=has)
    epochs = asked["epochs"] if "epochs" in named else own["epochs"]
    if epochs < own["epochs"]:
        raise LenetError("resume_shorter", id=run.id, own=own["epochs"], value=epochs)
    return int(epochs)


def event_file(run: Run, args: argparse.Namespace) -> AbstractContextManager[Callable[[], None]]:
    """Context of a training with the function to be called after every epoch: it writes what `--tensorboard` asks for."""
    if "tensorboard" not in args:
        return nullcontext(lambda: None)
    folder = tensorboard.folder_of(run, args.tensorboard)
    say(f"to be seen with: tensorboard --logdir {shlex.quote(str(args.tensorboard or folder))}")
    return tensorboard.following(run, folder, say)


def say(line: str) -> None:
    print(line, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Train as the options say; 0 when the run finished, 1 when it failed or was stopped, 2 for a wrong option."""
    args = parse_args(argv)
    if "runs_dir" in args:
        paths.use_runs_dir(args.runs_dir)
    run: Run | None = None
    try:
        if "threads" in args:
            torch.set_num_threads(check_integer("threads", args.threads, 1, 256))
        if "tensorboard" in args:
            tensorboard.check(args.tensorboard)
        if "resume" in args:
            run = runs.find(args.resume)
            epochs = epochs_beside(run, args)
            status = run.status()
            goes_on = status.ended_by and "epochs" in args  # early stopping left some of them out
            if status.state == "finished" and epochs == run.config.epochs and not goes_on:
                with event_file(run, args):
                    pass  # of what there is
                print("\n".join(run.log_lines()))
                return 0
            run.check_may_change()  # not of those that came with the app
            run.find_images()  # or why it cannot go on, before anything of the run is touched
        else:
            run = runs.create(
                config_from(args).resolved(), args.run_id if "run_id" in args else None, for_worker=False
            )
            epochs = run.config.epochs
        if hint := sample_hint(replace(run.config, epochs=epochs)):
            print(hint)
        with event_file(run, args) as after_epoch:
            status = train_run(run, say=say, epochs=epochs, after_epoch=after_epoch)
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
