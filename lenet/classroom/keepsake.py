"""What a class has done, as one file that whoever leads it keeps: numbers and answers, and no key of any browser."""

from __future__ import annotations

from typing import Any

from lenet.classroom import store
from lenet.classroom.people import members
from lenet.classroom.work import activities, answers


def record(code: str) -> dict[str, Any]:
    """A class as plain JSON; times are in seconds since it was opened. Raises ClassError."""
    known = store.find(code)
    since = known.created
    done = []
    for one in activities(known.code):
        rounds = [
            [{"number": a.number, "seconds": round(a.at - one.created, 1), "value": a.value} for a in given.values()]
            for given in (answers(known.code, one.id, n) for n in range(1, one.round + 1))
        ]
        begun = round(one.created - since, 1)
        done.append(
            {"id": one.id, "kind": one.kind, "begun": begun, "settings": dict(one.settings), "rounds": rounds}
        )
    return {
        "class": known.code,
        "opened": since,
        "members": [{"number": m.number, "joined": round(m.joined - since, 1)} for m in members(known.code)],
        "activities": done,
    }
