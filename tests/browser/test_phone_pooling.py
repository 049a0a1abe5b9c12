"""The pooling page in every hand: a phone and a tablet, a keyboard, forced colours, no motion, a small window, a frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lenet.pooling.lessons import LESSONS
from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

PICTURE = ".holder svg"
CONTROLS = {key: f".st-key-{key}" for key in ("mode", "stride", "padding", "shift", "noise", "stride2")} | {
    key: f".st-key-lesson_switch .st-key-{key}" for key in ("zero", "include_pad", "ceil")
}
"""Where the widget stands that a lesson speaks of."""


def open_page(page: Page, app_url: str, query: str = "") -> None:
    page.goto(f"{app_url}/pooling{query}")
    page.locator("h1").wait_for()
    geometry.settle(page)


def cell(page: Page, zone: str, index: int, channel: int = 0) -> Locator:
    return page.locator(f"rect[data-zone={zone}][data-c='{channel}'][data-i='{index}']")


def title(page: Page) -> str:
    """What “this window” is called now."""
    return page.locator(".panel .title").text_content() or ""


def show_me(page: Page) -> None:
    """Open a lesson without an answer to its question."""
    page.locator(".st-key-lesson_show button").click()
    page.locator(".st-key-lesson_asked").wait_for(state="detached")


def is_on_screen(page: Page, selector: str) -> bool:
    """Whether all of an element is in the window, below the bar at its top."""
    box, size = page.locator(selector).first.bounding_box(), page.viewport_size
    bar = page.get_by_test_id("stHeader").bounding_box()
    assert box and size and bar
    return box["y"] >= bar["y"] + bar["height"] - 1 and box["y"] + box["height"] <= size["height"] + 1


def parts_of(name: str) -> list[str]:
    """A lesson's text, what the reader does, and what there is to watch then."""
    acts = {"window": [".bar"], "channels": [".zone.in .focus"], "divisor": [".zone.out .focus"]}.get(name, [])
    control = CONTROLS.get(LESSONS[name].control)
    return [".st-key-lesson_text", *([control] if control else []), *acts, effect_of(name)]


def wait_for(is_so: Callable[[], bool], page: Page, told: object) -> None:
    """Wait until something is so: a page scrolls smoothly."""
    for _attempt in range(40):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError(told)


def effect_of(name: str) -> str:
    """What a lesson has the reader watch."""
    if name == "refused":
        return "[data-testid=stAlert]"
    return figure_of({**LESSONS[name].beginning, **LESSONS[name].opened}["panel"])


def figure_of(panel: str) -> str:
    """What a tab shows: of grids the output."""
    if panel == "robustness":
        return ".st-key-pictures .js-plotly-plot"
    if panel == "stack":
        return PICTURE
    return ".zone.out .focus"


@pytest.mark.parametrize("size", ["390×844", "360×740"])
def test_on_a_phone_the_figure_comes_first_and_nothing_is_cut(
    browser: Browser, devices: dict[str, Any], app_url: str, size: str
) -> None:
    language = "zh-CN" if size == "360×740" else "en-US"
    with a_reader(browser, **geometry.phone(devices, geometry.PHONES[size]), locale=language) as page:
        for query in (
            "",
            "?preset=channels",
            "?preset=image",
            "?panel=gradient",
            "?preset=image&panel=stack&pools=3",
        ):
            open_page(page, app_url, query)
            page.locator(PICTURE).wait_for()
            found = geometry.measure(page, PICTURE)
            assert found.top is not None and found.top < geometry.FIRST_SCREEN, query
            assert found.width and found.width >= geometry.PHONES[size][0] - 40, query
            wrong = (found.sideways, found.outside, found.cut, found.overlaps, found.small, found.targets)
            assert wrong == (0, [], [], [], [], []), query
        open_page(page, app_url, "?panel=code")
        found = geometry.measure(page, "[data-testid=stCode]")
        assert found.top is not None and found.top < geometry.FIRST_SCREEN
        assert (found.sideways, found.outside, found.overlaps, found.targets) == (0, [], [], [])


