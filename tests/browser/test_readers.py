"""What tests share of a browser: the scripts that it has compiled, and nothing that a reader leaves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import a_reader

pytestmark = pytest.mark.browser

FOUND = "[/left=/.test(document.cookie), localStorage.length, sessionStorage.length, Boolean(window.isMarked), innerWidth]"
LEAVE = """() => {
  document.cookie = "left=1; max-age=1000; path=/"
  localStorage.setItem("left", "1")
  sessionStorage.setItem("left", "1")
  window.isMarked = true
}"""


def leave(page: Page, url: str) -> list[object]:
    """What a reader finds; who then leaves something of each kind."""
    page.goto(f"{url}/_stcore/health")
    found: list[object] = page.evaluate(FOUND)
    page.evaluate(LEAVE)
    page.set_viewport_size({"width": 500, "height": 500})
    page.context.new_page().goto(page.url)
    return found


def test_a_reader_finds_nothing_of_the_one_before(browser: Browser, app_url: str) -> None:
    contexts = []
    for is_new in (False, False, True, False):
        with a_reader(browser, is_new=is_new, timezone_id="Asia/Shanghai") as page:
            assert leave(page, app_url) == [False, 0, 0, False, 1366]
            contexts.append(page.context)
    first, second, new, last = contexts
    assert first is second is last is not new


def test_of_a_reader_for_whom_something_went_wrong_nothing_is_kept(browser: Browser, app_url: str) -> None:
    with pytest.raises(ZeroDivisionError), a_reader(browser, timezone_id="Asia/Tokyo") as page:
        leave(page, app_url)
        _ = 1 / 0
    before = page.context
    with a_reader(browser, timezone_id="Asia/Tokyo") as page:
        assert leave(page, app_url) == [False, 0, 0, False, 1366]
        assert page.context is not before
