"""Compare ways to train: many runs that answer one question, with an interval.

    python -m lenet.experiment --vary activation=sigmoid,relu --seeds 8
    python -m lenet.experiment --vary lr=0.1,0.3,0.9 --vary batch-size=64,256 --epochs 5 --id rates
    python -m lenet.experiment --vary channels=3-16,6-16,12-16      # of a list, hyphens join the entries
    python -m lenet.experiment --vary recipe=classic,modern --data sample --json result.json
    python -m lenet.experiment --id rates                           # go on after a stop, a crash, a power cut
    python -m lenet.experiment --id rates --seeds 12                # with more seeds
    python -m lenet.experiment --vary activation=sigmoid,relu --engine ray --address auto

Ctrl-C and SIGTERM stop all runs at their next step, from which --id goes on.

What an experiment is: experiments/experiment.py. Which runs are used again: experiments/assignment.py. What trains the others:
experiments/engines/.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from lenet import data
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.signals import Signals
from lenet.experiments import arguments, assignment, control, engines, report, results, store
from lenet.experiments.engines import Task
from lenet.experiments.experiment import MAX_SEEDS, NOT_VARIED, Experiment
from lenet.experiments.results import Results
from lenet.experiments.store import Stored
from lenet.runs import options
from lenet.runs.configuration import SETTINGS, RunConfig, flat

SEEDS = Field("seeds", int, low=1, high=MAX_SEEDS)
DEFAULT_SEEDS = 5
JOBS = Field("jobs", int, low=1, high=256)


class Parser(argparse.ArgumentParser):
    """Answers a wrong option with one sentence, not with the list of all options."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}\n")


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    """The options that were given, and no others; `settings` are those of all runs, by the names of SETTINGS, and `vary` the
    variations. Ends the process where one is unknown or not of its kind.
    """
    parser = Parser(
        prog="python -m lenet.experiment",
        usage="%(prog)s --vary NAME=V1,V2 [--vary …] [--seeds N] [--recipe R] [--epochs N] … | %(prog)s --id ID [--seeds N]",
        description="Train every combination of the values with seeds 0, 1, 2 …, and compare their test accuracy. Every "
        "other option of python -m lenet.train holds for all runs.",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=30),
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    ours = parser.add_argument_group("the experiment")
    ours.add_argument(
        "--vary", action="append", metavar="NAME=V1,V2",
        help="an option of python -m lenet.train and its values; of a list, hyphens join the entries: channels=6-16,12-32",
    )  # fmt: skip
    ours.add_argument("--seeds", metavar="N", help=f"seeds of each combination, from 0 on (default: {DEFAULT_SEEDS})")
    ours.add_argument(
        "--id", metavar="ID",
        help="name of the experiment; one that exists goes on where it stopped (default: one that asks the same, or a new one)",
    )  # fmt: skip
    ours.add_argument("--retry", action="store_true", help="try runs again that have failed")
    ours.add_argument("--json", type=paths.option, metavar="FILE", help="write the results there")
    ours.add_argument("--engine", choices=engines.ENGINES, help="what trains the runs (default: local)")
    ours.add_argument("--address", metavar="A", help="of a Ray cluster (default: RAY_ADDRESS)")
    ours.add_argument(
        "--jobs", metavar="N", help="runs at a time with the engine local (default: as many as pay off)"
    )
    paths.add_runs_dir_option(parser)
    options.add_to(parser)
    args = parser.parse_args(argv)
    try:
        args.settings = options.given(args)
        if fixed := next((name for name in NOT_VARIED if name in args.settings), ""):
            raise LenetError("cannot_vary", name=fixed)
        args.vary = tuple(map(arguments.read, getattr(args, "vary", ())))
        for name, field in (("seeds", SEEDS), ("jobs", JOBS)):
            if name in args:
                setattr(args, name, field.check(options.read(field, getattr(args, name))))
    except LenetError as e:
        parser.error(str(e))
    return args


# -- which experiment ----------------------------------------------------------------------------------------------


def asked_for(args: argparse.Namespace) -> Experiment:
    """The new experiment that the options ask for. Raises LenetError."""
    experiment = Experiment(
        id=args.id if "id" in args else "new",
        base=RunConfig.from_dict(options.merged({}, args.settings)),
        vary=args.vary,
        seeds=getattr(args, "seeds", DEFAULT_SEEDS),
        given=tuple(args.settings),
        created=time.time(),
    )
    return experiment if "id" in args else replace(experiment, id=known_id(experiment) or control.new_id(experiment))


def known_id(experiment: Experiment) -> str:
    """The id of the newest experiment here that asks the same, with as many seeds or fewer; "" where there is none."""
    for known in store.list_experiments():
        own = known.experiment
        if not known.is_reference and own.same_question(experiment) and own.seeds <= experiment.seeds:
            return own.id
    return ""


def open_experiment(args: argparse.Namespace) -> Stored:
    """The experiment to be trained: the one of that id or that asks the same, with more seeds if that is asked for, or else a
    new one.

    Each of its runs has an id. Raises LenetError where an option contradicts the experiment that exists.
    """
    goes_on = "id" in args and store.exists(args.id)
    wanted = store.find(args.id).experiment if goes_on else asked_for(args)
    if goes_on and store.find(args.id).is_reference:
        raise LenetError("experiment_is_reference", id=args.id)
    with store.locked(wanted.id):
        stored = store.find(wanted.id) if store.exists(wanted.id) else Stored(wanted)
        if goes_on or stored.experiment is not wanted:
            check_same(stored.experiment, args)
        if "seeds" in args:
            stored = control.with_seeds(stored, args.seeds)
        stored = assignment.assign(replace(stored, stopped=False, by_workers=False, by_class=False))
        store.save(stored)
    return stored


