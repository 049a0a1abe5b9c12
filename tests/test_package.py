"""What pip makes of this project: what its wheel holds, and that the copy it installs works from any folder."""

from __future__ import annotations

import os
import signal
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from lenet.common.paths import PROJECT
from tests.helpers.package import build_source_archive, build_wheel, copy_sources, install
from tests.helpers.processes import Process, answers, free_port, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_sources(tmp_path_factory.mktemp("project") / "lenet-explorer")


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    return build_wheel(source, source.parent / "wheel")


@pytest.fixture(scope="module")
def commands(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(wheel, tmp_path_factory.mktemp("installed") / "environment")


@pytest.fixture
def user(tmp_path: Path) -> dict[str, str]:
    """The environment variables of somebody who has never started the app."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LENET_", "PYTHON"))}
    return kept | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "share")}


def contents(wheel: Path) -> dict[str, int]:
    """The files of a wheel and the checksum of each."""
    with zipfile.ZipFile(wheel) as z:
        return {file.filename: file.CRC for file in z.infolist()}


def test_all_packages_are_named() -> None:
    """setuptools copies the packages that pyproject.toml lists, and no other."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    named = {settings["package-dir"].get(name, name.replace(".", "/")) for name in settings["packages"]}
    modules = [p.relative_to(PROJECT) for folder in ("lenet", "pages") for p in (PROJECT / folder).rglob("*.py")]
    assert named == {".", *(module.parent.as_posix() for module in modules)}


def test_the_wheel_holds_lenet_and_in_it_the_app(wheel: Path) -> None:
    names = set(contents(wheel))
    ours = {p for folder in ("lenet", "pages") for p in (PROJECT / folder).rglob("*") if p.is_file()}
    ours = {p.relative_to(PROJECT) for p in ours if "__pycache__" not in p.parts and p.suffix != ".po"}
    ours |= {Path("app.py"), Path(".streamlit/config.toml")}
    expected = {p.as_posix() if p.parts[0] == "lenet" else f"lenet/_app/{p.as_posix()}" for p in ours}
    assert {n for n in names if ".dist-info/" not in n} == expected
    assert {Path(n).suffix for n in names} >= {".py", ".mo", ".js", ".css", ".gz", ".safetensors", ".csv", ".json"}


def test_a_source_archive_makes_the_same_wheel(source: Path, wheel: Path, tmp_path: Path) -> None:
    archive = build_source_archive(source, tmp_path / "archive")
    assert contents(build_wheel(archive, tmp_path / "wheel")) == contents(wheel)


def test_an_earlier_build_leaves_nothing_in_a_later_one(source: Path, wheel: Path, tmp_path: Path) -> None:
    assert "lenet/old.py" not in contents(wheel)
    (source / "lenet" / "old.py").touch()
    assert "lenet/old.py" in contents(build_wheel(source, tmp_path / "with"))
    (source / "lenet" / "old.py").unlink()
    assert contents(build_wheel(source, tmp_path / "without")) == contents(wheel)


def test_an_installed_copy_trains_into_the_users_data_folder(
    commands: Path, user: dict[str, str], tmp_path: Path
) -> None:
    command = [commands / "python", "-m", "lenet.train", "--recipe", "modern", "--epochs", "1", "--data", "sample"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run([*command, "--run-id", "first"], cwd=elsewhere, env=user, check=True, capture_output=True)
    assert (tmp_path / "share" / "lenet-explorer" / "runs" / "first" / "model.safetensors").is_file()
    assert list(elsewhere.iterdir()) == []


def test_the_environment_names_other_folders(commands: Path, user: dict[str, str], tmp_path: Path) -> None:
    named = user | {"LENET_RUNS_DIR": str(tmp_path / "runs"), "LENET_DATA_DIR": str(tmp_path / "data")}
    code = "from lenet.common import paths; print(paths.INSTALLED, paths.runs_dir(), paths.data_dir())"
    out = subprocess.run([commands / "python", "-c", code], cwd=tmp_path, env=named, capture_output=True, text=True)
    assert out.stdout.split() == ["True", str(tmp_path / "runs"), str(tmp_path / "data")]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to another process")
def test_the_command_serves_from_any_folder_until_interrupted(
    commands: Path, user: dict[str, str], tmp_path: Path
) -> None:
    """Even from a checkout, whose `lenet` is another one."""
    port, log = free_port(), tmp_path / "log"
    command = [commands / "lenet-explorer", "--server.headless", "true", f"--server.port={port}"]
    with log.open("wb") as out, Process(command, cwd=PROJECT, env=user, stdout=out, stderr=out) as server:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/_stcore/health") or server.poll() is not None)
        server.send_signal(signal.SIGINT)
        status = server.wait(60)
    text = log.read_text()
    assert text.startswith(f"Runs are kept in {tmp_path / 'share' / 'lenet-explorer' / 'runs'}, a download goes to ")
    assert f"http://localhost:{port}" in text
    assert "Traceback" not in text
    assert status == 0, text


def test_the_exit_status_is_streamlits(commands: Path, user: dict[str, str]) -> None:
    out = subprocess.run([commands / "lenet-explorer", "--no.such.option"], env=user, capture_output=True, text=True)
    assert out.returncode == 2
    assert "--no.such.option" in out.stderr
