"""Workers are started where runs wait, and what a killed one leaves behind is queued again."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import filelock
import pytest

from lenet import runs
from lenet.common import files, log, paths
from lenet.runs import health, supervision
from lenet.runs.configuration import CLASSIC
from lenet.runs.queue import waiting_for, waiting_runs
from lenet.runs.state import worker_job
from lenet.runs.supervision import TRIES, Supervisor, requeue_abandoned
from tests.helpers.made import LONG, SHORT, set_status, set_worker


def test_a_run_that_brings_every_worker_down_is_not_taken_up_for_ever() -> None:
    run = runs.create(LONG, "r")

    def die(state: str = "running") -> None:
        set_status(run, state=state)

    for tries in (1, 2):
        die()
        set_worker(state="training", run="r", tries=tries)
        assert runs.will_be_requeued(run)
        assert requeue_abandoned(1) == {"r": tries}
        assert waiting_runs() == [run]
    die()
    set_worker(state="training", run="r", tries=TRIES)
    assert requeue_abandoned(1) == {}
    assert run.status().state == "interrupted"
    assert log.recent(1)[0]["event"] == "run_left_interrupted"
    assert not runs.will_be_requeued(run)
    assert health.report() == (True, "OK. waiting 0; worker 1 asleep; interrupted: r")
    # What has ended otherwise, or is gone, is left as it is.
    die("stopped")
    set_worker(state="training", run="r", tries=1)
    assert requeue_abandoned(1) == {}
    set_worker(state="training", run="../gone", tries=1)
    assert requeue_abandoned(1) == {}


def test_a_killed_run_is_taken_up_also_while_somebody_looks_whether_it_is_trained() -> None:
    run = runs.create(SHORT, "r")
    set_status(run, state="running")
    set_worker(state="training", run="r", tries=1)
    looks = filelock.FileLock(run.path / "lock", thread_local=False)
    looks.acquire()
    threading.Timer(0.3, looks.release).start()
    assert requeue_abandoned(1) == {"r": 1}
    assert run.status().state == "queued"


def test_more_workers_are_started_while_there_is_work_for_them(
    as_: object, no_processes: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_MAX_RUNNING", "3")
    one, two, three = (runs.obtain(replace(CLASSIC, seed=n))[0] for n in range(3))
    Supervisor().ensure_running()
    assert no_processes == [("lenet.worker",)]
    with ExitStack() as held:
        for number, run in ((1, one), (2, two)):
            set_worker(number, state="training", run=run.id)
            held.enter_context(files.locked(worker_job(number).folder / "lock"))
            held.enter_context(files.locked(run.path / "lock"))
            # What a worker has just taken does not wait any more, though its status has not been written.
            assert run not in waiting_runs()
            Supervisor().ensure_running()  # as in another server
            assert no_processes[-1] == ("lenet.worker", "--number", str(number + 1))
        assert set(runs.ahead_of(three)) == {one, two}
        three.request("stop")
        Supervisor().ensure_running()
        assert len(no_processes) == 3


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A time that passes only when a test says so."""
    now = [100.0]
    monkeypatch.setattr(supervision, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_a_started_worker_is_given_time_until_it_holds_its_lock(
    no_processes: list[tuple[str, ...]], clock: list[float]
) -> None:
    server = Supervisor()
    server.ensure_running()
    clock[0] += supervision.LOCKED_WITHIN - 0.1
    server.ensure_running()
    assert no_processes == [("lenet.worker",)]
    clock[0] += 0.2  # it has died before it held its lock
    server.ensure_running()
    assert no_processes == [("lenet.worker",)] * 2
    with files.locked(worker_job().folder / "lock"):
        clock[0] += 60
        server.ensure_running()
    assert len(no_processes) == 2


def test_a_probe_does_not_hold_up_the_worker_that_is_wanted(no_processes: list[tuple[str, ...]]) -> None:
    """It may have looked for runs the moment before one was queued."""
    server = Supervisor()
    server.probe()
    server.ensure_running()
    assert no_processes == [("lenet.worker", "--probe"), ("lenet.worker",)]


def test_forty_visitors_at_once_start_one_worker(no_processes: list[tuple[str, ...]]) -> None:
    server, together = Supervisor(), threading.Barrier(8)

    def visit(_visitor: int) -> None:
        together.wait()
        server.ensure_running()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(visit, range(8)))
    assert no_processes == [("lenet.worker",)]


