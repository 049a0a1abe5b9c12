"""The convolution sandbox in a real browser: what moves without the server, what a reader can change, and every hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lenet.convolution.examples import EXAMPLES
from lenet.kernels.layers import TRAINED_LAYERS
from tests.browser.conftest import Sent, a_reader
from tests.helpers import geometry

pytestmark = pytest.mark.browser

PICTURE = ".holder svg"


def open_page(page: Page, app_url: str, query: str = "") -> None:
    page.goto(f"{app_url}/convolution{query}")
    page.locator(".zone.out").wait_for()
    geometry.settle(page)


def outputs(page: Page) -> list[str]:
    """The numbers that the output grid shows now."""
    found: list[str] = page.locator(".zone.out text.middle").evaluate_all(
        "all => all.filter(t => t.style.visibility !== 'hidden').map(t => t.textContent)"
    )
    return found


def arithmetic(page: Page) -> str:
    """What “this window” says, its title first."""
    return " ".join(page.locator(".panel text:not(.middle)").all_text_contents())


def cell(page: Page, zone: str, index: int, channel: int = 0) -> Any:
    return page.locator(f"rect[data-zone={zone}][data-c='{channel}'][data-i='{index}']")


def test_the_kernel_slides_without_the_server(page: Page, app_url: str, sent: Sent) -> None:
    open_page(page, app_url)
    assert outputs(page) == ["19", "25", "37", "43"]
    assert "0·0 + 1·1 + 3·2 + 4·3 = 19" in arithmetic(page)
    expect(page.locator(".formula")).to_have_text("output size = ⌊(3 + 2·0 − 2)/1⌋ + 1 = 2")
    sent.forget()

    cell(page, "out", 3).hover()
    assert "4·0 + 5·1 + 7·2 + 8·3 = 43" in arithmetic(page)
    cell(page, "in", 4).hover()
    assert page.locator(".zone.out .window").count() == 4, "every window contains the cell in the middle"
    cell(page, "kernel", 2).hover()
    assert "weight 2: the same in all 4 windows" in arithmetic(page)
    assert page.locator(".panel tspan.winner").all_text_contents() == ["3·2"]
    assert page.locator(".zone.in circle").count() == 2, "the cell that it is multiplied by has a ring"

    cell(page, "out", 2).click()
    page.locator(".hint").hover()
    assert "row 2, column 1" in arithmetic(page), "a click holds the window"
    page.keyboard.press("ArrowRight")
    assert "row 2, column 2" in arithmetic(page)
    page.locator("button.previous").click()
    assert "row 2, column 1" in arithmetic(page)
    page.locator("select.speed").select_option("15")
    page.locator("button.play").evaluate("play => { play.click(); play.click() }")  # and pause, before the next step
    assert outputs(page) == ["19"]
    page.locator("button.play").click()
    expect(page.locator("button.play")).to_have_accessible_name(re.compile("^Play"))
    assert outputs(page) == ["19", "25", "37", "43"]
    with page.expect_download() as download:
        page.locator("button.save").click()
    assert download.value.suggested_filename == "convolution.svg"
    assert sent.frames == []


def gradients(page: Page, zone: str) -> list[str]:
    return page.locator(f".zone.{zone} text.middle:not(.muted)").all_text_contents()


def test_a_gradient_flows_back_while_the_reader_points_without_the_server(
    page: Page, app_url: str, sent: Sent
) -> None:
    open_page(page, app_url, "?panel=gradient")
    whole = {"in": ["0", "1", "1", "2", "6", "4", "2", "5", "3"], "kernel": ["8", "12", "20", "24"]}
    assert {zone: gradients(page, zone) for zone in whole} == whole
    assert "bias: 1 + 1 + 1 + 1 = 4" in arithmetic(page) and page.locator(".zone .window").count() == 0
    sent.forget()

    cell(page, "out", 1).hover()
    alone = {"in": ["0", "0", "1", "0", "2", "3", "0", "0", "0"], "kernel": ["1", "2", "4", "5"]}
    assert {zone: gradients(page, zone) for zone in alone} == alone
    assert "Output row 1, column 2 alone" in arithmetic(page)
    cell(page, "in", 4).hover()
    assert {zone: gradients(page, zone) for zone in whole} == whole
    assert "1·3 + 1·2 + 1·1 + 1·0 = 6" in arithmetic(page) and page.locator(".zone.out .window").count() == 4
    cell(page, "kernel", 3).hover()
    assert "4·1 + 5·1 + 7·1 + 8·1 = 24" in arithmetic(page)

    cell(page, "out", 1).click()
    page.locator(".hint").hover()
    assert {zone: gradients(page, zone) for zone in alone} == alone, "a click holds it"
    page.wait_for_url(re.compile(r"cell=1(,|%2C)2"))
    page.keyboard.press("ArrowDown")
    assert "Output row 2, column 2 alone" in arithmetic(page)
    page.keyboard.press("Escape")
    assert {zone: gradients(page, zone) for zone in whole} == whole
    page.wait_for_url(lambda url: "cell" not in url)
    cell(page, "out", 2).click()
    page.locator("button.all").click()
    page.locator(".hint").hover()
    assert {zone: gradients(page, zone) for zone in whole} == whole
    page.locator("select.speed").select_option("15")
    page.locator("button.play").evaluate("play => { play.click(); play.click() }")  # and pause, before the next step
    assert "Output row 1, column 1 alone" in arithmetic(page) and gradients(page, "out") == ["1"] * 4
    page.locator("button.play").click()
    expect(page.locator("button.play")).to_have_accessible_name(re.compile("^Play"))
    assert {zone: gradients(page, zone) for zone in whole} == whole
    with page.expect_download() as download:
        page.locator("button.save").click()
    assert download.value.suggested_filename == "convolution-gradient.svg"
    assert sent.frames == []


def test_the_chosen_cell_is_in_the_link_and_survives_a_change_and_another_tab(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?example=letter&cell=3,4")
    expect(page.locator(".count")).to_have_text("20 / 64")
    steps = page.evaluate("history.length")
    cell(page, "out", 9).click()
    page.wait_for_url(re.compile(r"cell=2(,|%2C)2"))
    page.get_by_label("Bias").fill("1")
    page.get_by_label("Bias").press("Enter")
    page.wait_for_url(re.compile(r"bias=1"))
    page.wait_for_url(re.compile(r"cell=2(,|%2C)2"))
    expect(page.locator(".count")).to_have_text("10 / 64")
    assert page.evaluate("history.length") == steps, "it is replaced"
    page.get_by_role("tab", name="Gradient").click()
    page.locator(".panel", has_text="Output row 2, column 2 alone").wait_for()
    page.wait_for_url(re.compile(r"cell=2(,|%2C)2"))
    page.reload()
    page.locator(".panel", has_text="Output row 2, column 2 alone").wait_for()


def test_a_kernel_of_a_group_leaves_the_other_channels_alone(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?example=depthwise&out=2")
    labels = page.locator(".zone.in .small").all_text_contents()
    assert labels == ["channel 1, not seen", "channel 2", "channel 3, not seen"]
    expect(page.locator(".zone.kernel .title")).to_have_text("Kernel 2: 1×3×3 for channel 2")
    assert page.locator(".zone.in .window").count() == 1
    cell(page, "in", 7, 0).hover()
    assert page.locator(".zone.out .window").count() == 1, "only its own"
    cell(page, "in", 7, 1).hover()
    assert page.locator(".zone.out .window").count() == 9


def test_cells_of_input_and_kernel_are_changed_in_place_and_by_keys(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    cell(page, "kernel", 0).dblclick()
    field = page.locator("input.field")
    expect(field).to_have_accessible_name("New weight for row 1, column 1")
    field.fill("-1")
    page.keyboard.press("Tab")
    expect(field).to_have_accessible_name("New weight for row 1, column 2")
    page.keyboard.type("5")
    page.keyboard.press("Escape")
    page.locator(".panel", has_text="0·(−1) + 1·1 + 3·2 + 4·3 = 19").wait_for()
    page.wait_for_url(re.compile(r"weights=-1(,|%2C)1"))
    assert outputs(page) == ["19", "24", "34", "39"]

    page.locator(".zone.kernel").focus()
    for key in ("ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".panel .title")).to_have_text("weight 1: the same in all 4 windows")
    page.keyboard.type("0")
    page.keyboard.press("Enter")
    page.locator(".panel", has_text="0·(−1) + 1·0 + 3·2 + 4·3 = 18").wait_for()
    page.keyboard.press("Escape")

    cell(page, "in", 0).dblclick()
    page.locator("input.field").fill("10")
    page.keyboard.press("Enter")
    page.locator(".panel", has_text="10·(−1) + 1·0 + 3·2 + 4·3 = 8").wait_for()
    page.keyboard.press("Escape")
    cell(page, "kernel", 1).dblclick()
    page.locator("input.field").fill("x")
    page.keyboard.press("Enter")
    page.get_by_text("row 1, column 2 of channel 1 holds “x”").wait_for()
    assert outputs(page)[0] == "8", "the kernel stays"


def test_channels_kernels_bias_and_activation(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?example=kernels")
    assert "channel 1: 0·0 + 1·1 + 3·2 + 4·3 = 19" in arithmetic(page) and "19 + 37 = 56" in arithmetic(page)
    page.get_by_role("slider", name="Kernel shown").press("End")
    page.locator(".title", has_text="Output 3×2×2, channel 3").wait_for()
    assert "96 + bias (−1) = 95" in " ".join(arithmetic(page).split())
    page.get_by_label("Bias").fill("-100")
    page.get_by_label("Bias").press("Enter")
    page.locator(".panel", has_text="+ bias (−100) = −4").wait_for()
    page.get_by_role("combobox", name="Activation").click()
    page.get_by_role("option", name="ReLU", exact=True).click()
    page.locator(".panel", has_text="ReLU(−4) = 0").wait_for()
    assert outputs(page)[0] == "0"
    page.wait_for_url(re.compile("activation=relu"))


def test_figure_and_controls_are_on_screen_without_scrolling(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    for name in (*EXAMPLES, *TRAINED_LAYERS):
        open_page(page, app_url, f"?example={name}")
        box = page.locator(".bar").bounding_box()
        picture = page.locator(PICTURE).bounding_box()
        assert box and picture
        assert box["y"] + box["height"] < 768 and box["x"] + box["width"] <= 1366, name
        for zone in ("in", "kernel", "out"):
            grid = page.locator(f".zone.{zone} .focus").bounding_box()
            assert grid and grid["x"] >= picture["x"] - 1, name
            assert grid["x"] + grid["width"] <= picture["x"] + picture["width"] + 1, name
            assert grid["y"] + grid["height"] <= picture["y"] + picture["height"] + 1, name
        found = geometry.measure(page, PICTURE)
        assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], []), name


@pytest.mark.parametrize("size", ["390×844", "360×740"])
def test_on_a_phone_the_figure_comes_first_and_nothing_is_cut(
    browser: Browser, devices: dict[str, Any], app_url: str, size: str
) -> None:
    language = "zh-CN" if size == "360×740" else "en-US"
    with a_reader(browser, **geometry.phone(devices, geometry.PHONES[size]), locale=language) as page:
        for query in (
            "", "?example=kernels&activation=sigmoid&bias=1", "?example=letter", "?example=lenet2", "?example=depthwise",
            "?panel=gradient", "?example=kernels&panel=gradient&cell=1,2", "?example=lenet1&panel=gradient&out=2",
        ):  # fmt: skip
            open_page(page, app_url, query)
            play = page.locator("button.play").bounding_box()
            assert play and play["y"] + play["height"] <= geometry.PHONES[size][1], (
                f"Play is on the first screen: {query}"
            )
            found = geometry.measure(page, PICTURE)
            assert found.top is not None and found.top < geometry.FIRST_SCREEN, query
            assert found.width and found.width >= geometry.PHONES[size][0] - 40, query
            wrong = (found.sideways, found.outside, found.cut, found.overlaps, found.small, found.targets)
            assert wrong == (0, [], [], [], [], []), query
        page.goto(f"{app_url}/convolution?panel=code")
        page.get_by_test_id("stCode").wait_for()
        found = geometry.measure(page, "[data-testid=stCode]")
        assert found.top is not None and found.top < geometry.FIRST_SCREEN
        assert (found.sideways, found.outside, found.overlaps, found.targets) == (0, [], [], [])


def test_on_a_tablet_the_figure_comes_first(browser: Browser, app_url: str) -> None:
    with a_reader(browser, viewport={"width": 820, "height": 1180}, has_touch=True) as page:
        open_page(page, app_url)
        found = geometry.measure(page, PICTURE)
        assert found.top is not None and found.top < geometry.FIRST_SCREEN
        assert (found.sideways, found.outside, found.cut, found.overlaps) == (0, [], [], [])


def test_a_second_tap_changes_a_weight(browser: Browser, devices: dict[str, Any], app_url: str) -> None:
    with a_reader(browser, **geometry.phone(devices)) as page:
        open_page(page, app_url)
        cell(page, "kernel", 3).tap()
        expect(page.locator(".panel .title")).to_have_text("weight 3: the same in all 4 windows")
        assert page.locator("input.field").count() == 0
        cell(page, "kernel", 3).tap()
        page.locator("input.field").fill("4")
        page.keyboard.press("Enter")
        page.locator(".panel", has_text="0·0 + 1·1 + 3·2 + 4·4 = 23").wait_for()
