"""The wheel of this project, built and installed as pip does it, without network and apart from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

from lenet.common.paths import PROJECT

SOURCES = ["pyproject.toml", "requirements.txt", "README.md", "LICENSE", "app.py"]
FOLDERS = ["lenet", "pages", "tests", ".streamlit"]


def copy_sources(to: Path) -> Path:
    """The project in a folder of its own, with what a checkout may hold besides and a wheel must not."""
    for name in SOURCES:
        to.mkdir(exist_ok=True)
        shutil.copyfile(PROJECT / name, to / name)
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", "screenshots", "node_modules", "secrets.toml")
        shutil.copytree(PROJECT / name, to / name, ignore=ignored)
    (to / ".streamlit" / "secrets.toml").write_text('[operator]\npassword = "secret"\n', encoding="utf-8")
    for folder in ("lenet/common", "pages"):
        (to / folder / "__pycache__").mkdir()
        (to / folder / "__pycache__" / "old.cpython-311.pyc").touch()
    return to


def build_wheel(source: Path, to: Path) -> Path:
    """`pip wheel` with the setuptools of this environment. Skips where it has none that can, except with CI=true."""
    if os.environ.get("CI") != "true" and not (_version("pip") >= 23 and _version("setuptools") >= 77):
        pytest.skip("needs pip and setuptools: pip install -r tests/requirements.txt")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(to)]
    _run([sys.executable, "-m", "pip", "wheel", *options, str(source)])
    (wheel,) = to.glob("*.whl")
    return wheel


def build_source_archive(source: Path, to: Path) -> Path:
    """The .tar.gz that `python -m build --sdist` makes."""
    to.mkdir()
    code = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    _run([sys.executable, "-c", code, str(to)], cwd=source)
    (archive,) = to.glob("*.tar.gz")
    return archive


def install(wheel: Path, environment: Path) -> Path:
    """The folder of commands of a new environment, which has that wheel and finds all libraries in ours."""
    _run([sys.executable, "-m", "venv", "--without-pip", str(environment)])
    commands = environment / ("Scripts" if os.name == "nt" else "bin")
    python = commands / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(_run([str(python), "-c", code]).strip())
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile"]
    _run([sys.executable, "-m", "pip", "--python", str(python), "install", *options, str(wheel)])
    return commands


def _version(package: str) -> int:
    """The major version of an installed package; 0 where it is not installed."""
    try:
        return int(metadata.version(package).partition(".")[0])
    except metadata.PackageNotFoundError:
        return 0


def _run(command: list[str], cwd: Path | None = None) -> str:
    out = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert out.returncode == 0, out.stdout + out.stderr
    return out.stdout
