"""What a term means: at a click or a key, beside it or at the foot of a phone's screen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser


def test_terms(browser: Browser, devices: dict[str, Any], app_url: str) -> None:
    with a_reader(browser, viewport={"width": 1366, "height": 768}) as page:
        page.goto(f"{app_url}/pooling")
        expect(page.get_by_role("button", name="Glossary")).to_be_attached()
        term = page.locator('a[href="#term-window"]')
        term.focus()
        page.keyboard.press("Enter")
        explained = page.get_by_role("dialog", name="Glossary")
        expect(explained).to_contain_text("The cells of the input")
        at, beside = term.bounding_box(), explained.bounding_box()
        assert at and beside and beside["y"] >= 0 and beside["y"] + beside["height"] <= 768
        assert beside["y"] + beside["height"] <= at["y"] or beside["y"] >= at["y"] + at["height"], (
            "the term is covered"
        )
        assert "#" not in page.url
        page.keyboard.press("Escape")
        expect(explained).to_be_hidden()
        expect(term).to_be_focused()
        term.click()
        explained.get_by_role("button", name="Glossary").click()
        assert explained.locator("dt").count() > 30
        page.mouse.click(5, 400)
        expect(explained).to_be_hidden()
    with a_reader(browser, **geometry.phone(devices), locale="zh-CN") as page:
        page.goto(f"{app_url}/pooling")
        expect(page.get_by_role("button", name="术语表")).to_be_attached()
        page.locator('a[href="#term-stride"]').tap()
        explained = page.get_by_role("dialog", name="术语表")
        expect(explained).to_contain_text("步幅")
        box = explained.bounding_box()
        assert box and (box["x"], box["width"]) == (0, 390) and abs(box["y"] + box["height"] - 844) < 1
