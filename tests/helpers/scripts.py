"""Downloaded scripts, run as a reader runs them, or in this process, which has loaded torch already."""

from __future__ import annotations

import io
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path
from unittest.mock import patch


def run_apart(script: Path, *options: str) -> str:
    """What a script prints in a process of its own, which finds nothing of ours, not even in the working directory."""
    command = [sys.executable, "-I", str(script), *options]
    out = subprocess.run(command, cwd=script.parent, env=os.environ, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    return out.stdout


def run_here(script: Path, *options: str) -> str:
    """What a script prints that runs in this process, but cannot import anything of ours."""
    out = io.StringIO()
    arguments = [str(script), *options]
    with without_ours(), chdir(script.parent), patch.object(sys, "argv", arguments), redirect_stdout(out):
        runpy.run_path(str(script), run_name="__main__")
    return out.getvalue()


@contextmanager
def without_ours() -> Iterator[None]:
    """Context in which `import lenet` fails, and so does that of each of its modules."""
    ours = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "lenet"}
    sys.modules.update(dict.fromkeys({"lenet", *ours}))  # type: ignore[arg-type]
    try:
        yield
    finally:
        sys.modules.update(ours)
