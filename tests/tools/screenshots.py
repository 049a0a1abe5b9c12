"""Take the README's pictures from the running app: `python -m tests.tools.screenshots [http://localhost:8501]`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGS, CHROMIUM

FOLDER = Path(__file__).parents[1] / "screenshots"
PAGES = {
    "home": "",
    "convolution": "convolution?example=letter",
    "pooling": "pooling?preset=4x4",
    "architecture": "architecture",
    "training": "training?run=reference-classic&with=reference-modern",
    "kernels": "kernels",
}


def main(url: str = "http://localhost:8501") -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="en-US")
        for name, path in PAGES.items():
            page.goto(f"{url}/{path}")
            page.locator("svg.main-svg, [data-testid^=stBidiComponent] svg").first.wait_for()
            page.wait_for_timeout(3000)
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
