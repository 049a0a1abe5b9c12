"""Pages on paper: the browser's own print of each is one clean sheet."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lenet.common import paths
from tests.helpers import geometry

pytestmark = pytest.mark.browser

PAGES = {
    "/": ".st-key-overview svg",
    "/convolution": ".holder svg",
    "/pooling": ".holder svg",
    "/architecture": ".st-key-flow [role=listbox] svg",
    "/architecture?tab=walk": "[data-testid=stPlotlyChart] .main-svg",
    "/training": "[data-testid=stPlotlyChart] .main-svg",
    "/kernels": ".wall .kernel",
    "/experiments": "[data-testid=stPlotlyChart] .main-svg",
    "/kernels?tab=seen": "[data-testid=stPlotlyChart] .main-svg",
    "/kernels?tab=compare": "[data-testid=stPlotlyChart] .main-svg",
}
"""Pages, and what the main figure of each is known by."""
CONTROLS = "button, input[type=range], [role=tablist], [data-testid=stHeader], [data-testid=stSlider]"


def open_page(page: Any, app_url: str, path: str) -> Any:
    """The main figure of a page, drawn."""
    page.goto(f"{app_url}{path}")
    figure = page.locator(PAGES[path]).first
    figure.wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")
    page.wait_for_function("window.lenetPrints")  # the last part of a page
    return figure


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_one_sheet(page: Any, app_url: str, path: str) -> None:
    open_page(page, app_url, path)
    for size in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        geometry.settle(page)
        sheets = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type /Page\b", sheets)) == 1, size
        width, height = (float(n) for n in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheets)[0])
        assert width > height, f"across: {size}"
        is_printing = page.evaluate("document.documentElement.classList.contains('printing')")
        assert not is_printing, f"the screen is as it was: {size}"


def test_upright_paper_has_the_whole_curve(page: Any, app_url: str) -> None:
    """Where the reader chose it, or a browser that does not know the size that the page asks for."""
    figure = open_page(page, app_url, "/training")
    sheets = page.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "10mm"))
    assert len(re.findall(rb"/Type /Page\b", sheets)) == 1
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1047})  # A4 within these margins
    box = figure.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 718


@pytest.mark.parametrize("path", ["/pooling", "/training", "/kernels"])
def test_a_sheet_has_the_figure_and_its_words_but_no_controls(page: Any, app_url: str, path: str) -> None:
    figure = open_page(page, app_url, path)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert figure.is_visible() and page.locator("h1").first.is_visible()
    shown = page.locator(CONTROLS).evaluate_all("all => all.filter(c => c.checkVisibility()).map(c => c.outerHTML)")
    # A menu stays, as the name of what it has chosen.
    assert [control[:200] for control in shown if "ombo" not in control and "Open" not in control] == []
    assert not page.get_by_role("heading", name="Try this").is_visible(), "of a list of buttons"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("[data-testid=stHeader]").is_visible()


def test_the_script_may_run_again(page: Any, app_url: str) -> None:
    """Streamlit runs it anew where the page gets another element before it."""
    open_page(page, app_url, "/pooling")
    script = (paths.PROJECT / "lenet/ui/print.js").read_text(encoding="utf-8")
    for _time in range(2):
        page.add_script_tag(content=script)
    assert len(re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True))) == 1
