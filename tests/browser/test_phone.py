"""The frame of every page on a phone: its head is short, and its menu closes after a choice.

What a phone shows of each page is tested beside the page's other tests; `tests/helpers/geometry.py` measures it.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

PAGES = ("", "convolution", "pooling", "architecture", "training", "kernels", "experiments", "class")
HEAD = 104  # CSS pixels that the menus, the heading and the switch of languages take at most
IN_THE_HEAD = (
    "[data-testid=stExpandSidebarButton], [data-testid=stMainMenuButton], .st-key-page_head :is(button, label)"
)
FREE = """(selector) => {
  const targets = [document, ...[...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].map((e) => e.shadowRoot)]
    .flatMap((tree) => [...tree.querySelectorAll(selector + (tree === document ? "" : ", button.opener"))])
    .filter((e) => e.checkVisibility())
  const covered = targets.filter((target) => {
    const { left, right, top, bottom } = target.getBoundingClientRect()
    return [[left + 2, (top + bottom) / 2], [right - 2, (top + bottom) / 2], [(left + right) / 2, top + 2], [(left + right) / 2, bottom - 2]]
      .some(([x, y]) => {
        let hit = document.elementFromPoint(x, y)
        while (hit?.shadowRoot) hit = hit.shadowRoot.elementFromPoint(x, y)
        return !target.contains(hit) && !hit?.contains(target)
      })
  })
  return [targets.length, covered.map((e) => e.outerHTML.slice(0, 200))]
}"""
"""How many things can be tapped in the head of a page, and those of them on which something else lies."""
FIRST_BLOCK = "[data-testid=stMain] [data-testid=stLayoutWrapper]:has(> .st-key-page_head) ~ div:not(:empty)"


def open_page(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("h1").wait_for()
    geometry.settle(page)


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_head_of_a_page_is_short(browser: Browser, devices: dict[str, Any], app_url: str, language: str) -> None:
    with a_reader(browser, **geometry.phone(devices, geometry.PHONES["360×740"]), locale=language) as page:
        open_page(page, app_url)
        for place, name in enumerate(PAGES):
            tops = page.locator(FIRST_BLOCK).evaluate_all(
                "all => all.map(e => e.getBoundingClientRect()).filter(r => r.height > 0).map(r => r.top)"
            )
            assert min(tops) <= HEAD, name
            head = page.locator(".st-key-page_head")
            menu = page.get_by_test_id("stMainMenuButton")
            edge = menu.bounding_box()
            for button in head.get_by_role("radio").all():
                box = button.bounding_box()
                assert box and edge and box["height"] >= 24 and box["x"] + box["width"] <= edge["x"], name
            assert geometry.measure(page, ".st-key-page_head").sideways == 0, name
            page.locator(".st-key-page_share button.opener").wait_for()
            if name != "kernels":
                page.locator(".st-key-page_present button.opener").wait_for()
            count, covered = page.evaluate(FREE, IN_THE_HEAD)
            assert (count >= 5 + (name != "kernels"), covered) == (True, []), name
            if name == "pooling":  # a small sign, which presents all the same
                page.locator(".st-key-page_present button.opener").tap()
                page.wait_for_function("document.documentElement.classList.contains('presenting')")
                page.locator("button.leave").tap()
            page.get_by_test_id("stExpandSidebarButton").tap()
            page.get_by_test_id("stSidebarNavLink").nth((place + 1) % len(PAGES)).tap()
            page.wait_for_url(re.compile(rf"/{(*PAGES, '')[place + 1]}(\?.*)?$"))
            geometry.settle(page)


@pytest.mark.parametrize("device", ["Pixel 7", "iPhone 13"])
def test_the_menu_closes_after_a_choice(browser: Browser, devices: dict[str, Any], app_url: str, device: str) -> None:
    options = {k: v for k, v in devices[device].items() if k != "default_browser_type"}
    with a_reader(browser, **options) as page:
        open_page(page, app_url)
        page.get_by_test_id("stExpandSidebarButton").tap()
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Kernels").tap()
        expect(page.locator("h1")).to_have_text("What the first layer learned to see")
        expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()


def test_what_a_button_opens_is_on_the_screen(browser: Browser, devices: dict[str, Any], app_url: str) -> None:
    """At the foot of it, as high as it needs or as most of the screen, wherever the button is; nothing beside it."""
    width, height = geometry.PHONES["360×740"]
    with a_reader(browser, **geometry.phone(devices, (width, height))) as page:
        for name in ("pooling", "architecture", "kernels"):
            open_page(page, f"{app_url}/{name}")
            page.get_by_test_id("stPopoverButton").locator("visible=true").first.tap()
            opened = page.get_by_test_id("stPopoverBody")
            opened.wait_for()
            geometry.settle(page)
            box = opened.bounding_box()
            inner, across, own = opened.evaluate("e => [e.scrollHeight, e.scrollWidth, e.clientWidth]")
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= width, name
            assert box["y"] >= 0 and box["y"] + box["height"] <= height, name
            assert box["height"] >= min(inner, 0.69 * height) and across == own, name
