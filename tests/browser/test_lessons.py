"""The lessons on convolution in a real browser: the question and its figure share the first screen, and what is asked is
covered until then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lenet.convolution.lessons import LESSONS
from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

FIGURE = ".holder svg >> nth=0"


def begin(page: Page, app_url: str, name: str) -> None:
    page.goto(f"{app_url}/convolution?lesson={name}")
    page.locator(".st-key-lesson_options").wait_for()
    page.locator(FIGURE).wait_for()
    geometry.settle(page)


def show_me(page: Page) -> None:
    page.locator(".st-key-lesson_show button").click()
    page.locator(".st-key-lesson_asked").wait_for(state="detached")
    geometry.settle(page)


def top(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box
    return box["y"]


def test_on_a_phone_the_question_and_the_figure_share_the_first_screen(
    browser: Browser, devices: dict[str, Any], app_url: str
) -> None:
    with a_reader(browser, **geometry.phone(devices), locale="zh-CN") as page:
        for name, lesson in LESSONS.items():
            begin(page, app_url, name)
            assert top(page, FIGURE) < 420, name
            found = geometry.measure(page)
            assert (found.sideways, found.outside, found.overlaps) == (0, [], []), name
            show_me(page)
            assert top(page, FIGURE) < 480, name
            if lesson.control:
                assert top(page, f".st-key-{lesson.control}") < top(page, FIGURE), name
            found = geometry.measure(page)
            assert (found.sideways, found.outside) == (0, []), name


def test_at_a_laptop_all_of_a_lesson_is_on_one_screen(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    for name, lesson in LESSONS.items():
        begin(page, app_url, name)
        expect(page.get_by_role("tab")).to_have_count(0)
        for hidden in ("convolution_examples", "convolution_layer"):
            expect(page.locator(f".st-key-{hidden}")).to_be_hidden()
        show_me(page)
        if lesson.beginning["panel"] == "window":
            bar = page.locator(".bar").bounding_box()
            assert bar and bar["y"] + bar["height"] < 768, name


def test_what_a_lesson_on_learning_asks_is_covered(page: Page, app_url: str) -> None:
    begin(page, app_url, "step")
    numbers = page.locator("[data-panel=gradient] .number")
    expect(numbers).to_have_text(["?"] * 9)
    for part in (".told", ".explanation", ".reading", "button.step"):
        expect(page.locator(part)).to_be_hidden()
    page.locator("[data-name=kernel]").nth(4).click()
    page.locator("[data-name=arriving]").nth(7).hover()
    expect(page.locator(".mark")).to_have_count(1)
    assert "-0.035" not in page.locator(".learning").inner_text().replace("−", "-")

    show_me(page)
    expect(numbers.first).to_have_text("1.12")
    expect(page.locator(".told")).to_contain_text("0.300 − 0.3 · 1.117 = −0.035")
    page.locator("button.step").click()
    expect(page.locator(".explanation h2")).to_contain_text("−0.035")

    page.locator(".st-key-after button").click()  # the next lesson begins anew
    page.locator(".st-key-lesson_asked").wait_for()
    show_me(page)
    expect(page.locator(".explanation h2")).to_contain_text("0.300")
    expect(page.locator(".rate")).to_contain_text("1")
    page.wait_for_url(lambda url: "rate=1" in url)
    page.get_by_role("slider").press("ArrowLeft")
    page.wait_for_url(lambda url: "rate=0.7" in url)
    page.reload()
    expect(page.locator(".rate")).to_contain_text("0.7")
    expect(page.locator(".st-key-lesson_text")).to_contain_text("Press Learn")


def test_the_browser_ticks_what_was_answered_and_takes_it_along(page: Page, app_url: str, tmp_path: Path) -> None:
    tick = """(at) => getComputedStyle(document.querySelector(`.st-key-chosen button:nth-of-type(${at}) p`), "::after").content"""
    page.goto(f"{app_url}/pooling?lesson=stride")
    page.locator(".st-key-lesson_options button").first.click()
    page.locator(".st-key-lesson_asked").wait_for(state="detached")
    page.wait_for_function(f"({tick})(2).includes('✓')")
    page.goto(f"{app_url}/pooling")  # another session, in the same browser
    page.locator(".st-key-chosen button").first.wait_for()
    page.wait_for_function(f"({tick})(2).includes('✓')")
    assert page.evaluate(tick, 1) == "none"
    page.get_by_role("button", name="Exercises").click()
    progress = page.locator(".progress")
    progress.locator("summary").click()
    expect(progress).to_contain_text("Lessons answered, of all pages: 1")
    with page.expect_download() as saved:
        progress.get_by_role("button", name="Save progress").click()
    saved.value.save_as(tmp_path / "progress.json")
    assert json.loads((tmp_path / "progress.json").read_text())["lessons"] == {"pooling": ["stride"]}
