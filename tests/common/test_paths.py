"""Where runs and downloads lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from lenet.common import paths


def test_a_checkout_keeps_runs_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LENET_RUNS_DIR")
    assert not paths.INSTALLED
    assert paths.runs_dir() == paths.PROJECT / "runs"
    assert paths.DOWNLOAD_DIR == paths.PROJECT / "data"
    assert (paths.APP_DIR / "app.py").is_file()


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, "{home}/.local/share/lenet-explorer"),
        ("linux", {"XDG_DATA_HOME": "/mnt/mine"}, "/mnt/mine/lenet-explorer"),
        ("linux", {"XDG_DATA_HOME": ""}, "{home}/.local/share/lenet-explorer"),
        ("linux", {"XDG_DATA_HOME": "not/absolute"}, "{home}/.local/share/lenet-explorer"),
        ("darwin", {"XDG_DATA_HOME": "/mnt/mine"}, "{home}/Library/Application Support/lenet-explorer"),
        ("win32", {"LOCALAPPDATA": "/Users/me/AppData/Local"}, "/Users/me/AppData/Local/lenet-explorer"),
        ("win32", {}, "{home}/AppData/Local/lenet-explorer"),
    ],
)
def test_the_users_data_folder(
    platform: str, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert paths.user_data_dir(platform) == Path(expected.format(home=tmp_path))
