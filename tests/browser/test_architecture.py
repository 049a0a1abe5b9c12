"""The architecture page in a real browser: the drawing answers to clicks, and the URL follows what is on screen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from lenet import data, runs
from tests.browser.conftest import Sent
from tests.helpers import geometry

pytestmark = pytest.mark.browser


def open_page(page: Page, app_url: str, query: str = "") -> None:
    page.goto(f"{app_url}/architecture{query}")
    page.get_by_role("option").first.wait_for()


def summary(page: Page, total: str) -> None:
    expect(page.get_by_text(f"{total} parameters,").first).to_be_visible()


def layer(page: Page, number: int) -> Locator:
    """A layer in the drawing, by its number from 1."""
    return page.get_by_role("option").nth(number - 1)


def test_the_network_and_the_words_about_a_layer_are_on_screen_without_scrolling(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?layer=1")  # the one of which most is said
    summary(page, "61,706")
    expect(page.locator("[role=option]")).to_have_count(12)
    drawing = page.get_by_role("listbox").bounding_box()
    said = page.locator(".st-key-network_layer [data-testid=stMarkdown]")
    assert drawing is not None and drawing["y"] >= 0
    for part in said.all():
        box = part.bounding_box()
        assert box is not None and box["y"] + box["height"] <= 768
    labels = page.locator("[role=listbox] text").all_text_contents()
    for label in ("Input", "1×28×28", "6×28×28", "16×10×10", "400", "10"):
        assert label in labels
    for text in page.locator("[role=listbox] text").all():
        box = text.bounding_box()
        assert box is not None
        assert box["x"] >= drawing["x"] - 1 and box["x"] + box["width"] <= drawing["x"] + drawing["width"] + 1
        assert box["y"] >= drawing["y"] - 1 and box["y"] + box["height"] <= drawing["y"] + drawing["height"] + 1


def test_a_click_on_a_layer_opens_it(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    told = page.locator(".st-key-flow .words")
    layer(page, 9).hover()
    expect(told).to_have_text("9 · Sigmoid: 120 → 120 · Parameters: 0")
    for number, title, formula in ((4, "4 · Conv2d", "16×6×5×5 + 16"), (12, "12 · Linear", "10×84 + 10 = 850")):
        layer(page, number).click()
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect(page.get_by_text(formula, exact=False).first).to_be_visible()
        expect(page).to_have_url(f"{app_url}/architecture?layer={number}")
        expect(layer(page, number)).to_have_attribute("aria-selected", "true")
        expect(told).to_contain_text(title)


def test_the_drawing_can_be_taken_home(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    menu = page.locator(".st-key-flow select")
    with page.expect_download() as download:
        menu.select_option("svg")
    assert download.value.suggested_filename == "lenet.svg"
    picture = Path(download.value.path()).read_text("utf-8")
    assert "16×10×10" in picture and "<style>" in picture
    with page.expect_download() as download:
        menu.select_option("png")
    with Image.open(download.value.path()) as image:
        assert image.width > 2000


def test_a_change_reaches_total_and_url_and_the_preset_takes_it_back(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    summary(page, "61,706")
    channels = page.get_by_label("Channels 1")
    channels.fill("8")
    channels.press("Enter")
    summary(page, "62,558")
    expect(page).to_have_url(f"{app_url}/architecture?c1=8")
    page.get_by_test_id("stTab").nth(3).click()
    expect(page.get_by_text("nn.Conv2d(1, 8, kernel_size=5, padding=2)")).to_be_visible()
    page.reload()
    expect(page.get_by_text("nn.Conv2d(1, 8, kernel_size=5, padding=2)")).to_be_visible()
    page.get_by_test_id("stTab").nth(0).click()
    page.locator(".st-key-preset input").click()
    page.get_by_role("option", name="LeNet (classic)").click()
    summary(page, "61,706")
    expect(page).to_have_url(f"{app_url}/architecture")


def test_an_emptied_field_gets_its_first_value_back(page: Page, app_url: str) -> None:
    """Streamlit would take the smallest number there is."""
    open_page(page, app_url, "?c1=10")
    channels = page.get_by_label("Channels 1")
    channels.fill("")
    channels.press("Enter")
    expect(channels).to_have_attribute("placeholder", "6")
    summary(page, "61,706")
    expect(page).to_have_url(f"{app_url}/architecture")


def test_what_cannot_be_built_is_marked_and_repaired(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?size=8")
    expect(page.get_by_role("alert")).to_contain_text("Layer 4 (Conv2d) cannot be built")
    expect(page.locator(".st-key-broken").get_by_text("5×5 > 4×4")).to_be_visible()
    page.get_by_role("button", name="Input size: 12").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text("1×12×12").first).to_be_visible()
    expect(page).to_have_url(f"{app_url}/architecture?size=12")


def test_more_settings_open_and_stay(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    page.get_by_role("button", name="More").click()
    page.get_by_role("slider", name="Convolutions").press("ArrowRight")
    third = page.get_by_label("Channels 3")
    third.fill("24")
    third.press("Enter")
    expect(page.get_by_text("24×2×2").first).to_be_visible()
    expect(page).to_have_url(f"{app_url}/architecture?convs=3&c3=24")
    page.keyboard.press("Escape")
    expect(third).to_be_hidden()
    page.reload()
    expect(page.get_by_text("24×2×2").first).to_be_visible()


@pytest.mark.parametrize("width", [1366, 700])
def test_the_drawing_is_walked_by_keyboard(page: Page, app_url: str, sent: Sent, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, app_url, "?convs=3&p3=1")
    layers = page.get_by_role("listbox", name="The layers of the network")
    sent.forget()
    layers.focus()
    page.keyboard.press("ArrowRight")
    for _press in range(2):
        page.keyboard.press("ArrowRight")
    fourth = layers.get_by_role("option").nth(3)
    expect(layers).to_have_attribute("aria-activedescendant", fourth.get_attribute("id") or "")
    expect(page.locator(".st-key-flow .words")).to_contain_text("4 · Conv2d")
    assert fourth.locator(".here").evaluate("e => getComputedStyle(e).stroke") != "none", (
        "a frame shows where the keys are"
    )
    assert sent.frames == [], "moving costs the server nothing"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="4 · Conv2d")).to_be_visible()
    expect(layers.locator("[aria-selected=true]")).to_have_attribute("aria-label", "4 · Conv2d, 6×14×14 → 16×10×10")
    expect(page.locator(".st-key-flow .live")).to_contain_text("4 · Conv2d")
    expect(layers).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="15 · Linear")).to_be_visible()
    expect(page).to_have_url(re.compile("layer=15"))


def test_networks_side_by_side_are_read_by_keyboard_and_by_mouse(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/architecture?tab=compare")
    nets = page.locator(".st-key-comparison").get_by_role("listbox")
    expect(nets).to_have_count(3)
    told = page.locator(".st-key-comparison .words")
    expect(told).to_contain_text("Point at a layer")
    page.keyboard.press("Tab")  # so that the focus counts as that of a keyboard
    nets.first.focus()
    expect(told).to_contain_text("this network · 1 · Conv2d: parameters 156 · multiply-adds per image 117,600")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("4 · Conv2d: parameters 2,416")
    expect(nets.first.locator("[aria-selected=true]")).to_have_attribute("aria-label", re.compile("4 · Conv2d"))
    page.keyboard.press("ArrowDown")
    expect(nets.nth(1)).to_be_focused()
    expect(told).to_contain_text("Global average pooling · 4 · MaxPool2d")
    page.keyboard.press("Escape")
    expect(told).to_contain_text("Point at a layer")
    segment = nets.nth(2).locator(".segment").first.bounding_box()
    assert segment is not None
    page.mouse.move(segment["x"] + segment["width"] / 2, segment["y"] + segment["height"] / 2)
    expect(told).to_contain_text("MLP 784–256–128–10 · 2 · Linear: parameters 200,960")
    page.mouse.move(5, 5)
    expect(told).to_contain_text("Point at a layer")


def test_train_this_opens_the_training_page(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?c1=8")
    page.get_by_role("button", name="Train this").click()
    page.wait_for_url("**/training*")


def test_the_table_can_be_taken_home(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    with page.expect_download() as download:
        page.get_by_role("button", name="Table as CSV").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 14
    assert lines[1] == "1,Conv2d,1×28×28,6×28×28,6×1×5×5 + 6,156,0.3,117600,784.0,5×5,1"
    with page.expect_download() as download:
        page.get_by_role("button", name="Table as Markdown").click()
    assert Path(download.value.path()).read_text("utf-8").count("\n") == 15


def cell(page: Page, layer: int, channel: int, row: float, column: float) -> tuple[float, float]:
    """Where on screen a place in a map is: `row` and `column` as shares of its height and width."""
    box = page.locator(".layer").nth(layer).locator("image").nth(channel).bounding_box()
    assert box is not None
    return box["x"] + column * box["width"], box["y"] + row * box["height"]


def test_an_image_is_walked_through(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/architecture?tab=walk")
    expect(page.get_by_text("Predicted: Ankle boot")).to_be_visible()
    expect(page.locator(".layer")).to_have_count(13)
    expect(page.locator(".layer image")).to_have_count(1 + 3 * 6 + 3 * 16 + 6)
    last = page.locator(".layer").last.bounding_box()
    assert last is not None and last["y"] + last["height"] <= 775, "all layers are on screen"
    expect(page.locator(".js-plotly-plot").first.locator(".barlayer .point")).to_have_count(20)
    page.get_by_role("button", name="Another").click()
    expect(page.get_by_label("Test image")).to_have_value("1")
    expect(page).to_have_url(f"{app_url}/architecture?tab=walk&image=1")
    page.get_by_test_id("stTab").nth(0).click()
    summary(page, "61,706")
    page.get_by_test_id("stTab").nth(1).click()
    expect(page.get_by_label("Test image")).to_have_value("1")


def test_the_arithmetic_under_the_pointer_is_that_of_the_network(page: Page, app_url: str) -> None:
    """Row 15, column 15 of the first map: the 25 products, the bias, and the number as NumPy works them out."""
    run = runs.find("reference-classic")
    weights = run.weights()
    pixels = data.load("test")[0][0].astype(np.float32) / 255
    products = float((pixels[0, 12:17, 12:17] * weights["0.weight"][0, 0]).sum())
    value = products + float(weights["0.bias"][0])
    page.goto(f"{app_url}/architecture?tab=walk")
    page.locator(".layer").last.wait_for()
    page.mouse.move(*cell(page, 1, 0, 14.5 / 28, 14.5 / 28))
    shown = page.locator(".over")
    expect(shown).to_contain_text("1 Conv2d, channel 1, row 15, column 15")
    expect(shown).to_contain_text(f"sum of 25 products: {products:.3f}".replace("-", "−"))
    expect(shown).to_contain_text(f"= {value:.4f}".replace("-", "−"))
    expect(shown.locator(".grid")).to_have_count(50)
    written = shown.locator(".grid + text")
    expect(written).to_have_count(50)  # the patch and the kernel in numbers
    assert written.nth(25).text_content() == f"{weights['0.weight'][0, 0, 0, 0]:.2f}".replace("-", "−")
    assert all(t.evaluate("t => parseFloat(getComputedStyle(t).fontSize)") >= 9 for t in written.all()[:2])
    expect(shown.locator(".sees")).to_have_count(1)
    page.mouse.move(*cell(page, 4, 3, 0.45, 0.45))
    expect(shown).to_contain_text("+ 5 other channels")
    expect(shown.locator(".mark")).to_have_count(8)  # the cell, there and enlarged, and its window on six maps
    page.mouse.move(*cell(page, 6, 0, 0.1, 0.1))
    expect(shown).to_contain_text("mean of 4 =")
    page.mouse.move(*cell(page, 8, 0, 0.5, 0.5))
    expect(shown).to_contain_text("sum of 400 products")


def test_a_cell_is_held_by_click_and_moved_by_keyboard(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/architecture?tab=walk&run=reference-modern")
    page.locator(".layer").last.wait_for()
    page.mouse.click(*cell(page, 1, 2, 14.5 / 28, 14.5 / 28))
    page.mouse.move(5, 5)
    shown = page.locator(".over")
    expect(shown).to_contain_text("channel 3, row 15, column 15")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(shown).to_contain_text("channel 3, row 16, column 16")
    expect(page.locator(".live")).to_contain_text("channel 3, row 16, column 16: ")
    page.keyboard.press("Tab")
    expect(shown).to_contain_text("2 ReLU, channel 1, row 15, column 15")
    expect(shown).to_contain_text("ReLU(")
    page.keyboard.press("Escape")
    expect(shown).to_contain_text("Hover over a number")


def test_the_cells_of_a_held_map_can_be_pointed_at(page: Page, app_url: str) -> None:
    """The map that was clicked stands enlarged at the top; from there the arrows go on."""
    page.goto(f"{app_url}/architecture?tab=walk&run=reference-classic")
    page.locator(".layer").last.wait_for()
    page.mouse.click(*cell(page, 1, 2, 0.5, 0.5))
    shown = page.locator(".over")
    large = shown.locator(".lens image").bounding_box()
    assert large is not None and large["width"] >= 28 * 4.5
    page.mouse.move(large["x"] + large["width"] * 20.5 / 28, large["y"] + large["height"] * 3.5 / 28)
    expect(shown).to_contain_text("1 Conv2d, channel 3, row 4, column 21")
    page.mouse.move(5, 5)
    expect(shown).to_contain_text("row 4, column 21")
    page.mouse.click(large["x"] + large["width"] * 10.5 / 28, large["y"] + large["height"] * 3.5 / 28)
    page.keyboard.press("ArrowDown")
    expect(shown).to_contain_text("row 5, column 11")
    page.keyboard.press("Escape")
    page.mouse.click(*cell(page, 7, 0, 200.5 / 400, 0.5))
    expect(shown).to_contain_text("7 Flatten, number ")
    expect(shown.locator(".lens .grid")).to_have_count(400)  # a vector lies in rows


def test_maps_are_as_large_as_the_window_allows(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/architecture?tab=walk")
    for width, height, least in ((1366, 768, 34), (1920, 1080, 80)):
        page.set_viewport_size({"width": width, "height": height})
        last = page.locator(".layer").last
        last.wait_for()
        page.wait_for_function("size => innerWidth === size", arg=width)
        geometry.settle(page)
        first = page.locator(".layer").nth(1).locator("image").first.bounding_box()
        box = last.bounding_box()
        assert first is not None and box is not None
        assert height - 40 < box["y"] + box["height"] <= height + 7
        assert first["width"] >= least


def test_the_arithmetic_stands_beside_any_image(page: Page, app_url: str) -> None:
    for query in ("ch=3", "ch=16", "size=32&width=96", "size=100&width=10", "ch=3&size=10&width=100"):
        page.goto(f"{app_url}/architecture?tab=walk&run=~untrained&{query}")
        page.locator(".layer").last.wait_for()
        page.mouse.move(*cell(page, 1, 0, 0.5, 0.5))
        shown = page.locator(".over")
        expect(shown).to_contain_text("1 Conv2d, channel 1")
        drawn = [i.bounding_box() for i in page.locator(".layer").first.locator("image").all()]
        words = [t.bounding_box() for t in shown.locator("text").all()]
        right = max(b["x"] + b["width"] for b in drawn if b)
        edge = page.locator(".layer").first.locator("xpath=..").bounding_box()
        assert edge is not None and words and all(b and b["x"] > right for b in words), query
        assert max(b["x"] + b["width"] for b in words if b) <= edge["x"] + edge["width"], query


def test_a_drawing_is_walked_through(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/architecture?tab=walk&src=draw")
    pad = page.locator("canvas[role=img]")
    pad.wait_for()
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    assert page.locator(".layer").count() == 0
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 100, steps=5)
    page.mouse.up()
    expect(page.locator(".layer").first).to_have_attribute("aria-label", re.compile("0 … 1$"))
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    expect(page.locator(".layer")).to_have_count(0)


@pytest.mark.parametrize("page", ["zh-CN"], indirect=True)
def test_the_chinese_page_has_no_english_sentence(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?layer=12")
    expect(page.get_by_text("参数量").first).to_be_visible()
    for english in ("parameters", "logits:", "Output size", "Channels", "The network"):
        assert page.get_by_text(english).count() == 0
    page.get_by_test_id("stTab").nth(1).click()
    expect(page.get_by_text("预测").first).to_be_visible()
    page.get_by_role("radio", name="English").click()
    expect(page.get_by_text("Predicted: Ankle boot")).to_be_visible()  # the tab stays open across languages
