"""A kernel that learns in a real browser: NumPy's numbers on screen, without the server, with mouse, keys and fingers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lenet.convolution import Convolution
from lenet.convolution.learning import FIRST_RATE, TASKS, Task
from tests.browser.conftest import Sent, a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

PICTURE = ".learning .holder svg"
VERTICAL = TASKS["vertical"]


def open_page(page: Page, app_url: str, query: str = "") -> None:
    page.goto(f"{app_url}/convolution?panel=learning{query}")
    page.locator(PICTURE).first.wait_for()
    geometry.settle(page)


def after(task: Task, steps: int, rate: float = FIRST_RATE) -> Convolution:
    layer = task.first
    for _ in range(steps):
        layer = task.step(layer, rate)
    return layer


def fixed(value: float) -> str:
    """A number as it is told."""
    return f"{value:.3f}".replace("-0.000", "0.000").replace("-", "−")


def cells(page: Page, panel: str) -> Any:
    return page.locator(f"[data-panel={panel}] rect.cell")


def steps_done(page: Page) -> int:
    found = re.match(r"Step (\d+):", page.locator(".reading").inner_text())
    assert found
    return int(found[1])


def test_a_kernel_learns_in_the_browser_with_numpys_numbers(page: Page, app_url: str, sent: Sent) -> None:
    open_page(page, app_url, "&weight=2,3")
    reading, told, explanation = page.locator(".reading"), page.locator(".told"), page.locator(".explanation")
    expect(reading).to_contain_text(f"Step 0: loss {VERTICAL.loss(VERTICAL.first):.3g} ")
    sent.forget()

    page.get_by_role("button", name="Step", exact=True).click()
    layer = after(VERTICAL, 1)
    expect(reading).to_contain_text(f"Step 1: loss {VERTICAL.loss(layer):.3g} ")
    expect(reading).to_contain_text(f"0.3: {VERTICAL.loss(after(VERTICAL, 2)):.3g}.")
    gradient, weight = VERTICAL.gradients(layer).weight[0, 0, 1, 2], layer.weight[0, 0, 1, 2]
    expect(explanation).to_contain_text(f"Weight in row 2, column 3: {fixed(weight)}")
    expect(explanation).to_contain_text(f"= {fixed(gradient)}New weight: {fixed(weight)} − 0.3")
    expect(explanation.locator(".row")).to_have_count(6)

    cells(page, "arriving").nth(14).hover()
    expect(told).to_contain_text("Row 3, column 3: input 1 · arriving")
    expect(explanation.locator(".term.chosen")).to_have_count(1)
    cells(page, "arriving").nth(15).click()
    page.locator(".hint").last.hover()
    expect(told).to_contain_text("Row 3, column 4:")

    page.locator("[data-panel=kernel]").focus()
    page.keyboard.press("Home")
    expect(explanation).to_contain_text("Weight in row 1, column 1")
    page.keyboard.press("ArrowDown")
    expect(explanation).to_contain_text("Weight in row 2, column 1")
    expect(page.locator("[data-panel=kernel]")).to_have_accessible_name(re.compile(r"row 2, column 1: −"))
    page.locator("[data-panel=arriving]").focus()
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("Row 3, column 5:")
    page.keyboard.press("Escape")
    expect(told).to_contain_text("after a step")

    page.get_by_role("button", name="Learn").click()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Pause").click()
    steps = steps_done(page)
    assert steps > 2
    expect(reading).to_contain_text(f"loss {VERTICAL.loss(after(VERTICAL, steps)):.3g} ")
    page.get_by_role("slider", name="Learning rate").press("End")
    expect(reading).to_contain_text("Learning rates above 0.76 make the loss of this task grow without end.")
    page.get_by_role("button", name="Start again").click()
    page.get_by_role("combobox", name="Task").select_option("bar")
    expect(reading).to_contain_text(f"Step 0: loss {TASKS['bar'].loss(TASKS['bar'].first):.3g} ")
    page.get_by_role("button", name="Show the kernel that made the target").click()
    expect(page.locator("[data-panel=kernel] text", has_text="(−1)")).to_have_count(3)
    page.wait_for_url(re.compile(r"(?=.*task=bar)(?=.*rate=1)"))
    assert sent.frames == []

    page.reload()
    page.locator(PICTURE).first.wait_for()
    expect(page.get_by_role("combobox", name="Task")).to_have_value("bar")
    expect(page.get_by_role("slider", name="Learning rate")).to_have_attribute("aria-valuetext", "1")
    expect(explanation).to_contain_text("Weight in row 2, column 1")


def test_what_is_left_of_the_gradient_in_two_networks(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    page.locator(".st-key-slopes summary").click()
    page.locator(".st-key-slopes_chart .js-plotly-plot").wait_for(timeout=geometry.LONGEST)
    geometry.settle(page)
    told = page.locator(".st-key-slopes").inner_text()
    assert re.search(r"classic\..*output \d\.\d·10⁻\S arrives at the first layer", told)
    assert re.search(r"modern\..*output 0\.\d% arrives at the first layer", told)
    page.get_by_text("after training").click()
    page.wait_for_url(re.compile("slopes_at=end"))
    geometry.settle(page)
    assert "10⁻" not in page.locator(".st-key-slopes").inner_text()


@pytest.mark.parametrize("size", ["390×844", "360×740"])
def test_on_a_phone(browser: Browser, devices: dict[str, Any], app_url: str, size: str) -> None:
    language = "zh-CN" if size == "360×740" else "en-US"
    with a_reader(browser, **geometry.phone(devices, geometry.PHONES[size]), locale=language) as page:
        for query in ("", "&task=bar&rate=1"):
            open_page(page, app_url, query)
            cells(page, "kernel").nth(5).tap()
            cells(page, "arriving").nth(8).tap()
            page.locator("button.reveal").tap()
            found = geometry.measure(page, PICTURE)
            assert found.top is not None and found.top < geometry.FIRST_SCREEN
            wrong = (found.sideways, found.outside, found.cut, found.overlaps, found.small, found.targets)
            assert wrong == (0, [], [], [], [], []), query
            assert page.locator(".told span").count() == 2 and page.locator(".row.chosen .terms").is_visible()
            button = page.locator("button.step").bounding_box()
            assert button and button["y"] + button["height"] < geometry.PHONES[size][1], "on the first screen"
