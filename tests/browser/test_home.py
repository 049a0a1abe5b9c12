"""Home in a real browser: the path through the pages, on a phone as on a laptop, and where its reader stopped."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lenet.course import STATIONS
from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

PATH = ".st-key-path"


def home(page: Page) -> None:
    page.locator(PATH).get_by_role("heading", name="One path through all pages").wait_for()
    geometry.settle(page)


def marked(page: Page) -> list[int]:
    """The numbers of the stations that are marked as opened."""
    marks = (
        page.locator(PATH)
        .get_by_role("listitem")
        .evaluate_all(
            "all => all.flatMap((item, i) => item.querySelector('[role=img][aria-label=opened]') ? [i + 1] : [])"
        )
    )
    return list(marks)


def test_the_path_keeps_where_its_reader_stopped(browser: Browser, devices: dict[str, Any], app_url: str) -> None:
    with a_reader(browser, **geometry.phone(devices)) as page:
        page.goto(app_url)
        home(page)
        found = geometry.measure(page, ".st-key-overview")
        assert found.top is not None and found.top < geometry.FIRST_SCREEN
        assert (found.sideways, found.outside, found.cut, found.overlaps, found.small, found.targets) == (
            0, [], [], [], [], [],
        )  # fmt: skip
        path = page.locator(PATH)
        go_on = path.locator(".go")
        expect(go_on).to_have_text("Begin: 1 · A kernel slides over an image")
        expect(path.get_by_role("button", name="Begin again")).to_be_hidden()
        assert marked(page) == []

        # A station opens in the same window, without being loaded anew, and Back leads home.
        page.evaluate("window.isSame = true")
        path.get_by_role("link", name="Pooling: one window, one number").click()
        expect(page).to_have_url(re.compile(r"/pooling\?lesson=window"))
        expect(page.locator(".st-key-lesson_bar")).to_be_visible()
        geometry.settle(page)
        assert page.evaluate("window.isSame")
        page.go_back()
        home(page)
        expect(go_on).to_have_text("Go on: 4 · Stride, padding and sizes")
        assert marked(page) == [3]
        expect(path.get_by_role("link", name="Stride, padding and sizes", exact=True)).to_have_attribute(
            "aria-current", "step"
        )

        # Another window opens one as well: here with the middle button, and by a link that somebody was given.
        with page.context.expect_page() as opening:
            path.get_by_role("link", name="Train it and read the curve").click(button="middle")
        other = opening.value
        expect(other).to_have_url(re.compile("/training"))
        expect(path.get_by_role("status")).to_have_text("2 of 8 opened")
        other.goto(f"{app_url}/architecture?tab=walk")
        expect(path.get_by_role("status")).to_have_text("3 of 8 opened")
        other.close()
        assert marked(page) == [3, 6, 7]
        expect(go_on).to_have_text("Go on: 8 · What the first layer learned")

        page.reload()
        home(page)
        assert marked(page) == [3, 6, 7]
        go_on.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/kernels"))
        geometry.settle(page)
        page.get_by_test_id("stExpandSidebarButton").tap()
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").tap()
        home(page)
        assert marked(page) == [3, 6, 7, 8]
        expect(go_on).to_have_text("Go on: 1 · A kernel slides over an image")
        found = geometry.measure(page, ".st-key-overview")
        assert (found.sideways, found.outside, found.overlaps, found.targets) == (0, [], [], [])

        path.get_by_role("button", name="Begin again").click()
        expect(go_on).to_have_text("Begin: 1 · A kernel slides over an image")
        expect(go_on).to_be_focused()
        assert marked(page) == []
        page.evaluate("keys => localStorage.setItem('lenet-course', JSON.stringify(keys))", list(STATIONS))
        page.reload()
        home(page)
        expect(path.get_by_role("status")).to_have_text("You have opened all of them.")
        expect(go_on).to_be_hidden()
