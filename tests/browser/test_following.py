"""Follow me: a teacher's screen and two phones, in another language each."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Sent, a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser


class Class(NamedTuple):
    code: str
    teacher: Page
    phones: list[Page]
    sent: list[Sent]

    @property
    def everybody(self) -> list[Page]:
        return [self.teacher, *self.phones]


@pytest.fixture
def a_class(browser: Browser, devices: dict[str, Any], app_url: str) -> Iterator[Class]:
    """A class whose teacher leads, with two phones that have joined."""
    with ExitStack() as open_pages:
        teacher = open_pages.enter_context(a_reader(browser))
        teacher.goto(f"{app_url}/class")
        teacher.get_by_role("button", name="Open a class").click()
        teacher.wait_for_url(re.compile("join=[A-Z]{4}"))
        code = teacher.url.partition("join=")[2][:4]
        phones, sent = [], []
        for language, size in (("en-US", (360, 740)), ("zh-CN", (390, 844))):
            page = open_pages.enter_context(a_reader(browser, **geometry.phone(devices, size), locale=language))
            phones.append(page)
            sent.append(Sent(page))
            page.goto(f"{app_url}/class?join={code}")
            expect(strip(page)).to_be_visible()
        teacher.get_by_role("switch", name="Phones follow me").check()
        yield Class(code, teacher, phones, sent)


def strip(page: Page) -> Locator:
    return page.locator(".st-key-page_class .strip")


def step(page: Page) -> int:
    return int(page.locator(".st-key-wall input[type=range], input.scrub, input[type=range]").first.input_value())


def until(fits: Callable[[], bool], what: str) -> float:
    """Wait, and tell the seconds that it took."""
    begun = time.monotonic()
    while not fits():
        assert time.monotonic() < begun + 60, what
        time.sleep(0.02)
    return time.monotonic() - begun


def marks(page: Page) -> list[str]:
    """The frames around the window in the figure, as places in it."""
    return page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((node) => [...(node.shadowRoot ?? node).querySelectorAll("svg")])
          .flatMap((svg) => [...svg.querySelectorAll("rect.window")].map((mark) =>
            ["x", "width"].map((key) => (mark[key].baseVal.value / svg.viewBox.baseVal.width).toFixed(2)).join()))"""
    )


def test_phones_show_what_the_teacher_shows(a_class: Class) -> None:
    code, teacher, (english, chinese), sent = a_class
    expect(strip(teacher)).to_contain_text("2 of 2 follow")
    expect(strip(english)).to_contain_text(f"Class {code}")
    expect(strip(english)).to_contain_text("number 1")
    expect(strip(chinese)).to_contain_text("2 号")

    # Another page, in each phone's own language.
    teacher.get_by_role("link", name="Kernels", exact=True).click()
    for page in a_class.everybody:
        page.wait_for_url(re.compile("/kernels"))
        expect(page.locator("svg [data-cell]").first).to_be_visible()
    expect(english.get_by_role("heading", name="What the first layer learned to see")).to_be_visible()
    expect(chinese.get_by_role("heading", name="第一层学会了看什么")).to_be_visible()

    # A step reaches the walls, and no server runs a page for it.
    for each in sent:
        each.forget()
    teacher.locator("input[type=range]").first.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Home"):
        teacher.keyboard.press(key)
        until(lambda: step(english) == step(chinese) == step(teacher), f"the step after {key}")
    for page in a_class.everybody:
        expect(page).to_have_url(re.compile("step=0"))
    # Play writes no address: phones go along all the same.
    teacher.keyboard.press(" ")
    until(lambda: min(step(english), step(chinese)) > 3, "the wall plays")
    assert [each.frames for each in sent] == [[], []]

    # Who uses a control looks around, and is led again by one tap.
    for word in ("following", "跟随中"):
        assert word in "".join(strip(page).inner_text() for page in (english, chinese))
    english.locator("input[type=range]").first.press("ArrowLeft")
    expect(strip(english)).to_contain_text("looking around")
    expect(strip(teacher)).to_contain_text("1 of 2 follow")
    teacher.get_by_role("link", name="Pooling", exact=True).click()
    chinese.wait_for_url(re.compile("/pooling"))
    assert "/kernels" in english.url
    english.reload()
    expect(strip(english)).to_contain_text("looking around")
    assert "/kernels" in english.url
    expect(strip(english)).to_contain_text("number 1")
    strip(english).get_by_role("button", name="Back to the class").tap()
    english.wait_for_url(re.compile("/pooling"))
    expect(strip(teacher)).to_contain_text("2 of 2 follow")

    # The window under the teacher's pointer.
    for page in a_class.everybody:
        expect(page.locator("svg [data-zone=out][data-i='3']").first).to_be_visible()
    before = marks(english)
    teacher.locator("svg [data-zone=out][data-i='3']").first.hover()
    until(lambda: marks(english) != before, "the window of a phone")
    assert "cell=" not in english.url


def test_reloads_change_nothing(a_class: Class) -> None:
    _code, teacher, (english, chinese), _sent = a_class
    teacher.get_by_role("link", name="Pooling", exact=True).click()
    for page in a_class.phones:
        page.wait_for_url(re.compile("/pooling"))
    english.reload()
    expect(strip(english)).to_contain_text("following")
    teacher.reload()
    expect(strip(teacher)).to_contain_text("2 of 2 follow")
    teacher.locator("svg [data-zone=out][data-i='2']").first.click()
    for page in a_class.everybody:
        expect(page).to_have_url(re.compile(r"cell="))
    teacher.get_by_role("tab", name="Gradient").click()
    for page in a_class.phones:
        expect(page).to_have_url(re.compile("panel=gradient"))
    # A phone that was asleep shows what is shown now.
    for state in ("hidden", "visible"):
        chinese.evaluate(
            """(state) => {
              Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true })
              document.dispatchEvent(new Event("visibilitychange"))
            }""",
            state,
        )
        if state == "hidden":
            expect(strip(teacher)).to_contain_text("1 of 2 follow")
            teacher.get_by_role("link", name="Convolution", exact=True).click()
            english.wait_for_url(re.compile("/convolution"))
            assert "/pooling" in chinese.url
    chinese.wait_for_url(re.compile("/convolution"))
    expect(strip(teacher)).to_contain_text("2 of 2 follow")


def test_the_strip_lies_on_nothing(a_class: Class) -> None:
    teacher = a_class.teacher
    teacher.get_by_role("link", name="Kernels", exact=True).click()
    for page in a_class.phones:
        page.wait_for_url(re.compile("/kernels"))
        geometry.settle(page)
        found = geometry.measure(page, ".st-key-wall svg, svg", exempt=".cell, .wall")
        assert (found.sideways, found.outside, found.cut, found.targets) == (0, [], [], [])
        bar = strip(page).bounding_box()
        first = page.get_by_role("heading", level=1).bounding_box()
        assert bar and first and bar["y"] + bar["height"] <= first["y"] and bar["height"] < 40
    bar = strip(teacher).bounding_box()
    last = teacher.get_by_role("link", name="Class", exact=True).bounding_box()
    assert bar and last and bar["x"] > last["x"] + last["width"]


def test_nobody_else_has_it(page: Page, app_url: str, a_class: Class) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{app_url}/pooling")
    expect(page.locator("svg [data-zone=out]").first).to_be_visible()
    page.wait_for_timeout(500)
    assert strip(page).count() == 0
    assert [url for url in asked if "classroom" in url or "/classes/" in url] == []
