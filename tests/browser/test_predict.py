"""Exercises in a browser: on a phone, by keyboard, and the progress that stays in the browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

TASKS = (
    "pooling?predict=pool-winner&seed=5",
    "pooling?predict=pool-negative&seed=4",
    "architecture?predict=net-most&seed=5",
    "architecture?predict=net-class&seed=5",
    "kernels?predict=kernel-map&seed=5",
    "kernels?predict=kernel-needed&seed=5",
)
"""Grids with padding, tables, pictures, and every form of an answer but typed ones."""


def ask(page: Page, url: str, path: str) -> None:
    page.goto(f"{url}/{path}")
    page.locator(".question").wait_for()
    geometry.settle(page)


@pytest.mark.parametrize(("size", "locale"), [("390×844", "en-US"), ("360×740", "zh-CN")])
def test_on_a_phone_the_figure_comes_first_and_a_tap_answers(
    browser: Browser, devices: dict[str, Any], app_url: str, size: str, locale: str
) -> None:
    with a_reader(browser, **geometry.phone(devices, geometry.PHONES[size]), locale=locale) as page:
        for path in TASKS:
            ask(page, app_url, path)
            found = geometry.measure(page, ".st-key-exercise .figure")
            assert found.top is not None and found.top < geometry.FIRST_SCREEN, path
            assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], []), path
            assert (found.small, found.targets) == ([], []), path
            if "winner" in path:
                page.locator("button.cell").nth(6).tap()
                expect(page.locator("button.cell").nth(6)).to_have_attribute("aria-pressed", "true")
            else:
                options = page.locator(".option")
                if not options.count():
                    page.locator(".field input").fill("0")
                else:
                    options.last.tap()
            page.locator(".check").tap()
            expect(page.locator(".verdict strong")).to_be_visible()
            found = geometry.measure(page, ".st-key-exercise .figure")
            assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], []), path


def test_a_reader_at_the_keyboard_is_told_of_his_own_mistake(browser: Browser, app_url: str, tmp_path: Path) -> None:
    with a_reader(browser) as page:
        ask(page, app_url, "pooling?predict=pool-negative&seed=4&n=2")
        field, verdict = page.locator(".field input"), page.locator(".verdict")
        field.fill("four")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Your answer must be a number, not four.")
        expect(field).to_have_value("four")
        expect(field).to_be_focused()
        expect(page.locator("td.padding").first).to_have_text("?")
        field.fill("０")  # a key of a Chinese keyboard
        page.keyboard.press("Enter")
        expect(verdict).to_contain_text("Not quite. Padding does not hold 0 here: max pooling pads with −∞")
        expect(page.locator("td.padding").first).to_have_text("−∞")
        expect(page.locator("td.shown").first).to_be_visible()
        expect(page.locator(".next")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".place")).to_have_text("2 of 2")
        expect(page).to_have_url(f"{app_url}/pooling?predict=pool-negative&seed=4&n=2&question=2")

        ask(page, app_url, "pooling?predict=pool-winner&seed=5")
        page.locator("button.cell").first.focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
            page.keyboard.press(key)
        expect(page.locator("button.cell").nth(3)).to_have_attribute("aria-pressed", "true")
        page.locator(".check").click()
        expect(verdict).to_contain_text("Right.")

        progress = page.locator(".progress")
        expect(progress.locator("summary")).to_have_text("Your progress: 1 of 2 right")
        progress.locator("summary").click()
        expect(progress).to_contain_text("A maximum of negative numbers: 0 of 1 right")
        with page.expect_download() as saved:
            progress.get_by_role("button", name="Save progress").click()
        file = tmp_path / "progress.json"
        saved.value.save_as(file)
        assert json.loads(file.read_text())["answers"] == {"pool-negative": {"4": 0}, "pool-winner": {"5": 1}}

    with a_reader(browser) as page:
        ask(page, app_url, "pooling?predict=pool-winner&seed=5")
        progress = page.locator(".progress")
        expect(progress.locator("summary")).to_have_text("Your progress: nothing answered yet")
        progress.locator("summary").click()
        bad = tmp_path / "bad.json"
        bad.write_text('{"format": 1, "answers": {"pool-winner": {"5": 7}}}')
        progress.locator("input[type=file]").set_input_files(bad)
        expect(progress).to_contain_text("This file is no progress of these exercises.")
        progress.locator("input[type=file]").set_input_files(file)
        expect(progress).to_contain_text("Brought back: 2 answers that were not here yet.")
        page.reload()
        expect(page.locator(".progress summary")).to_have_text("Your progress: 1 of 2 right")
