"""The status page without a browser: what an operator reads, and that nobody else does."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from streamlit.testing.v1 import AppTest

from lenet import runs
from lenet.common import files, log, paths, process
from lenet.common.errors import LenetError
from lenet.runs import health
from lenet.runs.configuration import CLASSIC
from lenet.runs.state import worker_job
from tests.helpers.made import set_status, set_worker
from tests.helpers.pages import app, open_page, said, words
from tests.helpers.visitors import signed_in

pytestmark = pytest.mark.usefixtures("router")


def page(**query: str) -> AppTest:
    return open_page("status", **query)


def test_what_an_operator_reads() -> None:
    set_worker(state="asleep", device="cuda:0", device_name="Some GPU", torch="9.9.9")
    runs.create(CLASSIC, "one")
    log.error("run_failed", run="zero", code="disk_full", params={"epoch": 3})
    log.error("page_failed", RuntimeError("what a visitor typed"), page="pooling")
    at = page()
    assert not at.exception
    text = words(at)
    for expected in ("asleep", "Some GPU", "runs: 1", "torch 9.9.9", str(log.path())):
        assert expected in text
    assert said(at) == ["Runs are waiting (1), but there is no process to train them."]
    queue, errors = (frame.value for frame in at.table)
    assert list(queue["Run"]) == ["one · classic, 10 epochs, seed 0"]
    assert list(errors["Event"]) == ["page_failed", "run_failed"]
    assert list(errors["What"]) == [
        "RuntimeError",
        "The disk is full: training stopped after epoch 3, which is saved.",
    ]
    assert "visitor" not in errors.to_string()


def test_where_nothing_ever_happened() -> None:
    at = page()
    assert not at.exception
    assert not at.error
    assert "None." in words(at)


def test_in_chinese() -> None:
    log.error("run_failed", run="zero", code="disk_full", params={"epoch": 3})
    at = page(lang="zh_CN")
    assert not at.exception
    assert "磁盘已满" in at.table[0].value.to_string()


def test_a_log_of_anything_is_no_error() -> None:
    log.path().parent.mkdir(parents=True)
    log.path().write_text(
        '{"level": "error", "time": 3, "event": [1], "run": {}, "code": "disk_full", "params": [], "at": 7, "id": null}\n'
        '{"level": "error", "code": ["x"], "exception": "<script>alert(1)</script>", "at": [{"a": 1}]}\n'
        '{"level": "error", "code": "no_such_code", "params": {"epoch": "{x.__class__}"}}\n'
    )
    at = page()
    assert not at.exception
    assert len(at.table[0].value) == 3


def test_home_links_to_it_on_a_laptop_and_for_the_operator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def linked(**state: object) -> bool:
        at = app(**state).run()
        return "Status of this server" in [link.label for link in at.get("page_link")]

    assert linked()
    monkeypatch.setenv("LENET_HOSTED", "1")
    assert not linked()
    with signed_in():
        assert linked()


def test_on_a_public_server_only_the_operator_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_HOSTED", "1")
    log.error("run_failed", run="zero", code="disk_full", params={"epoch": 3})
    at = page()
    assert not at.exception
    assert not at.table
    assert str(paths.runs_dir()) not in words(at)
    assert any("Operator’s password" in html.proto.body for html in at.get("html"))
    with signed_in():
        at.run()
        assert len(at.table) == 1
    at.run()
    assert not at.table, "signed out"


def test_times(monkeypatch: pytest.MonkeyPatch) -> None:
    began = process.started()
    assert 0 < time.time() - began < 24 * 3600
    for seconds, expected in ((59, "0:00 h"), (3 * 3600 + 240, "3:04 h"), (50 * 3600, "2 d 2 h")):
        monkeypatch.setattr(health.time, "time", lambda seconds=seconds: began + seconds)
        assert health.uptime() == expected


def test_a_server_runs_since_its_process_began_and_not_since_its_first_visitor() -> None:
    code = "import time; time.sleep(1.5); from lenet.common import process; print(time.time() - process.started())"
    told = subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, capture_output=True, text=True, check=True)
    assert float(told.stdout) >= (1.4 if sys.platform == "linux" else 0)


@pytest.mark.parametrize("name", ["home", "kernels", "status", "training"])
def test_whoever_looks_at_a_page_has_a_worker_started_for_runs_that_wait(
    name: str, no_processes: list[tuple[str, ...]]
) -> None:
    runs.create(CLASSIC, "waits")
    assert not open_page(name, run="reference-classic").exception
    assert ("lenet.worker",) in no_processes


def test_no_worker_is_started_where_nothing_waits(no_processes: list[tuple[str, ...]]) -> None:
    page()
    assert ("lenet.worker",) not in no_processes


def test_disk_and_memory_are_this_machines() -> None:
    before = health.disk()
    assert (before.runs, before.used) == (0, 0)
    assert 0 < before.free <= before.total
    runs.create(CLASSIC, "one")
    assert health.disk().used > 100
    assert health.disk().runs == 1
    assert process.memory() > 20e6


def test_trouble_is_a_run_that_stands_still() -> None:
    assert health.trouble() is None
    set_worker(state="idle")
    run = runs.create(CLASSIC, "r")
    with files.locked(worker_job().folder / "lock"):
        assert health.trouble() is None  # there is a worker: it will come to it
        set_worker(state="training", run="r", updated=1.0)
        assert health.trouble() is None  # just made
        set_status(run, updated=1.0)
        wrong = health.trouble()
    assert isinstance(wrong, LenetError)
    assert wrong.code == "worker_stuck"
