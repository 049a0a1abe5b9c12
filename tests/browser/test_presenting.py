"""The main figure of a page alone, as large as the screen: any page but the kernels, whose wall does it by itself."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_window_is_presented(page: Any, app_url: str) -> None:
    page.goto(f"{app_url}/pooling?present=1")
    page.wait_for_function("document.documentElement.classList.contains('presenting')")
    figure = page.locator(".st-key-figure")
    box = figure.bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1366, 768)
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    page.keyboard.press("b")
    expect(page.locator(".black")).to_be_visible()
    page.keyboard.press("b")
    expect(page.locator(".black")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    page.wait_for_function("!/present=/.test(location.search)")
    page.get_by_role("button", name="Present").click()
    page.wait_for_function("/present=1/.test(location.search)")
    page.locator("button.leave").click()
    expect(figure).not_to_have_css("position", "fixed")
