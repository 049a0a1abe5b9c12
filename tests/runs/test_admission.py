"""Which runs may join the queue of a public server, and which old ones go for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from lenet import runs
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs import admission, rules
from lenet.runs.admission import RunFacts
from lenet.runs.configuration import CLASSIC
from lenet.runs.visitors import NOBODY, OPERATOR, Visitor
from tests.helpers.made import own_runs, set_status
from tests.helpers.processes import LIMIT, Process
from tests.helpers.visitors import ANN, BOB, code_of

# -- decisions on plain facts --------------------------------------------------------------------------------------


def test_the_oldest_ended_runs_go_for_a_new_one(as_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_RUNS", "7")
    kept = [
        RunFacts("pinned", state="finished", updated=1, pinned=True),
        RunFacts("waits", state="queued", updated=2),
        RunFacts("trains", state="running", updated=3),
        RunFacts("paused", state="paused", updated=4),
        RunFacts("young", state="finished", updated=9),
        RunFacts("old", state="stopped", updated=5),
        RunFacts("broken", state="", updated=6),
    ]
    assert admission.to_delete(kept[:6], 0) == []
    assert admission.to_delete(kept, 0) == ["old"]
    monkeypatch.setenv("LENET_MAX_RUNS", "5")
    assert admission.to_delete(kept, 0) == ["old", "broken", "young"]
    assert admission.to_delete(kept, 0, again="old") == ["broken", "young"]  # resumed, it adds none
    monkeypatch.setenv("LENET_MAX_RUNS", "4")
    assert admission.to_delete(kept, 0) == ["old", "broken", "young", "paused"]
    monkeypatch.setenv("LENET_MAX_RUNS", "3")
    assert code_of(lambda: admission.to_delete(kept, 0)) == "too_many_runs"


def test_runs_go_for_the_disk_and_only_as_many_as_it_takes(as_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_DISK_MB", "10")
    kept = [RunFacts(f"r{n}", updated=n, bytes=3_000_000) for n in range(3)]
    assert admission.to_delete(kept, 1_000_000) == []
    assert admission.to_delete(kept, 1_000_001) == ["r0"]
    assert admission.to_delete(kept, 7_000_000) == ["r0", "r1"]
    with pytest.raises(LenetError, match="up 10 MB on this server; with this one they would take up 11 MB"):
        admission.to_delete(kept, 10_000_001)


def test_one_visitors_runs_do_not_count_for_another(as_: Callable[[Visitor], None]) -> None:
    kept = [RunFacts(f"r{n}", ANN.owner, "queued") for n in range(3)]
    with pytest.raises(LenetError, match=r"Your runs in the queue: 3\. The limit here is 3"):
        admission.check_limits(kept, 1)
    admission.check_limits(kept, 1, again="r1")
    for other in (BOB, OPERATOR):
        as_(other)
        admission.check_limits(kept, 1)


def test_epochs_pins_and_keys(as_: Callable[[Visitor], None]) -> None:
    with pytest.raises(LenetError, match="at most 50 epochs on this server; this one would have 51"):
        admission.check_limits([], 51)
    assert rules.max_epochs(100) == 50
    pinned = [RunFacts(f"r{n}", ANN.owner, pinned=True) for n in range(3)]
    assert code_of(lambda: admission.check_pin(pinned)) == "too_many_pinned"
    as_(BOB)
    admission.check_pin(pinned)
    as_(NOBODY)
    assert code_of(lambda: admission.check_limits([], 1)) == "no_key"
    as_(OPERATOR)
    admission.check_limits([], 1000)
    assert rules.max_epochs(100) == 100
    admission.check_pin(pinned)


# -- run directories ---------------------------------------------------------------------------------------------


def test_the_limits_hold_for_new_resumed_and_extended_runs(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_WAITING", "2")
    first, second = (runs.obtain(replace(CLASSIC, seed=n))[0] for n in (1, 2))
    assert code_of(lambda: runs.obtain(replace(CLASSIC, seed=3))) == "too_many_waiting"
    assert len(runs.all_facts()) == 2
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
    assert runs.waiting_runs() == [first, third]


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
    (kept,) = runs.all_facts()
    assert 5_000_000 < kept.bytes < 5_010_000
    looked: list[object] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looked.append(Path(path)) or scandir(path))
    runs.all_facts()
    assert run.path not in looked
    set_status(run, state="stopped")
    runs.all_facts()
    assert run.path in looked


START_ONE = """
import sys
from lenet import runs
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC
from dataclasses import replace
from lenet.runs.visitors import Visitor
from tests.helpers.visitors import acting_as
for n in range(8):
    try:
        with acting_as(Visitor("a" * 64)):
            runs.obtain(replace(CLASSIC, seed=int(sys.argv[1]) + n))
    except LenetError as e:
        assert e.code in ("too_many_waiting", "too_many_runs"), e
"""


def test_two_servers_at_once_do_not_pass_a_limit(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_WAITING", "5")
    with ExitStack() as stack:
        commands = [[sys.executable, "-c", START_ONE, str(100 * n)] for n in range(3)]
        servers = [stack.enter_context(Process(command, cwd=paths.PROJECT)) for command in commands]
        assert [server.wait(LIMIT) for server in servers] == [0, 0, 0]
    assert len(runs.all_facts()) == 5
