"""Everybody trains: a teacher's page and two phones, whose networks are really trained."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lenet.architecture.configuration import LeNetConfig
from lenet.classroom import training
from lenet.experiments.experiment import Experiment
from tests.browser.conftest import a_reader
from tests.browser.test_class_page import ours
from tests.helpers import geometry
from tests.helpers.experiments import TINY

pytestmark = pytest.mark.browser

WALL = ".st-key-class_wall"
TRAINED = 300_000
"""Milliseconds: a worker starts, and comes last on a loaded machine."""


def open_class(page: Page, url: str) -> str:
    """The code of a new class, whose members train a small network on the sample."""
    page.goto(f"{url}/class?panel=train")
    page.get_by_role("button", name="Open a class").click()
    page.wait_for_url(re.compile(r"[?&]join=[A-Z]{4}"))
    code = re.findall("join=([A-Z]{4})", page.url)[0]
    base = replace(TINY, model=LeNetConfig(activation="relu", pooling="max"), optimizer="adam", lr=0.01)
    training.begin(code, Experiment("everybody", base, question="luck"))
    page.goto(f"{url}/class?panel=train&join={code}")
    page.locator(f"{WALL} .line").wait_for()
    return str(code)


def accuracies(page: Page) -> list[float]:
    return [float(text.removesuffix("%")) for text in page.locator(f"{WALL} .told").all_inner_texts()]


def test_two_phones_train_and_the_wall_shows_both(
    browser: Browser, devices: dict[str, Any], app_url: str, server_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_RUNS_DIR", str(server_runs))
    phone = geometry.phone(devices)
    with (
        a_reader(browser) as teacher,
        a_reader(browser, **phone) as one,
        a_reader(browser, **phone, locale="zh-CN") as two,
    ):
        code = open_class(teacher, app_url)
        for page in (one, two):
            page.goto(f"{app_url}/class?join={code}")
            page.locator(".st-key-class_train_0 button").tap()
            page.locator(".st-key-class_own_kernels .tile").wait_for()
        expect(teacher.locator(f"{WALL} .tile.finished")).to_have_count(2, timeout=TRAINED)

        # At the front: named for those who listen, sorted, reached by keys, and all of it on the screen.
        for number in (1, 2):
            tile = teacher.get_by_role("button", name=re.compile(rf"^number {number}, \d\d\.\d%$"))
            box = tile.bounding_box()
            assert box and box["y"] + box["height"] < 768
        teacher.locator(f"{WALL} select").select_option("accuracy")
        found = accuracies(teacher)
        assert found == sorted(found, reverse=True) and len(found) == 2
        expect(teacher).to_have_url(re.compile("order=accuracy"))
        tiles = teacher.locator(f"{WALL} .tile")
        tiles.first.focus()
        teacher.keyboard.press("ArrowRight")
        expect(tiles.nth(1)).to_be_focused()
        teacher.keyboard.press("Enter")
        expect(teacher.locator(f"{WALL} [role=status]")).to_contain_text("number")
        assert teacher.locator(f"{WALL} canvas").first.evaluate("canvas => canvas.width") > 50

        # On the phone: one's own kernels first, and how they lie in the class; the same after a reload.
        expect(one.get_by_text("of the test images correctly")).to_be_visible(timeout=TRAINED)
        one.reload()
        expect(one.get_by_text("of the test images correctly")).to_be_visible()
        geometry.settle(one)
        found_on_phone = geometry.measure(one, ".st-key-class_own_kernels .tile")
        assert found_on_phone.top is not None and found_on_phone.top < geometry.FIRST_SCREEN
        assert found_on_phone.sideways == 0
        assert (found_on_phone.outside, found_on_phone.cut, found_on_phone.overlaps) == ([], [], [])
        expect(two.locator(".st-key-class_own_kernels .tile .live")).to_have_text(re.compile(r"^2 号，\d\d\.\d%$"))
        for page in (teacher, one, two):
            assert ours(page) == []

        # It is an experiment: one link away.
        teacher.get_by_role("button", name="End", exact=True).click()
        teacher.get_by_role("button", name="Train something else").wait_for()
        teacher.get_by_role("link", name="As an experiment").click()
        expect(teacher.locator(".st-key-answer_words")).to_contain_text("2 seeds give", timeout=60_000)
