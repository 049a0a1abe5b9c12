"""The rules of a public server: whose a run is, what is refused, whose turn it is."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from lenet import runs, worker
from lenet.common import files, log, paths, pictures
from lenet.common.errors import LenetError
from lenet.kernels import upload
from lenet.runs import rules
from lenet.runs.configuration import CLASSIC
from lenet.runs.rules import NOBODY, OPERATOR, Kept, Limits, Visitor
from tests.helpers.made import own_runs, set_status, set_worker
from tests.helpers.processes import Process

ANN, BOB = (Visitor(rules.owner_of(hex_ * 64)) for hex_ in "ab")
PASSWORD = "correct horse battery staple"


# -- who asks ----------------------------------------------------------------------------------------------------


def test_only_the_owner_and_the_operator_may_change_a_run() -> None:
    assert ANN.may_change(ANN.owner)
    assert not BOB.may_change(ANN.owner)
    assert not NOBODY.may_change(ANN.owner)
    assert OPERATOR.may_change(ANN.owner)
    # of nobody's browser: from the command line, or of a time before these rules
    assert OPERATOR.may_change("")
    assert not any(visitor.may_change("") for visitor in (ANN, NOBODY))


def test_what_is_kept_of_a_key_does_not_open_anything() -> None:
    key = "0123456789abcdef" * 4
    kept = rules.owner_of(key)
    assert key not in kept
    assert rules.owner_of(kept) != kept  # to send what stands in a run directory is to be somebody else


@pytest.mark.parametrize("text", ["", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "a" * 65, None, 3, ["a" * 64]])
def test_what_is_no_key(text: object) -> None:
    assert not rules.is_key(text)


def test_on_a_laptop_everybody_is_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_ask", lambda: NOBODY)
    assert rules.visitor() == OPERATOR
    monkeypatch.setenv("LENET_HOSTED", "1")
    assert rules.visitor() == NOBODY


# -- the operator ------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that passes only in waiting."""
    now = [100.0]
    time_ = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    monkeypatch.setattr(rules, "time", time_)
    monkeypatch.setattr(rules, "_wrong", 0)
    monkeypatch.setattr(rules, "_closed_until", 0.0)
    return now


def refusal(given: str, right: str = PASSWORD) -> str:
    with pytest.raises(LenetError) as caught:
        rules.check_password(given, right)
    return caught.value.code


def test_the_password_and_no_other(clock: list[float]) -> None:
    rules.check_password(PASSWORD, PASSWORD)
    rules.check_password("密码 пароль", "密码 пароль")
    for wrong in ("", PASSWORD[:-1], PASSWORD + " ", "密码"):
        assert refusal(wrong) == "wrong_password"
    assert clock[0] == 100 + 4 * rules.WRONG_TAKES
    told = log.recent()
    assert [(e["event"], e["in_a_row"]) for e in told] == [("wrong_password", n) for n in (4, 3, 2, 1)]
    assert "密码" not in log.path().read_text(encoding="utf-8")  # not what was tried


def test_without_a_password_nobody_signs_in() -> None:
    assert refusal("", right="") == "no_operator_password"


def test_guessing_closes_the_door_for_a_while(clock: list[float]) -> None:
    for _guess in range(rules.MAX_WRONG):
        assert refusal("guess") == "wrong_password"
    assert refusal(PASSWORD) == "sign_in_closed"  # not even the right one is looked at
    clock[0] += rules.CLOSED_FOR
    rules.check_password(PASSWORD, PASSWORD)


def sign_in_page() -> None:
    import streamlit as st

    from lenet import ui

    ui.operator_sign_in()
    st.text(f"operator: {ui.operator()}")


