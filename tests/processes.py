"""Processes and event loops that tests start."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Process(subprocess.Popen[bytes]):
    """Ends with its `with` block, whatever happens there: a test that fails does not wait for what would go on."""

    def __exit__(self, *error: Any) -> None:
        self.kill()
        super().__exit__(*error)


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, in a thread of its own: Playwright's event loop goes on in the thread of the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
