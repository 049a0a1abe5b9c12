"""Sharing what is on screen from a laptop: link and QR code, and what guests in its network may do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from lenet.common import links
from tests.browser.conftest import a_reader
from tests.helpers import geometry
from tests.helpers.processes import end_workers, serve

pytestmark = pytest.mark.browser


def test_guests_may_only_look_once_the_address_is_shown(
    browser: Browser, devices: dict[str, Any], tmp_path: Path
) -> None:
    machine = links.network_address()
    if machine is None:
        pytest.skip("this machine has no network")
    folder = tmp_path / "runs"
    with (
        serve(folder, STREAMLIT_SERVER_ADDRESS="0.0.0.0") as (url, _server),
        a_reader(browser, is_new=True, locale="zh-CN") as teacher,
        a_reader(browser, is_new=True, **geometry.phone(devices)) as guest,
    ):
        teacher.goto(f"{url}/pooling?kernel=3&lang=en")
        teacher.get_by_role("button", name="Share").click()
        link = teacher.locator(".share a.address")
        port = url.rpartition(":")[2]
        expect(link).to_have_text(f"http://{machine}:{port}/pooling?kernel=3")  # in the guest's own language
        expect(teacher.locator(".share svg.qr")).to_be_visible()
        switch = teacher.get_by_role("checkbox", name=re.compile("Guests may only look"))
        expect(switch).to_be_checked()

        guest.goto(f"http://guests.test:{port}/training?lang=en&epochs=1")
        guest.get_by_role("button", name="Train", exact=True).tap()
        expect(guest.get_by_text("Guests may only look here.")).to_be_visible()
        assert not guest.evaluate("isSecureContext")
        guest.get_by_role("button", name="Share").tap()
        copy = guest.locator(".share button.copy")
        copy.tap()
        expect(copy).to_have_text("Copied")
        expect(guest.locator(".share input")).to_have_count(0)  # the switch is not theirs
        assert geometry.measure(guest, ".share").sideways == 0
        guest.keyboard.press("Escape")

        switch.uncheck()
        expect(switch).not_to_be_checked()
        guest.get_by_role("button", name="Train", exact=True).tap()
        expect(guest.get_by_test_id("stProgress")).to_contain_text(re.compile("waiting|training|finished|starting"))
    end_workers(folder)