def test_signing_in_and_out(hosted: None, clock: list[float]) -> None:
    at = AppTest.from_function(sign_in_page, default_timeout=20)
    at.secrets["operator"] = {"password": PASSWORD}
    at.run()
    assert at.text[0].value == "operator: False"
    at.text_input[0].input("guess")
    at.button[0].click().run()
    assert (at.text[0].value, at.error[0].value) == ("operator: False", "This is not the operator’s password.")
    at.text_input[0].input(PASSWORD)
    at.button[0].click().run()
    assert at.text[0].value == "operator: True"
    at.button(key="sign_out").click().run()
    assert at.text[0].value == "operator: False"
    assert not at.exception


def test_signing_in_without_a_password_in_the_secrets(hosted: None) -> None:
    at = AppTest.from_function(sign_in_page, default_timeout=20)
    at.secrets["other"] = "thing"
    at.run()
    at.text_input[0].input("guess")
    at.button[0].click().run()
    assert "secrets.toml" in at.error[0].value.replace("\\", "")
    assert at.text[0].value == "operator: False"


def test_a_laptop_asks_for_no_password() -> None:
    at = AppTest.from_function(sign_in_page, default_timeout=20).run()
    assert at.text[0].value == "operator: True"
    assert not at.text_input


# -- limits ------------------------------------------------------------------------------------------------------


def test_nothing_is_limited_on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_EPOCHS", "ten")  # and nothing is read
    assert rules.limits() is None
    assert (rules.upload_mb(20), rules.max_epochs(100), rules.workers()) == (20, 100, 1)


