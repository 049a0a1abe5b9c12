"""Train LeNet.

    python -m lenet.train                               # the note's recipe: ten epochs, about 13 s on two CPU cores
    python -m lenet.train --recipe modern --seed 3
    python -m lenet.train --recipe modern --epochs 2 --data sample --run-id try1
    python -m lenet.train --lr 0.5 --momentum 0.9 --channels 8,24 --pooling max --batch-norm
    python -m lenet.train --config config.json          # a run again: the page of a run has the file
    python -m lenet.train --resume try1                 # go on after a crash, a stop, a power cut
    python -m lenet.train --resume try1 --epochs 4      # or make it longer
    python -m lenet.train --tensorboard                 # and watch it in TensorBoard too

Ctrl-C and SIGTERM stop the run at its next step, from which --resume goes on.

What a run is: RunConfig in runs/configuration.py. How it is trained: training/run.py.
"""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import torch

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.common import fields, files, paths
from lenet.common.errors import LenetError
from lenet.common.signals import Signals
from lenet.runs import Run, configuration, options
from lenet.runs.configuration import RECIPES, SETTINGS, RunConfig
from lenet.runs.parsing import MAX_JSON
from lenet.training import tensorboard
from lenet.training.devices import pick_device
from lenet.training.progress import sample_hint
from lenet.training.run import train_run


class Parser(argparse.ArgumentParser):
    """Answers a wrong option with one sentence, not with the list of all options."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}\n")


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    """The options that were given, and no others; `settings` are those of the run, by the names of SETTINGS.

    Ends the process where one is unknown or not of its kind.
    """
    parser = Parser(
        prog="python -m lenet.train",
        usage="%(prog)s [--recipe R] [--lr X] [--channels N,N] … | %(prog)s --resume ID [--epochs N]",
        description="Train LeNet; the app shows the run live.",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=30),
        argument_default=argparse.SUPPRESS,
    )
    options.add_to(parser)
    paths.add_runs_dir_option(parser)
    parser.add_argument("--run-id", metavar="ID", help="name of the run (default: made from recipe and time)")
    parser.add_argument(
        "--config",
        type=paths.option,
        metavar="FILE",
        help="JSON file with settings of a run or of a network, such as the config.json of a run; options change them",
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
    args = parser.parse_args(argv)
    try:
        args.settings = options.given(args)
    except LenetError as e:
        parser.error(str(e))
    return args


def config_from(args: argparse.Namespace) -> RunConfig:
    """The RunConfig that the options ask for: a file or a recipe, changed by what else is given. Raises LenetError."""
    values = read_config(args.config) if "config" in args else {}
    return RunConfig.from_dict(options.merged(values, args.settings))


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


# -- beside --resume -----------------------------------------------------------------------------------------------


def epochs_beside(run: Run, args: argparse.Namespace) -> int:
    """The epochs that a run to be resumed is to have: its own, or more. Raises LenetError if an option contradicts it."""
    if getattr(args, "run_id", run.id) != run.id:
        raise contradiction("--run-id", args.run_id, run, run.id)
    named = file_settings(args.config) if "config" in args else {}
    status, own = run.stored_status(), configuration.flat(run.config)
    in_fact = {"data": status.data, "device": status.device}  # what "auto" was
    for name, value in (named | args.settings).items():
        checked = SETTINGS[name].check(value)
        if name == "epochs" or (name == "dataset" and value == "auto") or checked == in_fact.get(name):
            continue
        if name == "threads" and not own["threads"]:
            continue  # it goes on with those that it began with
        if not has(run.config, name, checked):
            where = options.option(name) if name in args.settings else f"{name} in {args.config}"
            raise contradiction(where, checked, run, in_fact.get(name) or own[name])
    epochs = int((named | args.settings).get("epochs", own["epochs"]))
    if epochs < own["epochs"]:
        raise LenetError("resume_shorter", id=run.id, own=own["epochs"], value=epochs)
    return epochs


def file_settings(path: Path) -> dict[str, Any]:
    """The settings that a file names, by the names of SETTINGS. Raises LenetError."""
    values = read_config(path)
    network = fields.known(LeNetConfig, values.pop("model", {}), "model")
    return values | {options.NETWORK + name: value for name, value in network.items()}


def has(config: RunConfig, name: str, value: Any) -> bool:
    """Whether a setting of a run has this value already."""
    try:
        return configuration.changed(config, {name: value}) == config
    except LenetError:  # it fits none of the others
        return False


def contradiction(option: str, value: Any, run: Run, own: Any) -> LenetError:
    """That an option says `value` and the run has `own`."""
    told = {"value": options.written(value), "own": options.written(own)}
    return LenetError("resume_contradicts", option=option, id=run.id, **told)


# -- training --------------------------------------------------------------------------------------------------------


def how_to_go_on(run: Run, args: argparse.Namespace) -> str:
    """The line that a stopped training ends with."""
    where = f" --runs-dir {shlex.quote(str(args.runs_dir))}" if "runs_dir" in args else ""
    return f"stopped; go on with: python -m lenet.train --resume {run.id}{where}"


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
    """Train as the options say. 0 when the run finished, 1 when it failed or a page has stopped it, 2 for a wrong option,
    130 after Ctrl-C, 143 after SIGTERM."""
    args = parse_args(argv)
    if "runs_dir" in args:
        paths.use_runs_dir(args.runs_dir)
    run: Run | None = None
    signals = Signals()
    try:
        if "tensorboard" in args:
            tensorboard.check(args.tensorboard)
        if "resume" in args:
            run = runs.find(args.resume)
            epochs = epochs_beside(run, args)
            if threads := args.settings.get("threads"):
                torch.set_num_threads(threads)
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
            config = config_from(args).resolved()
            pick_device(config.device)  # or why there is none, before there is a run
            run = runs.create(config, args.run_id if "run_id" in args else None, for_worker=False)
            epochs = run.config.epochs
            for sentence in options.without_effect(args.settings, run.config):
                print(sentence, file=sys.stderr)
        if hint := sample_hint(replace(run.config, epochs=epochs)):
            print(hint)
        with event_file(run, args) as after_epoch, signals:
            status = train_run(run, say=say, epochs=epochs, after_epoch=after_epoch, stopping=signals.came)
    except LenetError as e:
        print(e, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if run is not None:
            print(how_to_go_on(run, args), file=sys.stderr)
        return 128 + (signals.number or signal.SIGINT)
    if status.state in ("stopped", "paused"):
        print(how_to_go_on(run, args), file=sys.stderr)
        return 128 + signals.number if signals.number else 1
    if status.state != "finished":
        return 1
    print("\n".join(run.log_lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
