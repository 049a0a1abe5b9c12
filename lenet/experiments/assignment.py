"""Which run is which: an equal run is used, wherever it came from, and every other gets an id that follows from its settings.

So nothing is trained twice: what somebody has trained before is found, and two experiments that need the same run at the same
time name it alike, and meet at its directory.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from itertools import count

from lenet import data, runs
from lenet.common import process
from lenet.common.errors import LenetError
from lenet.experiments.experiment import Experiment
from lenet.experiments.results import is_of
from lenet.experiments.store import Place, Stored
from lenet.runs import Run, Status
from lenet.runs.configuration import RunConfig
from lenet.runs.speeds import kind_of
from lenet.runs.state import stored_state

RANKS = ("finished", "running", "queued", "paused", "stopped", "interrupted", "failed")
"""States of a run, those first in which least is left to be done."""


def assign(stored: Stored) -> Stored:
    """The experiment with an id for each of its runs. What has one keeps it while there is such a run, or can be one.

    Raises LenetError where this machine has no images for them.
    """
    places = list(stored.experiment.runs())
    found = equal_runs(stored.experiment, [place for place in places if not _stays(stored, place)])
    ids = {}
    for place in places:
        if place in found:
            ids[place] = found[place].id
        elif _stays(stored, place):
            ids[place] = stored.runs[place]
        else:
            ids[place] = _free_id(stored.experiment.config(*place))
    return replace(stored, runs=ids)


def _stays(stored: Stored, place: Place) -> bool:
    """Whether the run that is known for a place is (still) what it is to be."""
    return _serves(stored.runs.get(place, ""), stored.experiment.config(*place))


def _serves(run_id: str, wanted: RunConfig) -> bool:
    """Whether there is a run of that id for the wanted configuration, and it has been trained, or can be."""
    with suppress(LenetError):
        run = runs.find(run_id)
        return is_of(run.config, wanted) and _rank(run, run.status()) < len(RANKS)
    return False


def equal_runs(experiment: Experiment, places: Collection[Place]) -> dict[Place, Run]:
    """The runs that exist already for these places: of several, the one in which least is left to be done.

    A run that ended early counts only for whoever may have it go on. Raises LenetError where there are no such images.
    """
    wanted: dict[int, list[Place]] = defaultdict(list)  # by seed
    for place in places:
        wanted[place[1]].append(place)
    best: dict[Place, tuple[int, Run]] = {}
    for one in runs.listed() if wanted else ():
        with suppress(LenetError):
            run, config = one.run, one.config
            if run.is_reference or config.seed not in wanted:
                continue
            for place in wanted[config.seed]:
                if not is_of(config, experiment.config(*place)):
                    continue
                status = run.status()
                rank = _rank(run, status)
                if rank < best.get(place, (len(RANKS), run))[0] and is_equal(run, status, experiment.config(*place)):
                    best[place] = rank, run
    return {place: run for place, (_rank, run) in best.items()}


def _rank(run: Run, status: Status) -> int:
    rank = RANKS.index(status.state)
    goes_on_by_request = rank > RANKS.index("queued")
    return len(RANKS) if goes_on_by_request and not run.may_change else rank


def is_equal(run: Run, status: Status, wanted: RunConfig) -> bool:
    """Whether a run that `is_of` the wanted configuration has the same images, and computes the same with them.

    Raises LenetError where this machine has no images for the configuration.
    """
    source = data.find(wanted.data, wanted.dataset)
    if run.config.dataset not in ("auto", source.data_set.key):
        return False
    kind = status.data or data.find(run.config.data, run.config.dataset).kind
    if kind != source.kind or (status.checksum and status.checksum != source.checksum):
        return False
    device = kind_of(status.device)
    if device in ("", "cpu") and run.config.threads != wanted.threads:
        return False
    if device and wanted.device == "auto":
        return run.config.device == "auto" or device == _device_here()
    return wanted.device in (run.config.device, device)


def _device_here() -> str:
    """The kind of device that trains here, as far as it is known; empty where it is not."""
    if known := kind_of(stored_state().device):
        return known
    return "cuda" if process.gpus() else "" if sys.platform == "darwin" else "cpu"


def _free_id(config: RunConfig) -> str:
    """The id of a new run, with a number behind it where another run has that one: it was changed since, or cannot go on."""
    run_id = first = id_of(config)
    for n in count(2):
        if not runs.exists(run_id) or _serves(run_id, config):
            break
        run_id = f"{first}-{n}"
    return run_id


def id_of(config: RunConfig) -> str:
    """The id of a new run of an experiment: the recipe, what its settings and images are as eight digits, and the seed.

    Raises LenetError where this machine has no images for it.
    """
    source = data.find(config.data, config.dataset)
    values = config.resolved().to_dict() | {"seed": 0, "recipe": "", "data": source.kind, "checksum": source.checksum}
    digits = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
    recipe = re.sub(r"[^A-Za-z0-9]+", "-", config.recipe).strip("-") or "run"
    return f"{recipe}-{digits}-{config.seed}"
