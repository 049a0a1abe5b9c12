"""The end of a class: what becomes of the runs that its members have trained, and what is taken along."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lenet import runs
from lenet.classroom import keepsake, store, training, wall, work
from lenet.classroom.classroom import Activity, Member
from lenet.classroom.people import members
from lenet.common.errors import LenetError
from lenet.experiments import store as experiments
from lenet.runs import Run
from lenet.runs.visitors import acting_as


def runs_of(code: str) -> list[Run]:
    """The runs that the class has trained and that are still here. Raises ClassError."""
    return [run for _member, run in _trained(code)]


def end(code: str) -> None:
    """End a class: runs that wait do not begin any more, and on a public server its runs go when room is needed.

    Raises LenetError.
    """
    for activity in _trainings(code):
        with suppress(LenetError):  # its experiment is gone
            training.end(code, activity)
    for member, run in _trained(code):
        with suppress(LenetError), acting_as(member.owner, ""):
            run.release(time.time())
    store.close(code)


def delete_runs(code: str) -> None:
    """Delete the runs that the class has trained, but for those that somebody has pinned; one in training stops first. What
    they have learned stays in what is taken along. An experiment of which no run is left goes as well.

    Raises LenetError.
    """
    _keep_results(code)
    for member, run in _trained(code):
        with suppress(LenetError), acting_as(member.owner, ""):
            if run.status().state == "running":
                run.request("stop")
                run.release(time.time())
            else:
                run.delete()
    for activity in _trainings(code):
        with suppress(LenetError):
            made = training.experiment_of(activity)
            if made.by_class and not any(map(runs.exists, made.runs.values())):
                experiments.delete(made.experiment.id)


def _trained(code: str) -> Iterator[tuple[Member, Run]]:
    """The members who have trained, each with their run. It belongs to their browser, which nobody else can name."""
    known = {member.number: member for member in members(code)}
    for activity in _trainings(code):
        for entry in training.entries(code, activity).values():
            with suppress(LenetError, KeyError):
                member, run = known[entry.number], runs.find(entry.run_id)
                if run.owner == member.owner:
                    yield member, run


def _trainings(code: str) -> list[Activity]:
    return [activity for activity in work.activities(code) if activity.kind == training.KIND]


# -- what is taken along -----------------------------------------------------------------------------------------------


def taken_along(code: str) -> dict[str, Any]:
    """The record of a class, with what its networks have learned: that is then kept, too, where runs are deleted.

    Raises ClassError.
    """
    kept = keepsake.record(code)
    for one in kept["activities"]:
        if one["kind"] == training.KIND:
            with suppress(LenetError):  # its experiment is gone
                activity = work.activity(code, one["id"])
                one["results"] = _kept(code, activity) or _results(code, activity)
    return kept


def _keep_results(code: str) -> None:
    """Write down what the networks of the class have learned, unless that was done before. Raises LenetError."""
    with store.locked(code):
        for activity in _trainings(code):
            found = _kept(code, activity)
            if not found:
                with suppress(LenetError):  # its experiment is gone
                    found = _results(code, activity)
                store.write(code, _file(activity), found)


def _file(activity: Activity) -> str:
    return f"results/{activity.id}.json"


def _kept(code: str, activity: Activity) -> list[dict[str, Any]]:
    """The results of an activity as they were when its runs were deleted; none where they were not."""
    return store.read(code, _file(activity), list, [])


def _results(code: str, activity: Activity) -> list[dict[str, Any]]:
    """A row for each run of an activity: its test accuracy, and the kernels [n, height, width] of the first layer."""
    arms = training.experiment_of(activity).experiment.arms
    return [
        {
            "number": tile.member.number,
            "arm": arms[tile.entry.arm].label(),
            "seed": tile.entry.seed,
            "run": tile.entry.run_id,
            "state": tile.state,
            "test_acc": tile.accuracy,
            "kernels": None if tile.kernels is None else tile.kernels.round(4).tolist(),
        }
        for tile in wall.read(code, activity).tiles
        if tile.entry
    ]
