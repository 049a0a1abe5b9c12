"""What a worker says of itself."""

from __future__ import annotations

from lenet import runs
from lenet.runs.state import worker_job
from lenet.runs.supervision import is_alive


def test_unknown_until_there_was_one() -> None:
    assert runs.read_state() == runs.WorkerState()
    assert not is_alive()


def test_state_file_of_anything_is_no_error() -> None:
    home = worker_job().folder
    home.mkdir(parents=True)
    for content in (b"", b"[]", b"{", b'{"devices": 3}', b'{"state": "dancing", "pid": []}', b"\xff"):
        (home / "state.json").write_bytes(content)
        assert runs.read_state().words()
