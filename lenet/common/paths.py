"""Where things lie on this machine, and what the environment may change about it.

Every path is anchored to the project, never to the working directory: `streamlit run /elsewhere/app.py`
and `python -m lenet.train` see the same runs.
"""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
REFERENCE_DIR = PROJECT / "lenet" / "reference"
SAMPLE_DIR = PROJECT / "lenet" / "sample"
DOWNLOAD_DIR = PROJECT / "data"
DEBIAN_DATA_DIR = Path("/usr/share/datasets/fashion-mnist")


def runs_dir() -> Path:
    """The runs directory: `LENET_RUNS_DIR`, else `runs/` in the project."""
    return Path(os.environ.get("LENET_RUNS_DIR") or PROJECT / "runs").absolute()


def use_runs_dir(path: Path) -> None:
    """Make `path` the runs directory of this process and of those that it starts."""
    os.environ["LENET_RUNS_DIR"] = str(path.absolute())


def data_dir() -> Path | None:
    """The data directory that the user named in `LENET_DATA_DIR`, or None."""
    named = os.environ.get("LENET_DATA_DIR")
    return Path(named).absolute() if named else None


def hosted() -> bool:
    """Whether the rules of a public server are on (`LENET_HOSTED=1`); a laptop has none of them."""
    return os.environ.get("LENET_HOSTED", "") not in ("", "0")
