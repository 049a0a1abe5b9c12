"""Pages for readers who set their browser: forced colours, little motion, 200 % of the size; and within another page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

PAGES = ("", "convolution", "pooling", "architecture", "training", "kernels", "experiments", "class")


def open_page(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("h1").wait_for(state="attached")
    geometry.settle(page)


def test_what_is_chosen_shows_in_forced_colours(browser: Browser, app_url: str) -> None:
    with a_reader(browser, forced_colors="active", reduced_motion="reduce") as page:
        open_page(page, f"{app_url}/training?run=reference-classic")
        page.evaluate("document.body.append(Object.assign(document.createElement('p'), { id: 'probe' }))")
        page.evaluate(
            "document.querySelector('#probe').style.cssText ="
            " 'transition: none; background: Highlight; color: Canvas'"  # without its colours on the way there
        )
        probe = page.locator("#probe")
        marked = probe.evaluate("(p) => getComputedStyle(p).backgroundColor")
        for chosen in (
            "[role=tab][aria-selected=true]",
            "[role=radio][aria-checked=true]",
            "[data-testid=stProgressBarTrack] > div",
            "[data-testid=stSlider] [role=group] > [data-orientation] > div:has(input)",
        ):
            expect(page.locator(chosen).first).to_have_css("background-color", marked)
        other = page.locator("[role=radio][aria-checked=false]").first
        assert other.evaluate("(p) => getComputedStyle(p).backgroundColor") != marked
        # What has the keys is marked, and nothing moves by itself.
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Train", exact=True).focus()
        expect(page.get_by_role("button", name="Train", exact=True)).to_have_css("outline-style", "solid")
        times = page.locator("*").evaluate_all(
            "all => all.map((e) => parseFloat(getComputedStyle(e).transitionDuration))"
        )
        assert max(times) <= 0.001
        page.goto(f"{app_url}/kernels?run=reference-classic&step=0")
        play, slider = page.locator("button.play"), page.locator("input.slider")
        for epoch in (1, 2):
            play.click()
            page.wait_for_timeout(500)
            expect(slider).to_have_attribute("aria-valuetext", re.compile(rf"epoch {epoch}$"))
        expect(play).to_have_accessible_name(re.compile("one epoch for each press"))


def test_twice_the_size_cuts_no_control(browser: Browser, app_url: str) -> None:
    with a_reader(browser, viewport={"width": 683, "height": 384}) as page:
        for name in PAGES:
            open_page(page, f"{app_url}/{name}")
            found = geometry.measure(page)
            controls = [cut for cut in found.cut if not cut.startswith(("text", "tspan"))]  # not those of figures
            assert (found.sideways, found.outside, controls) == (0, [], []), name


def test_within_another_page_there_is_only_what_it_shows(browser: Browser, app_url: str) -> None:
    with a_reader(browser, viewport={"width": 600, "height": 400}) as page:
        open_page(page, f"{app_url}/kernels?embed=true")
        expect(page.get_by_test_id("stHeader")).to_be_hidden()
        head = page.locator("div:has(> .st-key-page_head)").bounding_box()
        assert head and head["height"] <= 1
        tops = page.locator("[data-testid=stMain] :is(.st-key-run, .st-key-wall)").evaluate_all(
            "all => all.map((e) => e.getBoundingClientRect().top)"
        )
        assert min(tops) < 40
