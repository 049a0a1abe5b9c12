"""Lessons of networks, training and kernels in a real browser: the question and its figure together, and nothing beside them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

FIGURES = {
    "architecture?lesson=shrink": ".st-key-asked_flow [role=listbox]",
    "architecture?lesson=parameters": ".st-key-asked_flow [role=listbox]",
    "architecture?lesson=activation": ".st-key-maps svg",
    "training?lesson=curve": ".st-key-curve .js-plotly-plot",
    "training?lesson=overfitting": ".st-key-curve .js-plotly-plot",
    "training?lesson=rate": ".st-key-curve .js-plotly-plot",
    "kernels?lesson=edges": ".st-key-asked_kernels .js-plotly-plot",
    "kernels?lesson=seeds": ".st-key-asked_kernels .js-plotly-plot",
}
"""What a lesson shows while it asks."""
OPENED = {
    "architecture?lesson=shrink": ".st-key-flow [role=listbox]",
    "training?lesson=rate": ".st-key-curve .js-plotly-plot",
    "kernels?lesson=edges": ".st-key-seen .js-plotly-plot",
}
"""The figure after the answer."""
CONTROLS = ".st-key-network_settings, .st-key-walk_settings, .st-key-new_run *, .st-key-run, .st-key-with, .st-key-source, [role=tab]"
LEAST = 200
"""Pixels of a figure that are to be seen together with the question."""


def ask(page: Page, url: str, figure: str) -> None:
    page.goto(url)
    page.locator(figure).first.wait_for(timeout=60_000)
    page.locator(".st-key-lesson_options").wait_for()
    geometry.settle(page)


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return dict(found)


def test_the_question_and_its_figure_share_the_first_screen_of_a_phone(
    browser: Browser, devices: dict[str, Any], app_url: str
) -> None:
    with a_reader(browser, **geometry.phone(devices)) as page:
        for path, figure in FIGURES.items():
            ask(page, f"{app_url}/{path}", figure)
            drawn, options = box(page, figure), box(page, ".st-key-lesson_options")
            assert options["y"] + options["height"] <= drawn["y"] <= 844 - min(LEAST, drawn["height"]), path
            found = geometry.measure(page, figure, exempt=".layer, .net")
            assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], []), path
            assert (found.small, found.targets) == ([], []), path
            if path in OPENED:
                page.locator(".st-key-lesson_option0 button").tap()
                page.locator(OPENED[path]).first.wait_for()
                geometry.settle(page)
                found = geometry.measure(page, OPENED[path])
                assert (found.sideways, found.outside, found.overlaps) == (0, [], []), path


def test_the_question_and_its_figure_stand_above_the_fold(browser: Browser, app_url: str) -> None:
    with a_reader(browser, viewport={"width": 1366, "height": 768}, locale="zh-CN") as page:
        for path, figure in FIGURES.items():
            ask(page, f"{app_url}/{path}", figure)
            drawn = box(page, figure)
            assert drawn["y"] + min(drawn["height"], 330) <= 768, path
            visible = page.locator(CONTROLS).evaluate_all(
                "all => all.filter(e => e.checkVisibility()).map(e => e.className)"
            )
            assert visible == [], path
            if path in OPENED:
                page.locator(".st-key-lesson_option0 button").click()
                page.locator(OPENED[path]).first.wait_for()
                geometry.settle(page)
                assert box(page, OPENED[path])["y"] < 500, path
