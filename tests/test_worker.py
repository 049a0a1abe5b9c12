"""The worker: one process that works off the queue, told of everything by files."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lenet import experiments, runs, worker
from lenet.common import files, log, paths
from lenet.runs import health, speeds, supervision
from lenet.runs.supervision import is_alive
from lenet.runs.visitors import OPERATOR
from lenet.training.run import train_run
from lenet.worker import ALONE_AFTER, SERVER_EVERY, SLEEP_AFTER, Patience, Worker
from tests.helpers.experiments import asked
from tests.helpers.made import LONG, SHORT, known_speed, own_runs
from tests.helpers.processes import LIMIT, Process, wait_for
from tests.helpers.training import same
from tests.helpers.visitors import ANN, BOB, acting_as

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def no_processes(own_directories: Path) -> None:
    """Here they are the point. The speed of their device is known, so that they do not measure it first."""
    known_speed()


def begin(*options: str) -> Process:
    return Process([sys.executable, "-m", "lenet.worker", *options], cwd=paths.PROJECT, env=os.environ)


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with begin() as running:
        yield running
        running.kill()


def test_probe_tells_the_device_and_ends() -> None:
    with begin("--probe") as probe:
        assert probe.wait(LIMIT) == 0
    state = runs.read_state()
    assert state.state == "asleep"
    assert {"auto", "cpu"} <= set(state.devices)
    assert state.device_name
    assert state.torch


def test_it_measures_each_device_that_a_visitor_can_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server with a GPU, a run on its CPU could otherwise take as long as it likes."""
    measured: list[str] = []

    def measure(device: torch.device) -> None:
        measured.append(str(device))
        if device.type == "cuda":
            raise RuntimeError("out of memory")

    monkeypatch.setattr(Worker, "machine", lambda _self: {"devices": ["auto", "cuda", "cpu"]})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("lenet.training.calibration.measure", measure)
    threads = torch.get_num_threads()
    try:
        Worker(1).calibrate()
    finally:
        torch.set_num_threads(threads)
    assert measured == ["cuda:0", "cpu"]


def test_it_trains_what_is_queued_one_after_another(process: subprocess.Popen[bytes]) -> None:
    made = [runs.create(SHORT, name) for name in ("one", "two")]
    wait_for(lambda: all(r.status().state == "finished" for r in made))
    wait_for(lambda: runs.read_state().state == "idle")
    assert made[0].status().updated <= made[1].status().started
    with begin() as second:  # another one finds the lock taken
        assert second.wait(LIMIT) == 0
    assert runs.read_state().pid == process.pid


def test_stop_then_the_next(process: subprocess.Popen[bytes]) -> None:
    first, second = runs.create(LONG, "long"), runs.create(SHORT, "next")
    wait_for(lambda: first.status().step > 0)
    assert runs.read_state().run == "long"
    first.request("stop")
    wait_for(lambda: first.status().state == "stopped")
    wait_for(lambda: second.status().state == "finished")


DIES = """
import os, signal, sys
from lenet import worker
from lenet.common import files
write, times = files.write_atomic, 0
def write_or_die(path, content):
    global times
    times += path.name == sys.argv[1]
    if times == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, content)
files.write_atomic = write_or_die
worker.main([])
"""


@pytest.mark.parametrize(
    ("file", "time"),
    [("status.json", 2), ("checkpoint.safetensors", 2), ("model.safetensors", 2), ("metrics.csv", 3)],
)
def test_killed_worker_leaves_an_interrupted_run_that_another_finishes_to_the_bit(file: str, time: int) -> None:
    """Killed where it would write a file for the n-th time: others of that epoch are there already."""
    run = runs.create(replace(SHORT, epochs=4), "r")
    with Process([sys.executable, "-c", DIES, file, str(time)], cwd=paths.PROJECT) as first:
        assert first.wait(LIMIT) == -signal.SIGKILL
    assert runs.read_state().state == "asleep"
    assert run.stored_status().state == "running"
    assert run.status().state == "interrupted"
    run.request("resume")
    with begin() as second:
        wait_for(lambda: run.status().state == "finished")
        second.terminate()
        second.wait(LIMIT)
    assert run.metrics()["epoch"].tolist() == [1, 2, 3, 4]
    whole = runs.create(run.config, "whole")  # never interrupted, and by another way: in this process
    train_run(whole)
    for name, w in whole.weights().items():
        assert np.array_equal(w, run.weights()[name]), name


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
    made = [runs.create(replace(LONG, seed=n), f"r{n}") for n in range(3)]
    with acting_as(OPERATOR), begin("--number", "2") as second:
        try:
            wait_for(lambda: sum(run.status().state == "running" for run in made) == 2)
            assert {state.run for state in runs.read_states()} == {"r0", "r1"}
            assert runs.waiting_runs() == [made[2]]
            assert set(runs.ahead_of(made[2])) == set(made[:2])
            for run in made:
                run.request("stop")
            wait_for(lambda: all(run.status().state == "stopped" for run in made))
        finally:
            second.kill()


