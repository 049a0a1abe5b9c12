"""What a reader with eyes and fingers meets on a page: where the main figure begins, what is cut or lies on something else,
which targets are too small for a finger and which letters for an eye. `geometry.js` measures it in the browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").replace("\n;(figure,", "\n(figure,", 1)
PHONES = {"390×844": (390, 844), "360×740": (360, 740)}
FIRST_SCREEN = 420
"""CSS pixels from the top of a phone's page, above which its main figure begins."""


@dataclass(frozen=True)
class Geometry:
    """What was measured; a list names what is wrong, and is empty where nothing is."""

    top: float | None
    """CSS pixels between the top of the page and its main figure; None where no figure was named."""
    width: float | None
    """CSS pixels of the main figure."""
    height: float | None
    sideways: float
    """CSS pixels by which the page can be scrolled sideways."""
    outside: list[str] = field(default_factory=list)
    """Texts that reach out of the window on the left or right."""
    cut: list[str] = field(default_factory=list)
    """Texts of which something is cut off that cannot be scrolled to."""
    overlaps: list[str] = field(default_factory=list)
    """Pairs of texts that lie on each other."""
    small: list[str] = field(default_factory=list)
    """Texts in figures smaller than 11 CSS pixels."""
    targets: list[str] = field(default_factory=list)
    """What can be pressed but is smaller than 24×24 CSS pixels."""


def phone(devices: dict[str, Any], size: tuple[int, int] = (390, 844)) -> dict[str, Any]:
    """Options of a browser context that is a phone with a screen of that size: `a_reader(browser, **phone(…))`.

    `devices` are Playwright's own (`playwright.devices`), one of which lends its user agent.
    """
    options = dict(devices["Pixel 7"])
    options.pop("default_browser_type", None)
    return options | {
        "viewport": {"width": size[0], "height": size[1]},
        "screen": {"width": size[0], "height": size[1]},
    }


def measure(page: Page, figure: str | None = None, *, exempt: str = "") -> Geometry:
    """The geometry of a page as it is now, whose main figure the selector `figure` finds.

    `exempt` is a CSS selector of targets that may be small because a tap picks the nearest: the cells of images and walls.
    """
    handle = page.locator(figure).first.element_handle() if figure else None
    found = page.evaluate(f"([figure, options]) => ({SCRIPT.strip()})(figure, options)", [handle, {"exempt": exempt}])
    box = found.pop("figure") or {}
    return Geometry(top=box.get("top"), width=box.get("width"), height=box.get("height"), **found)


def settle(page: Page) -> None:
    """Wait until a page has come to rest: its script has run, nothing of it is stale and nothing grows any more."""
    page.wait_for_function(
        "document.querySelector('[data-test-script-state=notRunning]') &&"
        " !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')"
    )
    page.wait_for_function(
        """() => new Promise((done) => {
          const size = () => document.querySelector("[data-testid=stMainBlockContainer]")?.scrollHeight
          const before = size()
          setTimeout(() => done(size() === before), 300)
        })"""
    )
