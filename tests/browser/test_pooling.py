"""The pooling sandbox in a real browser: what moves without the server, and what a reader can change."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Sent

pytestmark = pytest.mark.browser


def open_page(page: Any, app_url: str, query: str = "") -> None:
    page.goto(f"{app_url}/pooling{query}")
    page.locator(".zone.out").wait_for()


def show_me(page: Any) -> None:
    """Open a lesson without an answer to its question."""
    page.locator(".st-key-lesson_show button").click()
    page.locator(".st-key-lesson_asked").wait_for(state="detached")


def outputs(page: Any) -> list[str]:
    """The numbers that the output grid shows now."""
    return page.locator(".zone.out text.middle").evaluate_all(
        "all => all.filter(t => t.style.visibility !== 'hidden').map(t => t.textContent)"
    )


def arithmetic(page: Any) -> str:
    """What “this window” says, its title first."""
    return " ".join(page.locator(".panel text:not(.middle)").all_text_contents())


def cell(page: Any, zone: str, index: int, channel: int = 0) -> Any:
    return page.locator(f"rect[data-zone={zone}][data-c='{channel}'][data-i='{index}']")


def play_to_the_end(page: Any) -> None:
    play = page.locator("button.play")
    play.click()
    expect(play).to_have_accessible_name(re.compile("^Play"))


def frames(page: Any, zone: str) -> int:
    """How many amber frames a panel shows."""
    return page.locator(f".zone.{zone} rect[stroke='#f59e0b']").count()


def test_the_first_picture_is_the_notes(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    assert outputs(page) == ["4", "5", "7", "8"]
    assert "max(0, 1, 3, 4) = 4" in arithmetic(page)
    assert page.locator(".formula").inner_text() == "output size = ⌊(3 + 2·0 − 2)/1⌋ + 1 = 2"


def test_moving_the_window_sends_nothing_to_the_server(page: Any, app_url: str, sent: Sent) -> None:
    open_page(page, app_url, "?preset=4x4")
    sent.forget()

    cell(page, "out", 3).hover()
    assert "max(5, 6, 7, 9, 10, 11, 13, 14, 15) = 15" in arithmetic(page)
    cell(page, "in", 5).hover()
    assert frames(page, "out") == 4, "every window contains the cell in row 2, column 2"
    page.locator(".hint").hover()
    assert "row 1, column 1" in arithmetic(page)

    page.locator("button.next").click()
    assert "row 1, column 2" in arithmetic(page)
    page.locator("button.previous").click()
    page.locator("input.step").fill("3")
    assert "row 2, column 1" in arithmetic(page)
    cell(page, "out", 1).click()
    page.locator(".hint").hover()
    assert "row 1, column 2" in arithmetic(page), "a click holds the window"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert "row 2, column 1" in arithmetic(page)

    page.locator("select.speed").select_option("15")
    play_to_the_end(page)
    assert outputs(page) == ["5", "7", "13", "15"]
    with page.expect_download():
        page.locator("button.save").click()
    assert sent.frames == []


def test_the_gradient_and_the_stack_send_nothing_to_the_server(page: Any, app_url: str, sent: Sent) -> None:
    open_page(page, app_url, "?lesson=gradient")
    show_me(page)
    page.locator(".holder").get_by_text("Gradient of the input").wait_for()
    sent.forget()
    cell(page, "out", 4).hover()
    assert "1 → row 2, column 2" in arithmetic(page)
    cell(page, "in", 5).hover()
    assert "row 2, column 2 – windows that contain this cell: 4" in arithmetic(page)
    assert "1 + 1 + 1 + 1 = 4" in arithmetic(page)
    cell(page, "in", 0).dblclick()
    assert page.locator("input.field").count() == 0, "a gradient is not edited"
    play_to_the_end(page)
    assert sent.frames == []

    open_stack(page, app_url)
    sent.forget()
    page.locator("rect[data-level='3'][data-i='0'][data-j='1']").hover()
    assert "sees rows 1–8 and columns 9–16 of the input: 8×8 cells" in page.locator(".sentence").inner_text()
    assert page.locator(".level rect[stroke='#f59e0b']").count() == 4
    page.locator("rect[data-level='1'][data-i='13'][data-j='13']").click()
    page.keyboard.press("ArrowUp")
    page.locator(".hint").hover()
    assert "sees rows 25–26 and columns 27–28" in page.locator(".sentence").inner_text()
    assert sent.frames == []


def open_stack(page: Any, app_url: str) -> None:
    page.goto(f"{app_url}/pooling?lesson=stack")
    show_me(page)
    page.locator("rect[data-level='3']").first.wait_for()


def test_what_if_padding_were_zero(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?lesson=zero")
    show_me(page)
    expect(page.locator(".zone.out text.middle")).to_have_text(["−1", "−1", "−3", "−2"])
    page.get_by_text("What if padding were 0?", exact=True).last.click()
    expect(page.locator(".zone.out .wrong")).to_have_count(3)
    assert "= 0, not −1" in arithmetic(page) and "larger than every number" in arithmetic(page)
    page.get_by_text("What if padding were 0?", exact=True).last.click()
    page.locator(".zone.out .wrong").first.wait_for(state="detached")
    assert outputs(page) == ["−1", "−1", "−3", "−2"]
    page.wait_for_url(lambda url: "zero=true" not in url and "lesson=zero" in url)  # once the script has ended


def test_the_path_from_lesson_to_lesson(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    page.get_by_text("2 · The stride sets the size").click()
    page.get_by_text("(4 + 2·0 − 2)/2").wait_for()
    page.wait_for_url(re.compile("lesson=stride"))
    page.locator(".st-key-after button").click()
    page.get_by_text("3/11 · A maximum at the edge").wait_for()
    page.reload()
    page.get_by_text("3/11 · A maximum at the edge").wait_for()
    expect(page.locator(".zone.out text.middle")).to_have_text(["?"] * 4)


def test_a_question_is_not_answered_by_the_figure(page: Any, app_url: str) -> None:
    """Not by pointing, playing, keys or edits; then by an answer, for which there is no message but its own."""
    open_page(page, app_url, "?lesson=window")
    expect(page.locator(".zone.out text.middle")).to_have_text(["?"] * 4)

    def tells() -> bool:
        return "= 4" in arithmetic(page) or "= 4" in (page.locator(".live[aria-live]").text_content() or "")

    for zone, index in (("out", 0), ("in", 4), ("in", 0)):
        cell(page, zone, index).hover()
        assert not tells()
    assert page.locator(".holder .legend").count() == page.locator(".zone.in circle").count() == 0
    cell(page, "in", 0).dblclick()
    page.locator(".zone.in").press("9")
    expect(page.locator("input.field")).to_have_count(0)
    play_to_the_end(page)
    assert outputs(page) == ["?"] * 4 and not tells()
    for hidden in ("pooling_examples", "pooling_layer"):
        expect(page.locator(f".st-key-{hidden}")).to_be_hidden()
    expect(page.get_by_role("tab")).to_have_count(0)

    page.locator(".st-key-lesson_options").get_by_role("button", name="2", exact=True).click()
    expect(page.locator(".zone.out text.middle")).to_have_text(["4", "5", "7", "8"])
    expect(page.locator(".st-key-lesson_text")).to_contain_text("Not quite. 2 is the mean of 0, 1, 3, 4")
    expect(page.get_by_role("tab").first).to_be_visible()
    page.wait_for_url(lambda url: "asked" not in url)


def test_a_picture_of_ones_own(page: Any, app_url: str) -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((400, 200)).save(file, "JPEG")
    open_page(page, app_url)
    page.get_by_role("button", name="Your own grid").click()
    page.get_by_role("tab", name="Picture").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "ramp.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
    )
    page.get_by_text("Input 1×14×28").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "no.png", "mimeType": "image/png", "buffer": b"<svg onload=alert(1)>"}
    )
    page.get_by_text("This file cannot be read as a picture").wait_for()
    assert page.get_by_text("Input 1×14×28").count() == 1


def test_a_slider_of_the_size_is_dragged(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    opener = page.get_by_role("button", name="Your own grid")
    sign = opener.get_by_test_id("stIconMaterial").last.bounding_box()
    assert opener.evaluate(
        "(button, { x, y, width, height }) => document.elementFromPoint(x + width / 2, y + height / 2) === button",
        sign,
    ), "a sign that is replaced when it is pressed is not what was pressed"
    opener.click()
    page.get_by_role("tab", name="Size").click()
    rows = page.get_by_role("slider", name="Rows")
    for _press in range(4):
        rows.press("ArrowRight")
    page.get_by_text("Input 1×7×3").wait_for()
    page.get_by_role("slider", name="Columns").press("End")
    page.get_by_text("Input 1×7×28").wait_for()
    expect(rows).to_be_visible()


def test_play_empties_the_output_and_fills_it(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    page.locator("button.play").evaluate("play => { play.click(); play.click() }")  # and pause, before the next step
    assert outputs(page) == ["4"]
    page.locator("button.next").click()
    assert outputs(page) == ["4", "5"]
    page.locator("button.all").click()
    assert outputs(page) == ["4", "5", "7", "8"]


def test_a_cell_is_edited_in_place(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    cell(page, "in", 0).dblclick()
    page.locator("input.field").fill("40")
    page.keyboard.press("Enter")
    page.locator(".panel", has_text="max(40, 1, 3, 4) = 40").wait_for()
    assert outputs(page) == ["40", "5", "7", "8"]
    page.wait_for_url(re.compile(r"grid=40(,|%2C)1(,|%2C)2"))

    cell(page, "in", 8).click()
    page.keyboard.type("-7")  # typing on a chosen cell begins an edit
    page.keyboard.press("Enter")
    page.locator(".zone.in text", has_text="−7").wait_for()


def test_a_cell_takes_numbers_as_people_type_them(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?kernel=1")
    for index, typed, shown in ((0, "１．５", "1.5"), (1, "2,5", "2.5"), (2, "－3", "−3")):
        cell(page, "in", index).dblclick()
        page.locator("input.field").fill(typed)
        page.keyboard.press("Enter")
        page.locator(".zone.out text.middle", has_text=re.compile(f"^{re.escape(shown)}$")).wait_for()
    cell(page, "in", 3).dblclick()
    page.locator("input.field").fill("1,234")
    page.keyboard.press("Enter")
    page.get_by_text("which can mean 1.234 or 1234").wait_for()
    assert outputs(page)[:4] == ["1.5", "2.5", "−3", "3"]


def legend_is_within_the_picture(page: Any, told: object) -> None:
    picture, legend = (page.locator(place).bounding_box() for place in (".holder svg", ".legend"))
    right, below = (picture[start] + picture[size] for start, size in (("x", "width"), ("y", "height")))
    assert legend["x"] >= picture["x"] and legend["x"] + legend["width"] <= right, told
    assert legend["y"] + legend["height"] <= below, told
    grid = page.locator(".zone.out .focus").bounding_box()
    assert legend["y"] >= grid["y"] + grid["height"] - 8, told


def test_the_colours_have_a_legend_within_a_narrow_picture(page: Any, app_url: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    for preset in ("3x3", "4x4", "channels", "negative", "image"):
        open_page(page, app_url, f"?preset={preset}")
        legend_is_within_the_picture(page, preset)


def test_ties_are_explained_where_there_are_some(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?grid=3,1,3;3,0,2&kernel=2&stride=1")
    assert "2 cells hold the maximum" in arithmetic(page) and "first in reading order" in arithmetic(page)
    cell(page, "out", 1).hover()
    assert "hold the maximum" not in arithmetic(page)


def test_what_is_lost_is_said_only_of_windows_on_padding(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?preset=4x4&mode=avg&panel=gradient")
    assert "shares of padding cells are lost" in arithmetic(page)
    cell(page, "out", 3).hover()
    assert "same share" in arithmetic(page) and "padding" not in arithmetic(page)


def test_a_bad_cell_is_one_sentence_and_the_grid_stays(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    cell(page, "in", 5).dblclick()
    page.locator("input.field").fill("<b>1e9</b>")
    page.keyboard.press("Enter")
    page.get_by_text("row 2, column 3 of channel 1 holds “<b>1e9</b>”").wait_for()
    assert outputs(page) == ["4", "5", "7", "8"]


def test_numbers_are_pasted_as_text(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    page.get_by_text("Average", exact=True).click()
    page.locator(".panel", has_text="/ 4").wait_for()
    page.get_by_role("button", name="Your own grid").click()
    text = page.locator("textarea")
    expect(text).to_have_value("0, 1, 2\n3, 4, 5\n6, 7, 8")
    text.fill("1\t2\n3\tx")
    page.get_by_role("button", name="Use these numbers").click()
    page.get_by_text("row 2, column 2 of channel 1 holds “x”").wait_for()
    expect(text).to_have_value("1\t2\n3\tx")  # nothing typed is lost
    text.fill("1\t2\n3\t5")
    page.get_by_role("button", name="Use these numbers").click()
    page.locator(".panel", has_text="2.75").wait_for()


def test_padding_shows_the_value_that_pytorch_uses(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?preset=negative")
    padding = page.locator(".zone.in text.muted")
    assert set(padding.all_text_contents()) == {"−∞"}
    assert outputs(page) == ["−1", "−1", "−3", "−2"]
    page.get_by_text("Average", exact=True).click()
    page.locator(".zone.in text.muted", has_text="0").first.wait_for()
    assert set(padding.all_text_contents()) == {"0"}


def test_a_slider_changes_the_figure_and_the_url(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?preset=4x4")
    page.get_by_role("slider", name="Stride").press("ArrowLeft")
    page.get_by_text("(4 + 2·1 − 3)/1").wait_for()
    assert len(outputs(page)) == 16
    page.wait_for_url(lambda url: "stride=1" in url and "preset=4x4" in url)  # once the script has ended


def test_figure_legend_and_controls_are_on_screen_without_scrolling(page: Any, app_url: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    for query in (
        "preset=3x3", "preset=4x4", "preset=channels", "preset=negative", "preset=image", "lesson=zero", "lesson=gradient",
    ):  # fmt: skip
        open_page(page, app_url, f"?{query}")
        if "lesson" in query:
            show_me(page)
        box = page.locator(".bar").bounding_box()
        assert box["y"] + box["height"] < 768 and box["x"] + box["width"] <= 1366, query
        picture = page.locator(".holder svg").bounding_box()
        assert picture["x"] >= 0 and picture["x"] + picture["width"] <= 1366, query
        for zone in ("in", "out"):
            grid, end = page.locator(f".zone.{zone} .focus").bounding_box(), picture["x"] + picture["width"] + 1
            assert grid["x"] >= picture["x"] and grid["x"] + grid["width"] <= end, query
        if "preset" in query:
            legend_is_within_the_picture(page, query)


def test_chinese(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?lang=zh_CN&preset=4x4")
    assert "填充" in page.locator(".holder svg").inner_html()


def test_an_image_opens_with_the_window_on_what_it_shows(page: Any, app_url: str) -> None:
    """Its corners are black: max(0, 0, 0, 0) = 0 would be all there is to see."""
    open_page(page, app_url, "?preset=image")
    said = arithmetic(page)
    assert "max(" in said and "max(0, 0" not in said