def test_limits_come_from_the_environment(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rules.limits() == Limits()
    for n, limit in enumerate(fields(Limits)):
        monkeypatch.setenv(rules.variable(limit.name), f" {11 + n} ")
    assert rules.limits() == Limits(*range(11, 11 + len(fields(Limits))))
    assert rules.upload_mb(20) == 17
    assert rules.upload_mb(10) == 10  # a page's own limit stands


@pytest.mark.parametrize("value", ["ten", "0", "-3", "3.5", "1e3", "1001", "9" * 400, "²", "0x10"])
def test_a_bad_limit_is_one_sentence(value: str, hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_EPOCHS", value)
    with pytest.raises(LenetError) as caught:
        rules.limits()
    assert "LENET_MAX_EPOCHS must be a whole number between 1 and 1000" in str(caught.value)
    assert value[:40] in str(caught.value)


@pytest.fixture
def as_(hosted: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Visitor], None]:
    """On a public server: from now on it is this visitor who asks."""

    def become(visitor: Visitor) -> None:
        monkeypatch.setattr(rules, "_ask", lambda: visitor)

    become(ANN)
    return become


def code_of(action: Callable[[], object]) -> str:
    """What it is refused for."""
    with pytest.raises(LenetError) as caught:
        action()
    return caught.value.code


def test_the_oldest_ended_runs_go_for_a_new_one(as_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_RUNS", "7")
    kept = [
        Kept("pinned", state="finished", last=1, pinned=True),
        Kept("waits", state="queued", last=2),
        Kept("trains", state="running", last=3),
        Kept("paused", state="paused", last=4),
        Kept("young", state="finished", last=9),
        Kept("old", state="stopped", last=5),
        Kept("broken", state="", last=6),
    ]
    assert rules.admit(kept[:6], 1, 0) == []
    assert rules.admit(kept, 1, 0) == ["old"]
    monkeypatch.setenv("LENET_MAX_RUNS", "5")
    assert rules.admit(kept, 1, 0) == ["old", "broken", "young"]
    assert rules.admit(kept, 1, 0, again="old") == ["broken", "young"]  # resumed, it adds none
    monkeypatch.setenv("LENET_MAX_RUNS", "4")
    assert rules.admit(kept, 1, 0) == ["old", "broken", "young", "paused"]
    monkeypatch.setenv("LENET_MAX_RUNS", "3")
    assert code_of(lambda: rules.admit(kept, 1, 0)) == "too_many_runs"


def test_runs_go_for_the_disk_and_only_as_many_as_it_takes(as_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_DISK_MB", "10")
    kept = [Kept(f"r{n}", last=n, bytes=3_000_000) for n in range(3)]
    assert rules.admit(kept, 1, 1_000_000) == []
    assert rules.admit(kept, 1, 1_000_001) == ["r0"]
    assert rules.admit(kept, 1, 7_000_000) == ["r0", "r1"]
    with pytest.raises(LenetError, match="10 MB on this server and would take 11 MB"):
        rules.admit(kept, 1, 10_000_001)


def test_one_visitors_runs_do_not_count_for_another(as_: Callable[[Visitor], None]) -> None:
    kept = [Kept(f"r{n}", ANN.owner, "queued") for n in range(3)]
    with pytest.raises(LenetError, match=r"Runs of yours in the queue: 3\. The limit here is 3"):
        rules.admit(kept, 1, 0)
    assert rules.admit(kept, 1, 0, again="r1") == []
    for other in (BOB, OPERATOR):
        as_(other)
        assert rules.admit(kept, 1, 0) == []


def test_epochs_pins_and_keys(as_: Callable[[Visitor], None]) -> None:
    with pytest.raises(LenetError, match="at most 50 epochs on this server; this one would have 51"):
        rules.admit([], 51, 0)
    assert rules.max_epochs(100) == 50
    pinned = [Kept(f"r{n}", ANN.owner, pinned=True) for n in range(3)]
    assert code_of(lambda: rules.check_pin(pinned)) == "too_many_pinned"
    as_(BOB)
    rules.check_pin(pinned)
    as_(NOBODY)
    assert code_of(lambda: rules.admit([], 1, 0)) == "no_key"
    as_(OPERATOR)
    assert rules.admit([], 1000, 0) == []
    assert rules.max_epochs(100) == 100
    rules.check_pin(pinned)


# -- the queue ---------------------------------------------------------------------------------------------------


def test_one_with_twenty_runs_does_not_starve_one_with_one() -> None:
    waiting = [("ann", float(n), f"a{n}") for n in range(20)] + [("bob", 50.0, "b"), ("cy", 60.0, "c")]
    assert rules.in_turn(waiting, {})[:5] == ["a0", "b", "c", "a1", "a2"]
    # While one of Ann's is trained, who came meanwhile is next.
    assert rules.in_turn(waiting[1:], {"ann": math.inf})[:4] == ["b", "c", "a1", "a2"]
    assert rules.in_turn(waiting[1:], {"ann": 55.0})[:4] == ["b", "a1", "c", "a2"]


def test_newcomers_do_not_pass_for_ever() -> None:
    """A new owner a moment, each with one run, in front of one whose second run waits."""
    waiting, served = [("ann", 0.0, "a")], {"ann": 10.0}
    for n in range(11, 40):
        waiting.append((f"new{n}", float(n), f"n{n}"))
    assert rules.in_turn(waiting, served)[0] == "a"


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 50)), max_size=30), st.data())
def test_what_is_shown_is_what_is_taken(arrivals: list[tuple[int, int]], data: st.DataObject) -> None:
    """The worker asks anew before each run and takes the first: without newcomers that is the order shown at first."""
    waiting = [(f"o{owner}", float(since), n) for n, (owner, since) in enumerate(arrivals)]
    served = {f"o{k}": float(data.draw(st.integers(0, 60))) for k in range(3)}
    shown = rules.in_turn(waiting, served)
    assert sorted(shown) == list(range(len(waiting)))
    now, taken = 100.0, []
    while waiting:
        first = rules.in_turn(waiting, served)[0]
        (this,) = [w for w in waiting if w[2] == first]
        waiting.remove(this)
        rest = rules.in_turn(waiting, served | {this[0]: math.inf})  # as shown while it is trained
        now += 1
        served[this[0]] = now
        taken.append(first)
        assert taken + rest == shown
    for owner in {w[0] for w in waiting}:  # of one owner, first come first served
        own = [n for n in shown if arrivals[n][0] == int(owner[1:])]
        assert own == sorted(own, key=lambda n: arrivals[n][1])


