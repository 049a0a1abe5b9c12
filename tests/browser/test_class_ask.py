"""Asking the class, and a contest: a teacher's screen and two phones."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

CURRENT = "[data-stale=false]"
"""What a page shows now: Streamlit keeps what stood elsewhere for a moment after it."""


def test_a_class_is_asked_and_holds_a_contest(browser: Browser, devices: dict[str, Any], app_url: str) -> None:
    with ExitStack() as open_pages:
        teacher = open_pages.enter_context(a_reader(browser, viewport={"width": 1366, "height": 768}))
        teacher.goto(f"{app_url}/class")
        teacher.get_by_role("button", name="Open a class").click()
        teacher.wait_for_url(re.compile("join=[A-Z]{4}"))
        code = teacher.url.partition("join=")[2][:4]
        one, two = (
            open_pages.enter_context(a_reader(browser, **geometry.phone(devices, size), locale=language))
            for size, language in (((390, 844), "en-US"), ((360, 740), "zh-CN"))
        )
        for phone in (one, two):
            phone.goto(f"{app_url}/class?join={code}")
        ask(teacher, one, two, app_url, code)
        contest(teacher, one, two)


def ask(teacher: Page, one: Page, two: Page, app_url: str, code: str) -> None:
    teacher.goto(
        f"{app_url}/class?join={code}&panel=ask&class_subject=pooling&class_kind=pool-winner&class_seconds=0"
    )
    front = teacher.locator(".st-key-class_answers" + CURRENT)
    expect(front.locator("table.grid").first).to_be_visible()
    teacher.get_by_role("button", name="Ask the class").click()
    expect(front).to_contain_text("0 of 2 have answered")

    # Each chooses a cell with a finger; one changes it.
    for phone, button in ((one, "Hand in"), (two, "提交")):
        cells = phone.locator("button.cell")
        cells.nth(0).tap()
        phone.get_by_role("button", name=button).tap()
    expect(one.get_by_text("Handed in. You may change it")).to_be_visible()
    expect(front).to_contain_text("2 of 2 have answered")
    one.locator("button.cell").nth(1).tap()
    one.get_by_role("button", name="Change the answer").tap()
    expect(one.locator("button.cell").nth(1)).to_have_attribute("aria-pressed", "true")
    assert_fits(one)
    assert_fits(two)

    # The clicker: close, show the answers, and ask again.
    expect(front.locator(".heat-count")).to_have_count(0)
    teacher.locator("body").press("PageDown")
    expect(front.get_by_role("button", name="Show the answers")).to_be_visible()
    expect(one.get_by_role("button", name="Change the answer")).to_have_count(0)
    expect(two.locator(".heat-count")).to_have_count(0)
    teacher.locator("body").press("ArrowRight")
    expect(front.locator(".heat-count")).to_have_text(["1", "1"])
    expect(two.locator(".heat-count")).to_have_text(["1", "1"])
    teacher.locator("body").press("PageUp")
    expect(front).to_contain_text("0 of 2 have answered")
    expect(two.get_by_role("button", name="提交")).to_be_visible()
    two.locator("button.cell").nth(1).tap()
    two.get_by_role("button", name="提交").tap()
    expect(front).to_contain_text("1 of 2 has answered")
    for step in ("Show the answers", "Show the right one"):
        teacher.locator("body").press("PageDown")
        expect(front.get_by_role("button", name=step)).to_be_visible()

    # As large as the screen, with the same keys.
    teacher.get_by_role("button", name="Present").click()
    expect(teacher.locator("html.presenting")).to_have_count(1)
    expect(front.locator(".vote")).to_have_count(2)
    teacher.keyboard.press("PageDown")
    expect(front.locator(".solution")).to_contain_text("The answer: row")
    expect(two.locator(".verdict")).to_contain_text("答案")
    # And the next question is ready to be asked, on a screen of any size.
    teacher.keyboard.press("PageDown")
    expect(front.locator(".title")).to_have_text("The size of the output")
    expect(front.get_by_role("button", name="Ask the class")).to_be_visible()
    teacher.set_viewport_size({"width": 1920, "height": 1080})
    expect(front.locator(".root")).to_have_js_property("clientWidth", 1920 - 24)
    assert front.evaluate("e => [e.scrollHeight, e.scrollWidth]") == [1080, 1920]
    teacher.keyboard.press("Escape")
    teacher.set_viewport_size({"width": 1366, "height": 768})
    expect(front.get_by_role("button", name="Ask the class")).to_be_hidden()
    expect(teacher.get_by_role("button", name="Ask the class")).to_be_visible()


def contest(teacher: Page, one: Page, two: Page) -> None:
    teacher.get_by_role("tab", name="Contest").click()
    teacher.get_by_role("button", name="Begin the contest").click()
    wall = teacher.locator(".st-key-class_contest" + CURRENT)
    expect(wall).to_contain_text("0 of 2 have handed in a kernel")
    expect(one.locator("button.pad-cell")).to_have_count(25)
    assert_fits(one)
    # The left edge: positive weights right of negative ones, drawn with the same finger.
    for row in range(5):
        one.locator("button.pad-cell").nth(5 * row + 2).tap()
    one.locator("button.swatch").first.tap()
    for row in range(5):
        one.locator("button.pad-cell").nth(5 * row + 1).tap()
    score = one.locator("output.score")
    assert float(score.inner_text()) > 80
    one.get_by_role("button", name="Hand in").tap()
    expect(one.get_by_text("Handed in: ")).to_be_visible()
    expect(wall.locator(".tiles .tile-score")).to_have_text([score.inner_text()])

    two.locator("button.pad-cell").nth(12).tap()
    two.get_by_role("button", name="提交").tap()
    expect(wall.locator(".tiles .tile-number")).to_have_text(["1", "2"])
    teacher.get_by_role("button", name="Close the contest").click()
    expect(one.get_by_role("button", name="Hand in")).to_be_disabled()
    teacher.get_by_role("button", name="Show a solution").click()
    expect(wall.locator(".solution .tile")).to_have_count(7)
    expect(one.locator(".solution canvas")).to_be_visible()
    expect(one.get_by_text("That is place 1 of 2.")).to_be_visible()


def assert_fits(phone: Page) -> None:
    """Nothing scrolls sideways, nothing is cut, and what is touched is large enough."""
    found = geometry.measure(phone)
    assert (found.sideways, found.cut, found.overlaps, found.outside, found.small, found.targets) == (
        0,
        [],
        [],
        [],
        [],
        [],
    )
