"""A class from its opening to its end: the front on a projector, a phone that joins, and the file that is taken along."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from lenet import classroom
from lenet.common import links
from tests.browser.conftest import a_reader
from tests.browser.test_accessibility import STREAMLITS
from tests.helpers import axe, geometry
from tests.helpers.processes import end_workers, serve

pytestmark = pytest.mark.browser

OVER = r"410 \(Gone\)"
"""What Chromium logs when the news of a class are asked for that has ended."""
BOTTOMS = "all => Math.max(...all.map((e) => e.getBoundingClientRect().bottom))"


def ours(page: Page) -> list[str]:
    return [f"{one.rule}: {one.why}: {one.html}" for one in axe.findings(page, STREAMLITS) if one.is_ours]


def read(page: Page) -> str:
    """What a telephone reads from the code on the screen."""
    picture = np.array(Image.open(BytesIO(page.locator(".qr").screenshot())).convert("L"))
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text


def test_a_class_from_its_opening_to_its_end(
    browser: Browser, devices: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = links.network_address()
    if machine is None:
        pytest.skip("this machine has no network")
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "runs"))
    with (
        serve(tmp_path / "runs", STREAMLIT_SERVER_ADDRESS="0.0.0.0") as (url, _server),
        a_reader(browser, is_new=True, reduced_motion="reduce", forgiven=OVER) as teacher,
        a_reader(browser, is_new=True, forgiven=OVER, **geometry.phone(devices)) as phone,
    ):
        port, asked = url.rpartition(":")[2], list[str]()
        for page in (teacher, phone):
            page.on("request", lambda request: asked.append(request.url))
        teacher.goto(f"{url}/class")
        teacher.get_by_role("button", name="Open a class").click()
        letters = teacher.locator("p.code")
        letters.wait_for()
        code = str(letters.get_attribute("data-code"))
        geometry.settle(teacher)
        expect(teacher.locator("p.address")).to_have_text(f"{machine}:{port}/class")
        assert read(teacher) == f"http://{machine}:{port}/class?join={code}"

        # A phone joins by the letters, without a secure context, and is the same number after a reload.
        phone.goto(f"http://guests.test:{port}/class")
        assert not phone.evaluate("isSecureContext")
        phone.get_by_label("The code of your class").fill("zzz")
        phone.get_by_role("button", name="Join").tap()
        expect(phone.locator("p.said")).to_contain_text("“zzz” is not the code of a class")
        phone.get_by_label("The code of your class").fill(f"{code[:2]} {code[2:]}".lower())
        phone.get_by_role("button", name="Join").tap()
        expect(phone.locator("p.you")).to_have_text("You are number 1")
        expect(phone).to_have_url(re.compile(rf"join={code}$"))
        expect(teacher.locator("li:not(.free)")).to_have_count(1)
        phone.reload()
        expect(phone.locator("p.you")).to_have_text("You are number 1")

        # Forty are at the front as they come, and everything is on the screen.
        for n in range(2, 41):
            classroom.join(code, f"{n:064x}")
        expect(teacher.locator("li:not(.free)")).to_have_count(40)
        assert ours(teacher) == []
        for size in ((1366, 768), (1920, 1080)):
            teacher.set_viewport_size({"width": size[0], "height": size[1]})
            geometry.settle(teacher)
            assert teacher.locator(".st-key-class_end_row button").evaluate_all(BOTTOMS) <= size[1]
            pattern = teacher.locator(".qr path").bounding_box()
            assert pattern and min(pattern["width"], pattern["height"]) >= 400, size
            found = geometry.measure(teacher)
            assert (found.sideways, found.cut, found.outside, found.overlaps, found.small) == (0, [], [], [], [])
        teacher.get_by_role("button", name="Present").click()
        teacher.wait_for_function("document.documentElement.classList.contains('presenting')")
        geometry.settle(teacher)
        assert teacher.locator("li, .qr, p.code").evaluate_all(BOTTOMS) <= 1080
        teacher.keyboard.press("Escape")

        # It ends: the teacher takes it along, and the phone is told.
        teacher.get_by_role("button", name="End the class").click()
        teacher.get_by_role("button", name="End the class now").click()
        expect(teacher.get_by_text(f"The class {code} has ended.")).to_be_visible()
        geometry.settle(teacher)
        assert ours(teacher) == []
        with teacher.expect_download() as download:
            teacher.get_by_role("button", name="Take the class along").click()
        kept = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert len(kept["members"]) == 40 and kept["ended"] > kept["opened"]
        expect(phone.get_by_text(f"The class {code} has ended.")).to_be_visible()
        expect(phone.get_by_label("The code of your class")).to_be_visible()
        own = (url, f"http://guests.test:{port}", "data:", "blob:")
        assert [one for one in asked if not one.startswith(own)] == [], "nothing comes from elsewhere"
    end_workers(tmp_path / "runs")
