"""Disks that are full or read-only, for one Python process of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from lenet.common import paths


def in_own_mounts(script: str, prepare: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a mount namespace of its own, in which the shell has changed the runs directory first."""
    if sys.platform != "linux" or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("no mounts of one's own here")
    folder = paths.runs_dir()
    folder.mkdir(parents=True, exist_ok=True)
    shell = f'set -e; {prepare}; exec "$0" -c "$1"'
    command = ["unshare", "-m", "sh", "-c", shell, sys.executable, script]
    env = os.environ | {"DIR": str(folder), "PYTHONPATH": str(paths.PROJECT)}
    out = subprocess.run(command, cwd=paths.PROJECT, env=env, capture_output=True, text=True, timeout=180)
    if "mount:" in out.stderr:
        pytest.skip(f"no mounts here: {out.stderr[:200]}")
    return out


def fill_disk() -> Path:
    """Fill the disk of the runs directory to its last byte; returns the file to delete so that there is room again."""
    filler = paths.runs_dir() / "filler"
    with filler.open("wb", buffering=0) as f, suppress(OSError):
        while True:
            f.write(bytes(512))
    return filler
