"""The worker: one process that works off the queue, told of everything by files."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import filelock
import numpy as np
import pytest
import torch

from lenet import data, runs, worker
from lenet.common import files, log, paths
from lenet.runs import health, rules
from lenet.runs.configuration import CLASSIC
from lenet.training import progress
from lenet.training.run import train_run
from tests.helpers.made import LONG, SHORT, set_status, set_worker
from tests.helpers.processes import Process, wait_for


@pytest.fixture(autouse=True)
def no_processes() -> None:
    """Here they are the point."""


def begin(*options: str) -> Process:
    return Process([sys.executable, "-m", "lenet.worker", *options], cwd=paths.PROJECT, env=os.environ)


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with begin() as running:
        yield running
        running.kill()


def test_unknown_until_there_was_one() -> None:
    assert worker.read_state() == worker.WorkerState()
    assert not worker.is_alive()


def test_state_file_of_anything_is_no_error() -> None:
    home = paths.runs_dir() / ".worker"
    home.mkdir(parents=True)
    for content in (b"", b"[]", b"{", b'{"devices": 3}', b'{"state": "dancing", "pid": []}', b"\xff"):
        (home / "state.json").write_bytes(content)
        assert worker.read_state().words()


def test_probe_tells_the_device_and_ends() -> None:
    with begin("--probe") as probe:
        assert probe.wait(60) == 0
    state = worker.read_state()
    assert state.state == "asleep"
    assert {"auto", "cpu"} <= set(state.devices)
    assert state.device_name
    assert state.torch


def test_queue_is_first_come_first_served() -> None:
    for created, name in enumerate(("one", "two")):
        set_status(runs.create(SHORT, name), created=float(created))
    runs.create(SHORT, "mine", for_worker=False)
    runs.find("two").request("stop")
    assert [r.id for r in worker.queue()] == ["one"]
    runs.find("two").request("resume")
    assert [r.id for r in worker.queue()] == ["one", "two"]


def test_it_trains_what_is_queued_one_after_another(process: subprocess.Popen[bytes]) -> None:
    made = [runs.create(SHORT, name) for name in ("one", "two")]
    wait_for(lambda: all(r.status().state == "finished" for r in made))
    wait_for(lambda: worker.read_state().state == "idle")
    assert made[0].status().updated <= made[1].status().started
    with begin() as second:  # another one finds the lock taken
        assert second.wait(60) == 0
    assert worker.read_state().pid == process.pid


def test_stop_then_the_next(process: subprocess.Popen[bytes]) -> None:
    first, second = runs.create(LONG, "long"), runs.create(SHORT, "next")
    wait_for(lambda: first.status().step > 0)
    assert worker.read_state().run == "long"
    first.request("stop")
    wait_for(lambda: first.status().state == "stopped")
    wait_for(lambda: second.status().state == "finished")


def test_killed_worker_leaves_an_interrupted_run_that_another_finishes_to_the_bit() -> None:
    run = runs.create(replace(SHORT, epochs=4), "r")
    with begin() as first:
        wait_for(lambda: len(run.metrics()["epoch"]) >= 1)
        time.sleep(random.uniform(0, 0.4))
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert worker.read_state().state == "asleep"
    if run.stored_status().state == "running":
        assert run.status().state == "interrupted"
    run.request("resume")
    with begin() as second:
        wait_for(lambda: run.status().state == "finished")
        second.terminate()
        second.wait(60)
    assert run.metrics()["epoch"].tolist() == [1, 2, 3, 4]
    whole = runs.create(run.config, "whole")  # never interrupted, and by another way: in this process
    train_run(whole)
    for name, w in whole.weights().items():
        assert np.array_equal(w, run.weights()[name]), name


def test_position_and_waiting_time() -> None:
    first, second, third = (runs.create(replace(LONG, seed=n), f"r{n}") for n in range(3))
    assert worker.ahead_of(second) == [first]
    assert worker.wait_seconds([first]) is None, "nobody knows how fast this machine is"
    with files.locked(worker._home() / "lock"), runs.lock(first):  # as its worker holds them
        set_worker(state="training", run=first.id)
        set_status(first, state="running", step=2400, steps_per_epoch=24, examples_per_sec=1000.0)
        assert worker.ahead_of(third) == [first, second]
        # 900 epochs of 24 batches are left of the first, 1000 epochs of the 6000 images of the sample are the second.
        assert worker.wait_seconds([first, second]) == pytest.approx((900 * 24 * 256 + 1000 * 6000) / 1000)
        line = progress.progress_line(third, third.status())
        assert "2 runs before it" in line and "3:" in line  # hours


@pytest.mark.parametrize(
    ("source", "examples_per_epoch", "seconds"),
    [("sample", 0, 60.0), ("sample", 20_480, 60.0), ("sample", 1000, 10.0), ("full", 20_480, 204.8)],
)
def test_waiting_time_for_a_run_that_has_not_begun(
    source: str, examples_per_epoch: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "find", lambda kind: data.Source(kind, paths.SAMPLE_DIR))
    done = runs.create(SHORT, "done")
    set_status(done, state="finished", examples_per_sec=1000.0)
    waits = runs.create(replace(CLASSIC, data=source, examples_per_epoch=examples_per_epoch), "waits")
    assert worker.wait_seconds([waits]) == pytest.approx(seconds)


def test_a_limit_that_is_none_ends_it_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_HOSTED", "1")
    monkeypatch.setenv("LENET_MAX_RUNNING", "all")
    ended = subprocess.run([sys.executable, "-m", "lenet.worker"], cwd=paths.PROJECT, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr == "LENET_MAX_RUNNING must be a whole number between 1 and 64; it is “all”.\n"


def test_two_workers_train_two_runs_at_once(
    process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_HOSTED", "1")
    monkeypatch.setenv("LENET_MAX_RUNNING", "2")
    monkeypatch.setattr(rules, "_ask", lambda: rules.OPERATOR)
    made = [runs.create(replace(LONG, seed=n), f"r{n}") for n in range(3)]
    with begin("--number", "2") as second:
        try:
            wait_for(lambda: sum(run.status().state == "running" for run in made) == 2)
            assert {state.run for state in worker.read_states()} == {"r0", "r1"}
            assert worker.queue() == [made[2]]
            assert set(worker.ahead_of(made[2])) == set(made[:2])
            for run in made:
                run.request("stop")
            wait_for(lambda: all(run.status().state == "stopped" for run in made))
        finally:
            second.kill()


def test_it_goes_to_sleep_without_work() -> None:
    with begin("--sleep-after", "0.5") as process:
        assert process.wait(60) == 0
    assert worker.read_state().state == "asleep"


def test_started_on_demand_and_outlives_who_asked() -> None:
    code = "from lenet import worker; worker.ensure_running()"
    subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=True)
    wait_for(lambda: worker.read_state().state == "idle")
    os.kill(worker.read_state().pid, signal.SIGTERM)
    wait_for(lambda: not worker.is_alive())


def test_a_killed_worker_is_replaced_by_whoever_serves_a_page() -> None:
    with begin() as first:
        wait_for(lambda: worker.read_state().state == "idle")
        first.kill()
    run = runs.create(SHORT, "waits")
    worker.tend()
    try:
        wait_for(lambda: run.status().state == "finished")
    finally:
        os.kill(worker.read_state().pid, signal.SIGTERM)
    wait_for(lambda: not worker.is_alive())


def test_asked_to_go_it_keeps_the_run_for_the_next_one() -> None:
    run = runs.create(replace(SHORT, epochs=3), "r")
    after = runs.create(SHORT, "after")
    with begin() as first:
        wait_for(lambda: run.status().step > 10)
        first.terminate()
        assert first.wait(60) == 0
    status = run.stored_status()
    assert (status.state, status.for_worker) == ("queued", True)
    assert status.step > 0  # kept where it was, not from the start
    assert worker.queue() == [run, after]  # in its old place
    with begin("--probe") as second:  # what a server does at its start: there is work, so it stays
        wait_for(lambda: after.status().state == "finished")
        second.terminate()
        assert second.wait(60) == 0
    assert run.metrics()["epoch"].tolist() == [1, 2, 3]
    whole = runs.create(run.config, "whole")
    train_run(whole)
    for name, w in whole.weights().items():
        assert np.array_equal(w, run.weights()[name]), name
    events = [e["event"] for e in reversed(log.recent(99, ("info",)))]
    assert events == [
        "worker_started", "run_started", "run_queued", "worker_stopped",
        "worker_started", "run_started", "run_finished", "run_started", "run_finished", "worker_stopped",
    ]  # fmt: skip


def test_idle_worker_goes_at_once_when_asked(process: subprocess.Popen[bytes]) -> None:
    wait_for(lambda: worker.read_state().state == "idle")
    process.terminate()
    assert process.wait(60) == 0
    assert worker.read_state().state == "asleep"


def test_the_next_worker_takes_up_what_the_last_one_died_of() -> None:
    run = runs.create(replace(SHORT, epochs=4), "r")
    runs.create(replace(SHORT, seed=1), "after")
    with begin() as first:
        wait_for(lambda: len(run.metrics()["epoch"]) >= 1)
        first.kill()
    assert run.status().state == "interrupted"
    with begin() as second:
        wait_for(lambda: runs.find("after").status().state == "finished")
        second.terminate()
    assert run.status().state == "finished"
    assert run.status().updated < runs.find("after").status().started
    (warned,) = log.recent()
    assert (warned["event"], warned["run"]) == ("run_taken_up", "r")


def test_a_run_that_brings_every_worker_down_is_not_taken_up_for_ever() -> None:
    run = runs.create(LONG, "r")

    def die(state: str = "running") -> None:
        set_status(run, state=state)

    for tries in (1, 2):
        die()
        set_worker(state="training", run="r", tries=tries)
        assert worker.will_take_up(run)
        assert worker.take_up() == ("r", tries)
        assert worker.queue() == [run]
    die()
    set_worker(state="training", run="r", tries=worker.TRIES)
    assert worker.take_up() == ("", 0)
    assert run.status().state == "interrupted"
    assert log.recent(1)[0]["event"] == "run_left_interrupted"
    assert not worker.will_take_up(run)
    assert health.report() == (True, "OK. waiting 0; worker 1 asleep; interrupted: r")
    # What has ended otherwise, or is gone, is left as it is.
    die("stopped")
    set_worker(state="training", run="r", tries=1)
    assert worker.take_up() == ("", 0)
    set_worker(state="training", run="../gone", tries=1)
    assert worker.take_up() == ("", 0)


def status_command() -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "lenet.worker", "--status"], cwd=paths.PROJECT, capture_output=True, text=True
    )
    assert done.stdout.count("\n") == 1
    return done.returncode, done.stdout.strip()


def test_status_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert status_command() == (0, "OK. waiting 0; worker 1 unknown")
    run = runs.create(LONG, "r")
    assert status_command() == (
        1,
        "Runs are waiting (1), but there is no process to train them. waiting 1; worker 1 unknown",
    )
    with begin() as process:
        wait_for(lambda: run.status().step > 0)
        code, line = status_command()
        assert code == 0
        assert re.match(r"OK\. waiting 0; worker 1 training r at epoch \d+, step \d+ on CPU", line)
        assert f"pid {process.pid}" in line
        process.send_signal(signal.SIGSTOP)  # hangs: the lock is held and nothing moves
        monkeypatch.setattr(health, "STUCK_AFTER", 0.2)
        wait_for(lambda: not health.report()[0])
        _well, line = health.report()
        assert re.match(r"The run “r” is being trained, but its trainer has not reported for \d+ seconds\.", line)
        process.kill()


def test_a_killed_run_is_taken_up_also_while_somebody_looks_whether_it_is_trained() -> None:
    run = runs.create(SHORT, "r")
    set_status(run, state="running")
    set_worker(state="training", run="r", tries=1)
    looks = filelock.FileLock(run.path / "lock", thread_local=False)
    looks.acquire()
    threading.Timer(0.3, looks.release).start()
    assert worker.take_up() == ("r", 1)
    assert run.status().state == "queued"


def test_a_core_is_left_once() -> None:
    before = torch.get_num_threads()
    worker._threads_of_torch.cache_clear()
    try:
        torch.set_num_threads(4)
        assert [worker.leave_a_core() for _again in range(2)] == [3, 3]
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
        worker._threads_of_torch.cache_clear()
