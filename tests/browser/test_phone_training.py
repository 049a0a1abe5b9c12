"""The training page, and the Plotly figures of the kernels and of robustness, on phones and tablets."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

CURVE = ".st-key-curve .js-plotly-plot"
CHIPS = ".st-key-with"  # Streamlit shortens the name of a run that it shows as chosen
PANELS = ("run=reference-classic&with=reference-modern&panel=gradients", "panel=confusion")
FIGURES = {
    "kernels?tab=seen&run=reference-classic": ".st-key-seen .js-plotly-plot",
    "kernels?tab=paths&run=reference-classic": ".st-key-paths .js-plotly-plot",
    "kernels?tab=compare&run=reference-classic": ".st-key-pairs .js-plotly-plot",
    "pooling?preset=image&panel=robustness": ".st-key-pictures .js-plotly-plot",
    "pooling?lesson=noise": ".st-key-pictures .js-plotly-plot",
}
CELLS = """chart => chart._fullData.filter(trace => trace.type === "heatmap").map(trace => {
  const [x, y] = ["x", "y"].map(name => chart._fullLayout[trace[`${name}axis`].replace(name, `${name}axis`)])
  return Math.abs(x.l2p(1) - x.l2p(0)) / Math.abs(y.l2p(1) - y.l2p(0))
})"""
"""The width of the cells of each picture as a share of their height."""


def open_figure(page: Page, url: str, figure: str) -> None:
    """The page as long as its content, so that all of it is measured."""
    page.goto(url)
    page.locator(f"{figure} .main-svg").first.wait_for()
    geometry.settle(page)


@pytest.mark.parametrize(("size", "language"), [((390, 844), "en-US"), ((360, 740), "zh-CN"), ((820, 1180), "en-US")])
def test_the_curve_comes_first_and_all_panels_can_be_read(
    browser: Browser, devices: dict[str, Any], app_url: str, size: tuple[int, int], language: str
) -> None:
    with a_reader(browser, **geometry.phone(devices, size), locale=language) as page:
        for query in PANELS:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            open_figure(page, f"{app_url}/training?{query}", CURVE)
            figure = geometry.measure(page, CURVE)
            assert figure.top is not None and figure.top < geometry.FIRST_SCREEN, query
            assert figure.width is not None and figure.width > size[0] - 40, "it has the whole width"
            train = page.locator(".st-key-train button").bounding_box()
            assert train is not None and train["y"] + train["height"] < figure.top + size[1], (
                "within one screen of it"
            )

            page.set_viewport_size({"width": size[0], "height": 2800})
            geometry.settle(page)
            found = geometry.measure(page, CURVE)
            assert found.sideways == 0, query
            assert [words for words in found.cut if CHIPS[1:] not in words] == [], query
            assert (found.outside, found.overlaps, found.small, found.targets) == ([], [], [], []), query
            for toolbar in page.get_by_test_id("stElementToolbar").all():  # of a table, always there without a mouse
                box, tabs = toolbar.bounding_box(), page.get_by_role("tablist").bounding_box()
                assert box and tabs and box["y"] >= tabs["y"] + tabs["height"], query


def test_the_figures_of_kernels_and_robustness_are_drawn_for_a_phone(
    browser: Browser, devices: dict[str, Any], app_url: str
) -> None:
    with a_reader(browser, **geometry.phone(devices, (390, 2800))) as page:
        for path, figure in FIGURES.items():
            open_figure(page, f"{app_url}/{path}", figure)
            found = geometry.measure(page, figure)
            charts = [
                problem
                for kind in (found.cut, found.overlaps, found.small)
                for problem in kind
                if figure.split()[0][1:] in problem
            ]
            assert charts == [] and found.sideways == 0, path
            for share in page.locator(figure).first.evaluate(CELLS):
                assert share == pytest.approx(1, abs=0.02), f"{path}: the cells are squares"
