"""The ONNX file of a run.

    python -m lenet.runs.onnx_export RUN_ID       # the app starts it; the file is kept in the run's directory

It is made by a process of its own, one for all servers and visitors (see common/jobs.py; the folder is `<runs>/.onnx/`):
torch and its exporter take seconds to load, and 700 MB. Files of runs that came with the app go to `<runs>/.cache/`.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path

import safetensors.numpy

from lenet.architecture import onnx_file
from lenet.common import files, jobs, paths
from lenet.common.errors import LenetError
from lenet.runs import export, visitors
from lenet.runs.files import MODEL
from lenet.runs.parsing import MAX_BYTES
from lenet.runs.store import Run, find

FILE = "model.onnx"
"""The file in the directory of its run."""


def _place(run: Run) -> Path:
    return paths.runs_dir() / ".cache" / f"{run.id}.onnx" if run.is_reference else run.path / FILE


def is_ready(run: Run) -> bool:
    """Whether there is a file of the run's present weights: it has their modification time."""
    with suppress(OSError, ValueError):
        return files.plain_stat(_place(run)).st_mtime_ns == _changed(run)
    return False


def _changed(run: Run) -> int:
    return (run.path / MODEL).stat().st_mtime_ns


def read(run: Run) -> bytes:
    """The file. Raises LenetError where there is none, or it cannot be read."""
    try:
        return files.read_plain(_place(run), MAX_BYTES)
    except (OSError, ValueError) as e:
        raise run.damaged(FILE, str(e)) from e


def make(run: Run) -> bytes:
    """The network of a run with its present weights as ONNX. Imports torch; takes some seconds. Raises LenetError."""
    from lenet.architecture.inference import trained

    onnx_file.check_packages()
    raw = export.stored(run)
    net = trained(run.config.model, safetensors.numpy.load(raw), run.id)
    return onnx_file.to_onnx(net, export.description(run, raw))


# -- asked for, and made by a process of its own -------------------------------------------------------------------


class _Exports(jobs.TaskQueue):
    """Runs that are exported one after the other; a task is the id of a run."""

    def do(self, task: str, tell: jobs.Tell) -> None:
        from lenet.architecture.inference import use_one_thread

        use_one_thread()  # somebody may be training beside it
        run = find(task)
        changed, place = _changed(run), _place(run)
        content = make(run)
        tell(1.0)
        place.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomic(place, content)
        os.utime(place, ns=(changed, changed))

    def is_done(self, task: str) -> bool:
        return is_ready(find(task))

    def error(self, cause: Exception | None) -> LenetError:
        if cause is None:
            return LenetError("export_killed")
        return cause if isinstance(cause, LenetError) else LenetError("export_failed", reason=str(cause)[:200])

    def version(self, task: str) -> str:
        return str(find(task).weights_stamp())


def _exports() -> _Exports:
    return _Exports(paths.runs_dir() / ".onnx", "lenet.runs.onnx_export")


def start(run: Run) -> None:
    """Ask for a run's file. Raises LenetError."""
    visitors.check_may_act()
    _exports().ask(run.id, run.id)


def is_at_work(run: Run) -> bool:
    """Whether it was asked for and a process is at it, or at others that come first."""
    return _exports().progress(run.id) is not None


def failure(run: Run) -> LenetError | None:
    """Why the last attempt with these weights did not succeed; None where none has failed."""
    return _exports().failure(run.id)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lenet.runs.onnx_export", description="Make the ONNX file of a run."
    )
    parser.add_argument("run", metavar="RUN_ID")
    args = parser.parse_args(argv)
    try:
        run = find(args.run)
        return _exports().work_off_as_command(run.id)
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
