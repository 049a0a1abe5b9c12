"""What breaks around the app: processes that are killed, disks that are full, folders that vanish, clocks that jump.

See test_worker.py and test_train.py for a worker that is killed and for a run that is resumed to the bit.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lenet import runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC
from lenet.training import recorder
from lenet.training.progress import progress_line
from lenet.training.run import train_run
from lenet.training.trainer import Trainer
from tests.helpers.made import LONG, SHORT
from tests.helpers.mounts import in_own_mounts
from tests.helpers.pages import open_page, progress, said
from tests.helpers.processes import LIMIT, Process, run_apart, serve, wait_for

pytestmark = [pytest.mark.usefixtures("router"), pytest.mark.slow]


@pytest.fixture(autouse=True)
def no_processes() -> None:
    """Here they are the point."""


@pytest.fixture(autouse=True)
def worker_ends_with_its_test(own_directories: Path) -> Iterator[None]:
    yield
    for pid in workers_of(own_directories):  # those too that a page started
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def workers_of(folder: Path) -> list[int]:
    """The worker processes of a runs directory; on Linux."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes()
            if f"LENET_RUNS_DIR={folder}".encode() in told and b"lenet.worker\0" in command:
                found.append(int(process.name))
    return found


@contextmanager
def a_worker() -> Iterator[subprocess.Popen[bytes]]:
    with Process([sys.executable, "-m", "lenet.worker"], cwd=paths.PROJECT) as process:
        yield process


def visit(address: str, page: str, query: str = "") -> list[ForwardMsg]:
    """All that the server at `address` sends to a browser that opens a page."""

    def finished(message: ForwardMsg) -> bool:
        done = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY  # and no rerun in the middle
        return message.WhichOneof("type") == "script_finished" and done

    async def talk() -> list[ForwardMsg]:
        async with websockets.connect(f"{address.replace('http', 'ws')}/_stcore/stream", max_size=None) as socket:
            ask = BackMsg()
            ask.rerun_script.page_name, ask.rerun_script.query_string = page, query
            await socket.send(ask.SerializeToString())
            told: list[ForwardMsg] = []
            while not told or not finished(told[-1]):
                told.append(ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), 60)))
            return told

    return run_apart(talk())


def drawn(told: list[ForwardMsg]) -> str:
    return " ".join(str(m.delta) for m in told).replace("\\", "")


# -- processes ----------------------------------------------------------------------------------------------------

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@linux
def test_two_servers_start_one_worker_and_a_killed_server_takes_no_run_along() -> None:
    run = runs.create(LONG, "long")
    with serve(paths.runs_dir()) as (first, one), serve(paths.runs_dir()) as (second, _two):
        for address in (first, second, first, second):
            told = drawn(visit(address, "training", "run=long"))
            assert "long" in told and "exception" not in told
        wait_for(lambda: run.status().state == "running")
        wait_for(lambda: len(workers_of(paths.runs_dir())) == 1)  # a probe, if there was one, has ended
        one.kill()
        one.wait()
        step = run.status().step
        wait_for(lambda: run.status().step > step)
        assert "epoch" in drawn(visit(second, "training", "run=long")), "the other server shows it"
    step = run.status().step
    wait_for(lambda: run.status().step > step)  # with no server at all
    with serve(paths.runs_dir()) as (address, _again):
        told = drawn(visit(address, "training", "run=long"))
        assert "training · epoch" in told
    assert len(workers_of(paths.runs_dir())) == 1
    run.request("stop")
    wait_for(lambda: run.status().state == "stopped")


def test_a_killed_worker_leaves_a_run_that_the_page_offers_to_resume() -> None:
    run = runs.create(LONG, "long")
    with a_worker() as process:
        wait_for(lambda: run.status().step > 0)
        process.kill()
        process.wait()
        wait_for(lambda: run.status().state == "interrupted")  # for a moment a lock counts as held that was held
        at = open_page("training", run="long")
        assert not at.exception
        assert progress(at).startswith("interrupted")
        assert "resume" in [b.key for b in at.button]


def test_a_run_that_cannot_be_begun_does_not_hold_up_the_others() -> None:
    broken, whole = runs.create(SHORT, "broken"), runs.create(SHORT, "whole")
    for name in ("lock", "status.json.keep"):
        (broken.path / name).mkdir()  # no lock can be taken
    with a_worker():
        wait_for(lambda: whole.status().state == "finished")
    assert broken.status().state == "queued"


# -- disks --------------------------------------------------------------------------------------------------------


