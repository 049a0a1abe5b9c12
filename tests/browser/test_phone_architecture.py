"""Home and the architecture page on a phone and on a tablet: the figure first, drawn for its width, and under a finger."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

FIGURES = {
    "": ".st-key-overview svg",
    "architecture": ".st-key-flow [role=listbox]",
    "architecture?c1=64&convs=4&bn=on&drop=20&size=64": ".st-key-flow [role=listbox]",
    "architecture?size=8": ".st-key-broken [role=listbox]",
    "architecture?tab=walk": ".st-key-maps svg",
    "architecture?tab=compare": ".st-key-comparison svg",
    "architecture?tab=code": "[data-testid=stCode]",
}
"""Addresses, and what the main figure of each is known by."""
SETTINGS = {"architecture": ".st-key-network_settings", "architecture?tab=walk": ".st-key-walk_settings"}
"""Where the controls of a figure stand."""
MAIN = {".st-key-network_settings": ".st-key-preset", ".st-key-walk_settings": ".st-key-_class"}
"""The one of them that is used most."""
NEAREST = ".layer, .net"
"""Targets of which a tap picks the nearest."""


def check(page: Page, url: str, figure: str) -> None:
    """Go to a page: its figure begins near the top and fills the width, and nothing is cut, too small or on top of another."""
    page.goto(url)
    page.locator(figure).first.wait_for()
    geometry.settle(page)
    found = geometry.measure(page, figure, exempt=NEAREST)
    assert found.top is not None and found.width is not None
    assert found.top < geometry.FIRST_SCREEN, url
    width = page.viewport_size
    assert width and found.width >= 0.95 * (width["width"] - 32), url
    assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], []), url
    assert (found.small, found.targets) == ([], []), url


@pytest.mark.parametrize(("size", "locale"), [("390×844", "en-US"), ("360×740", "zh-CN")])
def test_figures_come_first_on_a_phone(
    browser: Browser, devices: dict[str, Any], app_url: str, size: str, locale: str
) -> None:
    with a_reader(browser, **geometry.phone(devices, geometry.PHONES[size]), locale=locale) as page:
        for path, figure in FIGURES.items():
            check(page, f"{app_url}/{path}", figure)
            if settings := SETTINGS.get(path):
                rows = page.locator(f"{settings} [data-testid=stColumn]").evaluate_all(
                    "all => all.map(e => e.getBoundingClientRect()).filter(r => r.height > 0).map(r => Math.round(r.bottom))"
                )
                assert len(set(rows)) == 2, f"{path}: in two rows"
                main = page.locator(MAIN[settings]).first.bounding_box()
                box = page.locator(figure).first.bounding_box()
                assert main and box
                assert main["y"] + main["height"] < box["y"] + geometry.PHONES[size][1], (
                    "within one screen of the figure"
                )
        # Of the walk, whose maps are taller than a screen, the choice of an image stays at the foot of the screen.
        page.goto(f"{app_url}/architecture?tab=walk")
        page.locator(".st-key-maps svg").first.wait_for()
        geometry.settle(page)
        said, maps = (
            page.locator(part).first.bounding_box() for part in (".st-key-walk_verdict", ".st-key-maps svg")
        )
        assert said and maps and 0 < maps["y"] - said["y"] - said["height"] < 40, (
            "what the network says is by the maps"
        )
        another = page.locator(".st-key-walk_settings button").filter(has_text=re.compile("Another|换一张"))
        for scrolled in (0, 500):
            page.get_by_test_id("stMain").evaluate("(main, top) => main.scrollTo(0, top)", scrolled)
            expect(another).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [(820, 1180), (683, 384)], ids=["a tablet", "twice the size"])
def test_figures_fill_half_a_window(browser: Browser, app_url: str, size: tuple[int, int]) -> None:
    with a_reader(browser, viewport={"width": size[0], "height": size[1]}) as page:
        for path in ("", "architecture", "architecture?size=8", "architecture?tab=compare"):
            check(page, f"{app_url}/{path}", FIGURES[path])


def test_a_tap_says_what_a_mouse_is_told(browser: Browser, devices: dict[str, Any], app_url: str) -> None:
    with a_reader(browser, **geometry.phone(devices)) as page:
        page.goto(f"{app_url}/architecture")
        page.get_by_role("option").nth(7).tap()
        expect(page.locator(".st-key-flow .words")).to_have_text("8 · Linear: 400 → 120 · Parameters: 48,120")
        expect(page.get_by_role("heading", name="8 · Linear")).to_be_visible()
        expect(page).to_have_url(f"{app_url}/architecture?layer=8")
        channels = page.get_by_label("Channels 1")
        channels.tap()
        expect(channels).to_have_attribute("inputmode", "decimal")
        channels.fill("many")
        channels.press("Enter")
        why = page.get_by_text("Channels 1 must be a number, not many.")
        expect(why).to_be_in_viewport()
        above = why.bounding_box()
        field = channels.bounding_box()
        assert above and field and 0 < field["y"] - above["y"] < 250, "beside its field, not above the drawing"
        page.goto(f"{app_url}/architecture?tab=compare")
        expect(page.locator(".st-key-comparison .words")).to_contain_text("Tap a layer")
        bar = page.locator(".st-key-comparison .segment").first
        box = bar.bounding_box()
        assert box is not None
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator(".st-key-comparison .words")).to_contain_text("this network · 1 · Conv2d: parameters 156")
        with page.expect_download() as saved:
            page.locator(".st-key-comparison select.save").select_option("svg")
        assert "dense layer" in Path(saved.value.path()).read_text(encoding="utf-8"), "with what the colours mean"
        page.goto(f"{app_url}/architecture?tab=walk")
        told = page.locator(".st-key-maps .sum")
        expect(told).to_contain_text("1 Conv2d, channel 1, row 15, column 15: sum of 25 products")
        pool = page.locator(".layer").nth(3).locator("image").nth(2)
        pool.scroll_into_view_if_needed()
        pool.tap()
        expect(told).to_contain_text("3 AvgPool2d, channel 3, row 7, column 7: mean of 4 =")
        expect(told).to_be_in_viewport()
        words, foot = told.bounding_box(), page.locator(".st-key-walk_settings").bounding_box()
        assert words and foot and words["y"] + words["height"] <= foot["y"] + 1, "above the choice of the image"


def test_what_is_chosen_is_marked_in_the_colours_of_the_system(browser: Browser, app_url: str) -> None:
    with a_reader(browser, forced_colors="active", reduced_motion="reduce") as page:
        page.goto(f"{app_url}/architecture?layer=4")
        mark = page.locator("[role=option][aria-selected=true] .mark")
        expect(mark).to_be_visible()
        system = page.evaluate(
            "() => { const e = document.body.appendChild(document.createElement('i')); e.style.color = 'Highlight';"
            " const color = getComputedStyle(e).color; e.remove(); return color }"
        )
        assert mark.evaluate("e => getComputedStyle(e).stroke") == system
