"""The page of a class on phones: the field for the code, who somebody is, and what the class does; in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from lenet import classroom
from lenet.classroom import training
from tests.browser.conftest import a_reader
from tests.browser.test_class_page import ours
from tests.helpers import geometry

pytestmark = pytest.mark.browser

HEADINGS = """() => ["h1", "h2"].map((name) =>
  Math.max(...[...document.querySelectorAll(name)].map((e) => parseFloat(getComputedStyle(e).fontSize))))"""
"""CSS pixels of the largest heading of the page, and of those below it."""
COVERED = """all => all.filter((e) => {
  const { left, right, top, bottom } = e.getBoundingClientRect()
  const seen = e.getRootNode().elementFromPoint((left + right) / 2, (top + bottom) / 2)
  return right > left && !e.contains(seen)
}).map((e) => e.outerHTML.slice(0, 80))"""
BOTTOM = "(e) => e.getBoundingClientRect().bottom"


@pytest.mark.parametrize(
    ("size", "language", "scheme"), [("390×844", "en-US", "light"), ("360×740", "zh-CN", "dark")]
)
def test_a_phone_comes_in_and_everything_can_be_read_and_hit(
    browser: Browser,
    devices: dict[str, Any],
    app_url: str,
    server_runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: str,
    language: str,
    scheme: str,
) -> None:
    monkeypatch.setenv("LENET_RUNS_DIR", str(server_runs))
    code = classroom.open_class("t" * 64).code
    options = geometry.phone(devices, geometry.PHONES[size]) | {"locale": language, "color_scheme": scheme}
    with a_reader(browser, is_new=True, reduced_motion="reduce", **options) as page:
        port = app_url.rpartition(":")[2]
        for query, figure in (("", ".field"), ("?join=ZZZZ", ".field"), (f"?join={code}", ".badge")):
            page.goto(f"http://guests.test:{port}/class{query}")
            page.locator(figure).wait_for()
            geometry.settle(page)
            found = geometry.measure(page, figure)
            assert found.top is not None and found.top < geometry.FIRST_SCREEN, query
            assert (found.sideways, found.cut, found.outside, found.overlaps, found.small, found.targets) == (
                0, [], [], [], [], [],
            ), query  # fmt: skip
            assert ours(page) == [], query

        # The heading of what is trained is smaller than that of the page.
        training.begin(code, training.ask("activation", "sprint", 1))
        page.locator(".st-key-class_train_1 button").wait_for()
        page_size, part_size = page.evaluate(HEADINGS)
        assert part_size < page_size
        assert ours(page) == []

        # A contest: the kernel and its tools are on the screen with what the kernel responds.
        classroom.begin(code, "contest", {"task": "edge"})
        page.locator("button.pad-cell").first.wait_for()
        for (width, height), tool in (
            (geometry.PHONES[size], "button.swatch"),
            ((320, 568), "button.pad-cell"),
            ((844, 390), "button.swatch"),
        ):
            page.set_viewport_size({"width": width, "height": height})
            geometry.settle(page)
            assert page.locator(tool).last.evaluate(BOTTOM) <= height, (width, height)
            head = page.locator("[data-testid=stExpandSidebarButton], .st-key-page_tools button")
            assert head.evaluate_all(COVERED) == [], (width, height)
            found = geometry.measure(page)
            assert (found.sideways, found.cut, found.outside, found.overlaps, found.small, found.targets) == (
                0, [], [], [], [], [],
            ), (width, height)  # fmt: skip
        assert ours(page) == []