def test_controls_of_a_tablet_are_not_cut(browser: Browser, app_url: str) -> None:
    for language in ("en-US", "zh-CN"):
        options: dict[str, Any] = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "locale": language}
        with a_reader(browser, **options) as page:
            for query in (
                "?preset=4x4",
                "?lesson=ceil",
                "?lesson=noise",
                "?preset=channels&panel=gradient",
                "?panel=stack&preset=image&pools=3",
            ):
                open_page(page, app_url, query)
                found = geometry.measure(page)
                assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], []), query


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_each_lesson_shows_its_text_its_control_and_its_effect_at_once(
    browser: Browser, devices: dict[str, Any], app_url: str, language: str
) -> None:
    with a_reader(browser, locale=language) as page:
        for name in LESSONS:
            open_page(page, app_url, f"?lesson={name}")
            for selector in (".st-key-lesson_options", figure_of(LESSONS[name].beginning["panel"])):
                page.locator(selector).first.wait_for()
                assert is_on_screen(page, selector), (name, selector)
            show_me(page)
            geometry.settle(page)
            for selector in parts_of(name):
                page.locator(selector).first.wait_for()
                assert is_on_screen(page, selector), (name, selector)


def test_a_lesson_that_is_tapped_below_comes_into_view_with_its_figure(
    browser: Browser, devices: dict[str, Any], app_url: str
) -> None:
    with a_reader(browser, **geometry.phone(devices)) as page:
        for n, name in enumerate(LESSONS, 1):
            if name == "gradient":  # the page becomes shorter while it is brought there
                page.set_viewport_size({"width": 360, "height": 740})
            open_page(page, app_url)
            page.get_by_role("radio", name=re.compile(rf"^{n} · ")).or_(
                page.get_by_role("button", name=re.compile(rf"^{n} · "))
            ).first.tap()
            page.locator(".st-key-lesson_text").get_by_text(f"{n}/{len(LESSONS)} · ").wait_for()
            geometry.settle(page)
            for selector in (".st-key-lesson_options", figure_of(LESSONS[name].beginning["panel"])):
                wait_for(partial(is_on_screen, page, selector), page, (name, selector))
            assert geometry.measure(page).overlaps == [], name
            show_me(page)
            geometry.settle(page)
            for selector in parts_of(name):
                wait_for(partial(is_on_screen, page, selector), page, (name, selector))


def test_the_reset_button_begins_a_lesson_again_and_does_not_end_it(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?lesson=stride")
    show_me(page)
    page.get_by_text("(4 + 2·0 − 2)/1").wait_for()
    page.get_by_role("slider", name="Stride").press("ArrowRight")
    page.get_by_text("(4 + 2·0 − 2)/2").wait_for()
    page.get_by_role("button", name="Back to the beginning of this lesson").click()
    page.get_by_text("(4 + 2·0 − 2)/2").wait_for()
    expect(page.locator(".st-key-lesson_text")).to_contain_text("2/11")
    expect(page.locator(".st-key-lesson_options")).to_be_visible()


def swipe(page: Page, x: float, y: float, dx: float = 0, dy: float = 0) -> None:
    """A finger that goes down, moves and comes up."""
    session = page.context.new_cdp_session(page)
    for n in range(11):
        place = {"x": x + dx * n / 10, "y": y + dy * n / 10}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove" if n else "touchStart", "touchPoints": [place]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def test_a_tap_holds_and_a_finger_scrubs_sideways_and_scrolls_up_and_down(
    browser: Browser, devices: dict[str, Any], app_url: str
) -> None:
    with a_reader(browser, **geometry.phone(devices)) as page:
        open_page(page, app_url, "?preset=4x4")
        cell(page, "out", 3).tap()
        assert title(page) == "Window of output row 2, column 2"
        cell(page, "in", 5).tap()
        assert title(page).startswith("row 2, column 2")
        assert page.locator(".zone.out .window").count() == 4, "the windows that contain it stay marked"
        cell(page, "in", 5).tap()
        page.locator("input.field").fill("40")
        page.keyboard.press("Escape")
        assert page.locator("input.field").count() == 0

        box = page.locator(PICTURE).bounding_box()
        assert box
        x, y = box["x"] + 60, box["y"] + 120
        page.locator("input.step").fill("1")
        swipe(page, x, y, dx=100)
        expect(page.locator(".count")).to_have_text("4 / 4")

        scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
        swipe(page, x, y + 100, dy=-120)
        page.wait_for_function(f"{scrolled} > 50")
        expect(page.locator(".count")).to_have_text("4 / 4")


