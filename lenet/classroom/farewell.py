"""The end of a class: what becomes of the runs that its members have trained."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from lenet import runs
from lenet.classroom import store, work
from lenet.classroom.classroom import Member
from lenet.classroom.people import members
from lenet.common.errors import LenetError
from lenet.runs import Run
from lenet.runs.visitors import acting_as


def runs_of(code: str) -> list[Run]:
    """The runs that the class has trained and that are still here. Raises ClassError."""
    return [run for _member, run in _trained(code)]


def end(code: str) -> None:
    """End a class: runs that wait do not begin any more, and on a public server its runs go when room is needed.

    Raises LenetError.
    """
    for member, run in _trained(code):
        with suppress(LenetError), acting_as(member.owner, ""):
            run.release(time.time())
    store.close(code)


def delete_runs(code: str) -> None:
    """Delete the runs that the class has trained, but for those that somebody has pinned; one in training stops first.

    Raises ClassError.
    """
    for member, run in _trained(code):
        with suppress(LenetError), acting_as(member.owner, ""):
            if run.status().state == "running":
                run.request("stop")
                run.release(time.time())
            else:
                run.delete()


def _trained(code: str) -> Iterator[tuple[Member, Run]]:
    """The members who have trained, each with their run. It belongs to their browser, which nobody else can name."""
    known = {member.number: member for member in members(code)}
    for activity in work.activities(code):
        if activity.kind == "train":
            for number, given in work.answers(code, activity.id).items():
                with suppress(LenetError, KeyError, TypeError):
                    member, run = known[number], runs.find(given.value["run"])
                    if run.owner == member.owner:
                        yield member, run
