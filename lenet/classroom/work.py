"""What a class does together, and what its members hand in.

Values are checked by the module of their kind before they are handed in; here is counted how large they are, and how many.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, get_args

from lenet.classroom import store
from lenet.classroom.classroom import Activity, Answer, Kind
from lenet.classroom.errors import ClassError
from lenet.classroom.people import members
from lenet.classroom.view import change_within, stage

MAX_ANSWER = 2000  # characters, as JSON
MAX_TIMES = 200  # that a number may hand in, in one round
MAX_ACTIVITIES = 300  # of a class
PAUSE = 0.3  # seconds between two answers of a number
_ID = re.compile(rf"[0-9]{{3}}-(?:{'|'.join(get_args(Kind))})")


def begin(code: str, kind: Kind, settings: Mapping[str, Any], seconds: float = 0.0) -> Activity:
    """Have the class do something, for so many seconds if that is not 0. Raises LenetError."""
    with store.locked_open(code) as known:
        now, before = time.time(), _ids(known.code)
        if len(before) >= MAX_ACTIVITIES:
            raise ClassError("too_many_activities", limit=MAX_ACTIVITIES)
        number = int(before[-1][:3]) + 1 if before else 1
        begun = Activity(f"{number:03d}-{kind}", kind, dict(settings), now, ends=now + seconds if seconds else 0.0)
        _write(known.code, begun)
        change_within(known.code, activity=begun.id)
    return begun


def activity(code: str, id: str) -> Activity:
    """What the class does, or did, under that id. Raises ClassError."""
    code = store.find(code).code
    found = store.read(code, _file(id), lambda values: Activity(**values), None) if _ID.fullmatch(id) else None
    if found is None:
        raise ClassError("no_such_activity", letters=code)
    return found


def current(code: str) -> Activity | None:
    """What the class does now."""
    id = stage(code).activity
    return activity(code, id) if id else None


def activities(code: str) -> list[Activity]:
    """All that the class has done, the first one first. Raises ClassError."""
    return [activity(code, id) for id in _ids(store.find(code).code)]


def change_activity(code: str, id: str, **changes: Any) -> Activity:
    """Close it, show what was answered, have another round: the fields of an Activity. Its phones hear of it. Raises LenetError."""
    with store.locked_open(code) as known:
        after = replace(activity(known.code, id), **changes)
        _write(known.code, after)
        change_within(known.code)
    return after


def end_activity(code: str) -> None:
    """Have the class do nothing but look again. Raises LenetError."""
    with store.locked_open(code) as known:
        if id := stage(known.code).activity:
            with suppress(ClassError):  # damaged: it ends nevertheless
                _write(known.code, replace(activity(known.code, id), is_open=False))
        change_within(known.code, activity="")


# -- answers -----------------------------------------------------------------------------------------------------------


def answer(code: str, id: str, number: int, value: Any) -> Answer:
    """Hand in for a number; the last answer of a round counts. Raises LenetError."""
    _check(value)
    with store.locked_open(code) as known:
        asked = activity(known.code, id)
        if not asked.takes_answers or stage(known.code).activity != id:
            raise ClassError("answers_closed")
        if number not in {member.number for member in members(known.code)}:
            raise ClassError("not_in_class", letters=known.code)
        given, now = answers(known.code, id), time.time()
        before = given.get(number)
        if before and (before.times >= MAX_TIMES or 0 <= now - before.at < PAUSE):
            raise ClassError("too_many_answers")
        given[number] = Answer(number, value, now, before.times + 1 if before else 1)
        store.write(known.code, _file(id, asked.round), [asdict(one) for one in given.values()])
    return given[number]


def _check(value: Any) -> None:
    """Raises ClassError for what is no plain JSON, which would spoil the file for all, or takes too much of it."""
    try:
        size = len(json.dumps(value, allow_nan=False))
        if size <= MAX_ANSWER:  # in the file every part has a line of its own, which is more
            size = len(json.dumps(value, allow_nan=False, indent=1, ensure_ascii=False).encode())
    except (TypeError, ValueError, RecursionError) as e:
        raise ClassError("not_an_answer") from e
    if size > MAX_ANSWER:
        raise ClassError("answer_too_large", limit=MAX_ANSWER)


def answers(code: str, id: str, round: int | None = None) -> dict[int, Answer]:
    """What was handed in, by number: in that round, or in the last one. Raises ClassError."""
    asked = activity(code, id)
    found: dict[int, Answer] = store.read(store.find(code).code, _file(id, round or asked.round), _made, {})
    return dict(found)


def _made(rows: Any) -> dict[int, Answer]:
    return {one.number: one for one in (Answer(**values) for values in rows)}


def answers_stamp(code: str, id: str, round: int) -> store.Stamp:
    """What changes whenever somebody hands in."""
    return store.stamp(code, _file(id, round))


# -- files -------------------------------------------------------------------------------------------------------------


def _ids(code: str) -> list[str]:
    with suppress(OSError), os.scandir(store.folder_of(code) / store.ACTIVITIES) as entries:
        names = (entry.name.removesuffix(".json") for entry in entries)
        return sorted(name for name in names if _ID.fullmatch(name))
    return []


def _file(id: str, round: int | None = None) -> str:
    return f"{store.ACTIVITIES}/{id}.json" if round is None else f"{store.ACTIVITIES}/{id}-{round}.json"


def _write(code: str, some: Activity) -> None:
    store.write(code, _file(some.id), asdict(some))
