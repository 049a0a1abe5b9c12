"""What breaks around a class: servers that are killed, phones that sleep, laptops that are reloaded, disks that are full."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lenet import classroom
from lenet.classroom import ClassError, admission, questions, store, work
from lenet.classroom.classroom import LETTERS
from lenet.common import paths
from lenet.common.errors import LenetError
from tests.helpers.mounts import in_own_mounts
from tests.helpers.phones import Browser, Phone, Teacher
from tests.helpers.processes import Process, free_port, run_apart, serve

TEACHER = "t" * 64
QUESTION = "class_question"
"""The key of the question on a phone."""
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")


def everything(code: str) -> dict[str, Any]:
    """All that a class has, read from its files. Raises ClassError if one of them is damaged."""
    now = classroom.stage(code)
    assert not now.activity or classroom.activity(code, now.activity).id == now.activity
    return classroom.record(code)


# -- killed while it writes --------------------------------------------------------------------------------------------

KILLED_AT_EACH_CHANGE = """
import os, signal, sys
from lenet import classroom
from lenet.classroom import store, work
from tests.classroom.test_faults import everything
work.PAUSE = 0.0
os.fsync = lambda fd: None  # here processes are killed, and no machines
base = os.environ["LENET_RUNS_DIR"]
CHANGES = ("os.rename", "os.mkdir", "os.remove")
def watch(event, args):
    global left
    if event in CHANGES or event == "open" and isinstance(args[2], int) and args[2] & os.O_CREAT:
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
def a_lesson():
    code = classroom.open_class("t" * 64).code
    for owner in ("a", "b"):
        classroom.join(code, owner)
    asked = classroom.begin(code, "ask", {"kind": "pool-size"})
    for number in (1, 2, 1):
        classroom.answer(code, asked.id, number, [number])
    classroom.change_activity(code, asked.id, round=2, shown=True)
    classroom.answer(code, asked.id, 2, [4])
    classroom.leave(code, "a")
    classroom.end_activity(code)
    classroom.take_over(code, "b")
    classroom.close(code)
def outcome(n):
    global left
    os.environ["LENET_RUNS_DIR"] = f"{base}/{n}"
    pid = os.fork()
    if not pid:
        left = n
        sys.addaudithook(watch)
        a_lesson()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
n, there = 1, 0
while (how := outcome(n)) == -signal.SIGKILL:
    known = classroom.list_classes()
    assert len(known) >= there, "it is there from one moment on"
    there = len(known)
    folder = store.folder_of("")
    assert all((path / "class.json").exists() for path in folder.glob("????") if path.is_dir()), "no code is lost"
    another = classroom.open_class("t" * 64).code
    assert not list(folder.glob(".new-*")), "what was left is deleted"
    classroom.close(another)
    if known:
        code = known[0].code
        kept = everything(code)
        assert [m["number"] for m in kept["members"]] == list(range(1, len(kept["members"]) + 1))
        if known[0].is_open:  # it goes on where it was
            members = len(kept["members"])
            assert classroom.join(code, "c").number == members + 1
            classroom.change_stage(code, leads=True)
            again = classroom.begin(code, "ask", {})
            classroom.answer(code, again.id, 1, "x")
            assert {n: given.value for n, given in classroom.answers(code, again.id).items()} == {1: "x"}
            everything(code)
        assert len(kept["activities"]) <= 1
    n += 1
