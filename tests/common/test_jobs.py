"""Work in the background: whatever happens to its process, everybody can tell how it stands and ask for it again."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from lenet.common import files, jobs, paths
from lenet.common.errors import LenetError
from lenet.common.jobs import Progress
from tests.helpers.counting import Counting, counting
from tests.helpers.processes import LIMIT, Process, wait_for

START = jobs.start_process  # before it is replaced


def begin(*tasks: str, **environment: str) -> Process:
    return Process(
        [sys.executable, "-m", "tests.helpers.counting", *tasks], cwd=paths.PROJECT, env=os.environ | environment
    )


def begun(queue: Counting) -> list[str]:
    """The tasks that were begun, in that order."""
    file = queue.folder / "begun"
    return file.read_text().split() if file.exists() else []


def left(queue: Counting) -> set[str]:
    """The files of the protocol that say that something is going on or wrong."""
    return {
        p.name for p in queue.folder.iterdir() if p.suffix in (".asked", ".failed", ".tmp") or p.stem == "progress"
    }


def code(error: LenetError | None) -> str | None:
    return error.code if error else None


def test_what_is_asked_for_is_done_by_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "start_process", START)
    queue = counting()
    assert (queue.is_running, queue.progress("one"), queue.failure("one")) == (False, None, None)
    queue.ask("one")
    wait_for(lambda: queue.is_done("one") and not queue.is_running)
    assert left(queue) == set()
    queue.ask("one")
    queue.ask("two")
    wait_for(lambda: queue.is_done("two") and not queue.is_running)
    assert begun(queue) == ["one", "two"], "what is done is not done again"


def test_the_oldest_is_next_and_all_are_told_how_many_come_before() -> None:
    queue = counting()
    for task in ("b", "long", "a"):
        queue.ask(task)
    os.utime(queue.folder / "b.asked", ns=(1, 1))
    os.utime(queue.folder / "long.asked", ns=(2, 2))
    assert queue.progress("a") is None, "nobody is at work"
    with begin() as process:
        wait_for(lambda: queue.progress("a") == Progress(ahead=1))
        assert begun(queue) == ["b", "long"]
        assert queue.progress("never asked for") is None
        queue.withdraw("long")
        assert process.wait(LIMIT) == 0
    assert begun(queue) == ["b", "long", "a"]
    assert queue.is_done("a") and not queue.is_done("long")
    assert (left(queue), queue.failure("long")) == (set(), None), "stopped, not failed"


def test_several_processes_at_once_do_each_task_once() -> None:
    tasks = [f"task-{n}" for n in range(6)]
    with ExitStack() as stack:
        processes = [stack.enter_context(begin(*tasks)) for _server in range(3)]
        assert {process.wait(LIMIT) for process in processes} <= {0, 3}
    queue = counting()
    assert sorted(begun(queue)) == tasks
    assert left(queue) == set() and all(map(queue.is_done, tasks))


def test_who_comes_second_leaves_the_task_to_the_process_that_is_at_work() -> None:
    queue = counting()
    with begin("long") as first:
        wait_for(lambda: begun(queue) == ["long"])
        with begin("short") as second:
            assert second.wait(LIMIT) == 3
        queue.withdraw("long")
        assert first.wait(LIMIT) == 0
    assert begun(queue) == ["long", "short"]


def test_killed_at_a_task_it_has_failed_until_it_is_asked_for_again() -> None:
    queue = counting()
    with begin("long") as process:
        wait_for(lambda: (queue.folder / "progress.json").exists())
        process.kill()
        process.wait()
    assert (queue.is_running, queue.progress("long"), code(queue.failure("long"))) == (False, None, "insight_killed")
    with begin("other") as process:
        assert process.wait(LIMIT) == 0
    assert begun(queue) == ["long", "other"], "what kills the process is not tried again by itself"
    assert code(queue.failure("long")) == "insight_killed"
    with begin("long") as process:
        wait_for(lambda: begun(queue) == ["long", "other", "long"])
        assert queue.failure("long") is None
        queue.withdraw("long")
        assert process.wait(LIMIT) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("change", range(1, 20))
def test_killed_at_any_moment_it_can_be_asked_for_again(change: int) -> None:
    queue = counting()
    with begin("one", "two", KILL_AT=str(change)) as process:
        assert process.wait(LIMIT) == -signal.SIGKILL
    assert not queue.is_running
    for task in ("one", "two"):
        assert queue.progress(task) is None and code(queue.failure(task)) in (None, "insight_killed")
    queue.work_off("one", "two")
    assert queue.is_done("one") and queue.is_done("two")
    assert {name for name in left(queue) if not name.startswith(".")} == set()


def test_a_task_that_fails_says_why_and_does_not_hold_up_the_others() -> None:
    queue = counting()
    queue.work_off("fails", "works")
    assert queue.is_done("works") and left(queue) == {"fails.failed"}
    assert str(queue.failure("fails")) == "The test on all test images ended with an unexpected error (it fails)."
    (queue.folder / "version").write_text("another")
    assert queue.failure("fails") is None, "what it was about has changed"
    (queue.folder / "version").unlink()
    queue.ask("fails")
    assert queue.failure("fails") is None, "it was asked for again"


DAMAGED = [b"", b"[]", b"3", b"{", b"\xff", b"[" * 10**5, b'{"task": 3, "share": 0, "left": null}', b'{"share": 0.5}',
           b'{"task": "one", "share": "x", "left": null}', b'{"task": "one", "share": 2, "left": null}',
           b'{"task": "one", "share": NaN, "left": null}', b'{"task": "one", "share": 0.5, "left": Infinity}',
           b'{"task": "one", "share": 0.5, "left": [1]}', b'{"task": "../one", "share": 0.5, "left": null}']  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_progress_file_says_nothing(content: bytes) -> None:
    queue = counting()
    queue.ask("one")
    (queue.folder / "progress.json").write_bytes(content)
    assert (queue.progress("one"), queue.failure("one")) == (None, None)
    with files.locked(queue.folder / "lock"):
        assert queue.progress("one") == Progress(), "somebody is at work, nobody knows how far"
    queue.work_off("one")
    assert queue.is_done("one") and left(queue) == set()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"code": "x", "params": 3, "version": ""}',
                                     b'{"code": "x", "params": {"code": 1}, "version": ""}', b"[" * 10**5])  # fmt: skip
def test_a_damaged_failure_is_none(content: bytes) -> None:
    queue = counting()
    queue.folder.mkdir(parents=True)
    (queue.folder / "one.failed").write_bytes(content)
    assert queue.failure("one") is None


def test_nothing_outside_its_folder_is_touched_for_a_name_in_a_file(own_directories: Path) -> None:
    queue = counting()
    queue.folder.mkdir(parents=True)
    (own_directories / "x.asked").touch()
    files.write_json(queue.folder / "progress.json", {"task": "../x", "share": 0.5, "left": None})
    queue.work_off()
    assert (own_directories / "x.asked").exists() and not (own_directories / "x.failed").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(own_directories: Path) -> None:
    own_directories.write_text("no folder")
    queue = counting()
    asks: list[Callable[[], object]] = [
        lambda: queue.ask("one"), lambda: queue.withdraw("one"), queue.start, lambda: queue.work_off("one"),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(LenetError) as error:
            ask()
        assert error.value.code == "not_writable"
    assert (queue.is_running, queue.progress("one"), queue.failure("one")) == (False, None, None)


def test_who_holds_the_lock_notices_that_the_folder_was_deleted() -> None:
    queue = counting()
    with queue.hold(timeout=1) as held:
        assert not held.is_lost and queue.is_running
        shutil.rmtree(queue.folder)
        assert held.is_lost and not queue.is_running
        with queue.hold(timeout=1):  # somebody else, in the folder that took its place
            assert held.is_lost
    assert not queue.is_running
