"""The architecture page in a real browser: the drawing answers to clicks, and the URL follows what is on screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
GAP = "\N{NARROW NO-BREAK SPACE}"


def open_page(page: Page, app_url: str, query: str = "") -> None:
    page.goto(f"{app_url}/architecture{query}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()


def summary(page: Page, total: str) -> None:
    expect(page.get_by_text(f"{total} parameters,").first).to_be_visible()


def click_layer(page: Page, layer: int) -> None:
    """Click into the column of a layer in the drawing (the image takes the first of 13 columns)."""
    box = page.locator(".js-plotly-plot").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * (layer + 0.5) / 13, box["y"] + box["height"] / 2)


def test_the_network_is_on_screen_without_scrolling(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    summary(page, f"61{GAP}706")
    drawing = page.locator(".js-plotly-plot").first.bounding_box()
    pills = page.get_by_role("radio", name="12", exact=True).bounding_box()
    assert drawing is not None and pills is not None
    assert drawing["y"] + drawing["height"] <= 768 and pills["y"] + pills["height"] <= 768
    labels = page.locator(".js-plotly-plot").first.locator("g.text text").all_text_contents()
    assert len(labels) == 26
    for label in ("6×28×28", "16×10×10", "400", "10"):
        assert label in labels
    for text in page.locator(".js-plotly-plot").first.locator("g.text text").all():
        box = text.bounding_box()
        assert box is not None
        assert box["x"] >= drawing["x"] - 1 and box["x"] + box["width"] <= drawing["x"] + drawing["width"] + 1
        assert box["y"] >= drawing["y"] - 1 and box["y"] + box["height"] <= drawing["y"] + drawing["height"] + 1


def test_a_click_on_a_layer_opens_it(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    for layer, title, formula in ((4, "4 · Conv2d", "16×6×5×5 + 16"), (12, "12 · Linear", "10×84 + 10 = 850")):
        page.wait_for_timeout(500)  # Plotly takes a moment before it listens
        click_layer(page, layer)
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect(page.get_by_text(formula, exact=False).first).to_be_visible()
        expect(page).to_have_url(f"{app_url}/architecture?layer={layer}")
        expect(page.get_by_role("radio", name=str(layer), exact=True)).to_be_checked()


def test_a_change_reaches_total_and_url_and_the_preset_takes_it_back(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    summary(page, f"61{GAP}706")
    channels = page.get_by_label("Channels 1")
    channels.fill("8")
    channels.press("Enter")
    summary(page, f"62{GAP}558")
    expect(page).to_have_url(f"{app_url}/architecture?c1=8")
    page.get_by_test_id("stTab").nth(3).click()
    expect(page.get_by_text("nn.Conv2d(1, 8, kernel_size=5, padding=2)")).to_be_visible()
    page.reload()
    expect(page.get_by_text("nn.Conv2d(1, 8, kernel_size=5, padding=2)")).to_be_visible()
    page.get_by_test_id("stTab").nth(0).click()
    page.locator(".st-key-preset input").click()
    page.get_by_role("option", name="LeNet of the note").click()
    summary(page, f"61{GAP}706")
    expect(page).to_have_url(f"{app_url}/architecture")


def test_what_cannot_be_built_is_marked_and_repaired(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?size=8")
    expect(page.get_by_role("alert")).to_contain_text("Layer 4 (Conv2d) cannot be built")
    expect(page.locator(".js-plotly-plot").first.get_by_text("5×5 > 4×4")).to_be_visible()
    page.get_by_role("button", name="Input size: 12").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text("1×12×12").first).to_be_visible()
    expect(page).to_have_url(f"{app_url}/architecture?size=12")


def test_more_settings_open_and_stay(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    page.get_by_role("button", name="More").click()
    convolutions = page.get_by_label("Convolutions")
    convolutions.fill("3")
    convolutions.press("Enter")
    third = page.get_by_label("Channels 3")
    third.fill("24")
    third.press("Enter")
    expect(page.get_by_text("24×2×2").first).to_be_visible()
    expect(page).to_have_url(f"{app_url}/architecture?convs=3&c3=24")
    page.keyboard.press("Escape")
    expect(third).to_be_hidden()
    page.reload()
    expect(page.get_by_text("24×2×2").first).to_be_visible()


def test_layers_are_chosen_by_keyboard(page: Page, app_url: str) -> None:
    open_page(page, app_url)
    page.get_by_role("radio", name="1", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="2 · Sigmoid")).to_be_visible()


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
    assert lines[1] == "1,Conv2d,1×28×28,6×28×28,6×1×5×5 + 6,156,0.3,117600,4704.0,5×5,1"
    with page.expect_download() as download:
        page.get_by_role("button", name="Table as Markdown").click()
    assert Path(download.value.path()).read_text("utf-8").count("\n") == 15


def test_an_image_is_walked_through(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?tab=walk")
    expect(page.get_by_text("Predicted: Ankle boot")).to_be_visible()
    strips, bars = page.locator(".js-plotly-plot").nth(0), page.locator(".js-plotly-plot").nth(1)
    expect(strips.locator(".heatmaplayer image")).to_have_count(13)
    expect(bars.locator(".barlayer .point")).to_have_count(20)
    page.get_by_role("button", name="Another").click()
    expect(page.get_by_label("Test image")).to_have_value("1")
    expect(page).to_have_url(f"{app_url}/architecture?tab=walk&image=1")
    page.get_by_test_id("stTab").nth(0).click()
    summary(page, f"61{GAP}706")
    page.get_by_test_id("stTab").nth(1).click()
    expect(page.get_by_label("Test image")).to_have_value("1")


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