assert how == 0, how
assert n > 30 and there
print("ok")
"""


@posix
def test_a_class_is_whole_wherever_its_server_is_killed() -> None:
    """At each file that is made, renamed or removed, in the course of a lesson."""
    command = [sys.executable, "-c", KILLED_AT_EACH_CHANGE]
    out = subprocess.run(command, cwd=paths.PROJECT, capture_output=True, text=True, timeout=120)
    assert out.stdout.endswith("ok\n"), out.stderr


@pytest.mark.slow
def test_three_servers_write_and_are_killed_at_random_moments() -> None:
    """What a call has returned is in the files, and others go on."""
    code = classroom.open_class(TEACHER).code
    asked = classroom.begin(code, "ask", {})
    dice, told = random.Random(18), paths.runs_dir() / "told"
    told.mkdir()
    members: dict[str, int] = {}
    highest = 0
    for round in range(6):
        logs = [told / f"{round}-{n}" for n in range(3)]
        servers = [busy(code, log.name, log) for log in logs]
        for server, log in zip(servers, logs, strict=True):
            wait_for_lines(log, dice.randrange(5, 25))
            everything(code)
            server.kill()
            server.wait()
        given = classroom.answers(code, asked.id)
        for log in logs:
            for what, *values in complete_lines(log):
                if what == "joined":
                    assert members.setdefault(values[0], values[1]) == values[1], "a browser keeps its number"
                elif what == "answered":
                    who, n = given[values[0]].value
                    assert who == log.name and n >= values[1], "the last one counts"
                else:
                    highest = max(highest, values[0])
        there = {member.owner: member.number for member in classroom.members(code)}
        assert members.items() <= there.items() and sorted(there.values()) == list(range(1, len(there) + 1))
        assert classroom.stage(code).revision >= highest
    assert classroom.join(code, "after").number == len(there) + 1


def busy(code: str, name: str, log: Path) -> Process:
    with log.open("wb") as out:
        command = [sys.executable, "-m", "tests.helpers.busy_class", code, name]
        return Process(command, cwd=paths.PROJECT, stdout=out)


def complete_lines(log: Path) -> list[list[Any]]:
    return [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]


def wait_for_lines(log: Path, n: int) -> None:
    end = time.monotonic() + 60
    while len(complete_lines(log)) < n:
        assert time.monotonic() < end, "it does nothing"
        time.sleep(0.01)


# -- disks -------------------------------------------------------------------------------------------------------------

FULL_DISK = """
import pytest
from lenet import classroom
from lenet.classroom import store, work
from lenet.common import paths
from lenet.common.errors import LenetError, explain
from tests.classroom.test_faults import changes, everything
from tests.helpers.mounts import fill_disk
work.PAUSE = 0.0
code = classroom.open_class("t" * 64).code
classroom.join(code, "a")
asked = classroom.begin(code, "ask", {})
classroom.answer(code, asked.id, 1, [1])
before, names = everything(code), sorted(p.name for p in store.folder_of(code).rglob("*"))
filler = fill_disk()
for change in changes(code, asked.id):
    with pytest.raises(LenetError) as caught:
        change()
    assert caught.value.code == "not_writable", caught.value
    assert "No space left" in explain(caught.value)
assert everything(code) == before, "nothing is lost"
assert [p.name for p in paths.runs_dir().glob("classes/*") if p.is_dir()] == [code], "no class that is not there"
assert sorted(p.name for p in store.folder_of(code).rglob("*")) == names, "nothing half-written"
filler.unlink()
for change in changes(code, asked.id):
    change()
assert len(everything(code)["members"]) == 2
print("ok")
"""


def changes(code: str, id: str) -> list[Callable[[], object]]:
    """All that changes something in a class."""
    return [
        lambda: classroom.join(code, "b"),
        lambda: classroom.lead(code, "pooling", "cell=0,1"),
        lambda: classroom.answer(code, id, 1, [2]),
        lambda: classroom.change_activity(code, id, shown=True),
        lambda: classroom.leave(code, "b" if classroom.member_of(code, "b") else "a"),
        lambda: classroom.begin(code, "contest", {}),
        lambda: classroom.end_activity(code),
        lambda: classroom.open_class(TEACHER),
        lambda: classroom.take_over(code, "another"),
        lambda: classroom.close(code),
    ]


def test_a_full_disk_is_one_sentence_and_the_class_goes_on_when_there_is_room() -> None:
    out = in_own_mounts(FULL_DISK, 'mount -t tmpfs -o size=1m tmpfs "$DIR"')
    assert out.stdout.endswith("ok\n"), out.stderr


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_is_full_in_the_middle_of_a_write(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where this machine has no small disk to fill."""
    monkeypatch.setattr(work, "PAUSE", 0.0)
    code = classroom.open_class(TEACHER).code
    classroom.join(code, "a")
    asked = classroom.begin(code, "ask", {})
    before, names = everything(code), sorted(p.name for p in store.folder_of(code).rglob("*"))

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as m:
        m.setattr(os, call, full)
        m.setattr(Path, "replace", full)
        for change in changes(code, asked.id):
            with pytest.raises(LenetError) as caught:
                change()
            assert caught.value.code == "not_writable"
    assert everything(code) == before
    assert sorted(p.name for p in store.folder_of(code).rglob("*")) == names
    assert [p.name for p in paths.runs_dir().glob("classes/*") if p.is_dir()] == [code]
    for change in changes(code, asked.id):
        change()


