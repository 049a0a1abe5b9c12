"""What pages cost on the wire: a slow Wi-Fi that forty telephones share carries 0.2 MB a second to each of them."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import a_reader
from tests.helpers.wire import PATHS, SETTLED, Visit, new_reader, visits

pytestmark = pytest.mark.browser

LIMITS = {"/training": (2.6e6, 2.9e6), "/experiments": (2.6e6, 2.9e6)}  # 1.1 MB of it, or 1.4, are Plotly
REST = (1.0e6, 1.1e6)
"""Bytes of a first visit by HTTP: compressed by brotli, and by gzip, which is what a browser takes without https."""
AGAIN = 20e3  # of every later visit

LOOKED_AT = ("StreamlitSyntaxHighlighter", "DataFrame", "ArrowTable", "DeckGlJsonChart", "EChartsChart", "embed")
"""Scripts of Streamlit's that none of the pages needs as it opens: highlighted code, tables, other charts."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that was never here."""
    with a_reader(browser, is_new=True) as page:
        yield page


def weight(visit: Visit, coding: str) -> int:
    """Bytes of the same files in another coding."""
    total = 0
    for address, size in visit.files.items():
        if size:
            request = urllib.request.Request(address, headers={"Accept-Encoding": coding})
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    total += len(answer.read()) + len(str(answer.headers))
            except urllib.error.HTTPError:
                total += size  # Streamlit's own health below a page's address, which is at the root
    return total


def test_no_page_is_heavier_than_a_slow_network_can_carry(browser: Browser, app_url: str) -> None:
    found = {}
    for path in PATHS:
        context = new_reader(browser)
        first, second = visits(context, f"{app_url}{path}")
        context.close()
        assert "br" in first.codings
        found[path] = (first.http, weight(first, "gzip"), second.http)
        assert not [name for name in LOOKED_AT if name in first.names()], path
    for path, (brotli, gzip, again) in found.items():
        most_brotli, most_gzip = LIMITS.get(path, REST)
        assert 3e5 < brotli < most_brotli, path
        assert brotli < gzip < most_gzip, path
        assert again < AGAIN, path


def test_what_the_small_fonts_lack_comes_from_the_complete_ones(page: Page, app_url: str) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("?complete"):
            asked.append(request.url.rpartition("/")[2].split(".")[0].split("-")[0])

    page.on("request", note)
    page.goto(f"{app_url}/pooling?lang=zh_CN")
    page.locator(SETTLED).wait_for()
    icon = page.locator('[translate="no"][aria-hidden="true"]:visible').first
    expect(icon).to_be_visible()
    assert asked == [], "the pages and Streamlit's own parts name no icon that is not there"

    icon.evaluate("icon => { icon.firstChild.data = 'rocket_launch' }")
    expect(icon).to_have_css("font-family", '"Material Symbols Rounded complete"')
    page.wait_for_function("document.fonts.check('20px \"Material Symbols Rounded complete\"')")
    assert icon.evaluate("icon => icon.scrollWidth <= icon.clientWidth"), "it is drawn as one character"
    page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').append('Свёртка')")
    page.wait_for_function("document.fonts.check('16px \"Source Sans\"', 'Свёртка')")
    assert asked == ["MaterialSymbols", "SourceSansVF"]
