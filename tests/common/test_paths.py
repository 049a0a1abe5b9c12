"""Where runs and downloads lie."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from lenet.common import paths


def test_a_checkout_keeps_runs_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LENET_RUNS_DIR")
    assert not paths.INSTALLED
    assert paths.runs_dir() == paths.PROJECT / "runs"
    assert paths.DOWNLOAD_DIR == paths.PROJECT / "data"
    assert (paths.APP_DIR / "app.py").is_file()


def test_a_home_folder_is_found_where_no_shell_has_replaced_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LENET_RUNS_DIR", "~/mine")
    assert paths.runs_dir() == tmp_path / "mine" == paths.option("~/mine")
    assert paths.option("some/~where") == Path("some/~where").absolute()
    assert paths.option("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x").absolute()


@pytest.mark.parametrize("text", ["", "  "])
def test_an_option_that_names_no_folder_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="empty"):
        paths.option(text)


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
