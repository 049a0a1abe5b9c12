"""Back in a real browser: it undoes tabs, runs, lessons and pages one by one, and nothing else makes a step."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def query(page: Page) -> str:
    address: str = page.evaluate("location.pathname + location.search")
    return address


def is_at(page: Page, address: str) -> None:
    """Wait until the address bar says so, and the page has come to rest."""
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)


def tab(page: Page, name: str) -> Any:
    return page.get_by_role("tab", name=name, exact=True)


def steps(page: Page) -> int:
    length: int = page.evaluate("history.length")
    return length


def test_each_back_undoes_one_step_and_settings_are_none(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/pooling?mode=max")  # the default: the page takes it out, which is no step either
    kernel = page.get_by_role("slider", name="Kernel", exact=False).first
    expect(kernel).to_be_visible()
    is_at(page, "/pooling")
    first = steps(page)
    for key, size in (("ArrowRight", "?kernel=3"), ("ArrowLeft", ""), ("ArrowRight", "?kernel=3")):
        kernel.press(key)
        is_at(page, f"/pooling{size}")
    assert steps(page) == first, "a slider moves within its step"

    tab(page, "Gradient").click()
    is_at(page, "/pooling?kernel=3&panel=gradient")
    page.get_by_role("radio", name="4×4, padding 1", exact=False).or_(
        page.get_by_text("4×4, padding 1")
    ).first.click()
    expect(page).to_have_url(re.compile("preset=4x4"))
    of_example = query(page)
    page.get_by_role("link", name="Training").click()
    expect(page).to_have_url(re.compile(r"/training\?run=[^&]+$"))  # the newest run, of another test maybe
    begun = query(page)
    expect(tab(page, "Settings")).to_be_visible()
    tab(page, "Settings").click()
    is_at(page, f"{begun}&panel=settings")
    run = page.get_by_role("combobox", name="Run", exact=True)
    name = run.input_value()
    run.click()
    page.get_by_role("option", name=re.compile("^modern, .*came with the app")).click()
    is_at(page, "/training?run=reference-modern&panel=settings")
    assert steps(page) == first + 5

    page.go_back()
    is_at(page, f"{begun}&panel=settings")
    expect(run).to_have_value(name)
    page.go_back()
    is_at(page, begun)
    expect(tab(page, "Result")).to_have_attribute("aria-selected", "true")
    page.go_back()
    is_at(page, of_example)
    expect(tab(page, "Gradient")).to_have_attribute("aria-selected", "true")
    page.go_back()
    is_at(page, "/pooling?kernel=3&panel=gradient")
    expect(kernel).to_have_value("3")
    page.go_back()
    is_at(page, "/pooling?kernel=3")
    expect(tab(page, "The window")).to_have_attribute("aria-selected", "true")
    page.go_forward()
    is_at(page, "/pooling?kernel=3&panel=gradient")
    page.go_back()
    is_at(page, "/pooling?kernel=3")
    page.go_back()
    assert not query(page).startswith("/pooling"), "the next one leaves the app"