# -- run directories ---------------------------------------------------------------------------------------------


def test_every_change_of_a_run_asks_whose_it_is(as_: Callable[[Visitor], None]) -> None:
    run, _new = runs.obtain(CLASSIC)
    assert run.owner == ANN.owner
    changes: list[Callable[[], object]] = [
        *(partial(run.request, what) for what in ("stop", "pause", "resume")),
        lambda: run.request("extend", epochs=20),
        lambda: run.rename("mine now"),
        lambda: run.pin(True),
        lambda: run.delete(),
    ]
    before = sorted(p.name for p in run.path.iterdir())
    for somebody in (BOB, NOBODY):
        as_(somebody)
        assert not run.may_change
        assert [code_of(change) for change in changes] == ["not_your_run"] * len(changes)
    assert sorted(p.name for p in run.path.iterdir()) == before
    for somebody in (ANN, OPERATOR):
        as_(somebody)
        assert run.may_change
        run.request("stop")
        run.rename(f"  by\t{somebody.operator}\u202e ")
        assert run.name == f"by {somebody.operator}"
        run.pin(True)
        assert code_of(run.delete) == "run_pinned"
        run.pin(False)
    run.delete()
    assert runs.list_runs() == runs.references()
    assert [code_of(runs.find("reference-classic").delete)] == ["run_is_reference"]


def test_runs_without_an_owner_are_the_operators(as_: Callable[[Visitor], None]) -> None:
    as_(OPERATOR)
    run = runs.create(CLASSIC, "from-the-command-line")
    assert run.owner == ""
    as_(ANN)
    assert code_of(lambda: run.request("stop")) == "not_your_run"
    assert runs.obtain(CLASSIC) == (run, False)  # but it is there for everybody to see
    (run.path / "owner").write_text("../../etc/passwd")  # a stranger's file
    assert not run.may_change


