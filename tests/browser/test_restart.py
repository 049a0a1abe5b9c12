"""A server that stops answering, and one that is started again, under pages that stay open."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lenet import runs
from lenet.common import paths
from lenet.runs.configuration import CLASSIC
from tests.browser.conftest import SERVER_AWAY, a_reader
from tests.helpers.made import set_status
from tests.helpers.processes import free_port, serve

pytestmark = pytest.mark.browser


def test_a_broken_connection_and_a_lost_upload_are_told(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, port = tmp_path / "runs", free_port()
    monkeypatch.setenv("LENET_RUNS_DIR", str(folder))
    run = runs.create(CLASSIC, "slow", for_worker=False)
    weights = paths.REFERENCE_DIR / "classic" / "model.safetensors"
    held = runs.lock(run)
    set_status(run, state="running", step=1, steps_per_epoch=235)
    with (
        a_reader(browser, is_new=True, forgiven=SERVER_AWAY) as watching,
        a_reader(browser, is_new=True, forgiven=SERVER_AWAY) as gallery,
    ):
        with serve(folder, port=port, trains=False) as (url, server):
            watching.goto(f"{url}/training?run=slow")
            expect(watching.get_by_test_id("stProgress")).to_contain_text("training")
            gallery.goto(f"{url}/kernels")
            gallery.get_by_role("button", name="Files").click()
            gallery.locator("input[type=file]").set_input_files(str(weights))
            expect(gallery.get_by_text("model.safetensors: 0.weight").first).to_be_visible()
            gallery.keyboard.press("Escape")
            told = watching.get_by_text("Nothing has come from the server for ten seconds")
            expect(told).to_have_count(0)
            server.send_signal(signal.SIGSTOP)
            expect(told).to_be_visible()
            server.send_signal(signal.SIGCONT)
            expect(told).to_have_count(0)
        with serve(folder, port=port, trains=False):
            expect(gallery.get_by_text("open the file again")).to_be_visible()
        held.release()


def test_a_click_is_heard_by_the_server_that_has_started_anew(browser: Browser, tmp_path: Path) -> None:
    """Also where nothing on the page has asked that server for anything before."""
    folder, port = tmp_path / "runs", free_port()
    with (
        a_reader(browser, is_new=True, forgiven=SERVER_AWAY) as reader,
        a_reader(browser, is_new=True, forgiven=SERVER_AWAY) as other,
    ):
        with serve(folder, port=port, trains=False) as (url, _server):
            for page in (reader, other):
                page.goto(f"{url}/pooling?lang=zh_CN")
                expect(page.get_by_role("radio", name="简体中文")).to_be_checked()
                page.get_by_role("button", name="分享").wait_for()
        with serve(folder, port=port, trains=False):
            for page in (reader, other):
                page.wait_for_function("!document.querySelector('[data-testid=stConnectionStatus]')")
            reader.get_by_text("English", exact=True).click()
            expect(reader.locator("h1")).to_have_text("What a pooling layer does, one window at a time")
            expect(reader.get_by_role("radio", name="English")).to_be_checked()
            other.get_by_role("button", name="分享").click()
            expect(other.locator(".share a.address")).to_contain_text("/pooling")
