"""Python in processes that have PyTorch already, which takes every other one two seconds to load: forks of one that does nothing else."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.context import ForkServerContext, SpawnContext
from types import ModuleType
from typing import Self


@cache
def _context() -> ForkServerContext | SpawnContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():  # Windows
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lenet.worker", "lenet.training.run", __name__])
    return context


@contextmanager
def _no_main() -> Iterator[None]:
    """Context in which multiprocessing finds no main module, which every process that it starts would run first: pytest, or the
    last page that a test has run."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class Fork:
    """`python -c CODE OPTION…` with the environment of now. Ends with its `with` block, whatever happens there."""

    def __init__(self, code: str, *options: str) -> None:
        self._process = _context().Process(target=_run, args=(code, options, dict(os.environ)))
        with _no_main():
            self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()
        self._process.join()

    def poll(self) -> int | None:
        """Its exit status, negative for the signal that it died of; None while it is there."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        self._process.join(seconds)
        assert self._process.exitcode is not None, "it goes on"
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self._process.kill()


def _run(code: str, options: tuple[str, ...], environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["-c", *options]
    exec(code, {"__name__": "__main__"})