def test_the_limits_hold_for_new_resumed_and_extended_runs(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_WAITING", "2")
    first, second = (runs.obtain(replace(CLASSIC, seed=n))[0] for n in (1, 2))
    assert code_of(lambda: runs.obtain(replace(CLASSIC, seed=3))) == "too_many_waiting"
    assert len(runs.book()) == 2
    first.request("stop")
    third, _new = runs.obtain(replace(CLASSIC, seed=3))
    assert code_of(lambda: first.request("resume")) == "too_many_waiting"
    assert not first.requested("resume")
    assert code_of(lambda: runs.obtain(CLASSIC, again=True)) == "too_many_waiting"
    set_status(second, state="finished")
    first.request("resume")
    set_status(third, state="finished")
    assert code_of(lambda: third.request("extend", epochs=51)) == "too_many_epochs"
    third.request("extend", epochs=50)
    as_(BOB)
    assert worker.queue() == [first, third]


def test_the_queue_after_the_clock_was_set_back(as_: Callable[[Visitor], None]) -> None:
    day = 86_400.0
    now = time.time()
    done, first, second = (runs.create(replace(CLASSIC, seed=n)) for n in range(3))
    set_status(done, state="finished", started=now + day, updated=now + day, created=now + day)
    set_status(first, created=now + day)
    set_status(second, created=now + day + 1)
    as_(BOB)
    other = runs.create(replace(CLASSIC, seed=9))
    assert worker.queue() == [first, other, second]


def test_room_is_made_by_deleting_what_may_go(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_RUNS", "3")
    old, pinned, young = (runs.create(CLASSIC, name) for name in ("old", "pinned", "young"))
    for age, run in enumerate((pinned, old, young)):
        set_status(run, state="finished", updated=float(age))
    pinned.pin(True)
    new, _new = runs.obtain(replace(CLASSIC, seed=1))
    assert [r.id for r in own_runs()] == [new.id, "young", "pinned"]
    assert not list(paths.runs_dir().glob(".gone-*"))
    set_status(young, state="running")
    with runs.lock(young):
        assert code_of(lambda: runs.obtain(replace(CLASSIC, seed=2))) == "too_many_runs"
        assert code_of(young.delete) == "run_busy"
    assert young.exists


def test_the_disk_is_measured_anew_only_where_something_changed(as_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(CLASSIC, "r")
    set_status(run, state="finished")
    (run.path / "model.safetensors").write_bytes(bytes(5_000_000))
    (kept,) = runs.book()
    assert 5_000_000 < kept.bytes < 5_010_000
    looked: list[object] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looked.append(Path(path)) or scandir(path))
    runs.book()
    assert run.path not in looked
    set_status(run, state="stopped")
    runs.book()
    assert run.path in looked


def test_more_workers_are_started_while_there_is_work_for_them(
    as_: object, no_processes: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_RUNNING", "3")
    one, two, three = (runs.obtain(replace(CLASSIC, seed=n))[0] for n in range(3))
    worker.ensure_running()
    assert no_processes == [("lenet.worker",)]
    with ExitStack() as held:
        for number, run in ((1, one), (2, two)):
            set_worker(number, state="training", run=run.id)
            held.enter_context(files.locked(worker._home(number) / "lock"))
            held.enter_context(files.locked(run.path / "lock"))
            # What a worker has just taken does not wait any more, though its status has not been written.
            assert run not in worker.queue()
            monkeypatch.setattr(worker, "_spawned", {})
            worker.ensure_running()
            assert no_processes[-1] == ("lenet.worker", "--number", str(number + 1))
        assert set(worker.ahead_of(three)) == {one, two}
        three.request("stop")
        monkeypatch.setattr(worker, "_spawned", {})
        worker.ensure_running()
        assert len(no_processes) == 3


START_ONE = """
import sys
from lenet import runs
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC
from dataclasses import replace
from lenet.runs import rules
rules.set_visitor_source(lambda: rules.Visitor("a" * 64))
for n in range(8):
    try:
        runs.obtain(replace(CLASSIC, seed=int(sys.argv[1]) + n))
    except LenetError as e:
        assert e.code in ("too_many_waiting", "too_many_runs"), e
"""


def test_two_servers_at_once_do_not_pass_a_limit(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_WAITING", "5")
    with ExitStack() as stack:
        commands = [[sys.executable, "-c", START_ONE, str(100 * n)] for n in range(3)]
        servers = [stack.enter_context(Process(command, cwd=paths.PROJECT)) for command in commands]
        assert [server.wait(120) for server in servers] == [0, 0, 0]
    assert len(runs.book()) == 5


@pytest.mark.parametrize("name", ["a" * 41, "<b>bold</b>", "a & b", "<script>alert(1)</script>"])
def test_what_is_no_name(name: str) -> None:
    run = runs.create(CLASSIC, "r")
    assert code_of(lambda: run.rename(name)) == "bad_name"
    (run.path / "name").write_text(name)  # written by a stranger
    assert run.name == ""
    run.rename("好名字 ✓")
    assert run.label().startswith("好名字 ✓ · classic")
    run.rename(" \n")
    assert not (run.path / "name").exists()


def test_a_laptops_runs_are_everybodys() -> None:
    run, _new = runs.obtain(CLASSIC)
    assert run.owner == ""
    run.rename("x")
    run.pin(True)
    run.pin(False)
    run.delete()
    assert not run.path.exists()


def test_files_that_visitors_bring_keep_within_the_limit(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_UPLOAD_MB", "1")
    limit_mb = rules.upload_mb(pictures.MAX_MB)  # as pages ask for it
    for read, limit in ((lambda raw: pictures.decode(raw, 28, limit_mb), 10**6), (upload.first_layer, 2**20)):
        with pytest.raises(LenetError, match="at most 1 MB"):
            read(bytes(limit + 1))
        assert code_of(lambda: read(bytes(limit))) in ("picture_unreadable", "upload_not_safetensors")  # noqa: B023
