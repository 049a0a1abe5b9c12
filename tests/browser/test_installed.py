"""A copy that pip installed, in a real browser: pages open, and a run lands in the user's data folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.package import build_wheel, copy_sources, install
from tests.helpers.processes import Process, answers, end_workers, free_port, wait_for

pytestmark = pytest.mark.browser

PRIMARY = "rgb(180, 83, 9)"  # theme.light.primaryColor in .streamlit/config.toml


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The data folder of the user that started the app."""
    return tmp_path / "share" / "lenet-explorer"


@pytest.fixture
def installed_url(tmp_path: Path, store: Path) -> Iterator[str]:
    """Address of `lenet-explorer`, started from a folder that has nothing to do with it."""
    wheel = build_wheel(copy_sources(tmp_path / "project"), tmp_path / "wheel")
    commands = install(wheel, tmp_path / "environment")
    (tmp_path / "elsewhere").mkdir()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LENET_", "PYTHON"))}
    env |= {"HOME": str(tmp_path), "XDG_DATA_HOME": str(store.parent)}
    port, log = free_port(), tmp_path / "log"
    command = [commands / "lenet-explorer", "--server.headless=true", f"--server.port={port}"]
    with (
        log.open("wb") as out,
        Process(command, cwd=tmp_path / "elsewhere", env=env, stdout=out, stderr=subprocess.STDOUT) as server,
    ):
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{url}/_stcore/health") or server.poll() is not None)
        assert server.poll() is None, log.read_text()
        yield url
        server.terminate()
        server.wait(30)
    end_workers(store / "runs")


def test_an_installed_copy_trains_in_a_worker_and_keeps_the_run_with_the_user(
    installed_url: str, page: Page, store: Path
) -> None:
    """The server is asked for before the page, so that it outlives it."""
    page.goto(f"{installed_url}/training?recipe=modern&epochs=1&data=sample")
    train = page.get_by_role("button", name="Train", exact=True)
    expect(train).to_have_css("background-color", PRIMARY)  # its configuration was found
    train.click()
    expect(page.get_by_test_id("stProgress").get_by_text("finished · epoch 1 of 1")).to_be_visible(timeout=300_000)
    (run,) = (p.parent for p in (store / "runs").glob("*/model.safetensors"))
    assert (run / "metrics.csv").read_text().count("\n") == 2
