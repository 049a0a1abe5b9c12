"""Take the pictures in tests/screenshots from the running app: `python -m tests.tools.screenshots [http://localhost:8501]`.

Those of the README, and in `phone/` every page as it begins on a phone of 390×844, in both languages.
"""

from __future__ import annotations

import argparse
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from lenet.common.translation import LANGUAGES
from tests.browser.conftest import ARGS, CHROMIUM
from tests.helpers import geometry

FOLDER = Path(__file__).parents[1] / "screenshots"
PAGES = {
    "home": "",
    "convolution": "convolution?example=letter",
    "pooling": "pooling?preset=4x4",
    "architecture": "architecture",
    "training": "training?run=reference-classic&with=reference-modern",
    "kernels": "kernels",
    "experiments": "experiments",
    "class": "class",
}
FIGURE = "svg.main-svg, [data-testid^=stBidiComponent] :is(svg, form)"
COLOURS = 256
PEOPLE = 12
PATIENCE = 120_000  # milliseconds for what a busy machine does late


def take(page: Page, address: str, path: Path) -> None:
    """Save what a page shows as it begins."""
    page.goto(address)
    page.locator(FIGURE).locator("visible=true").first.wait_for(timeout=PATIENCE)
    geometry.settle(page)
    page.wait_for_timeout(2000)  # what is drawn moves to its place
    path.write_bytes(small(page.screenshot()))


def small(png: bytes) -> bytes:
    """A picture with a palette: a third as large, and nobody sees a difference."""
    kept = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        kept, "PNG", optimize=True
    )
    return kept.getvalue()


def class_that_has_come(browser: Browser, page: Page, url: str) -> str:
    """Open a class in the browser of that page, and have so many others join; its address."""
    page.goto(f"{url}/class")
    page.get_by_role("button", name="Open a class").click()
    page.locator("p.code").wait_for()
    path = f"class?join={page.locator('p.code').get_attribute('data-code')}"
    for _phone in range(PEOPLE):
        phone = browser.new_page()
        phone.goto(f"{url}/{path}")
        phone.locator("p.you").wait_for()
        phone.close()
    return path


def on_a_laptop(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US").new_page()
    for name, path in PAGES.items():
        if name == "class":  # the last: from then on it stands at the head of every page
            path = class_that_has_come(browser, page, url)
        take(page, f"{url}/{path}", FOLDER / f"{name}.png")


def on_a_phone(browser: Browser, url: str, phone: dict[str, Any]) -> None:
    (FOLDER / "phone").mkdir(parents=True, exist_ok=True)
    for code in LANGUAGES:
        page = browser.new_context(**phone).new_page()
        for name, path in PAGES.items():
            address = f"{url}/{path}{'&' if '?' in path else '?'}lang={code}"
            take(page, address, FOLDER / "phone" / f"{name}-{code}.png")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.screenshots", description="Take the pictures again.")
    parser.add_argument(
        "url", nargs="?", default="http://localhost:8501", help="of the running app (default: %(default)s)"
    )
    url = parser.parse_args(argv).url
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        on_a_laptop(browser, url)
        on_a_phone(browser, url, geometry.phone(playwright.devices) | {"device_scale_factor": 1})
        browser.close()


if __name__ == "__main__":
    main()
