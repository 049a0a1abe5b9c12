"""What axe-core finds on every page, tab and popover, light in English and dark in Chinese: nothing of ours.

Its rules are those of WCAG 2.2 AA and its best practices.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import a_reader
from tests.helpers import axe, geometry

pytestmark = pytest.mark.browser

PAGES = (
    "",
    "convolution",
    "pooling",
    "architecture",
    "training?run=reference-classic",
    "kernels?run=reference-classic",
    "experiments?experiment=reference-activation&panel=kernels",
    "class",
    "status",
    "pooling?predict=pool-winner&seed=5",
    "kernels?predict=kernel-map&seed=5",
    "architecture?predict=net-shape&seed=5",
)
"""With a run that other tests leave as it is; and an exercise of each form."""
SHARED = "kernels?run=reference-classic"
"""Where the panel of the link is looked at, which is the same on every page."""

STREAMLITS = ", ".join(
    f"[data-testid={element}]"
    for element in (
        "stCode", "stFileUploader", "stHeader", "stToolbar", "stMainMenu", "stDataFrame", "stElementToolbar", "stAppDeployButton",
    )
)  # fmt: skip
"""What lies inside of these is Streamlit's own; no page can change it."""

KNOWN = {
    # The colours of st.code's highlighting; no upstream issue known.
    "color-contrast",
    # What is longer than the box of st.code can be scrolled with a mouse only; no upstream issue known.
    "scrollable-region-focusable",
    # The place for files has the role "presentation" and a tabindex since streamlit/streamlit#15928.
    "presentation-role-conflict",
}
"""Rules that Streamlit's own elements break."""


IS_IN = """(scheme) => {
  const light = (color) => color.match(/[\\d.]+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0) / 765
  const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])])
  const letters = all(document).filter((e) => e.matches("h1, .address, .opener") && e.checkVisibility())
  const ground = light(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor)
  const own = letters.map((e) => light(getComputedStyle(e).color))
  return scheme === "dark" ? ground < 0.2 && Math.min(...own) > 0.4 : ground > 0.8 && Math.max(...own) < 0.6
}"""
"""Whether all of a page has the colours of a scheme."""


IS_AT_REST = """() =>
  document.querySelector("[data-test-script-state=notRunning]") &&
  !document.querySelector("[data-testid=stSkeleton], [data-stale=true]") &&
  document.getAnimations().every((a) => a.playState !== "running")
"""


def states(page: Page, url: str) -> Iterator[str]:
    """Every page with what it has folded, each of its popovers, and each tab in turn: the name of what is open now."""
    for name in PAGES:
        page.goto(f"{url}/{name}")
        page.locator("h1").wait_for()
        settle(page)
        for fold in seen(page.locator("[data-testid=stExpander] summary")):
            fold.click()
        settle(page)
        yield name or "home"
        for n, opener in enumerate(seen(page.get_by_test_id("stPopoverButton"))):
            opener.click()
            page.get_by_test_id("stPopoverBody").first.wait_for()
            settle(page)
            yield f"{name}, popover {n}"
            page.keyboard.press("Escape")
        share = page.locator("button.opener[aria-haspopup]")
        if name == SHARED:
            share.click()
            page.locator(".share a.address").first.wait_for()
            settle(page)
            yield f"{name}, shared"
            page.keyboard.press("Escape")
        for n in range(1, page.get_by_test_id("stTab").count()):
            page.get_by_test_id("stTab").nth(n).click()
            settle(page)
            yield f"{name}, tab {n}"


def seen(all_of_them: Locator) -> list[Locator]:
    return [one for one in all_of_them.all() if one.is_visible() and one.is_enabled()]


def settle(page: Page) -> None:
    """Wait until a page has come to rest; the server may have begun to answer a press only after it seemed to be."""
    geometry.settle(page)
    page.wait_for_function(IS_AT_REST, timeout=geometry.LONGEST)


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_nothing_of_ours_is_hard_to_use(browser: Browser, app_url: str, language: str, scheme: str) -> None:
    """Each state is looked at once: words are the same in both schemes, and colours in both languages."""
    ours, theirs = set(), set()
    with a_reader(browser, locale=language, color_scheme=scheme, reduced_motion="reduce") as page:
        for state in states(page, app_url):
            page.wait_for_function(IS_IN, arg=scheme)
            for found in axe.findings(page, STREAMLITS):
                if found.is_ours:
                    ours.add(f"{state}: {found.rule}: {found.why}: {found.html}")
                else:
                    theirs.add(found.rule)
    assert sorted(ours) == []
    assert theirs <= KNOWN
