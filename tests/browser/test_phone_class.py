"""The page of a class on phones: the field for the code, and who somebody is; in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from lenet import classroom
from tests.browser.conftest import a_reader
from tests.browser.test_class_page import ours
from tests.helpers import geometry

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("size", "language", "scheme"), [("390×844", "en-US", "light"), ("360×740", "zh-CN", "dark")]
)
def test_a_phone_comes_in_and_everything_can_be_read_and_hit(
    browser: Browser,
    devices: dict[str, Any],
    app_url: str,
    server_runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: str,
    language: str,
    scheme: str,
) -> None:
    monkeypatch.setenv("LENET_RUNS_DIR", str(server_runs))
    code = classroom.open_class("t" * 64).code
    options = geometry.phone(devices, geometry.PHONES[size]) | {"locale": language, "color_scheme": scheme}
    with a_reader(browser, is_new=True, reduced_motion="reduce", **options) as page:
        port = app_url.rpartition(":")[2]
        for query, figure in (("", ".field"), ("?join=ZZZZ", ".field"), (f"?join={code}", ".badge")):
            page.goto(f"http://guests.test:{port}/class{query}")
            page.locator(figure).wait_for()
            geometry.settle(page)
            found = geometry.measure(page, figure)
            assert found.top is not None and found.top < geometry.FIRST_SCREEN, query
            assert (found.sideways, found.cut, found.outside, found.overlaps, found.small, found.targets) == (
                0, [], [], [], [], [],
            ), query  # fmt: skip
            assert ours(page) == [], query
