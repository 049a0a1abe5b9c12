"""Which runs may join the queue of a public server, and which old ones go for them."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet import runs
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs import admission, looks, removed, rules
from lenet.runs.admission import RunFacts
from lenet.runs.configuration import CLASSIC
from lenet.runs.files import STATES
from lenet.runs.visitors import NOBODY, OPERATOR, Visitor, owner_of
from tests.helpers.made import own_runs, set_status
from tests.helpers.processes import LIMIT, Process
from tests.helpers.visitors import ANN, BOB, acting_as, code_of

# -- decisions on plain facts --------------------------------------------------------------------------------------


def test_ended_runs_go_for_a_new_one_and_last_those_that_can_be_resumed(
    as_: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_RUNS", "7")
    kept = [
        RunFacts("pinned", state="finished", updated=1, pinned=True),
        RunFacts("waits", state="queued", updated=2),
        RunFacts("trains", state="running", updated=3),
        RunFacts("paused", state="paused", updated=4),
        RunFacts("young", state="finished", updated=9),
        RunFacts("stopped", state="stopped", updated=5),
        RunFacts("broken", state="", updated=6),
    ]
    assert admission.to_delete(kept[:6], 0) == []
    assert admission.to_delete(kept, 0) == ["broken"]
    monkeypatch.setenv("LENET_MAX_RUNS", "5")
    assert admission.to_delete(kept, 0) == ["broken", "young", "paused"]
    assert admission.to_delete(kept, 0, again="paused") == ["broken", "young"]  # resumed, it adds none
    monkeypatch.setenv("LENET_MAX_RUNS", "4")
    assert admission.to_delete(kept, 0) == ["broken", "young", "paused", "stopped"]
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


def test_twelve_short_runs_of_one_visitor_make_room_and_not_the_stopped_one_of_another(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_RUNS", "13")
    short = [RunFacts(f"short-{n}", ANN.owner, "finished", updated=10 + n) for n in range(12)]
    kept = [RunFacts("stopped", BOB.owner, "stopped", updated=1), *short]
    for who in (ANN, BOB):
        as_(who)
        assert admission.to_delete(kept, 0) == ["short-0"]
    monkeypatch.setenv("LENET_MAX_RUNS", "2")
    as_(ANN)
    assert admission.to_delete(kept, 0) == [run.id for run in short], "the new one is hers: then each has one"
    as_(BOB)
    assert admission.to_delete(kept, 0)[-2:] == ["short-10", "stopped"], "with the new one he would have two, she one"


def test_who_is_over_the_disk_with_few_large_runs_makes_room_before_who_has_many_small_ones(
    as_: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_DISK_MB", "10")
    kept = [RunFacts(f"small-{n}", BOB.owner, updated=n, bytes=10_000) for n in range(5)]
    kept += [RunFacts(f"large-{n}", ANN.owner, updated=100 + n, bytes=4_900_000) for n in range(2)]
    assert admission.to_delete(kept, 1_000_000) == ["large-0"]


RUNS = st.lists(
    st.builds(
        RunFacts,
        id=st.uuids().map(str),
        owner=st.sampled_from(["", ANN.owner, BOB.owner, "c" * 64]),
        state=st.sampled_from([*STATES, ""]),
        updated=st.integers(0, 9).map(float),
        bytes=st.integers(0, 6_000_000),
        pinned=st.booleans(),
        looked_at=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda run: run.id,
)


@given(kept=RUNS, limit=st.integers(1, 8), more=st.integers(0, 8_000_000), data=st.data())
def test_room_is_made_by_who_has_most_and_of_theirs_by_what_is_missed_least(
    kept: list[RunFacts], limit: int, more: int, data: st.DataObject
) -> None:
    """Followed deletion by deletion, from the definition of the order."""
    again = data.draw(st.sampled_from(["", *(run.id for run in kept)]))
    asking = next((run.owner for run in kept if run.id == again), ANN.owner)
    environment = {"LENET_HOSTED": "1", "LENET_MAX_RUNS": str(limit), "LENET_MAX_DISK_MB": "10"}
    with mock.patch.dict(os.environ, environment), acting_as(ANN):
        try:
            chosen, refused = admission.to_delete(kept, more, again), ""
        except LenetError as error:
            chosen, refused = [run.id for run in kept if run.may_be_deleted and run.id != again], error.code

    def held(owner: str) -> tuple[int, int]:
        """Runs and bytes of an owner, with those that are to come."""
        own, comes = [run for run in left if run.owner == owner], owner == asking
        return len(own) + (comes and not again), sum(run.bytes for run in own) + more * comes

    def short_of() -> str:
        runs_, bytes_ = (sum(each) for each in zip(*map(held, {asking, *(run.owner for run in left)}), strict=True))
        return "too_many_runs" if runs_ > limit else "no_disk_left" if bytes_ > 10_000_000 else ""

    if refused:
        left = [run for run in kept if run.id not in chosen]
        assert short_of() == refused, "although everything went that may go"
        return
    left = list(kept)
    for run_id in chosen:
        short = short_of()
        assert short, "more was deleted than it takes"
        (gone,) = [run for run in left if run.id == run_id]
        assert not gone.pinned and gone.state not in ("queued", "running") and run_id != again
        rivals = [run for run in left if run.may_be_deleted and run.id != again]
        kind = 1 if short == "no_disk_left" else 0
        assert held(gone.owner)[kind] == max(held(run.owner)[kind] for run in rivals)
        own = [run for run in rivals if run.owner == gone.owner]
        resumable = ("stopped", "paused", "interrupted")
        if gone.looked_at:
            assert all(run.looked_at for run in own)
        elif gone.state in resumable:
            assert all(run.looked_at or run.state in resumable for run in own)
        alike = [r for r in own if (r.looked_at, r.state in resumable) == (gone.looked_at, gone.state in resumable)]
        assert gone.updated == min(run.updated for run in alike)
        left.remove(gone)
    assert not short_of()


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


def test_who_forgets_the_cookie_stays_at_the_address(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_VISITORS_PER_ADDRESS", "2")
    monkeypatch.setenv("LENET_MAX_WAITING", "2")
    school = [Visitor(owner_of(digit * 64), network="198.51.100.1") for digit in "123"]
    kept: list[RunFacts] = []
    for pupil in school[:2]:
        as_(pupil)
        for _run in range(2):
            admission.check_limits(kept, 1)
            kept.append(RunFacts(f"r{len(kept)}", pupil.owner, "queued", pinned=True, address=pupil.address))
        assert code_of(lambda: admission.check_limits(kept, 1)) == "too_many_waiting"
    as_(school[2])
    with pytest.raises(LenetError, match=r"from your network address: 4\. The limit here is 4"):
        admission.check_limits(kept, 1)
    admission.check_limits([*kept[:3], replace(kept[3], state="running")], 1)
    for elsewhere in (ANN, replace(school[2], network="198.51.100.2"), replace(school[2], operator=True)):
        as_(elsewhere)
        admission.check_limits(kept, 1)
    monkeypatch.setenv("LENET_MAX_PINNED", "2")
    admission.check_pin(kept)
    as_(school[2])
    assert code_of(lambda: admission.check_pin(kept)) == "too_many_pinned_here"


def test_a_run_keeps_no_address_that_could_be_read(as_: Callable[[Visitor], None]) -> None:
    who = replace(ANN, network="198.51.100.1")
    as_(who)
    run, _new = runs.obtain(CLASSIC)
    (fact,) = runs.all_facts()
    assert fact.address == run.address == who.address and len(run.address) == 32
    assert replace(BOB, network="198.51.100.1").address == who.address != replace(ANN, network="198.51.100.2").address
    everything = b"".join(file.read_bytes() for file in run.path.iterdir())
    assert b"198.51" not in everything and hashlib.sha256(b"198.51.100.1").hexdigest()[:32] != run.address
    as_(ANN)
    assert ANN.address == runs.obtain(replace(CLASSIC, seed=5))[0].address == ""
    (run.path / "address").write_text("198.51.100.1")
    assert run.address == "", "of another make"


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


def test_what_somebody_looks_at_is_kept_and_a_link_to_what_went_says_so(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_RUNS", "2")
    seen, other = (runs.create(CLASSIC, name) for name in ("seen", "other"))
    for age, run in enumerate((seen, other)):
        set_status(run, state="finished", updated=float(age))
    looks.note(seen)
    assert looks.looked_at(seen) and not looks.looked_at(other)
    new, _new = runs.obtain(replace(CLASSIC, seed=1))
    assert [r.id for r in own_runs()] == [new.id, "seen"]
    with pytest.raises(
        LenetError, match=r"“other” was removed to make room for another one, at \d{4}-\d\d-\d\d \d\d:\d\d"
    ):
        runs.find("other")
    assert code_of(lambda: runs.find("never")) == "no_such_run"
    then = time.time() - looks.WITHIN - 1
    os.utime(seen.path / "looked-at", (then, then))
    assert not looks.looked_at(seen)
    seen.delete()
    assert code_of(lambda: runs.find("seen")) == "no_such_run", "its owner did it"
    looks.note(seen)  # by a page that is still open
    assert not seen.path.exists()
    reference = runs.find(runs.DEFAULT_REFERENCE)
    looks.note(reference)
    assert not looks.looked_at(reference)


def test_a_bounded_number_of_removed_runs_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removed, "MAX_KEPT", 3)
    paths.runs_dir().mkdir()
    for name in "abcbd":
        removed.note(name)
    assert [name for name in "abcd" if removed.when(name)] == ["b", "c", "d"]
    assert removed.when("d") == pytest.approx(time.time(), abs=60)
    for damaged in ("[" * 9999, "[]", '{"b": "x", "c": 1e99, "d": 5}', ""):
        (paths.runs_dir() / ".removed.json").write_text(damaged)
        assert removed.when("b") is removed.when("c") is None


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
