"""The kernel gallery on a phone: the figure first, fingers that read values, scrub and scroll."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lenet import runs
from lenet.kernels import read_history
from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser


def draw_finger(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw one finger over the screen."""
    session = page.context.new_cdp_session(page)
    steps = 8
    for n in range(steps + 1):
        x, y = (a + (b - a) * n / steps for a, b in zip(start, end, strict=True))
        kind = "touchMove" if n else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        page.wait_for_timeout(20)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def scrolled(page: Page) -> float:
    """How far the page is scrolled, once it has come to rest: a swipe goes on after the finger has left, and a finger
    that lands meanwhile only stops it."""
    rest: float = page.evaluate(
        """async () => {
          const main = document.querySelector("[data-testid=stMain]")
          for (let before = null; before !== main.scrollTop; ) {
            before = main.scrollTop
            await new Promise((done) => setTimeout(done, 250))
          }
          return main.scrollTop
        }"""
    )
    return rest


def expect_good(page: Page, figure: str) -> geometry.Geometry:
    """The figure comes first and is as wide as the screen; nothing is cut, small, or lies on something else."""
    geometry.settle(page)
    found = geometry.measure(page, figure, exempt=".cell, .wall")
    assert found.top is not None and found.top < geometry.FIRST_SCREEN
    assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], [])
    assert (found.small, found.targets) == ([], [])
    return found


@pytest.mark.parametrize(("language", "size"), [("en-US", (390, 844)), ("zh-CN", (360, 740))])
def test_the_figures_come_first(
    browser: Browser, devices: dict[str, Any], app_url: str, language: str, size: tuple[int, int]
) -> None:
    with a_reader(browser, **geometry.phone(devices, size), locale=language) as page:
        page.goto(f"{app_url}/kernels")
        page.locator(".wall .kernel").first.wait_for()
        wall = expect_good(page, ".wall")
        assert wall.width and wall.width > 0.9 * size[0]
        play, slider = (page.locator(part).bounding_box() for part in ("button.play", "input.slider"))
        for box in (play, slider):  # at hand while the wall is looked at
            assert box and box["y"] + box["height"] <= size[1]
        page.goto(f"{app_url}/kernels?tab=own")
        page.locator("input.cell").nth(24).wait_for()
        expect_good(page, "figure.result canvas")
        grid, response = (page.locator(part).bounding_box() for part in (".grid", "figure.result canvas"))
        assert grid and response
        assert grid["y"] + grid["height"] - response["y"] < size[1], "numbers and response on one screen"
        for tab in ("seen", "paths", "compare"):
            page.goto(f"{app_url}/kernels?tab={tab}")
            page.locator("[data-testid=stPlotlyChart] svg").first.wait_for()
            geometry.settle(page)
            chart = geometry.measure(page, "[data-testid=stPlotlyChart]")
            assert chart.top is not None and chart.top < geometry.FIRST_SCREEN and chart.sideways == 0, tab


def test_fingers(browser: Browser, devices: dict[str, Any], app_url: str) -> None:
    """A tap tells a value and pins it, up and down scrolls, sideways goes through training."""
    kernel = read_history(runs.find("reference-classic")).final[1]
    with a_reader(browser, **geometry.phone(devices)) as page:
        page.goto(f"{app_url}/kernels")
        wall = page.locator(".wall").first
        wall.locator(".kernel").first.wait_for()
        geometry.settle(page)
        assert "Tap" in str(page.locator(".hint").text_content())
        tip, live = page.locator(".tip"), page.locator(".root > .live")
        wall.locator("[data-kernel='1'][data-cell='7']").tap()
        told = f"Kernel 2, row 2, column 3: {kernel[0, 1, 2]:.4f}".replace("-", "−")
        expect(tip).to_contain_text(told)
        expect(live).to_contain_text(told)
        page.locator("button.previous").tap()
        expect(tip).to_contain_text("Kernel 2, row 2, column 3")  # of the step before
        cell = wall.locator("[data-kernel='0'][data-cell='2']").bounding_box()
        assert cell
        page.touchscreen.tap(cell["x"] + cell["width"] / 2, cell["y"] - 6)  # above the kernel: its nearest cell
        expect(tip).to_contain_text("Kernel 1, row 1, column 3")
        start = (cell["x"] + 5, cell["y"] + 5)
        draw_finger(page, start, (start[0] + 2 * cell["width"], start[1]))
        expect(tip).to_contain_text("Kernel 1, row 1, column 5")

        slider, plot = page.locator("input.slider"), page.locator(".plot")
        value = slider.input_value()
        draw_finger(page, (200, 600), (200, 300))  # over the wall
        on_wall = scrolled(page)
        assert on_wall > 150
        box = plot.bounding_box()
        assert box
        draw_finger(page, (box["x"] + 150, box["y"] + 80), (box["x"] + 150, box["y"] - 120))
        assert scrolled(page) > on_wall + 80 and slider.input_value() == value, "a swipe is no choice of a step"
        plot.evaluate("plot => plot.scrollIntoView({ block: 'center' })")  # a fast swipe goes on far beyond it
        scrolled(page)
        box = plot.bounding_box()
        assert box
        draw_finger(page, (box["x"] + 60, box["y"] + 60), (box["x"] + 160, box["y"] + 64))
        expect(slider).not_to_have_value(value)
        assert 0 < int(slider.input_value()) < int(value)
        expect(page.locator("svg > text.head").first).not_to_contain_text("epoch 10")

        page.goto(f"{app_url}/kernels?tab=own")
        canvas = page.locator("figure.result canvas")
        canvas.wait_for()
        geometry.settle(page)
        canvas.tap(position={"x": 2, "y": 2})
        expect(page.locator(".remark")).to_contain_text("row 1, column 1: weighted sum")
        at = canvas.bounding_box()
        assert at
        draw_finger(page, (at["x"] + 20, at["y"] + 3), (at["x"] + at["width"] - 2, at["y"] + 3))
        expect(page.locator(".remark")).to_contain_text("row 1, column 28: weighted sum")
        expect(page.locator(".mark.pinned")).to_be_visible()


def test_a_presentation_in_the_hand(browser: Browser, devices: dict[str, Any], app_url: str) -> None:
    """All kernels are on screen, and so are the buttons: there is no hovering."""
    with a_reader(browser, **geometry.phone(devices)) as page:
        page.goto(f"{app_url}/kernels?present=1&from=start")
        page.locator(".wall .kernel").nth(5).wait_for()
        expect(page.locator("svg > text.head").first).to_contain_text("step 0")
        leave = page.locator("button.present")
        for part in (leave, page.locator("button.play"), page.locator(".wall")):
            box = part.bounding_box()
            assert box and box["x"] >= 0 and box["y"] >= 0
            assert box["x"] + box["width"] <= 390 and box["y"] + box["height"] <= 844
        assert page.locator(".bar").evaluate("bar => getComputedStyle(bar).opacity") == "1"
        page.locator("button.more").tap()
        page.locator("select.kernels").select_option("2")
        expect(page.locator(".wall .kernel")).to_have_count(1)
        leave.tap()
        expect(page.locator(".root.present")).to_have_count(0)