def check_same(own: Experiment, args: argparse.Namespace) -> None:
    """Raises LenetError where an option asks for something else than the experiment that exists."""
    if args.vary and args.vary != own.vary:
        told = {
            name: " and ".join(map(arguments.written, vary))
            for name, vary in (("own", own.vary), ("value", args.vary))
        }
        raise LenetError("experiment_varies", id=own.id, own=told["own"] or "seeds alone", value=told["value"])
    values = flat(own.base)
    varied = {variation.name for variation in own.vary}
    for name, value in args.settings.items():
        checked = options.written(SETTINGS[name].check(value))
        has = next((arguments.written(v) for v in own.vary if v.name == name), options.written(values[name]))
        if name in varied or checked != has:
            raise LenetError("experiment_contradicts", id=own.id, name=options.option(name), value=checked, own=has)
    if getattr(args, "seeds", own.seeds) < own.seeds:
        raise LenetError("fewer_seeds", id=own.id, own=own.seeds, value=args.seeds)


# -- training ------------------------------------------------------------------------------------------------------


def tasks_of(found: Results, *, retry: bool) -> list[Task]:
    """The runs to be trained: those that have not finished, with `retry` those too that have failed."""
    left = [o for o in found.outcomes if o.state != "finished" and (retry or o.state != "failed")]
    return [Task(o.run_id, found.experiment.config(o.arm, o.seed)) for o in left if o.run_id]


class Reporter:
    """Prints a line for each run as it ends. Runs that several arms of other experiments share are printed once."""

    def __init__(self, stored: Stored, done: int) -> None:
        self._stored, self._done = stored, done
        self._places = {run: place for place, run in stored.runs.items()}

    def ended(self, task: Task) -> None:
        """A run has ended."""
        arm, seed = self._places[task.run_id]
        outcome = results.outcome(self._stored, arm, seed)
        self._done += 1
        experiment = self._stored.experiment
        name = report.arm_name(experiment, experiment.arms[arm])
        say(f"[{self._done}/{len(self._stored.runs)}] {name}, seed {seed}: {in_a_word(outcome)}")


def in_a_word(outcome: results.Outcome) -> str:
    """How a run has ended."""
    if outcome.test_acc is not None:
        return f"test acc {outcome.test_acc:.3f}"
    return f"failed: {outcome.error}" if outcome.error else outcome.state


def stop_asked(stored: Stored, signals: Signals) -> Callable[[], bool]:
    """A function that tells whether to stop: after a signal, or where a page has stopped the experiment."""
    looked, told = 0.0, False

    def stopping() -> bool:
        nonlocal looked, told
        if time.monotonic() - looked > 1.0:
            looked = time.monotonic()
            with suppress(LenetError):
                told = store.find(stored.experiment.id).stopped
        return told or signals.came()

    return stopping


def how_to_go_on(stored: Stored, args: argparse.Namespace) -> str:
    """The line that a stopped experiment ends with."""
    where = f" --runs-dir {shlex.quote(str(args.runs_dir))}" if "runs_dir" in args else ""
    return f"stopped; go on with: python -m lenet.experiment --id {stored.experiment.id}{where}"


def say(line: str) -> None:
    print(line, flush=True)


def begin_with(found: Results) -> None:
    """Print what is to be trained."""
    e, done = found.experiment, len(found.finished)
    names = ", ".join(report.arm_name(e, arm) for arm in e.arms)
    say(f"experiment {e.id}: {names} × {e.seeds} seeds; {done} of {len(found.outcomes)} runs are finished")
    for o in found.failed:
        say(f"{report.arm_name(e, e.arms[o.arm])}, seed {o.seed}: {in_a_word(o)} (try again with --retry)")


def end_with(found: Results, args: argparse.Namespace) -> None:
    """Print the results, and write them where they are asked for. Raises LenetError."""
    print("\n".join(report.table(found)), flush=True)
    if found.failed:
        names = [
            f"{report.arm_name(found.experiment, found.experiment.arms[o.arm])} seed {o.seed}" for o in found.failed
        ]
        print(f"failed, and in none of these numbers: {', '.join(names)}", flush=True)
    if "json" in args:
        with files.writing(args.json.parent):
            files.write_json(args.json, report.as_json(found))


def main(argv: list[str] | None = None) -> int:
    """Run the experiment that the options ask for. 0 when all runs have finished, 1 when some have not, 2 for a wrong
    option, 130 after Ctrl-C, 143 after SIGTERM."""
    args = parse_args(argv)
    if "runs_dir" in args:
        paths.use_runs_dir(args.runs_dir)
    stored: Stored | None = None
    signals = Signals()
    try:
        if "json" in args:
            files.check_writable(args.json)
        engine = engines.engine(
            getattr(args, "engine", "local"), address=getattr(args, "address", ""), jobs=getattr(args, "jobs", 0)
        )
        with data.looked_once():
            stored = open_experiment(args)
        found = results.read(stored)
        begin_with(found)
        tasks = tasks_of(found, retry="retry" in args)
        if tasks:
            reporter = Reporter(stored, len(found.outcomes) - len(tasks))
            with signals, control.driving(stored.experiment.id):
                engine.train(tasks, ended=reporter.ended, say=say, stopping=stop_asked(stored, signals))
            found = results.read(stored)
        end_with(found, args)
    except LenetError as e:
        print(e, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if stored is not None:
            print(how_to_go_on(stored, args), file=sys.stderr)
        return 128 + (signals.number or signal.SIGINT)
    if found.waiting:
        print(how_to_go_on(stored, args), file=sys.stderr)
    if signals.number:
        return 128 + signals.number
    return 0 if len(found.finished) == len(found.outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
