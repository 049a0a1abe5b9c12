"""The frame of every page: the title of its tab, and the language that the document names."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("", "LeNet Explorer"),
        ("kernels", "Kernels · LeNet Explorer"),
        ("experiments", "Experiments · LeNet Explorer"),
        ("training?lang=zh_CN", "训练 · LeNet 探索器"),
        ("class?lang=zh_CN", "课堂 · LeNet 探索器"),
    ],
)
def test_a_tab_names_its_page(page: Page, app_url: str, path: str, title: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{app_url}/{path}")
    expect(page).to_have_title(title)
    page.locator("h1").wait_for()
    own = (app_url, "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == [], "nothing comes from elsewhere"


def test_the_document_names_its_language(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/pooling")
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "en")
    page.get_by_text("简体中文", exact=True).click()
    expect(html).to_have_attribute("lang", "zh-Hans")
    wrappers = page.locator("[data-testid=stElementContainer]:has(> [data-testid=stHtml] > script)").all()
    assert wrappers
    for wrapper in wrappers:
        expect(wrapper).to_have_css("display", "none")  # it takes no room


def test_what_is_chosen_follows_the_language(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/training?run=reference-classic")
    shown = page.get_by_role("combobox", name=re.compile("Show|显示"))
    expect(shown).to_have_value("all")
    page.get_by_text("简体中文", exact=True).click()
    expect(shown).to_have_value("全部")
    expect(page.get_by_role("combobox", name=re.compile("训练记录"))).to_have_value(re.compile("种子"))
    page.get_by_text("English", exact=True).click()
    expect(shown).to_have_value("all")


def test_the_first_click_on_a_language_counts(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/pooling?lang=zh_CN")
    page.get_by_text("English", exact=True).click()  # as soon as it is there
    expect(page.locator("h1")).to_have_text("What a pooling layer does, one window at a time")
    expect(page.get_by_role("radio", name="English")).to_be_checked()
    expect(page).to_have_url(f"{app_url}/pooling")
