"""The operator's log: whole lines from many processes, and nothing of a visitor in them."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from lenet.common import log, paths
from lenet.common.errors import MESSAGES, LenetError
from tests.helpers.processes import Process


def entries() -> list[dict[str, object]]:
    return [json.loads(line) for line in log.path().read_text(encoding="utf-8").splitlines()]


def test_a_line_an_event() -> None:
    log.info("run_started", run="a")
    log.warning("queue_long", waiting=3)
    one, two = entries()
    assert (one["level"], one["event"], one["run"], one["pid"]) == ("info", "run_started", "a", os.getpid())
    assert str(one["time"]).endswith("Z")
    assert (two["level"], two["waiting"]) == ("warning", 3)


def test_it_lies_where_the_operator_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert log.path() == paths.runs_dir() / ".log" / "lenet.jsonl"
    monkeypatch.setenv("LENET_LOG_DIR", str(tmp_path / "elsewhere"))
    log.info("x")
    assert (tmp_path / "elsewhere" / "lenet.jsonl").exists()
    assert not paths.runs_dir().exists()


def test_an_unexpected_error_has_an_id_and_a_place_but_not_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("what a visitor typed")
    except ValueError as e:
        error_id = log.error("page_failed", e, page="pooling")
    (entry,) = entries()
    assert entry["id"] == error_id
    assert (entry["exception"], entry["page"]) == ("ValueError", "pooling")
    assert str(entry["at"]).startswith("['tests/common/test_log.py:")
    assert "visitor" not in log.path().read_text()
    told = capsys.readouterr().err  # the journal has the whole of it under the same id
    assert error_id in told
    assert "what a visitor typed" in told


def test_parameters_only_of_errors_about_the_machine() -> None:
    log.error("save_failed", LenetError("not_writable", folder="/runs", reason="Read-only file system"))
    log.error("refused", LenetError("not_number", name="stride", value="<script>"))
    full, refused = entries()
    assert (full["code"], full["params"]) == ("not_writable", {"folder": "/runs", "reason": "Read-only file system"})
    assert refused["code"] == "not_number"
    assert "params" not in refused
    assert set(MESSAGES) >= log.ABOUT_THE_MACHINE


def test_recent_errors_newest_first_past_what_is_no_entry() -> None:
    assert log.recent() == []
    for n in range(5):
        log.error("e", number=n)
        log.info("between")
    with log.path().open("ab") as f:
        f.write(b'[1]\n"x"\n\xff\n{"level": "error", "ev')
    assert [e["number"] for e in log.recent(3)] == [4, 3, 2]


WRITER = """
import sys
from lenet.common import log
log.MAX_BYTES, log.KEPT = 20_000, 100
for n in range(150):
    log.info("x", who=sys.argv[1], n=n, padding="é" * (n % 50))
"""


def test_processes_share_it_and_lose_no_line_while_it_rotates() -> None:
    with ExitStack() as stack:
        commands = [[sys.executable, "-c", WRITER, str(i)] for i in range(3)]
        writers = [stack.enter_context(Process(command, cwd=paths.PROJECT)) for command in commands]
        assert [w.wait(120) for w in writers] == [0, 0, 0]
    files = [log.path(), *log.path().parent.glob("lenet.jsonl.[0-9]*")]
    assert len(files) > 3
    lines = [json.loads(line) for f in files for line in f.read_text(encoding="utf-8").splitlines()]
    assert {(e["who"], e["n"]) for e in lines} == {(str(i), n) for i in range(3) for n in range(150)}
    assert len(lines) == 450
    assert all(f.stat().st_size <= 20_000 for f in files)


def test_where_nothing_can_be_written_nothing_happens() -> None:
    paths.runs_dir().write_text("a file where the folder should be")
    assert len(log.error("x")) == 8
    assert log.recent() == []


def test_it_begins_anew_where_it_was_deleted() -> None:
    log.info("one")
    for f in log.path().parent.iterdir():
        f.unlink()
    log.path().parent.rmdir()
    log.info("two")
    assert [e["event"] for e in entries()] == ["two"]
