"""A class: its code and members, what it is shown, what it does, and what it hands in."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from lenet import classroom
from lenet.classroom import ClassError, Classroom, Stage, people, store, work
from lenet.classroom.classroom import CODE, COLOURS, LASTS, MAX_ADDRESS, SYMBOLS
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs import rules

TEACHER = "t" * 64


@pytest.fixture
def known() -> Classroom:
    return classroom.open_class(TEACHER)


@pytest.fixture
def code(known: Classroom) -> str:
    return known.code


def refusal(code: str, *args: Any, of: Any, **options: Any) -> str:
    with pytest.raises(LenetError) as caught:
        of(code, *args, **options)
    assert str(caught.value) and "{" not in str(caught.value)
    return caught.value.code


def test_a_code_is_read_as_people_type_it(code: str) -> None:
    assert CODE.fullmatch(code)
    for typed in (code, code.lower(), f" {code[:2]} {code[2:]}\n", f"{code[:2]}-{code[2:].lower()}"):
        assert classroom.find(typed).owner == TEACHER
    for wrong in ("", "ABC", "BBBBB", "1234", "BCD<", "../..", "ＢＢＢＢ", "BCDÉ", "x" * 10_000):
        assert refusal(wrong, of=classroom.find) == "not_a_code"
    assert refusal("BBBB" if code != "BBBB" else "CCCC", of=classroom.find) == "no_such_class"


def test_members_are_numbered_and_keep_their_number(code: str) -> None:
    assert [classroom.join(code, name).number for name in ("a", "b", "a", "c")] == [1, 2, 1, 3]
    assert [member.owner for member in classroom.members(code)] == ["a", "b", "c"]
    classroom.leave(code, "b")
    assert classroom.member_of(code, "b") is None and classroom.of("b") is None
    assert classroom.join(code, "d").number == 4, "the number of somebody who has left is not given again"
    assert classroom.join(code, "b").number == 2


def test_a_browser_is_in_one_class(code: str) -> None:
    other = classroom.open_class(TEACHER).code
    classroom.join(code, "a")
    classroom.join(other, "a")
    here = classroom.of("a")
    assert here and here[0].code == other
    assert classroom.member_of(code, "a") is None
    classroom.join(code, "a")
    here = classroom.of("a")
    assert here and here[0].code == code


def test_who_cannot_join_stays_where_they_are(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    full = classroom.open_class(TEACHER).code
    classroom.join(full, "b")
    monkeypatch.setattr(rules, "class_size", lambda: 1)
    classroom.join(code, "a")
    assert refusal(full, "a", of=classroom.join) == "class_full"
    here = classroom.of("a")
    assert here and here[0].code == code


def test_a_browser_is_where_it_came_last(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if its server was killed before it had left the other class; it leaves that one when it comes again."""
    other = classroom.open_class(TEACHER).code
    for one in (code, other):
        classroom.join(one, "a")
    with monkeypatch.context() as m:
        m.setattr(people, "leave", lambda *_args: None)
        classroom.join(code, "a")
    here = classroom.of("a")
    assert here and here[0].code == code and classroom.member_of(other, "a")
    assert classroom.join(code, "a").number == 1
    assert classroom.member_of(other, "a") is None


def test_all_join_at_once(code: str) -> None:
    most = rules.class_size()
    with ThreadPoolExecutor(12) as pool:
        numbers = list(pool.map(lambda n: classroom.join(code, f"phone {n}").number, range(most)))
    assert sorted(numbers) == list(range(1, most + 1))
    assert refusal(code, "one more", of=classroom.join) == "class_full"
    looks = [(member.symbol, member.colour) for member in classroom.members(code)]
    assert len(set(looks)) == len(looks)


def test_looks_differ_as_long_as_they_can() -> None:
    looks = {(n % len(SYMBOLS), n % len(COLOURS)) for n in range(len(SYMBOLS) * len(COLOURS))}
    assert len(looks) == len(SYMBOLS) * len(COLOURS) == rules.class_size()


