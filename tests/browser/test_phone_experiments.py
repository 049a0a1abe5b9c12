"""The page of experiments on phones and tablets, and on a laptop without scrolling."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

STRIP = ".st-key-answer .js-plotly-plot"
SENTENCE = ".st-key-answer_words p"
NOT_ASKED = "question=own&vary=lr&values=0.1,0.3&vary2=model.pooling"
QUERIES = {
    "experiment=reference-activation&panel=kernels": ".st-key-experiment_wall .main-svg",
    "experiment=reference-activation&panel=differences": ".st-key-forest .main-svg",
    "experiment=reference-activation&panel=runs": "[data-testid=stDataFrame] canvas",
    NOT_ASKED: STRIP,
}


def open_page(page: Page, url: str, query: str) -> None:
    page.goto(f"{url}/experiments?{query}")
    page.locator(f"{STRIP} .main-svg").first.wait_for()
    page.locator(QUERIES[query]).first.wait_for()
    geometry.settle(page)


@pytest.mark.parametrize(("size", "language"), [((390, 844), "en-US"), ((360, 740), "zh-CN"), ((820, 1180), "en-US")])
def test_the_answer_comes_first_and_all_tabs_can_be_read(
    browser: Browser, devices: dict[str, Any], app_url: str, size: tuple[int, int], language: str
) -> None:
    with a_reader(browser, **geometry.phone(devices, size), locale=language) as page:
        for query in QUERIES:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            open_page(page, app_url, query)
            figure = geometry.measure(page, STRIP)
            if query == NOT_ASKED:  # there is no answer yet: what asks for it comes before the figure without points
                begin = page.locator(".st-key-begin button").bounding_box()
                assert begin and figure.top and begin["y"] < figure.top
                figure = geometry.measure(page, ".st-key-question")
            assert figure.top is not None and figure.top < geometry.FIRST_SCREEN, query
            assert figure.width is not None and figure.width > size[0] - 40, "it has the whole width"
            page.set_viewport_size({"width": size[0], "height": 3600})
            geometry.settle(page)
            found = geometry.measure(page, STRIP)
            assert found.sideways == 0, query
            assert (found.cut, found.outside, found.overlaps, found.small, found.targets) == ([], [], [], [], []), (
                query
            )


def test_figure_and_sentence_are_on_a_laptops_screen(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/experiments")
    page.locator(f"{STRIP} .main-svg").first.wait_for()
    geometry.settle(page)
    for part in (SENTENCE, STRIP, ".st-key-begin button"):
        box = page.locator(part).first.bounding_box()
        assert box and box["y"] > 0 and box["y"] + box["height"] < 768, part
