"""What a class has done, as one file that whoever leads it keeps: numbers and answers, and no key of any browser.

docs/teaching.md says how a notebook or a spreadsheet reads it.
"""

from __future__ import annotations

import time
from typing import Any

from lenet.classroom import store
from lenet.classroom.classroom import Activity
from lenet.classroom.people import members
from lenet.classroom.work import activities, answers

ABOUT = (
    "A class of LeNet Explorer. joined and begun are in seconds since it was opened, and seconds since an activity has "
    "begun. Each answer is one row: the last one of a number in a round."
)


def record(code: str) -> dict[str, Any]:
    """A class as plain JSON. Raises ClassError."""
    known = store.find(code)
    return {
        "about": ABOUT,
        "class": known.code,
        "opened": _utc(known.created),
        "ended": "" if known.is_open else _utc(known.closed or known.ends),
        "members": [{"number": m.number, "joined": round(m.joined - known.created, 1)} for m in members(known.code)],
        "activities": [
            {
                "id": one.id,
                "kind": one.kind,
                "begun": round(one.created - known.created, 1),
                "settings": dict(one.settings),
                "answers": _rows(known.code, one),
            }
            for one in activities(known.code)
        ],
    }


def _rows(code: str, one: Activity) -> list[dict[str, Any]]:
    """The answers of all rounds of an activity, a row each."""
    return [
        {"round": n, "number": given.number, "seconds": round(given.at - one.created, 1), "value": given.value}
        for n in range(1, one.round + 1)
        for given in answers(code, one.id, n).values()
    ]


def _utc(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
