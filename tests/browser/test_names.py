"""Whoever listens to a page hears what each part of a figure is for: nothing there shows a sign alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PART = re.compile(r"- '?(?:button|combobox|group|img|link|listbox|option|slider|spinbutton|textbox)\b(?: \"(.*?)\")?")


PAGES = (
    "convolution", "convolution?panel=learning", "pooling", "pooling?lesson=stack", "architecture", "architecture?tab=walk",
    "architecture?tab=walk&src=draw", "kernels", "kernels?present=1", "kernels?tab=own",
)  # fmt: skip


def test_every_part_of_a_figure_has_a_name(page: Page, app_url: str) -> None:
    for path in PAGES:
        page.goto(f"{app_url}/{path}")
        figures = page.locator(".root")
        expect(page.get_by_role("button", name="Glossary")).to_be_attached()  # the last of them
        for figure in figures.all():
            expect(figure.locator("button, [tabindex]").first).to_be_attached()
            names = PART.findall(figure.aria_snapshot())
            assert names and all(re.search(r"\w", name) for name in names), (path, names)
