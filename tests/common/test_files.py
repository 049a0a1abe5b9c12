"""Files that survive a kill at any moment, and locks that end with their process."""

from __future__ import annotations

import errno
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import numpy as np
import pytest

from lenet.common import files
from lenet.common.errors import LenetError


def test_a_named_file_is_read_up_to_a_limit_whatever_it_is(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    (tmp_path / "link").symlink_to(tmp_path / "x")
    assert files.read_named(tmp_path / "link", 5) == b"12345"
    for path in (tmp_path / "x", Path("/dev/zero")):
        with pytest.raises(ValueError, match="more than 4 bytes"):
            files.read_named(path, 4)


def test_a_place_where_no_file_can_be_written_is_said_before(tmp_path: Path) -> None:
    files.check_writable(tmp_path / "new.json")
    (tmp_path / "old.json").touch()
    files.check_writable(tmp_path / "old.json")
    for path, reason in ((tmp_path, "it is a folder"), (tmp_path / "no" / "x.json", "there is no folder")):
        with pytest.raises(LenetError) as refusal:
            files.check_writable(path)
        assert str(path) in str(refusal.value) and reason in str(refusal.value)


def test_write_atomic_leaves_the_old_file_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.json"
    files.write_json(path, {"a": 1})

    def no_space(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        files.write_json(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_what_ends_with_its_process_is_not_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    monkeypatch.setattr(files, "_outlives_process", True)
    files.write_atomic(tmp_path / "x", b"1")
    assert len(flushed) == 1
    files.end_with_process()
    files.write_atomic(tmp_path / "x", b"2")
    assert len(flushed) == 1 and (tmp_path / "x").read_bytes() == b"2"


def test_who_writes_the_same_file_at_the_same_time_leaves_it_whole(tmp_path: Path) -> None:
    """Two tabs are two threads of a server, and servers in containers may have the same process id."""
    file, contents = tmp_path / "state.json", [letter * 5000 for letter in (b"a", b"b", b"c", b"d")]
    files.write_atomic(file, contents[0])

    def write_and_read(content: bytes) -> bool:
        for _time in range(50):
            files.write_atomic(file, content)
            if file.read_bytes() not in contents:
                return False
        return True

    with ThreadPoolExecutor(len(contents)) as threads:
        assert all(threads.map(write_and_read, contents))
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_asking_whether_it_is_locked_does_not_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not files.is_locked(path)
    held = filelock.FileLock(path)
    held.acquire()
    assert files.is_locked(path)
    held.release()
    assert not files.is_locked(path)
    held.acquire(timeout=0)
    held.release()


def test_csv_text_is_exact() -> None:
    x = float(np.float64(0.1) + 0.2)
    assert files.csv_text(("a", "b"), [(1, x)]) == f"a,b\n1,{x!r}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="filelock looks for file systems without locks there")
def test_a_new_lock_opens_nothing_but_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    open_ = os.open

    def noted(path: object, *args: int, **options: int) -> int:
        opened.append(path)
        return open_(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", noted)
    with files.locked(tmp_path / "runs" / "lock"):
        assert files.is_locked(tmp_path / "runs" / "lock")
    assert {Path(str(path)) for path in opened} == {tmp_path / "runs" / "lock"}


def test_where_no_lock_ends_with_its_process_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")  # Windows has locks of another kind

    def no_locks(_fd: int, _what: int) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(LenetError) as error, files.locked(tmp_path / "lock"):
        pass
    assert (error.value.code, error.value.params["reason"]) == ("not_writable", "Function not implemented")