def test_on_a_laptop_more_workers_train_runs_of_one_thread_beside_the_first(
    no_processes: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as it has cores. A run that is to have all of them is the first worker's."""
    monkeypatch.setattr("lenet.common.process.cores", lambda: 3)
    first, wide = runs.create(SHORT, "first"), runs.create(replace(SHORT, seed=1), "wide")
    set_status(first, state="running")
    with ExitStack() as held:

        def trains(number: int, run: runs.Run) -> None:
            set_worker(number, state="training", run=run.id, device="cpu")
            held.enter_context(files.locked(worker_job(number).folder / "lock"))
            held.enter_context(files.locked(run.path / "lock"))

        trains(1, first)
        Supervisor().ensure_running()
        assert no_processes == [], "nothing waits that another might take"
        narrow = runs.create(replace(SHORT, threads=1), "narrow")
        Supervisor().ensure_running()
        assert no_processes.pop() == ("lenet.worker", "--number", "2")
        trains(2, narrow)
        Supervisor().ensure_running()
        assert no_processes == []
        another = runs.create(replace(SHORT, threads=1, device="auto"), "another")
        assert (waiting_for(1), waiting_for(2)) == ([wide, another], [another])
        Supervisor().check()
        assert no_processes == [("lenet.worker", "--number", "3")]
        assert [state.run for state in runs.read_states()] == ["first", "narrow"]
        set_worker(1, state="training", run="first", device="cuda:0")
        assert waiting_for(2) == [], "on a GPU it has no core to itself"
        monkeypatch.setenv("LENET_MAX_RUNNING", "2")
        assert waiting_for(2) == [wide, another], "who sets a number has workers that take all"
        assert runs.time_to_train([another]) is None


def test_runs_that_wait_are_looked_for_every_few_seconds(
    no_processes: list[tuple[str, ...]], clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[None] = []
    monkeypatch.setattr(supervision, "waiting_for", lambda _number: looks.append(None) or waiting_runs())
    server = Supervisor()
    for _page in range(3):
        server.check()
    assert (len(looks), no_processes) == (1, []), "nothing waits"
    runs.create(SHORT, "waits")
    clock[0] += supervision.LOOK_EVERY
    for _page in range(3):
        server.check()
    assert (len(looks), no_processes) == (2, [("lenet.worker",)])


def test_each_runs_directory_has_a_supervisor_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = runs.supervisor()
    assert runs.supervisor() is here
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "elsewhere"))
    assert runs.supervisor() is not here


def test_a_worker_sees_whether_a_server_runs() -> None:
    assert not supervision.is_served()
    with supervision.serving():
        assert supervision.is_served()
        with supervision.serving():  # another one
            assert supervision.is_served()
        assert supervision.is_served()
    assert not supervision.is_served()
    folder = paths.runs_dir() / ".servers"
    assert list(folder.iterdir()) == []
    killed, starting = folder / "1-killed", folder / "2-starting"
    killed.touch()
    starting.touch()
    os.utime(killed, (0, 0))
    assert not supervision.is_served()
    assert list(folder.iterdir()) == [starting], "what was made a moment ago may not be locked yet"


def test_a_server_that_ends_says_what_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert supervision.what_goes_on() == ""
    set_worker(state="idle")
    with files.locked(worker_job().folder / "lock"):
        assert supervision.what_goes_on() == ""
        set_worker(state="training", run="r")
        monkeypatch.chdir(paths.PROJECT)
        monkeypatch.setattr(sys, "executable", str(paths.PROJECT / ".venv" / "bin" / "python"))
        told = "Training goes on in the background: r. To stop it, and go on later: "
        assert supervision.what_goes_on() == told + ".venv/bin/python -m lenet.worker --stop"
        monkeypatch.chdir("/")
        elsewhere = f"cd {paths.PROJECT} && {paths.PROJECT}/.venv/bin/python -m lenet.worker --stop"
        assert supervision.what_goes_on() == told + elsewhere