# -- two classes -------------------------------------------------------------------------------------------------------


def test_two_classes_at_once_know_nothing_of_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "PAUSE", 0.0)
    one, two = (classroom.open_class(owner).code for owner in ("t1", "t2"))
    for n in range(5):
        classroom.join(one, f"one {n}")
        classroom.join(two, f"two {n}")
    asked = classroom.begin(one, "ask", {"of": 1})
    other = classroom.begin(two, "contest", {"of": 2})
    classroom.lead(one, "pooling", "cell=1,1")
    classroom.answer(one, asked.id, 3, "of one")
    classroom.answer(two, other.id, 4, "of two")
    before = everything(two), classroom.stage(two), classroom.members(two)
    for number in range(1, 6):
        classroom.answer(one, asked.id, number, "again")
    classroom.change_stage(one, leads=True)
    classroom.change_activity(one, asked.id, shown=True)
    classroom.leave(one, "one 2")
    classroom.close(one)
    assert (everything(two), classroom.stage(two), classroom.members(two)) == before
    assert {number: a.value for number, a in classroom.answers(two, other.id).items()} == {4: "of two"}
    with pytest.raises(ClassError):
        classroom.answer(two, asked.id, 1, "an activity of the other class")
    assert classroom.of("one 1") is None and classroom.of("two 1") is not None


# -- servers, phones and laptops ---------------------------------------------------------------------------------------


async def a_room(url: str, phones: int) -> tuple[Teacher, list[Phone]]:
    """A class that is led, and its phones."""
    teacher = Teacher(url)
    code = await teacher.open_class()
    members = [Phone(url, code) for _ in range(phones)]
    for phone in members:
        await phone.open()
    await teacher.show("pooling", "kernel=3", leads=True)
    await all_at(members, "pooling")
    return teacher, members


async def all_at(phones: list[Phone], page: str, query: str = "") -> None:
    """Wait until all phones show that page, without a failure."""
    for phone in phones:
        await until(
            lambda phone=phone: phone.session.page == page and query in phone.session.query and phone.has_arrived
        )  # type: ignore[misc]
        assert not phone.failure and not phone.session.exceptions


async def until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.05)


async def leave(*browsers: Browser) -> None:
    for browser in browsers:
        await browser.close()


async def hand_in(phone: Phone, value: Any) -> None:
    """Answer the question on its screen, once its page is whole: a browser sends one thing at a time."""
    await until(lambda: phone.has_arrived and any(w.key == QUESTION for w in phone.session.widgets.values()))
    asked = json.loads(phone.session.scenes[QUESTION])[0]
    given = {"activity": asked["activity"], "round": asked["round"], "value": value}
    await phone.session.change(phone.session.by_key(QUESTION), {"event": "answer", "value": given})


def ask_the_class(code: str) -> classroom.Activity:
    """Ask for a kernel, which every form of the question takes."""
    return classroom.begin(code, "ask", questions.settings(questions.DRAWING, "draw-left", 0))


@pytest.mark.slow
def test_a_server_is_killed_in_the_middle_of_a_lesson_and_phones_come_back_by_themselves() -> None:
    port = free_port()
    kept: dict[str, Any] = {}

    async def lesson(server: Process) -> None:
        teacher, phones = await a_room(f"http://127.0.0.1:{port}", 3)
        numbers = [phone.number for phone in phones]
        await teacher.show("class")
        asked = ask_the_class(teacher.code)
        for phone in phones[:2]:
            await hand_in(phone, [phone.number / 10] * 25)
        assert set(classroom.answers(teacher.code, asked.id)) == {1, 2}
        kept.update(everything(teacher.code))
        server.kill()
        server.wait()
        await asyncio.sleep(1.0)
        with serve(paths.runs_dir(), port=port, trains=False):
            await until(lambda: all(phone.returned for phone in (teacher, *phones)))
            assert everything(teacher.code) == kept
            await hand_in(phones[2], [0.5] * 25)
            assert set(classroom.answers(teacher.code, asked.id)) == {1, 2, 3}
            await until(lambda: teacher.told.get("here") == 3)
            await teacher.show("kernels", "run=reference-classic")
            await all_at(phones, "kernels", "run=reference-classic")
            assert [phone.number for phone in phones] == numbers == [1, 2, 3]
            await leave(teacher, *phones)

    with serve(paths.runs_dir(), port=port, trains=False) as (_url, server):
        run_apart(lesson(server))