def test_a_class_ends(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    classroom.join(code, "a")
    assert classroom.find(code).is_open
    before = time.time
    monkeypatch.setattr(time, "time", lambda: before() + LASTS + 1)
    assert not classroom.find(code).is_open and classroom.of("a") is None
    assert refusal(code, "b", of=classroom.join) == "class_closed"
    monkeypatch.setattr(time, "time", before)
    classroom.close(code)
    for call in (classroom.join, classroom.begin, classroom.lead):
        args = {classroom.join: ("b",), classroom.begin: ("ask", {}), classroom.lead: ("pooling", "")}[call]
        assert refusal(code, *args, of=call) == "class_closed"


def test_each_change_of_the_stage_is_a_new_revision(code: str) -> None:
    assert classroom.stage(code) == Stage()
    seen = [classroom.stage(code)]
    seen.append(classroom.lead(code, "pooling", "cell=1,2"))
    seen.append(classroom.change_stage(code, leads=True))
    asked = classroom.begin(code, "ask", {"kind": "pool-size"})
    seen.append(classroom.stage(code))
    classroom.change_activity(code, asked.id, shown=True)
    seen.append(classroom.stage(code))
    classroom.end_activity(code)
    seen.append(classroom.stage(code))
    assert all(a.revision < b.revision for a, b in pairwise(seen))
    assert [one.activity for one in seen] == ["", "", "", asked.id, asked.id, ""]
    assert (seen[-1].page, seen[-1].query, seen[-1].leads) == ("pooling", "cell=1,2", True)
    assert refusal(code, "pooling", "x" * MAX_ADDRESS, of=classroom.lead) == "stage_too_long"
    assert classroom.stage(code) == seen[-1]


def test_answers_of_two_rounds(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "PAUSE", 0.0)
    for name in ("a", "b"):
        classroom.join(code, name)
    asked = classroom.begin(code, "ask", {"kind": "pool-size"}, seconds=60)
    classroom.answer(code, asked.id, 1, [3])
    classroom.answer(code, asked.id, 1, [4])
    classroom.answer(code, asked.id, 2, [5])
    given = classroom.answers(code, asked.id)
    assert {number: one.value for number, one in given.items()} == {1: [4], 2: [5]} and given[1].times == 2
    stamp = classroom.answers_stamp(code, asked.id, 1)
    classroom.change_activity(code, asked.id, round=2)
    assert classroom.answers(code, asked.id) == {}
    classroom.answer(code, asked.id, 2, [6])
    assert classroom.answers(code, asked.id)[2].value == [6]
    assert classroom.answers(code, asked.id, 1) == given and classroom.answers_stamp(code, asked.id, 1) == stamp
    kept = classroom.record(code)
    rows = kept["activities"][0]["answers"]
    assert [(row["round"], row["number"], row["value"]) for row in rows] == [(1, 1, [4]), (1, 2, [5]), (2, 2, [6])]
    assert "owner" not in json.dumps(kept), "nobody can be found out from it"


def test_a_class_does_so_much(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MAX_ACTIVITIES", 3)
    ids = [classroom.begin(code, "ask", {}).id for _ in range(3)]
    assert [one.id for one in classroom.activities(code)] == ids
    assert refusal(code, "ask", {}, of=classroom.begin) == "too_many_activities"
    current = classroom.current(code)
    assert current and current.id == ids[-1]


def test_an_answer_is_refused(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    classroom.join(code, "a")
    asked = classroom.begin(code, "ask", {}, seconds=60)
    assert refusal(code, asked.id, 1, "x" * 3000, of=classroom.answer) == "answer_too_large"
    deep: list[Any] = []
    for _level in range(900):
        deep = [deep]
    for wrong in (float("nan"), float("inf"), 10**5000, "\ud800", object(), b"1", {"a": {1, 2}}):
        assert refusal(code, asked.id, 1, wrong, of=classroom.answer) == "not_an_answer"
    assert refusal(code, asked.id, 1, [[[[]]]] * 200, of=classroom.answer) == "answer_too_large"
    assert refusal(code, asked.id, 1, deep, of=classroom.answer) in ("answer_too_large", "not_an_answer")
    assert classroom.answers(code, asked.id) == {}
    assert refusal(code, asked.id, 2, 0, of=classroom.answer) == "not_in_class"
    for wrong in ("002-ask", "../class", "001-ask/..", ""):
        assert refusal(code, wrong, 1, 0, of=classroom.answer) == "no_such_activity"
    classroom.answer(code, asked.id, 1, 0)
    assert refusal(code, asked.id, 1, 1, of=classroom.answer) == "too_many_answers"
    before = time.time
    monkeypatch.setattr(time, "time", lambda: before() + 61)
    assert refusal(code, asked.id, 1, 1, of=classroom.answer) == "answers_closed"
    monkeypatch.setattr(time, "time", lambda: before() + 1)
    classroom.change_activity(code, asked.id, is_open=False)
    assert refusal(code, asked.id, 1, 1, of=classroom.answer) == "answers_closed"
    classroom.change_activity(code, asked.id, is_open=True)
    classroom.end_activity(code)
    assert refusal(code, asked.id, 1, 1, of=classroom.answer) == "answers_closed"
    assert classroom.answers(code, asked.id)[1].value == 0


def test_forty_hand_in_at_once(code: str) -> None:
    for n in range(40):
        classroom.join(code, str(n))
    asked = classroom.begin(code, "ask", {})
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda n: classroom.answer(code, asked.id, n, n), range(1, 41)))
    assert {number: one.value for number, one in classroom.answers(code, asked.id).items()} == {
        n: n for n in range(1, 41)
    }


def test_nothing_is_lost_that_is_written_in_one_tick_of_the_clock(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a disk is fast and its clock slow, files that follow one another have the same stamp."""
    monkeypatch.setattr(work, "PAUSE", 0.0)
    before = store.stamp
    monkeypatch.setattr(store, "stamp", lambda *of: before(*of) and (1,))
    for n in range(4):
        assert classroom.join(code, str(n)).number == n + 1
    asked = classroom.begin(code, "ask", {})
    for n in (1, 2, 3, 4, 2):
        classroom.answer(code, asked.id, n, n)
    assert [classroom.change_stage(code, leads=True).revision for _time in range(3)] == [2, 3, 4]
    path = store.folder_of(code) / "activities" / f"{asked.id}-1.json"
    assert {one["number"]: one["times"] for one in json.loads(path.read_text())} == {1: 1, 2: 2, 3: 1, 4: 1}


def test_only_the_last_content_of_a_file_is_remembered(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "PAUSE", 0.0)
    monkeypatch.setattr(store, "_contents", {})
    classroom.join(code, "a")
    asked = classroom.begin(code, "contest", {})
    for n in range(100):
        classroom.answer(code, asked.id, 1, n)
        assert classroom.answers(code, asked.id)[1].value == n
    assert len(store._contents) == 5, "class, members, stage, activity, answers"
    monkeypatch.setattr(store, "MAX_FILES", 6)
    for _other in range(10):
        classroom.stage(classroom.open_class(TEACHER).code)
    assert len(store._contents) <= 6


def test_what_is_read_cannot_be_changed_by_accident(code: str) -> None:
    classroom.join(code, "a")
    asked = classroom.begin(code, "ask", {})
    classroom.members(code).clear()
    classroom.answers(code, asked.id)[1] = classroom.Answer(1, 0, 0.0)
    assert len(classroom.members(code)) == 1 and classroom.answers(code, asked.id) == {}


def test_a_class_ends_what_cannot_be_read(code: str) -> None:
    asked = classroom.begin(code, "ask", {})
    (store.folder_of(code) / "activities" / f"{asked.id}.json").write_text("[")
    assert refusal(code, of=classroom.current) == "class_damaged"
    classroom.end_activity(code)
    assert classroom.current(code) is None


def test_a_damaged_file_is_told(code: str) -> None:
    folder = paths.runs_dir() / "classes" / code
    classroom.join(code, "a")
    for name, of in (("members.json", classroom.members), ("stage.json", classroom.stage)):
        (folder / name).write_text("[{")
        assert refusal(code, of=of) == "class_damaged"
        (folder / name).write_text('[{"x": 1}]' if name == "members.json" else '{"x": 1}')
        assert refusal(code, of=of) == "class_damaged"
    (folder / "class.json").write_text("[]")
    assert refusal(code, of=classroom.find) == "class_damaged"
    assert classroom.list_classes() == []


def test_every_refusal_has_a_sentence() -> None:
    from lenet.classroom.errors import MESSAGES
    from lenet.common.errors import explain

    for code in MESSAGES:
        assert explain(ClassError(code, letters="BCDF", limit=3, reason="x"))
