"""What a class does together, and what its members hand in.

Values are checked by the module of their kind before they are handed in; here is counted how large they are, and how many.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from lenet.classroom import store
from lenet.classroom.classroom import Activity, Answer, Kind
from lenet.classroom.errors import ClassError
from lenet.classroom.people import members
from lenet.classroom.view import change_within, stage

MAX_ANSWER = 2000  # characters, as JSON
MAX_TIMES = 200  # that a number may hand in, in one round
MAX_ACTIVITIES = 300  # of a class
PAUSE = 0.3  # seconds between two answers of a number


def begin(code: str, kind: Kind, settings: Mapping[str, Any], seconds: float = 0.0) -> Activity:
    """Have the class do something, for so many seconds if that is not 0. Raises LenetError."""
    code = store.find_open(code).code
    with store.locked(code):
        now, before = time.time(), len(_ids(code))
        if before >= MAX_ACTIVITIES:
            raise ClassError("too_many_activities", limit=MAX_ACTIVITIES)
        id = f"{before + 1:03d}-{kind}"
        begun = Activity(id, kind, dict(settings), now, ends=now + seconds if seconds else 0.0)
        _write(code, begun)
        change_within(code, activity=id)
    return begun


def activity(code: str, id: str) -> Activity:
    """What the class does, or did, under that id. Raises ClassError."""
    code = store.find(code).code
    found = store.read(code, _file(id), None) if id in _ids(code) else None
    if found is None:
        raise ClassError("no_such_activity", letters=code)
    try:
        return Activity(**found)
    except TypeError as e:
        raise ClassError("class_damaged", letters=code, reason=f"{type(e).__name__}: {e}"[:200]) from e


def current(code: str) -> Activity | None:
    """What the class does now."""
    id = stage(code).activity
    return activity(code, id) if id else None


def activities(code: str) -> list[Activity]:
    """All that the class has done, the first one first. Raises ClassError."""
    return [activity(code, id) for id in _ids(store.find(code).code)]


def change_activity(code: str, id: str, **changes: Any) -> Activity:
    """Close it, show what was answered, have another round: the fields of an Activity. Its phones hear of it. Raises LenetError."""
    code = store.find_open(code).code
    with store.locked(code):
        after = replace(activity(code, id), **changes)
        _write(code, after)
        change_within(code)
    return after


def end_activity(code: str) -> None:
    """Have the class do nothing but look again. Raises LenetError."""
    code = store.find_open(code).code
    with store.locked(code):
        if id := stage(code).activity:
            _write(code, replace(activity(code, id), is_open=False))
        change_within(code, activity="")


# -- answers -----------------------------------------------------------------------------------------------------------


def answer(code: str, id: str, number: int, value: Any) -> Answer:
    """Hand in for a number; the last answer of a round counts. Raises LenetError."""
    code = store.find_open(code).code
    _check(value)
    with store.locked(code):
        asked = activity(code, id)
        if not asked.takes_answers or stage(code).activity != id:
            raise ClassError("answers_closed")
        if number not in {member.number for member in members(code)}:
            raise ClassError("not_in_class", letters=code)
        given, now = dict(answers(code, id)), time.time()
        before = given.get(number)
        if before and (before.times >= MAX_TIMES or 0 <= now - before.at < PAUSE):
            raise ClassError("too_many_answers")
        given[number] = Answer(number, value, now, before.times + 1 if before else 1)
        store.write(code, _file(id, asked.round), [asdict(one) for one in given.values()])
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
    code = store.find(code).code
    try:
        found = [Answer(**one) for one in store.read(code, _file(id, round or asked.round), [])]
    except TypeError as e:
        raise ClassError("class_damaged", letters=code, reason=f"{type(e).__name__}: {e}"[:200]) from e
    return {one.number: one for one in found}


def answers_stamp(code: str, id: str, round: int) -> store.Stamp:
    """What changes whenever somebody hands in."""
    return store.stamp(code, _file(id, round))


# -- files -------------------------------------------------------------------------------------------------------------


def _ids(code: str) -> list[str]:
    folder = store.folder_of(code) / store.ACTIVITIES
    return sorted(path.stem for path in folder.glob("???-*.json") if path.stem.count("-") == 1)


def _file(id: str, round: int | None = None) -> str:
    return f"{store.ACTIVITIES}/{id}.json" if round is None else f"{store.ACTIVITIES}/{id}-{round}.json"


def _write(code: str, some: Activity) -> None:
    store.write(code, _file(some.id), asdict(some))
