"""Where files are kept on this machine, and the environment variables that change it.

Paths are relative to this copy of the code, never to the working directory: `streamlit run /elsewhere/app.py`
and `python -m lenet.train` see the same runs. A checkout keeps runs and downloads in the project. A copy
installed by pip has the app inside the package, as `lenet/_app/`, and keeps them in the user's data folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
PROJECT = PACKAGE.parent
"""The folder that holds `lenet/`: the project, or the site-packages of an installed copy."""
INSTALLED = (PACKAGE / "_app").is_dir()
"""Whether pip installed this copy: only a wheel has the app inside the package (see pyproject.toml)."""
APP_DIR = PACKAGE / "_app" if INSTALLED else PROJECT
"""The folder of app.py, pages/ and .streamlit/."""


def user_data_dir(platform: str = sys.platform) -> Path:
    """Where a program keeps a user's data by the conventions of the operating system (a value of `sys.platform`)."""
    if platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif platform == "darwin":
        root = Path.home() / "Library" / "Application Support"
    else:
        named = Path(os.environ.get("XDG_DATA_HOME", ""))
        root = named if named.is_absolute() else Path.home() / ".local" / "share"  # a relative one does not count
    return root / "lenet-explorer"


STORE = user_data_dir() if INSTALLED else PROJECT
"""The folder of runs and downloads, unless the environment names another."""
REFERENCE_DIR = PACKAGE / "reference"
LESSONS_DIR = REFERENCE_DIR / "lessons"
"""Of runs that a lesson is about: they are in no list of runs, and have neither weights nor kernels."""
SAMPLE_DIR = PACKAGE / "sample"
DOWNLOAD_DIR = STORE / "data"
DEBIAN_DATA_DIR = Path("/usr/share/datasets/fashion-mnist")


def named(text: str) -> Path:
    """A path that a user has named, with `~` as the home folder: not every shell replaces it, and no service manager does."""
    if _path(text).is_absolute():
        return _path(text)
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:  # `~somebody` whom this machine does not know
        return Path(text).absolute()


_path = lru_cache(maxsize=64)(Path)  # pages ask for the runs directory again and again


def option(text: str) -> Path:
    """A path given to a command (for argparse). An empty one would be the working directory."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it must name a file or folder, and it is empty")
    return named(text)


def add_runs_dir_option(parser: argparse.ArgumentParser) -> None:
    """Give a command the option `--runs-dir`, for `use_runs_dir`."""
    text = "folder of the runs (default: LENET_RUNS_DIR, else runs/)"
    parser.add_argument("--runs-dir", type=option, metavar="DIR", help=text)


def runs_dir() -> Path:
    """The runs directory: `LENET_RUNS_DIR`, else `runs/` in the project (of an installed copy: the data folder)."""
    return named(os.environ.get("LENET_RUNS_DIR") or str(STORE / "runs"))


def use_runs_dir(path: Path) -> None:
    """Make `path` the runs directory of this process and of the processes that it starts."""
    os.environ["LENET_RUNS_DIR"] = str(path.absolute())


def data_dir() -> Path | None:
    """The data directory that the user named in `LENET_DATA_DIR` (`~` is the home folder there too), or None."""
    named = os.environ.get("LENET_DATA_DIR")
    if not named:
        return None
    with suppress(RuntimeError):  # `~nobody` stays as it is
        return Path(named).expanduser().absolute()
    return Path(named).absolute()


def hosted() -> bool:
    """Whether this is a public server (`LENET_HOSTED=1`), with limits and owners of runs."""
    return os.environ.get("LENET_HOSTED", "") not in ("", "0")