def test_everything_in_the_grid_is_done_and_heard_by_keys(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?preset=channels&kernel=2&stride=1&padding=0")
    live = page.locator(".live")
    page.locator(".zone.in").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(live).to_have_text("channel 1, row 2, column 2: 5; wins window 1")
    page.keyboard.press("PageDown")
    expect(live).to_have_text("channel 2, row 2, column 2: 6; wins window 1")
    light, dark = page.locator(".selected").evaluate_all("all => all.map(e => getComputedStyle(e).stroke)")
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(17, 24, 39)"), "one of both is seen on every cell"

    page.keyboard.press("5")
    page.keyboard.type("0")
    page.keyboard.press("Tab")  # as in a spreadsheet
    field = page.locator("input.field")
    expect(field).to_have_accessible_name("New value for row 2, column 3")
    expect(field).to_have_value("7")
    page.keyboard.type("60")
    page.keyboard.press("Enter")
    expect(field).to_have_accessible_name("New value for row 3, column 3")
    page.keyboard.press("Shift+Tab")
    expect(field).to_have_accessible_name("New value for row 3, column 2")
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    page.wait_for_url(re.compile(r"50(,|%2C)60"))
    expect(page.locator(".zone.in text", has_text="60")).to_have_count(1)
    page.keyboard.press("ArrowUp")
    expect(live).to_have_text("channel 2, row 2, column 2: 50; wins windows 1, 4")

    open_page(page, app_url, "?lesson=gradient")
    show_me(page)
    page.locator(".holder").get_by_text("Gradient of the input").wait_for()
    page.locator(".zone.in").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(live).to_have_text("row 2, column 2: 1 + 1 + 1 + 1 = 4; wins windows 1, 2, 4, 5")
    assert "1 + 1 + 1 + 1 = 4" in " ".join(page.locator(".panel text").all_text_contents())


def test_cells_that_are_typed_fast_all_arrive(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    page.locator(".zone.in").focus()
    page.keyboard.press("ArrowRight")
    for number in range(10, 19):
        page.keyboard.type(str(number))
        page.keyboard.press("Tab")
    page.wait_for_url(re.compile(r"grid=" + "(,|;|%2C|%3B)".join(map(str, range(10, 19)))))
    expect(page.locator(".zone.in text.middle")).to_have_text(list(map(str, range(10, 19))))


def test_one_long_number_is_shortened_and_told_in_full(page: Page, app_url: str) -> None:
    rows = [[0.123456 if (i, j) == (3, 3) else i + j for j in range(7)] for i in range(7)]
    grid = ";".join(",".join(map(str, row)) for row in rows)
    open_page(page, app_url, f"?grid={grid}&mode=avg&kernel=3&stride=1&padding=1")
    page.locator(PICTURE).wait_for()
    for zone, count in (("in", 49), ("out", 49)):
        numbers = page.locator(f".zone.{zone} text.middle:not(.muted)").all_text_contents()
        assert len(numbers) == count and "…" not in numbers
    cell(page, "in", 24).hover()
    assert "0.1235" in title(page) or "0.1235" in page.locator(".zone.in").inner_text()


def test_forced_colours_no_motion_a_small_window_and_a_frame(browser: Browser, app_url: str) -> None:
    with a_reader(browser, forced_colors="active", reduced_motion="reduce") as page:
        open_page(page, app_url, "?preset=4x4")
        page.locator(".zone.in .window").first.wait_for()
        strokes = page.locator(".zone.in .window").evaluate_all("all => all.map(e => getComputedStyle(e).stroke)")
        assert strokes and "rgb(245, 158, 11)" not in strokes, "the window has the system's colour of what is chosen"
        page.locator("button.play").click()
        expect(page.locator(".count")).to_have_text("1 / 4")
        page.wait_for_timeout(800)
        expect(page.locator(".count")).to_have_text("1 / 4")
        page.locator("button.play").click()
        expect(page.locator(".count")).to_have_text("2 / 4")
        expect(page.locator("button.play")).to_have_accessible_name(re.compile("one step for each press"))
        page.emulate_media(forced_colors="none")
        for size, query in (((683, 384), "?preset=4x4"), ((600, 400), "?preset=4x4&embed=true")):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            open_page(page, app_url, query)
            found = geometry.measure(page, PICTURE)
            assert found.top is not None and found.top < 240, query
            assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], []), query
