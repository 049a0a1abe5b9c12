"""The main figure of a page alone, as large as the screen: any page but the kernels, whose wall does it by itself."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.helpers import geometry

pytestmark = pytest.mark.browser


def test_the_window_is_presented(page: Any, app_url: str) -> None:
    page.goto(f"{app_url}/pooling?present=1")
    page.wait_for_function("document.documentElement.classList.contains('presenting')")
    figure = page.locator(".st-key-figure")
    box = figure.bounding_box()
    assert list(box.values()) == pytest.approx([0, 0, 1366, 768], abs=0.5)
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


def test_a_lesson_is_presented_with_its_question(page: Any, app_url: str) -> None:
    """Its options are in reach; an answer that opens another tab presents what is in there."""
    page.goto(f"{app_url}/pooling?lesson=gradient")
    page.locator(".st-key-lesson_options").wait_for()
    geometry.settle(page)
    page.get_by_role("button", name="Present").click()
    page.wait_for_function("document.documentElement.classList.contains('presenting')")
    words, option = page.locator(".st-key-lesson_bar"), page.locator(".st-key-lesson_options button").first

    def expect_below(key: str) -> None:
        """The words above, the figure in all that is left."""
        page.wait_for_function(
            """(key) => {
              const [words, figure] = ["lesson_bar", key].map((name) => document.querySelector(`.st-key-${name}`))
              const [above, below] = [words, figure].map((part) => part?.getBoundingClientRect())
              return above && below && above.top === 0 && above.height > 40 && !figure.closest("[inert]")
                && Math.abs(above.bottom - below.top) < 1 && Math.abs(below.bottom - innerHeight) < 1
            }""",
            arg=key,
        )

    expect_below("figure")
    expect(words).to_contain_text("How much of all that reaches the 9")
    option.click()
    expect(words).to_contain_text("It holds the maximum of 4 windows.")
    expect_below("gradient")
    page.keyboard.press("Escape")
    expect(words).not_to_have_css("position", "fixed")


LETTERS = """(figure) => [...figure.querySelectorAll(".js-plotly-plot svg text")]
  .filter((text) => text.textContent && text.getBoundingClientRect().width)
  .map((text) => [Number.parseFloat(getComputedStyle(text).fontSize), text.getScreenCTM()])
  .map(([size, { a, b }]) => size * Math.hypot(a, b))"""
BOXES = "(figure) => [...figure.querySelectorAll('.js-plotly-plot, .js-plotly-plot .main-svg')].map((e) => e.getBoundingClientRect())"
"""Of a chart, and of what is drawn in it."""


def test_a_presented_chart_is_read_from_afar(page: Any, app_url: str) -> None:
    for path, key, least in (("training", "curve", 18), ("architecture?tab=walk", "walk_figure", 15)):
        page.goto(f"{app_url}/{path}{'&' if '?' in path else '?'}present=1")
        figure = page.locator(f".st-key-{key}")
        page.wait_for_function(
            f"""() => {{
              const figure = document.querySelector(".st-key-{key}")
              const letters = figure ? ({LETTERS})(figure) : []
              return letters.length && Math.min(...letters) >= {least}
            }}"""
        )
        page.wait_for_timeout(1000)  # until it has come to rest
        assert min(figure.evaluate(LETTERS)) >= least, path
        chart, *drawn = figure.evaluate(BOXES)
        for box in drawn:
            assert box["left"] >= 0 and box["right"] <= 1366 and box["bottom"] <= 768, path
            assert box["width"] == pytest.approx(chart["width"], abs=2), "as large as its place"
        told = figure.locator(".hoverlayer text")
        for _attempt in range(20):  # the chart may be drawn once more meanwhile
            mark = figure.locator(".points path, .point path").last.bounding_box()
            page.mouse.move(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
            page.wait_for_timeout(300)
            if told.count():
                break
            page.mouse.move(2, 2)
        assert told.count(), "the mark under the pointer is told"
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stHeader")).to_be_visible()
        page.wait_for_function(f"Math.min(...({LETTERS})(document.querySelector('.st-key-{key}'))) < 13")


def test_every_tab_is_presented(page: Any, app_url: str) -> None:
    """The button is in the head of all of them."""
    for path in (
        "pooling?panel=gradient",
        "pooling?panel=robustness",
        "pooling?panel=stack",
        "architecture?tab=code",
    ):
        page.goto(f"{app_url}/{path}")
        geometry.settle(page)
        button = page.get_by_role("button", name="Present")
        button.click()
        page.wait_for_function("document.documentElement.classList.contains('presenting')")
        page.keyboard.press("Escape")
        expect(button).to_be_focused()


def test_a_page_without_a_figure_says_so(page: Any, app_url: str) -> None:
    page.goto(f"{app_url}/pooling?kernel=5")
    page.get_by_role("alert").first.wait_for()
    page.get_by_role("button", name="Present").click()
    expect(page.get_by_text("There is no figure here to present.")).to_be_visible()
