"""Everybody trains: whose run is which, and the experiment that all of them make together.

It is an experiment like any other (lenet/experiments), begun without a run. Whoever presses Train has the next seed of the arm
that they chose, 0, 1, 2 …, so arms stay paired as far as both were chosen. The run is an ordinary queued one that belongs to
the member's browser; what a member hands in is which run it is, so it is the same after a reload, and there is one for each.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from lenet import data, runs
from lenet.classroom import store, work
from lenet.classroom.classroom import Activity, Kind, Member
from lenet.classroom.errors import ClassError
from lenet.classroom.people import members
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.experiments import control, questions
from lenet.experiments import store as experiments
from lenet.experiments.experiment import Experiment
from lenet.experiments.questions import QUESTIONS
from lenet.experiments.store import Stored
from lenet.runs import Run, admission
from lenet.runs.cost import Duration
from lenet.runs.visitors import acting_as, check_may_act, visitor

KIND: Kind = "train"
OFFERED = ("luck", "activation", "pooling", "init")
"""The questions of experiments/questions.py that a class is offered: one arm, or two whose kernels can be compared."""
OFFERED_RECIPES = ("sprint", "classic")
EVERY = 0.5  # seconds in which all who look see the same queue, and the same wall


@dataclass(frozen=True)
class Entry:
    """What a member trains: an arm of the experiment by its number, a seed, and the id of the run."""

    number: int
    arm: int
    seed: int
    run_id: str


def ask(question: str, recipe: str, epochs: int) -> Experiment:
    """The experiment of a class that is asked one of OFFERED. Raises LenetError."""
    asked = QUESTIONS[question]
    images = data.here().sizes["train"]
    base = replace(asked.base(recipe, images), epochs=epochs)
    experiment = Experiment("new", base, asked.vary, question=question, given=("epochs",))
    return replace(experiment, id=control.new_id(experiment), created=time.time())


def usual_epochs(question: str, recipe: str) -> int:
    """With how many epochs a recipe is trained unless whoever leads the class chooses another number."""
    asked = QUESTIONS[question]
    return asked.usual_epochs if recipe == asked.recipe else questions.EPOCHS[recipe]


def begin(code: str, experiment: Experiment) -> Activity:
    """Have everybody in a class train for a new experiment. Raises LenetError, also where its members could not train that."""
    check_may_act()
    data.find(experiment.base.data, experiment.base.dataset)
    who, known = visitor(), store.find_open(code)
    with acting_as(known.owner, ""):
        admission.check_limits((), experiment.base.epochs)
        for arm in range(len(experiment.arms)):
            admission.check_cost(experiment.config(arm, 0))
    experiments.save(Stored(experiment, owner=who.owner, address=who.address, by_class=True))
    asked = {"question": experiment.question, "recipe": experiment.base.recipe, "epochs": experiment.base.epochs}
    return work.begin(code, KIND, {"experiment": experiment.id} | asked)


def experiment_of(activity: Activity) -> Stored:
    """The experiment that a class makes. Raises LenetError."""
    return experiments.find(str(activity.settings.get("experiment", "")))


def takes_runs(stored: Stored) -> bool:
    """Whether members of a class may still have runs trained for an experiment. Raises ClassError."""
    if not stored.by_class:
        return False
    now = [work.current(known.code) for known in store.list_open()]
    return any(
        one.takes_answers and one.kind == KIND and one.settings.get("experiment") == stored.experiment.id
        for one in now
        if one
    )


def entries(code: str, activity: Activity) -> dict[int, Entry]:
    """What each member trains who has pressed Train, by their numbers. Raises ClassError."""
    found = {}
    for number, given in work.answers(code, activity.id).items():
        with suppress(KeyError, TypeError, ValueError):
            found[number] = Entry(number, int(given.value["arm"]), int(given.value["seed"]), str(given.value["run"]))
    return found


def train(code: str, activity_id: str, member: Member, arm: int) -> Entry:
    """Have a member's network trained; the same as before where they have pressed Train already. Raises LenetError."""
    asked = work.activity(code, activity_id)
    with experiments.locked(experiment_of(asked).experiment.id):
        if mine := entries(code, asked).get(member.number):
            return mine
        if not asked.takes_answers:
            raise ClassError("answers_closed")
        before = experiment_of(asked)
        if arm not in range(len(before.experiment.arms)):
            raise ClassError("no_such_activity", letters=code)
        seed = next(seed for seed in count() if (arm, seed) not in before.runs)
        experiment = replace(before.experiment, seeds=max(seed + 1, before.experiment.seeds))
        with _as(member):
            # Anew, also where there is an equal run: whoever has pressed Train sees a network learn.
            run, _new = runs.obtain(experiment.config(arm, seed), again=True)
            run.release(store.find(code).ends)
        try:
            experiments.save(replace(before, experiment=experiment, runs=before.runs | {(arm, seed): run.id}))
            value: dict[str, Any] = {"arm": arm, "seed": seed, "run": run.id}
            work.answer(code, activity_id, member.number, value)
        except BaseException:
            with suppress(LenetError):
                _forget(member, run)
            with suppress(LenetError):
                experiments.save(before)
            raise
    with suppress(LenetError):  # the page says where there is nobody to train
        runs.supervisor().ensure_running()
    return Entry(member.number, arm, seed, run.id)


