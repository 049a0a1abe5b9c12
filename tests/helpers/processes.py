"""Processes and event loops that tests and tools start, and the waiting for what they do."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, TypeVar

import filelock

from lenet.common import files, paths
from lenet.runs.supervision import MAX_WORKERS, is_alive

T = TypeVar("T")

LIMIT = 300.0
"""Seconds after which a test no longer waits for a process: for a loaded machine, on which a worker comes last."""


class Process(subprocess.Popen[bytes]):
    """Ends with its `with` block, whatever happens there: a test that fails does not wait for what would go on."""

    def __exit__(self, *error: Any) -> None:
        self.kill()
        super().__exit__(*error)


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, in a thread of its own: see `call_apart`."""
    return call_apart(asyncio.run, work)


def call_apart(what: Callable[..., T], *args: Any) -> T:
    """The result of a call that runs an event loop: in a thread of its own, as Playwright's goes on in that of the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(what, *args).result()


def wait_for(what: Callable[[], T], seconds: float = LIMIT) -> T:
    """Ask again and again until the answer is something true, and return it."""
    end = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def answers(url: str, **options: Any) -> bool:
    """Whether a server is there and well; `options` are those of `urlopen`."""
    with suppress(OSError):
        urllib.request.urlopen(url, timeout=1, **options).close()
        return True
    return False


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Context that holds a lock, unless somebody else does: for what one process of many does, and here none is to do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = files.file_lock(path)
    with suppress(filelock.Timeout):
        lock.acquire(timeout=0)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def serve(
    runs_dir: Path,
    *,
    port: int = 0,
    by: str = "streamlit",
    project: Path = paths.PROJECT,
    compresses: bool = False,
    trains: bool = True,
    **environment: str,
) -> Iterator[tuple[str, Process]]:
    """The app as a reader starts it, over that runs directory: its address and its process. Ends with the context.

    `by` is `streamlit` (run from elsewhere: nothing depends on the working directory) or `uvicorn`. Only with `compresses` it
    compresses its scripts at the highest level in the background, which takes 30 s of CPU time. Without `trains` it finds its
    worker at work, and starts none: 5 s. A worker that it has started outlives it, as it should: see `end_workers`.
    """
    port = port or free_port()
    env = os.environ | {"LENET_RUNS_DIR": str(runs_dir)} | environment
    env.pop("LENET_DATA_DIR", None)
    runs_dir.mkdir(parents=True, exist_ok=True)
    log = runs_dir / f"server-{port}.log"
    command, place = {
        "streamlit": (["streamlit", "run", str(project / "app.py"), "--server.headless=true", f"--server.port={port}"], runs_dir),
        "uvicorn": (["uvicorn", "app:app", f"--port={port}"], project),
    }[by]  # fmt: skip
    url = "/".join((f"http://127.0.0.1:{port}", *filter(None, [environment.get("STREAMLIT_SERVER_BASE_URL_PATH")])))
    with (
        nullcontext() if compresses else held(runs_dir / ".cache" / "compressed" / "lock"),
        nullcontext() if trains else held(runs_dir / ".worker" / "lock"),
        log.open("ab") as out,
        Process([sys.executable, "-m", *command], cwd=place, env=env, stdout=out, stderr=subprocess.STDOUT) as server,
    ):
        wait_for(lambda: answers(f"{url}/_stcore/health") or server.poll() is not None)
        assert server.poll() is None, log.read_text()
        yield url, server
        server.terminate()
        server.wait(30)


def end_workers(runs_dir: Path) -> None:
    """Ask all workers of that runs directory to go."""
    for state in runs_dir.glob(".worker*/state.json"):
        with suppress(OSError, ValueError, KeyError):
            os.kill(json.loads(state.read_text())["pid"], signal.SIGTERM)


def workers_are_gone() -> bool:
    """Whether no worker of the current runs directory is there any more."""
    return not any(map(is_alive, range(1, MAX_WORKERS + 1)))
