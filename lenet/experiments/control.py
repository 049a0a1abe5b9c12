"""Beginning an experiment, stopping it, having it go on, and adding seeds: what pages ask for."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace

from lenet.common import jobs, paths
from lenet.common.errors import LenetError
from lenet.experiments import assignment, store
from lenet.experiments.engines import local
from lenet.experiments.experiment import Experiment, short_name
from lenet.experiments.results import Results
from lenet.experiments.store import Stored
from lenet.runs.visitors import check_may_act, visitor


def check_may_change(experiment_id: str) -> None:
    """Raises LenetError unless the visitor may stop the experiment, have it go on and add seeds."""
    stored = store.find(experiment_id)
    if stored.is_reference:
        raise LenetError("experiment_is_reference", id=experiment_id)
    check_may_act()
    if not visitor().may_change(stored.owner):
        raise LenetError("not_your_experiment", id=experiment_id)


def start(experiment: Experiment) -> Stored:
    """Have the runs of a new experiment trained, or of the one that asks the same. Raises LenetError."""
    check_may_act()
    owner = visitor().owner
    for known in store.list_experiments():
        same = known.experiment.same_question(experiment) and known.experiment.seeds >= experiment.seeds
        if same and not known.is_reference and visitor().may_change(known.owner):
            return known
    names = "-".join(short_name(v.name).replace("_", "-") for v in experiment.vary) or "seeds"
    name = f"{names[:40]}-{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    stored = assignment.assign(Stored(replace(experiment, id=name, created=time.time()), owner=owner))
    with store.locked(name):
        store.save(stored)
    _train(name)
    return stored


def stop(experiment_id: str) -> None:
    """"""
    check_may_change(experiment_id)
    with store.locked(experiment_id):
        store.save(replace(store.find(experiment_id), stopped=True))


def go_on(experiment_id: str) -> None:
    check_may_change(experiment_id)
    with store.locked(experiment_id):
        store.save(replace(store.find(experiment_id), stopped=False))
    _train(experiment_id)


def extend(experiment_id: str, seeds: int) -> None:
    """Have it so many seeds. Raises LenetError."""
    check_may_change(experiment_id)
    store.add_seeds(experiment_id, seeds)
    go_on(experiment_id)


def goes_on(results: Results) -> bool:
    """Whether runs of it are trained or wait to be."""
    return bool(results.waiting) and not results.stopped and not results.experiment.id.startswith(store.REFERENCE_PREFIX)


def at_once(device: str) -> int:
    """How many runs are trained at a time on this machine."""
    return local.at_once(device)


def _train(experiment_id: str) -> None:
    folder = paths.runs_dir() / store.FOLDER
    jobs.start_process("lenet.experiment", "--id", experiment_id, log=folder / f"{experiment_id}.log")