@pytest.mark.slow
def test_a_phone_sleeps_a_laptop_is_reloaded_and_two_classes_go_on_beside_each_other() -> None:
    """One server for all three."""

    async def lesson(url: str) -> None:
        teacher, phones = await a_room(url, 3)
        other, others = await a_room(url, 2)

        # A phone sleeps: it asks for nothing, and its page is lost. It has missed much when it wakes.
        sleeper = phones[0]
        sleeper.sleep()
        await sleeper.session.__aexit__()
        heard = len(sleeper.heard)
        for kernel in (2, 3, 4, 5):
            await teacher.show("pooling", f"kernel={kernel}")
        await teacher.show("convolution", "conv_stride=2")
        await all_at(phones[1:], "convolution")
        await until(lambda: teacher.told["here"] == 2)
        await sleeper.open()
        await all_at([sleeper], "convolution", "conv_stride=2")
        assert sleeper.number == 1 and len(sleeper.heard) <= heard + 3, "the last state, and not all that was between"
        await until(lambda: teacher.told["here"] == teacher.told["members"] == 3)

        # The teacher's laptop is reloaded, on another page: the cookie says who leads.
        await teacher.close()
        again = Teacher(url, teacher.code, cookie=teacher.cookie)
        again.session.page, again.session.query = "kernels", ""
        await again.session.__aenter__()
        assert f"page_class_{teacher.code}_0" in [widget.key for widget in again.session.widgets.values()]
        again.listen()
        await again.until(lambda t: t.told.get("here") == 3)
        await again.show("architecture")
        await all_at(phones, "architecture")

        # Two classes: what one is shown and does, the other never hears of.
        assert all(phone.session.page == "pooling" for phone in others)
        assert other.told["members"] == 2 and {phone.number for phone in others} == {1, 2}
        stranger = phones[0]
        for code, method, name in (
            (other.code, "GET", "news?since="),
            (other.code, "POST", "stage"),
            (teacher.code, "POST", "stage"),
        ):
            status, content = await stranger.ask(method, f"/classes/{code}/{name}", {"page": "kernels"})
            assert status in (403, 404) and not content
        status, content = await again.ask("POST", f"/classes/{other.code}/stage", {"page": "kernels"})
        assert status == 404 and not content
        await leave(again, other, *phones, *others)

    with serve(paths.runs_dir(), trains=False) as (url, _server):
        run_apart(lesson(url))


# -- guessing ----------------------------------------------------------------------------------------------------------


def test_who_tries_out_codes_has_to_wait_and_nobody_else() -> None:
    """A thousand tries in a moment: a hundred of them are answered, one in 1,300 of all codes."""
    code = classroom.open_class(TEACHER).code
    classroom.join(code, "member")
    dice, answered, waiting = random.Random(1), 0, 0
    for _try in range(1000):
        guess = "".join(dice.choices(LETTERS, k=4))
        with pytest.raises(ClassError) as caught:
            classroom.look_up(guess if guess != code else "BBBB", "203.0.113.7")
        answered += caught.value.code == "no_such_class"
        waiting += caught.value.code == "class_guessing"
    assert answered + waiting == 1000 and admission.WRONG_AT_ONCE <= answered <= admission.WRONG_AT_ONCE + 5
    with pytest.raises(ClassError) as caught:
        classroom.look_up(code, "203.0.113.7")
    assert caught.value.code == "class_guessing", "they do not learn that this one was right"
    assert classroom.look_up(code, "203.0.113.8").code == code
    for owner in (TEACHER, "member"):  # at the same school, and reloads the page
        assert classroom.look_up(code, "203.0.113.7", owner).code == code