FULL_DISK = """
import subprocess, sys
from lenet import runs
from tests.helpers.made import LONG, SHORT
from tests.helpers.mounts import fill_disk
from tests.helpers.processes import wait_for
big = runs.create(LONG, "big")
worker = subprocess.Popen([sys.executable, "-m", "lenet.worker"])
try:
    wait_for(lambda: len(big.metrics()["epoch"]) >= 1)
    filler = fill_disk()
    wait_for(lambda: big.stored_status().state == "failed")
    status = big.status()
    assert status.code == "disk_full" and status.params["epoch"] >= 1, status
    assert len(big.metrics()["epoch"]) == status.params["epoch"]
    filler.unlink()
    next = runs.create(SHORT, "next")
    wait_for(lambda: next.status().state == "finished")
    big.request("resume")
    step = status.step
    wait_for(lambda: big.status().state == "running" and big.status().step > step)
finally:
    worker.kill()
print("ok")
"""


def test_a_full_disk_ends_the_run_with_its_sentence_and_the_next_is_taken() -> None:
    out = in_own_mounts(FULL_DISK, 'mount -t tmpfs -o size=5m tmpfs "$DIR"')
    assert out.stdout.endswith("ok\n"), out.stderr


READ_ONLY = """
import pytest, subprocess, sys
from tests.helpers.pages import as_served, open_page, said
as_served(pytest.MonkeyPatch())
from lenet import runs
from lenet.common import files
from lenet.kernels import ablation
from lenet.common.errors import LenetError
assert [r.id for r in runs.list_runs()][0] == "kept"
for page in ("home", "convolution", "pooling", "architecture", "training", "kernels"):
    at = open_page(page)
    assert not at.exception, page
at = open_page("training", seed="5")
[b for b in at.button if b.key == "train"][0].click().run()
assert not at.exception and any("cannot be written to" in s for s in said(at)), said(at)
at = open_page("training", run="kept")
[b for b in at.button if b.key == "extend"][0].click().run()
assert not at.exception and any("cannot be written to" in s for s in said(at)), said(at)
kept = runs.find("kept")
for ask in (runs.supervisor().ensure_running, lambda: runs.lock(kept), lambda: ablation.start(kept)):
    with pytest.raises(LenetError) as error:
        ask()
    assert error.value.code == "not_writable"
for module, options in (("lenet.worker", []), ("lenet.train", ["--data", "sample"]), ("lenet.train", ["--resume", "kept"]), ("lenet.kernels.ablation", ["kept"])):
    out = subprocess.run([sys.executable, "-m", module, *options], capture_output=True, text=True)
    assert out.returncode in (0, 1, 2) and "Traceback" not in out.stderr, out.stderr
print("ok")
"""


def test_a_runs_directory_that_is_read_only() -> None:
    run = runs.create(SHORT, "kept")
    train_run(run)
    out = in_own_mounts(READ_ONLY, 'mount --bind "$DIR" "$DIR"; mount -o remount,ro,bind "$DIR"')
    assert out.stdout.endswith("ok\n"), out.stderr


def test_a_slow_disk_slows_the_writing_and_not_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of our own: a step takes 10 ms, a flush to the disk half a second."""
    clock = [1000.0]
    flushes = [0]

    def flush(fd: int) -> None:
        clock[0] += 0.5
        flushes[0] += 1

    run_epoch = Trainer.run_epoch

    def timed(self: Trainer, look: Callable[[], None]) -> tuple[float, float]:
        def step() -> None:
            clock[0] += 0.01
            look()

        return run_epoch(self, step)

    monkeypatch.setattr(Trainer, "run_epoch", timed)
    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(recorder, "time", SimpleNamespace(perf_counter=lambda: clock[0], time=lambda: clock[0]))
    run = runs.create(replace(SHORT, batch_size=16, examples_per_epoch=6000 - 6000 % 16), "r")  # 375 steps
    train_run(run)
    assert run.status().state == "finished"
    at_the_ends = 15  # flushes that every run makes
    assert flushes[0] - at_the_ends <= 3, "a look at most, in 3.75 seconds of training"


def test_the_runs_directory_is_deleted_in_the_middle_of_a_run() -> None:
    run = runs.create(LONG, "long")
    with a_worker() as process:
        wait_for(lambda: run.status().step > 0)
        at = open_page("training", run="long")
        assert progress(at).startswith("training")
        shutil.rmtree(paths.runs_dir(), ignore_errors=True)
        wait_for(lambda: not paths.runs_dir().exists() or not shutil.rmtree(paths.runs_dir(), ignore_errors=True))
        at.run()
        assert not at.exception
        assert process.wait(LIMIT) == 0, "it ends, and does not go on beside another"
    shutil.rmtree(paths.runs_dir(), ignore_errors=True)
    at.run()
    assert not at.exception
    assert open_page("kernels", run="long").warning[0].value.startswith("There is no run")
    again = runs.create(SHORT, "again")
    with a_worker():
        wait_for(lambda: again.status().state == "finished")


@pytest.mark.parametrize("half", [False, True], ids=["whole", "half"])
def test_a_run_is_deleted_in_the_middle_and_the_next_is_trained(half: bool) -> None:
    run, after = runs.create(LONG, "long"), runs.create(SHORT, "next")
    with a_worker() as process:
        wait_for(lambda: run.status().step > 0)
        if half:  # as where the trainer writes a file while `rm -r` is at work: "Directory not empty"
            (run.path / "config.json").unlink()
        else:
            shutil.rmtree(run.path, ignore_errors=True)
        wait_for(lambda: after.status().state == "finished")
        assert process.poll() is None
    at = open_page("training", run="long")
    assert not at.exception and said(at) == ["There is no run called “long” here."]


# -- clocks -------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_while_a_run_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [time.time()]
    told: list[runs.Status] = []
    run = runs.create(replace(SHORT, epochs=3), "r")
    update = recorder.Recorder.update

    def watched(self: recorder.Recorder, **changes: object) -> None:
        now[0] -= 3600  # an hour back at every look
        update(self, **changes)
        told.append(run.status())
        assert run.status().state in ("running", "finished"), "a live run is not declared dead"
        line = progress_line(run, run.status())
        assert "-" not in line.replace("examples/sec", "") and "−" not in line

    monkeypatch.setattr(recorder.Recorder, "update", watched)
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(recorder, "LOOK_EVERY", 0.0)
    assert train_run(run).state == "finished"
    for before, after in pairwise(told):
        assert after.updated >= before.updated and after.started <= after.updated
    assert (run.metrics()["examples_per_sec"] > 0).all()
    assert run.status().train_seconds > 0


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_is_set_between_making_a_run_and_training_it(
    jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(SHORT, "r", for_worker=False)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    held = runs.lock(run)
    assert run.status().state == "queued", "its process is there"
    held.release()
    assert run.status().state == "interrupted"


def test_a_queue_and_a_worker_of_tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written before the clock was set back lies in the future."""
    real = time.time
    with monkeypatch.context() as m:
        m.setattr(time, "time", lambda: real() + 86_400)
        waiting = runs.create(SHORT, "tomorrow")
    runs.create(SHORT, "today")
    assert {r.id for r in runs.waiting_runs()} == {"today", "tomorrow"}
    assert waiting.status().state == "queued"
    time_needed = runs.time_to_train(runs.waiting_runs())
    assert time_needed is None or time_needed.low >= 0
    assert not open_page("training", run="tomorrow").exception


