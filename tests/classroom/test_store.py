"""The folder of all classes: what is listed, what is cleared away, and what that costs."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lenet import classroom
from lenet.classroom import store
from lenet.common import files, paths
from lenet.runs.visitors import Visitor
from tests.helpers.visitors import ANN, acting_as

TEACHER = "t" * 64


@pytest.fixture
def folder() -> Path:
    classroom.open_class(TEACHER)
    return paths.runs_dir() / "classes"


def test_what_a_killed_server_has_left_is_cleared_away(folder: Path) -> None:
    """Of an earlier version a folder without a class, of which nobody could have used the code."""
    for name, file in (("BBBB", ".class.json.0123.tmp"), (".new-01", "class.json"), (".gone-CCCC", "class.json")):
        (folder / name).mkdir()
        (folder / name / file).write_text("{")
    (folder / "DDDD").mkdir()
    (folder / "FFFF").mkdir()
    (folder / "FFFF" / "members.json").write_text("[]")
    known = {one.code for one in classroom.list_classes()}
    assert known.isdisjoint({"BBBB", "DDDD", "FFFF"})
    known.add(classroom.open_class(TEACHER).code)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {*known, "FFFF"}, "what somebody wrote stays"


def test_the_files_of_classes_that_have_ended_are_not_looked_at_for_every_page(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = [classroom.open_class(TEACHER).code for _ in range(20)]
    for code in ended:
        classroom.close(code)
    (known,) = classroom.list_open()
    looked: list[str] = []
    stamp = store.stamp

    def look(code: str, name: str) -> store.Stamp:
        looked.append(code)
        return stamp(code, name)

    monkeypatch.setattr(store, "stamp", look)
    assert classroom.list_open() == [known] and set(looked) == {known.code}
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 2 * 86400)
    assert classroom.list_open() == [] and len(classroom.list_classes()) == 21
    monkeypatch.setattr(time, "time", now)
    assert classroom.list_open() == [known], "a clock that was wrong ends no class for good"
    classroom.close(known.code)
    assert classroom.list_open() == []


def test_another_process_opens_and_ends_classes(folder: Path) -> None:
    """What was listed before does not hide it."""
    (known,) = classroom.list_open()
    listed = dict(store._listed)
    classroom.close(known.code)
    other = classroom.open_class(TEACHER)
    store._listed = listed
    assert classroom.list_open() == [other]


@pytest.mark.usefixtures("hosted")
def test_whoever_opens_and_ends_one_class_after_another_fills_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_KEPT", 6)

    def open_and_end(owner: str, network: str) -> str:
        with acting_as(Visitor(owner, network=network)):
            code = classroom.open_class(owner).code
        classroom.close(code)
        return code

    lessons = [open_and_end(ANN.owner, "192.0.2.7") for _ in range(2)]
    many = [open_and_end(f"{n:064x}", "192.0.2.8") for n in range(20)]
    kept = {one.code for one in classroom.list_classes()}
    assert kept == {*lessons, *many[-5:]}, "the oldest of the one who has most go"


def test_a_folder_that_is_gone_stays_gone(folder: Path) -> None:
    """Somebody was about to change a class when it was deleted."""
    (known,) = classroom.list_open()
    (folder / known.code).rename(folder / ".gone-1")
    with pytest.raises(classroom.ClassError) as caught:
        classroom.close(known.code)
    assert caught.value.code == "no_such_class"
    assert not (folder / known.code).exists()


def test_what_was_handed_in_stays_where_its_file_cannot_be_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (known,) = classroom.list_open()
    for owner in ("a", "b"):
        classroom.join(known.code, owner)
    asked = classroom.begin(known.code, "ask", {})
    classroom.answer(known.code, asked.id, 1, [1])
    look = files.plain_stat

    def refuse(path: Path) -> os.stat_result:
        if path.name == f"{asked.id}-1.json":
            raise PermissionError(13, "not now")
        return look(path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "plain_stat", refuse)
        with pytest.raises(classroom.ClassError, match="not now"):
            classroom.answer(known.code, asked.id, 2, [2])
    assert set(classroom.answers(known.code, asked.id)) == {1}