def stop(code: str, activity: Activity, member: Member) -> None:
    """Stop a member's own run at its next step. Raises LenetError."""
    with _as(member):
        _run_of(code, activity, member).request("stop")


def go_on(code: str, activity: Activity, member: Member) -> None:
    """Have a member's run go on that was stopped. Raises LenetError."""
    with _as(member):
        _run_of(code, activity, member).request("resume")
    with suppress(LenetError):
        runs.supervisor().ensure_running()


def end(code: str, activity: Activity) -> None:
    """No more runs begin: those that wait are taken back, those in training go on to their end. Raises LenetError."""
    if activity.is_open:
        work.change_activity(code, activity.id, is_open=False)
    stored = experiment_of(activity)
    known = {member.number: member for member in members(code)}
    with experiments.locked(stored.experiment.id):
        left = dict(experiment_of(activity).runs)
        for entry in entries(code, activity).values():
            with suppress(LenetError):  # gone, or in training since
                run = runs.find(entry.run_id)
                status = run.status()
                if status.state == "queued" and not status.step:
                    _forget(known[entry.number], run)
                    left.pop((entry.arm, entry.seed), None)
        experiments.save(replace(experiment_of(activity), runs=left))


def train_missing(activity: Activity) -> None:
    """Have the runs trained that would make all arms have the same seeds. Raises LenetError."""
    control.go_on(experiment_of(activity).experiment.id)


def missing(stored: Stored) -> int:
    """How many runs that would be."""
    experiment = stored.experiment
    return sum(place not in stored.runs for place in experiment.runs()) if stored.runs else 0


def ahead(run: Run) -> tuple[int, Duration | None]:
    """How many runs come before this queued one, and how long these take; as it was at most EVERY seconds ago."""
    return _queue(paths.runs_dir(), int(time.monotonic() / EVERY)).get(run.id, (0, None))


@lru_cache(maxsize=2)
def _queue(_runs_dir: Path, _tick: int) -> dict[str, tuple[int, Duration | None]]:
    """`ahead` of all queued runs: forty phones ask for it at the same time."""
    before = []
    for worker in runs.read_states():
        if worker.state == "training":
            with suppress(LenetError):
                before.append(runs.find(worker.run))
    found, n, wait = {}, len(before), runs.time_to_train(before)
    for run in runs.waiting_runs():
        found[run.id] = (n, wait)
        own = runs.time_to_train([run])
        n, wait = n + 1, wait + own if wait and own else None
    return found


def _run_of(code: str, activity: Activity, member: Member) -> Run:
    """A member's run. Raises LenetError where they have none."""
    mine = entries(code, activity).get(member.number)
    if mine is None:
        raise ClassError("no_such_activity", letters=code)
    return runs.find(mine.run_id)


@contextmanager
def _as(member: Member) -> Iterator[None]:
    """Context in which this thread acts for a member's browser: their run is theirs, also of one who elsewhere may only look.

    Without its address, since forty phones of a school have the same one: there is one run for each in any case.
    """
    if not member.owner:  # would be the operator
        raise ClassError("not_in_class", letters="")
    with acting_as(member.owner, ""):
        yield


def _forget(member: Member, run: Run) -> None:
    """Remove a run that has not begun. Raises LenetError."""
    with _as(member):
        run.delete()