# -- run directories ----------------------------------------------------------------------------------------------


def old_run(name: str = "old") -> runs.Run:
    """What a first version might have left: the files of the promise, with few of today's settings in them."""
    folder = paths.runs_dir() / name
    folder.mkdir(parents=True)
    source = paths.REFERENCE_DIR / "classic"
    for file in ("metrics.csv", "steps.csv", "model.safetensors", "kernels.safetensors"):
        shutil.copy(source / file, folder)
    files.write_json(folder / "config.json", {"recipe": "classic", "epochs": 10, "model": {"channels": [6, 16]}})
    files.write_json(folder / "status.json", {"state": "finished", "epoch": 10, "step": 2350, "steps_per_epoch": 235})
    return runs.find(name)


@pytest.mark.parametrize(
    ("page", "views"),
    [
        ("training", {"panel": ("result", "gradients", "confusion", "settings", "runs")}),
        ("kernels", {"tab": ("wall", "seen", "paths", "compare", "own")}),
        ("architecture", {"tab": ("network", "walk", "compare")}),
    ],
)
def test_a_run_directory_of_an_older_version(page: str, views: dict[str, tuple[str, ...]]) -> None:
    run = old_run()
    assert run.config == replace(CLASSIC, dataset="fashion-mnist") and run.status().state == "finished"
    for key, values in views.items():
        for value in values:
            at = open_page(page, run=run.id, **{key: value})
            assert not at.exception and said(at) == [], value


def test_a_hundred_runs_of_which_five_are_broken() -> None:
    for n in range(95):
        old_run(f"run-{n:02}")
    for n in range(5):
        broken = old_run(f"broken-{n}")
        (broken.path / ("config.json" if n % 2 else "status.json")).write_bytes(b"\x80\x04 rubbish")
    at = open_page("training")
    assert not at.exception and said(at) == []
    (runs_to_show,) = [box for box in at.selectbox if box.key == "run"]
    assert len(runs_to_show.options) == 95 + len(runs.references())
    (sentence,) = [c.value.replace("\\", "") for c in at.caption if "broken" in c.value]
    assert sentence.startswith("5 runs cannot be read and are left out: ")
    assert all(f"broken-{n}" in sentence for n in range(5))
    at = open_page("training", run="broken-1")
    assert not at.exception and any("config.json" in s for s in said(at)), "it is there for who asks for it"
    with pytest.raises(LenetError):
        runs.find("broken-1").config  # noqa: B018 - reading is the point
    for page in ("home", "architecture", "kernels"):
        assert not open_page(page).exception
    assert json.loads((paths.runs_dir() / "run-00" / "config.json").read_bytes())["epochs"] == 10
