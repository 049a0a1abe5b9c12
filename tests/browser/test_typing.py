"""Numbers that are typed in bursts: at rest the field, the URL and what is drawn agree, whatever was typed and when."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page

from lenet.common.errors import LenetError
from lenet.common.fields import Field
from tests.helpers import geometry

pytestmark = pytest.mark.browser

DIGITS = ["1", "2", "3", "7", "0", "４", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home"]
OTHERS = ["Enter", "Enter", "Tab", "Backspace", "Control+a", "Delete"]
PAUSES = [0, 0, 0, 0, 10, 30, 60, 90, 120, 200]
"""Milliseconds between two keys: within the longer ones the server answers."""
BURSTS = 8


def press(page: Page, field: Locator, rng: random.Random) -> str:
    """A burst of keys in a field, which ends with Enter."""
    pressed = [rng.choice(DIGITS if rng.random() < 0.6 else OTHERS) for _key in range(rng.randint(3, 20))]
    field.focus()
    for key in [*pressed, "Enter"]:
        if key == "４":
            page.keyboard.insert_text(key)
        else:
            page.keyboard.press(key)
        if key == "Tab":
            field.focus()
        if pause := rng.choice(PAUSES):
            page.wait_for_timeout(pause)
    return " ".join(pressed)


def meaning(field: Field, text: str, default: int | None) -> object:
    """The number that a text means, the default for none, or the text itself where it means no number of the field."""
    if not text.strip():
        return default
    try:
        return field.read(text)
    except LenetError:
        return text.strip()


def drawn_output(page: Page) -> int | None:
    """The columns of the output that the pooling page shows; None where it shows none."""
    titles = page.locator(".zone.out .title")
    return int((titles.text_content() or "").split("×")[-1]) if titles.count() else None


@pytest.mark.parametrize(
    ("address", "label", "key", "default", "low", "high"),
    [
        ("architecture", "Channels 1", "c1", 6, 1, 256),
        ("pooling?preset=image&kernel_w=2&stride=1&stride_w=1", "Kernel width", "kernel_w", None, 1, 28),
    ],
)
def test_field_url_and_figure_agree_after_any_burst(
    page: Any, app_url: str, address: str, label: str, key: str, default: int | None, low: int, high: int
) -> None:
    page.goto(f"{app_url}/{address}")
    field = page.get_by_role("textbox", name=label, exact=True)
    field.wait_for()
    geometry.settle(page)
    rng, row = random.Random(5), Field(key, int, low=low, high=high)
    for burst in range(BURSTS):
        pressed = press(page, field, rng)
        page.wait_for_timeout(400)
        geometry.settle(page)
        shown = meaning(row, field.input_value(), default)
        linked = meaning(row, parse_qs(urlsplit(page.url).query, keep_blank_values=True).get(key, [""])[0], default)
        assert shown == linked, (burst, pressed)
        if key == "kernel_w":
            kernel = 2 if shown is None else shown
            assert drawn_output(page) == (28 - kernel + 1 if isinstance(kernel, int) else None), (burst, pressed)


def test_what_is_typed_while_an_answer_is_on_its_way_is_kept(page: Any, app_url: str) -> None:
    """An emptied field, and digits that the server would write otherwise, then another number at every moment after."""
    page.goto(f"{app_url}/architecture")
    field = page.get_by_role("textbox", name="Channels 1", exact=True)
    field.wait_for()
    geometry.settle(page)
    for first in ("", "１２"):
        for pause in range(0, 241, 40):
            field.fill(first)
            field.press("Enter")
            page.wait_for_timeout(pause)
            field.fill("5")
            field.press("Enter")
            page.wait_for_timeout(300)
            geometry.settle(page)
            assert field.input_value() == "5" and "c1=5" in page.url, (first, pause)
            field.fill("8")
            field.press("Enter")
            page.wait_for_url("**c1=8*")
