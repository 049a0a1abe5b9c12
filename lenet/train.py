"""Train LeNet.

    python -m lenet.train                               # the note's recipe: ten epochs, about 13 s on two CPU cores
    python -m lenet.train --recipe modern --seed 3
    python -m lenet.train --recipe modern --epochs 2 --data sample --run-id try1
    python -m lenet.train --resume try1                 # go on after a crash, a stop, a power cut

What a run is: RunConfig in runs/configuration.py. How it is trained: training/run.py.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch

from lenet import runs
from lenet.common import fields, paths
from lenet.common.errors import LenetError
from lenet.common.fields import check_integer
from lenet.runs import Run, configuration
from lenet.runs.configuration import RunConfig
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
    parser.add_argument("--runs-dir", type=Path, help="folder of the runs (default: LENET_RUNS_DIR, else runs/)")
    parser.add_argument("--run-id", help="name of the run (default: made from recipe and time)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="JSON file with a RunConfig or a LeNetConfig")
    parser.add_argument("--resume", metavar="ID", help="continue a stopped or interrupted run with its own settings")
    return parser.parse_args(argv)


def config_from(args: argparse.Namespace) -> RunConfig:
    """The RunConfig that the options ask for: a file or a recipe, changed by what else is given."""
    values: dict[str, Any] = {}
    if "config" in args:
        try:
            values = json.loads(args.config.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as e:
            raise LenetError("config_unreadable", path=str(args.config), reason=str(e)) from e
        values = dict(fields.known(RunConfig, configuration.whole(values), str(args.config)))
    given = vars(args)
    return RunConfig.from_dict(values | {field.name: given[field.name] for field in OPTIONS if field.name in given})


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
            if run.stored_status().state != "finished":
                run.find_images()
        else:
            run = runs.create(
                config_from(args).resolved(), args.run_id if "run_id" in args else None, for_worker=False
            )
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
