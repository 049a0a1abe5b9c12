"""A kind of background work for tests, as a command: `python -m tests.helpers.counting TASK…`.

Each task leaves a file of its name. One whose name begins with `fails` raises an error, one that begins with `long` goes on
until it is stopped or killed. With KILL_AT=N the process kills itself before it changes a file for the n-th time.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from lenet.common import jobs, paths
from lenet.common.errors import LenetError


class Counting(jobs.TaskQueue):
    def do(self, task: str, tell: jobs.Tell) -> None:
        with (self.folder / "begun").open("a") as f:
            f.write(f"{task}\n")
        if task.startswith("fails"):
            raise RuntimeError("it fails")
        for n in range(10):
            tell(n / 10)
        while task.startswith("long"):
            tell(0.5)
            time.sleep(0.01)
        (self.folder / f"{task}.done").touch()

    def is_done(self, task: str) -> bool:
        return (self.folder / f"{task}.done").exists()

    def error(self, cause: Exception | None) -> LenetError:
        return LenetError("insight_killed") if cause is None else LenetError("insight_failed", reason=str(cause))

    def version(self, task: str) -> str:
        version = self.folder / "version"
        return version.read_text() if version.exists() else ""


def counting() -> Counting:
    return Counting(paths.runs_dir() / ".counting", "tests.helpers.counting")


def _kill_at(n: int) -> None:
    changes = 0

    def watched(change: Any) -> Any:
        def change_or_die(*args: Any, **options: Any) -> Any:
            nonlocal changes
            changes += 1
            if changes == n:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*args, **options)

        return change_or_die

    for name in ("touch", "unlink", "replace", "mkdir"):
        setattr(Path, name, watched(getattr(Path, name)))


def main(tasks: list[str]) -> int:
    if n := os.environ.get("KILL_AT"):
        _kill_at(int(n))
    try:
        counting().work_off(*tasks)
    except jobs.AlreadyRunning:
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
