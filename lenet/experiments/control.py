"""Beginning an experiment from a page, stopping it, having it go on, and adding seeds.

Its runs are ordinary queued runs, which the workers train: with the limits, owners, queue and turns of a public server. What
these limits do not let in yet is taken up later (`keep_up`): by the pages that show the experiment, and by the workers.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

from lenet import runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.common.jobs import AlreadyRunning, Job
from lenet.experiments import assignment, results, store
from lenet.experiments.experiment import Experiment, short_name
from lenet.experiments.results import Outcome, Results
from lenet.experiments.store import Stored
from lenet.runs import rules
from lenet.runs.visitors import acting_as, check_may_act, visitor

MAX_LOG = 2**24  # bytes
STARTED = "started"
"""A file that is written when a process that trains on a cluster is started: how long the log was then."""
STARTS_WITHIN = 30.0  # seconds from then until it holds its lock or says why not, on a busy machine
TO_BE_QUEUED = (results.MISSING, "paused", "stopped", "interrupted")
"""States of a run that nobody trains and that nobody is going to."""


def may_change(stored: Stored) -> bool:
    """Whether the visitor may stop an experiment, have it go on and add seeds."""
    return not stored.is_reference and visitor().may_change(stored.owner)


def check_may_change(stored: Stored) -> None:
    """Raises LenetError unless `may_change`."""
    if stored.is_reference:
        raise LenetError("experiment_is_reference", id=stored.experiment.id)
    check_may_act()
    if not may_change(stored):
        raise LenetError("not_your_experiment", id=stored.experiment.id)


def new_id(experiment: Experiment) -> str:
    """An id for an experiment that was given none: what varies, and the time."""
    names = "-".join(short_name(v.name).replace("_", "-") for v in experiment.vary) or "seeds"
    return f"{names[:40]}-{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def start(experiment: Experiment) -> Stored:
    """Have the runs of an experiment trained: of a new one with an id of its own, or of the visitor's that asks the same.

    `held_up` tells of what is not let in yet. Raises LenetError where nothing is: then there is no experiment either.
    """
    check_may_act()
    who = visitor()
    for known in store.list_experiments():
        if _asks_the_same(known, experiment):
            return extend(known.experiment.id, max(experiment.seeds, known.experiment.seeds))
    _check_size(experiment)
    experiment = replace(experiment, id=new_id(experiment), created=time.time())
    with store.locked(experiment.id):
        stored, refusal = _queue(Stored(experiment, owner=who.owner, address=who.address))
        if refusal and not stored.runs:
            raise refusal
        store.save(stored)
    return stored


def start_on_cluster(experiment: Experiment) -> Stored:
    """Have a process of its own train the runs of an experiment on the Ray cluster that `RAY_ADDRESS` names.

    Of one that asks the same already, if there is one. Only the operator's: the limits of a public server know no cluster.
    Raises LenetError.
    """
    check_may_act()
    if not visitor().operator:
        return start(experiment)
    for known in store.list_experiments():
        if _asks_the_same(known, experiment):
            return extend_on_cluster(known.experiment.id, experiment.seeds)
    experiment = replace(experiment, id=new_id(experiment), created=time.time())
    with store.locked(experiment.id):
        store.save(Stored(experiment))
    return extend_on_cluster(experiment.id, 0)


def extend_on_cluster(experiment_id: str, seeds: int, *, retry: bool = False) -> Stored:
    """`extend`, with the runs trained on the cluster as `start_on_cluster` has them. Raises LenetError."""
    with store.locked(experiment_id):
        before = store.find(experiment_id)
        check_may_change(before)
        stored = replace(with_seeds(before, seeds), stopped=False, by_workers=False, by_class=False)
        store.save(stored)
    job = driver(experiment_id)
    with files.writing(job.folder):
        job.folder.mkdir(parents=True, exist_ok=True)
        files.write_atomic(job.folder / STARTED, str(len(_log(job))).encode())
    job.start("--id", experiment_id, "--engine", "ray", *(["--retry"] if retry else []))
    return stored


def _asks_the_same(known: Stored, experiment: Experiment) -> bool:
    """Whether the visitor asks again what is known. What a class makes stays with the class."""
    return known.experiment.same_question(experiment) and not known.by_class and may_change(known)


def driver(experiment_id: str) -> Job:
    """The command that trains an experiment: where its lock is, and its log if a page has started it."""
    return Job(paths.runs_dir() / store.FOLDER / f".{experiment_id}", "lenet.experiment")


@contextmanager
def driving(experiment_id: str) -> Iterator[None]:
    """Context in which this process trains an experiment, so that pages and other experiments see that it is at work."""
    with ExitStack() as held:
        with suppress(AlreadyRunning, LenetError):
            held.enter_context(driver(experiment_id).hold(timeout=0))
        yield


def is_driven(experiment_id: str) -> bool:
    """Whether a command trains an experiment, or was started to have a cluster do so a moment ago and has said nothing yet."""
    job = driver(experiment_id)
    if job.is_running:
        return True
    with suppress(OSError):
        return time.time() - (job.folder / STARTED).stat().st_mtime < STARTS_WITHIN and not _said(job)
    return False


def is_tended(stored: Stored) -> bool:
    """Whether somebody has its runs trained: the workers, or a command."""
    return stored.by_workers or is_driven(stored.experiment.id)


def last_words(experiment_id: str) -> str:
    """What the process that trains an experiment on a cluster, or was the last to, has said last; "" where it said nothing."""
    return (_said(driver(experiment_id)).decode("utf-8", "replace").strip().splitlines() or [""])[-1][:200]


def _said(job: Job) -> bytes:
    """What the process of a job that was started last has said."""
    before = 0
    with suppress(OSError, ValueError):
        before = int(files.read_plain(job.folder / STARTED, 20))
    return _log(job)[before:]


def _log(job: Job) -> bytes:
    with suppress(OSError, ValueError):
        return files.read_plain(job.folder / "log", MAX_LOG)
    return b""


def _check_size(experiment: Experiment) -> None:
    """Raises LenetError if it has more runs than a visitor of a public server may have trained for one: that server keeps so
    many only, and would delete the first of them to make room for the last."""
    limits, n = rules.my_limits(), experiment.seeds * len(experiment.arms)
    if limits and n > limits.experiment_runs:
        raise LenetError("experiment_too_large", value=n, limit=limits.experiment_runs)


def stop(experiment_id: str) -> None:
    """Stop its runs at their next step, and queue no others. Runs that another experiment waits for go on.

    Raises LenetError.
    """
    with store.locked(experiment_id):
        stored = store.find(experiment_id)
        check_may_change(stored)
        store.save(replace(stored, stopped=True))
    wanted = {
        run
        for other in store.list_experiments()
        if other.experiment.id != experiment_id and not other.stopped and is_tended(other)
        for run in other.runs.values()
    }
    for outcome in results.read(stored).waiting:
        if outcome.state in ("queued", "running") and outcome.run_id and outcome.run_id not in wanted:
            with suppress(LenetError):  # somebody else's, or ended a moment ago
                runs.find(outcome.run_id).request("stop")


def go_on(experiment_id: str, *, retry: bool = False) -> Stored:
    """Have an experiment that was stopped go on; with `retry`, runs that have failed too. Raises LenetError."""
    return extend(experiment_id, 0, retry=retry)


def extend(experiment_id: str, seeds: int, *, retry: bool = False) -> Stored:
    """Have an experiment go on, with at least so many seeds. Raises LenetError."""
    with store.locked(experiment_id):
        stored = store.find(experiment_id)
        check_may_change(stored)
        more = with_seeds(stored, seeds)
        _check_size(more.experiment)
        stored, refusal = _queue(replace(more, stopped=False), retry=retry)
        store.save(stored)
    if refusal and not _goes_on(results.read(stored)):
        raise refusal
    return stored


def with_seeds(stored: Stored, seeds: int) -> Stored:
    """The experiment with at least so many seeds. Where its answer was there already, that is kept: see `Stored.looks`."""
    own = stored.experiment
    if seeds <= own.seeds:
        return stored
    looks = stored.looks if results.read(stored).waiting else (*stored.looks, own.seeds)
    return replace(stored, experiment=replace(own, seeds=seeds), looks=looks)


def keep_up(experiment_id: str) -> LenetError | None:
    """Queue the runs of an experiment that may be queued by now; why not all of them, or None where all are.

    Raises LenetError where there is no such experiment.
    """
    with store.locked(experiment_id):
        stored = store.find(experiment_id)
        if stored.stopped or not stored.by_workers or not may_change(stored):
            return None
        after, refusal = _queue(stored)
        if after != stored:
            store.save(after)
        return refusal


def keep_up_all() -> None:
    """`keep_up` of every experiment of a public server, for its owner: what a worker does between two runs."""
    if rules.limits() is None:  # elsewhere everything is let in at once
        return
    for stored in store.list_experiments():
        if stored.by_workers and held_up(results.read(stored)):
            with acting_as(stored.owner, stored.address), suppress(LenetError):
                keep_up(stored.experiment.id)


def held_up(found: Results) -> tuple[Outcome, ...]:
    """The runs that nobody trains, in an experiment that was not stopped: limits have kept them from being queued."""
    return () if found.stopped else tuple(o for o in found.outcomes if o.state in TO_BE_QUEUED)


def _goes_on(found: Results) -> bool:
    return any(o.state in ("queued", "running", "finished") for o in found.outcomes)


def _queue(stored: Stored, *, retry: bool = False) -> tuple[Stored, LenetError | None]:
    """The experiment with the runs that the visitor may queue now, and why not all of its runs are trained; None if all are.

    The caller holds its lock and keeps it. Raises LenetError where this machine has no images for them.
    """
    stored = replace(stored, by_workers=True, by_class=False)
    assigned = assignment.assign(stored)
    begun, refusal = dict(stored.runs), None
    states = (*TO_BE_QUEUED, "failed") if retry else TO_BE_QUEUED
    for outcome in results.read(assigned).outcomes:
        place, run_id = (outcome.arm, outcome.seed), outcome.run_id or ""
        try:
            if outcome.state == results.MISSING:
                run_id = runs.obtain(stored.experiment.config(*place), again=True, run_id=run_id)[0].id
            elif outcome.state in states:
                runs.find(run_id).request("resume")
            begun[place] = run_id
        except LenetError as error:
            refusal = error
            if error.code not in ("not_your_run", "run_exists", "no_such_run"):
                break  # the limit holds for the others too
    if len(begun) > len(stored.runs) or refusal is None:
        with suppress(LenetError):  # the page says where there is nobody to train
            runs.supervisor().ensure_running()
    return replace(stored, runs=begun), refusal