def test_on_a_laptop_a_second_worker_trains_runs_of_one_thread_and_no_others() -> None:
    """With one thread, whatever its machine has."""
    wide, narrow = (runs.create(replace(SHORT, threads=n), f"threads-{n}") for n in (0, 1))
    with begin("--number", "2") as second:
        wait_for(lambda: narrow.status().state == "finished" or second.poll() is not None)
        assert (second.poll(), narrow.status().device_name) == (None, "CPU × 1")
        assert wide.status().state == "queued"
        second.kill()


def test_a_worker_of_a_public_server_queues_runs_of_experiments_that_limits_had_kept_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LENET_HOSTED", "1")
    monkeypatch.setenv("LENET_MAX_WAITING", "1")
    with acting_as(ANN):
        name = experiments.start(asked()).experiment.id
    assert [run.owner for run in own_runs()] == [ANN.owner], "the limit lets in one"
    try:
        wait_for(lambda: len(experiments.read(name).finished) == 4)  # by the worker that was started for the first
        assert {run.owner for run in own_runs()} == {ANN.owner}
    finally:
        os.kill(runs.read_state().pid, signal.SIGTERM)
        wait_for(lambda: not is_alive())


def test_it_goes_to_sleep_without_work() -> None:
    with begin("--sleep-after", "0.5") as process:
        assert process.wait(LIMIT) == 0
    assert runs.read_state().state == "asleep"


def test_without_a_server_it_goes_to_sleep_sooner() -> None:
    code = "from lenet import worker; worker.ALONE_AFTER = 0.5; worker.main([])"
    with Process([sys.executable, "-c", code], cwd=paths.PROJECT) as process:
        assert process.wait(LIMIT) == 0
    assert runs.read_state().state == "asleep"


