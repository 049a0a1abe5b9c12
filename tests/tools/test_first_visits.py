"""What the tool for first visits does before it measures."""

from __future__ import annotations

from pathlib import Path

from lenet.ui.compression import Store
from tests.helpers.processes import run_apart
from tests.tools import first_visits


def test_a_server_finds_what_was_compressed_for_it(tmp_path: Path) -> None:
    plain = b"const x = 1\n" * 200
    first_visits.keep(tmp_path, plain)

    async def read() -> bytes:
        return plain

    store = Store(tmp_path / ".cache" / "compressed")
    for coding, end in (("br", '-br11"'), ("gzip", '-gzip9"')):
        assert run_apart(store.get("/static/x.js", '"1"', coding, read)).etag.endswith(end)