def test_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an hour without work, two minutes without a server; counted anew after each run."""
    now, served = [1000.0], [True]
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(supervision, "is_served", lambda: served[0])

    def ends_after() -> float:
        began = now[0]
        while not patience.is_over():
            now[0] += 0.25
        return now[0] - began

    patience = Patience(SLEEP_AFTER, ALONE_AFTER)
    assert ends_after() == SLEEP_AFTER == 1800
    patience.begin()
    now[0] += 600
    assert not patience.is_over()
    served[0] = False
    assert ALONE_AFTER - SERVER_EVERY <= ends_after() <= ALONE_AFTER == 120
    patience.begin()
    assert ends_after() == 120
    forever = Patience(math.inf, math.inf)  # as systemd starts it
    now[0] += 1e6
    assert not forever.is_over()


def test_stop_puts_the_run_back_and_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    run = runs.create(LONG, "r")
    with begin() as process:
        wait_for(lambda: run.status().step > 0)
        capfd.readouterr()
        assert worker.main(["--stop"]) == 0
        assert process.wait(LIMIT) == 0
    status = run.stored_status()
    assert (status.state, status.for_worker, runs.waiting_runs()) == ("queued", True, [run])
    said = f"worker 1 has ended: r waits at step {status.step} of 24000 and goes on with the next worker\n"
    assert capfd.readouterr().out.endswith(said)
    assert worker.main(["--stop"]) == 0
    assert capfd.readouterr().out == "no worker is running\n"
    with begin() as after:  # the next worker is not stopped by what was asked of the last one
        wait_for(lambda: run.status().state == "running")
        assert after.poll() is None
        after.kill()


def test_a_worker_that_does_not_stop_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervision, "STOPPED_WITHIN", 0.3)
    with files.locked(supervision.worker_job().folder / "lock"):  # and does not look
        assert worker.main(["--stop"]) == 1
    assert capsys.readouterr().err == "worker 1 has not ended within 0 seconds\n"


TURNS_OF_AN_EPOCH = """
from lenet import worker
from lenet.runs import rules
from lenet.training import recorder
rules.turn_seconds = lambda: 0.0
recorder.LOOK_EVERY = 1e9  # it looks at the ends of epochs alone
worker.main([])
"""


def test_long_runs_of_two_visitors_take_turns_and_lose_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_HOSTED", "1")
    made = []
    for n, visitor in enumerate((ANN, BOB)):
        with acting_as(visitor):
            made.append(runs.create(replace(SHORT, seed=n, epochs=3), f"r{n}"))
    with Process([sys.executable, "-c", TURNS_OF_AN_EPOCH], cwd=paths.PROJECT, env=os.environ) as process:
        wait_for(lambda: all(run.status().state == "finished" for run in made))
        process.terminate()
        assert process.wait(LIMIT) == 0
    turns = [(e["event"], e["run"]) for e in reversed(log.recent(99, ("info",))) if "run" in e]
    assert [run for event, run in turns if event == "run_started"] == ["r0", "r1"] * 3
    assert [event for event, _run in turns if event != "run_started"] == ["run_queued"] * 4 + ["run_finished"] * 2
    for run in made:
        whole = runs.create(run.config, f"{run.id}-whole")
        train_run(whole)
        same(whole, run)


def test_it_measures_a_device_of_which_nothing_is_known() -> None:
    (paths.runs_dir() / ".cache" / "speeds.json").unlink()
    with begin("--probe") as probe:
        assert probe.wait(LIMIT) == 0
    state = runs.read_state()
    assert len(speeds.on_device(speeds.kind_of(state.device), state.device_name)) == 3


def test_asked_to_go_it_keeps_the_run_for_the_next_one() -> None:
    run = runs.create(replace(SHORT, epochs=3), "r")
    after = runs.create(SHORT, "after")
    with begin() as first:
        wait_for(lambda: run.status().step > 10)
        first.terminate()
        assert first.wait(LIMIT) == 0
    status = run.stored_status()
    assert (status.state, status.for_worker) == ("queued", True)
    assert status.step > 0  # kept where it was, not from the start
    assert runs.waiting_runs() == [run, after]  # in its old place
    with begin("--probe") as second:  # what a server does at its start: there is work, so it stays
        wait_for(lambda: after.status().state == "finished")
        second.terminate()
        assert second.wait(LIMIT) == 0
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
    wait_for(lambda: runs.read_state().state == "idle")
    process.terminate()
    assert process.wait(LIMIT) == 0
    assert runs.read_state().state == "asleep"


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


def test_it_tells_how_it_is_without_torch() -> None:
    code = "import sys; from lenet import worker; worker.main(['--status']); print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[1:] == ["False"]


def test_a_core_is_left_once() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        worker = Worker(1)
        torch.set_num_threads(7)  # by a run that had so many before
        worker.use_threads()
        assert (worker.threads, torch.get_num_threads()) == (3, 3)
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="sessions are no groups of the scheduler here")
@pytest.mark.parametrize("session", [True, False], ids=["its own", "a terminal's"])
def test_it_goes_last_and_takes_no_session_along_that_is_not_its_own(session: bool) -> None:
    code = """
import json, os
from pathlib import Path
from lenet.common import process

def group():  # "/autogroup-17 nice 0", and nothing where the session is none of its own to the scheduler
    return Path("/proc/self/autogroup").read_text().strip().rpartition(" ")[2]

before = group()
process.go_last()
print(json.dumps([os.nice(0), before, group()]))
"""
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.PROJECT, capture_output=True, text=True, start_new_session=session
    )
    nice, before, after = json.loads(out.stdout)
    assert nice == min(os.nice(0) + 10, 19)
    assert after == ("10" if session and before else before)


def test_started_on_demand_and_outlives_who_asked() -> None:
    code = "from lenet import runs; runs.supervisor().ensure_running()"
    subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=True)
    wait_for(lambda: runs.read_state().state == "idle")
    os.kill(runs.read_state().pid, signal.SIGTERM)
    wait_for(lambda: not is_alive())


def test_a_killed_worker_is_replaced_by_whoever_serves_a_page() -> None:
    with begin() as first:
        wait_for(lambda: runs.read_state().state == "idle")
        first.kill()
    run = runs.create(SHORT, "waits")
    runs.supervisor().check()
    try:
        wait_for(lambda: run.status().state == "finished")
    finally:
        os.kill(runs.read_state().pid, signal.SIGTERM)
    wait_for(lambda: not is_alive())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--number", "0"], "number must lie between 1 and 64; it is 0."),
        (["--sleep-after", "nan"], "sleep-after must lie between 0 and 9007199254740992; it is NaN."),
        (["--sleep-after", "-1"], "sleep-after must lie between 0 and 9007199254740992; it is -1.0."),
    ],
)
def test_a_number_that_is_none_is_refused(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert worker.main(options) == 2
    assert capsys.readouterr().err == sentence + "\n"
