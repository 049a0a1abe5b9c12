"""The kernel gallery in a real browser: what moves without the server, and what a class can read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import safetensors.numpy
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from lenet import data, runs
from lenet.common import files, links
from lenet.kernels import History, export, filters, note, read_history, responses
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC
from tests.browser.conftest import Sent
from tests.helpers.made import set_status

pytestmark = pytest.mark.browser


def open_page(page: Any, app_url: str, query: str = "") -> None:
    page.goto(f"{app_url}/kernels{query}")
    page.locator(".wall .kernel").first.wait_for()


def wall(page: Any) -> Any:
    """The kernels of the run; the note's come after them."""
    return page.locator(".wall").first


def numbers(page: Any, kernel: int = 0) -> list[float]:
    """What the cells of one of the run's kernels read."""
    texts = wall(page).locator(".kernel").nth(kernel).locator("text.middle").all_text_contents()
    return [float(text.replace("−", "-")) for text in texts]


def fills(page: Any) -> list[str]:
    found: list[str] = wall(page).locator(".cell").evaluate_all("all => all.map(c => c.getAttribute('fill'))")
    return found


def title(page: Any) -> str:
    text: str = page.locator("svg > text.head").first.text_content()
    return text


def slider(page: Any) -> Any:
    return page.locator("input.slider")


def expect_title(page: Any, start: str) -> None:
    page.locator("svg > text.head").filter(has_text=re.compile(f"^{start}")).wait_for()


def expect_url(page: Any, pattern: str) -> None:
    page.wait_for_function("pattern => new RegExp(pattern).test(location.search)", arg=pattern)


@pytest.fixture
def classic() -> History:
    return read_history(runs.find("reference-classic"))


def test_it_opens_at_the_end_of_training(page: Any, app_url: str, classic: History) -> None:
    open_page(page, app_url)
    assert title(page) == f"step {classic.steps[-1]} · epoch 10"
    assert page.locator(".wall").count() == 2
    for n, kernel in enumerate(classic.final):
        assert numbers(page, n) == pytest.approx(kernel.ravel().tolist(), abs=0.0052)
        norm = wall(page).locator("text.norm").nth(n).text_content()
        assert norm == f"norm {np.linalg.norm(kernel):.2f}"
    published = page.locator(".wall").nth(1).locator(".kernel").first
    assert published.locator("text.norm").text_content() == f"norm {np.linalg.norm(note.KERNELS[0]):.2f}"
    assert page.get_by_text("The note reports: loss 0.470, train acc 0.824, test acc 0.805").count() == 1


def resize(page: Any, size: tuple[int, int]) -> None:
    """Have a window of that size, for which all is drawn."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.parametrize("query", ["", "?lang=zh_CN"])
def test_the_wall_and_its_scrubber_are_on_screen(page: Any, app_url: str, query: str) -> None:
    open_page(page, app_url, query)
    for size in ((1366, 768), (1920, 1080)):
        resize(page, size)
        for part in (wall(page), page.locator(".wall").nth(1), page.locator(".plot"), slider(page)):
            box = part.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= size[0], size
            assert box["y"] >= 0 and box["y"] + box["height"] <= size[1], size
        assert wall(page).bounding_box()["height"] > 0.55 * size[1], "large enough for the last row"
        font = wall(page).locator("text.middle").first.evaluate("t => parseFloat(getComputedStyle(t).fontSize)")
        assert font >= 12, size


def test_scrubbing_and_playing_send_nothing_to_the_server(
    page: Any, app_url: str, sent: Sent, classic: History
) -> None:
    open_page(page, app_url)
    sent.forget()

    wall(page).locator(".cell").first.click()  # the keys then go to the scrubber
    page.keyboard.press("Home")
    assert title(page) == "step 0: random initialisation"
    assert numbers(page) == pytest.approx(classic.kernels[0, 0].ravel().tolist(), abs=0.0052)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert title(page).startswith("step 2 · epoch 0.0")
    page.keyboard.press("ArrowLeft")
    assert title(page).startswith("step 1 ·")
    expect_url(page, "step=1(&|$)")

    page.locator("button.next").click()
    assert title(page).startswith("step 2 ·")
    slider(page).fill("30")
    assert title(page).startswith(f"step {classic.steps[30]} ·")
    assert numbers(page) == pytest.approx(classic.kernels[30, 0].ravel().tolist(), abs=0.0052)

    page.keyboard.press("Home")
    page.keyboard.press("Space")
    assert page.locator("button.play").get_attribute("aria-label") == "Pause"
    page.wait_for_function("node => Number(node.value) > 5", arg=slider(page).element_handle())
    page.keyboard.press("Space")
    shown = title(page)
    page.wait_for_timeout(400)
    assert title(page) == shown, "space pauses"
    page.keyboard.press("End")
    assert title(page).startswith(f"step {classic.steps[-1]} ·")
    page.wait_for_function("!/step=/.test(location.search)")

    page.locator("select.scale").select_option("own")
    page.locator(".values input").uncheck()
    wall(page).locator(".cell").nth(3).hover()
    assert sent.frames == []


def test_playing_from_the_end_goes_through_training_once(page: Any, app_url: str, classic: History) -> None:
    open_page(page, app_url)
    at = page.locator("button.play").evaluate(
        "play => { play.click(); return play.parentElement.querySelector('.slider').value }"
    )
    assert at == "0", "it begins again"
    expect_title(page, f"step {classic.steps[-1]} ·")
    assert page.locator("button.play").get_attribute("aria-label").startswith("Play")


def test_the_curve_moves_along_and_moves_the_wall(page: Any, app_url: str, classic: History) -> None:
    open_page(page, app_url)
    metrics = runs.find("reference-classic").metrics()
    reading = page.locator(".plot text").filter(has_text="test acc")
    assert reading.text_content() == f"test acc {metrics['test_acc'][-1] * 100:.1f}%"
    marked = page.locator(".mark").get_attribute("d")
    assert str(marked).count("M") == 2, "not through the words between the panels"
    box = page.locator(".plot").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] / 2)
    assert page.locator(".mark").get_attribute("d") != marked
    step = int(re.findall(r"\d+", title(page))[0])
    assert 0.3 < step / classic.steps[-1] < 0.7
    finished = int((metrics["step"] <= step).sum())
    assert reading.text_content() == f"test acc {metrics['test_acc'][finished - 1] * 100:.1f}%"
    page.keyboard.press("Home")
    assert reading.text_content() == "test acc –"


def test_a_link_opens_what_was_seen(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?run=reference-modern&step=235&scale=own&values=off")
    assert title(page) == "step 235 · epoch 1"
    assert not page.locator(".values input").is_checked()
    assert numbers(page) == []
    assert page.locator("select.scale").input_value() == "own"
    slider(page).press("ArrowLeft")
    expect_url(page, "run=reference-modern.*step=222")
    page.reload()
    page.locator(".wall .kernel").first.wait_for()
    assert title(page).startswith("step 222 ·")
    # Another run opens at its own end, and the switches stay as they are.
    page.get_by_role("combobox", name="Run").click()
    page.get_by_role("option").filter(has_text="classic").first.click()
    page.wait_for_function("!/step=/.test(location.search)")
    expect_title(page, "step 2350 · epoch 10")
    expect_url(page, "scale=own")
    # The page's own query may be written long after the wall's: where its script goes on below the wall.
    page.evaluate("history.pushState(null, '', `${location.pathname}?run=reference-classic`)")
    expect_url(page, "run=reference-classic.*scale=own")


def test_shared_and_own_colours(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    page.locator("button.previous").focus()
    page.keyboard.press("Home")
    pale = fills(page)
    page.locator("select.scale").select_option("own")
    vivid = fills(page)
    ends = ("rgb(5,48,97)", "rgb(103,0,31)")
    assert not set(pale) & set(ends), "one scale for all steps: the beginning is pale"
    for n in range(6):
        assert set(vivid[25 * n : 25 * n + 25]) & set(ends), "each kernel reaches the end of its own scale"
    assert re.search(r"±0\.\d\d$", wall(page).locator("text.norm").first.text_content())


def test_signs_have_their_colours(page: Any, app_url: str, classic: History) -> None:
    """Blue is negative and red is positive, whatever the size."""
    open_page(page, app_url)
    for weight, fill in zip(classic.final.ravel(), fills(page), strict=True):
        red, _green, blue = (int(part) for part in re.findall(r"\d+", fill))
        if abs(weight) > 0.05:
            assert (red > blue) == (weight > 0), (weight, fill)


def test_hover_and_keys_tell_a_weight_and_its_kernel(page: Any, app_url: str, classic: History) -> None:
    open_page(page, app_url)
    wall(page).locator("[data-kernel='2'][data-cell='7']").hover()
    tip = page.locator(".tip").inner_text().replace("−", "-")
    kernel = classic.final[2]
    assert f"Kernel 3, row 2, column 3: {kernel[0, 1, 2]:.4f}" in tip
    for name, value in (("min", kernel.min()), ("max", kernel.max()), ("mean", kernel.mean())):
        assert f"{name} {value:.4f}" in tip
    page.mouse.move(5, 5)
    assert not page.locator(".tip").is_visible()

    wall(page).focus()
    page.keyboard.press("ArrowRight")
    assert "Kernel 1, row 1, column 1" in page.locator(".tip").inner_text()
    for _press in range(5):
        page.keyboard.press("ArrowRight")
    assert "Kernel 2, row 1, column 1" in page.locator(".tip").inner_text()
    for _press in range(5):
        page.keyboard.press("ArrowDown")
    assert "Kernel 5, row 1, column 1" in page.locator(".tip").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert f"Kernel 1, row 1, column 1: {note.KERNELS[0, 0, 0, 0]:.4f}" in page.locator(".tip").inner_text()
    label = wall(page).locator(".kernel").nth(2).get_attribute("aria-label").replace("−", "-")
    row, column = np.unravel_index(kernel.argmax(), (5, 5))
    assert f"largest {kernel.max():.2f} (row {row + 1}, column {column + 1})" in label


def test_picture_and_data_can_be_taken_away(page: Any, app_url: str, classic: History, tmp_path: Path) -> None:
    open_page(page, app_url)
    slider(page).press("Home")
    with page.expect_download() as download:
        page.locator("select.save").select_option("svg")
    assert download.value.suggested_filename == "kernels-reference-classic-step-0.svg"
    download.value.save_as(tmp_path / "wall.svg")
    drawing = ElementTree.parse(tmp_path / "wall.svg").getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(drawing.findall(".//*[@class='cell']")) == 300
    with page.expect_download() as download:
        page.get_by_role("button", name="Files").click()
        page.get_by_role("button", name="Kernels at step 0 (CSV)").click()
    assert download.value.suggested_filename == "kernels-reference-classic-step-0.csv"
    assert Path(download.value.path()).read_text() == export.to_csv(classic.kernels[0], 0, 235)


def test_files_follow_the_step_on_the_wall(page: Any, app_url: str, classic: History) -> None:
    open_page(page, app_url, "?step=235")
    files = page.get_by_role("button", name="Files")
    files.click()
    expect(page.get_by_role("button", name="Kernels at step 235 (CSV)")).to_be_visible()
    page.keyboard.press("Escape")
    slider(page).press("ArrowLeft")
    files.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Kernels at step 222 (CSV)").click()
    index = classic.steps.tolist().index(222)
    assert Path(download.value.path()).read_text() == export.to_csv(classic.kernels[index], 222, 235)
    page.keyboard.press("Escape")
    page.locator("select.layer").select_option("2")
    files.click()
    expect(page.get_by_role("button", name="Kernels of the second layer (CSV)")).to_be_visible()


def overlaps(page: Any) -> list[str]:
    """Texts of an SVG document that is open by itself which reach beyond their cell, or over another text."""
    found: list[str] = page.evaluate(
        """() => {
          const box = (node) => node.getBoundingClientRect()
          const texts = [...document.querySelectorAll("text")].filter((t) => t.textContent && box(t).width)
          const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 &&
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5
          return texts.filter((t, i) => texts.some((o, k) => k < i && meet(box(t), box(o))) || box(t).right > innerWidth)
            .map((t) => t.textContent)
        }"""
    )
    return found


@pytest.mark.parametrize("page", ["en-US", "zh-CN"], indirect=True)
def test_numbers_of_a_saved_picture_stay_apart(page: Any, app_url: str, tmp_path: Path) -> None:
    """Opened alone, without the font of the page; its first line names the run."""
    open_page(page, app_url, "?step=235")
    with page.expect_download() as download:
        page.locator("select.save").select_option("svg")
    download.value.save_as(tmp_path / "wall.svg")
    alone = page.context.new_page()
    alone.goto((tmp_path / "wall.svg").as_uri())
    assert alone.locator("text.middle").count() == 300
    assert overlaps(alone) == []
    family = alone.evaluate("getComputedStyle(document.documentElement).fontFamily")
    assert "Arial" in family and "Liberation Sans" in family and family.endswith("sans-serif")
    assert "classic" in alone.locator("text").last.text_content()


def open_with_dialog(page: Any, app_url: str, query: str = "") -> None:
    """Open the page in a browser whose dialog to print stays open, and the sheet with it: the headless shell has none."""
    page.add_init_script("window.print = () => {}")
    open_page(page, app_url, query)


def test_the_title_of_a_sheet_is_whole(page: Any, app_url: str, made: Any) -> None:
    run = made("long", "running")
    keep(run, [0, 1, 235])
    name = "The widest name: " + 23 * "W"  # as long as names may be
    run.rename(name)
    open_with_dialog(page, app_url, "?run=long")
    page.locator("select.save").select_option("print")
    page.locator("iframe.print").wait_for(state="attached")
    paper = page.context.new_page()
    paper.set_viewport_size({"width": 1060, "height": 740})
    paper.set_content(next(f for f in page.frames if f is not page.main_frame).content())
    title = paper.locator("svg > text.head").all_text_contents()
    assert len(title) > 1 and " ".join(title).startswith(name) and title[-1].endswith("epoch 1")
    assert overlaps(paper) == []


def test_pixels_and_a_sheet_of_paper(page: Any, app_url: str, tmp_path: Path) -> None:
    open_with_dialog(page, app_url)
    with page.expect_download() as download:
        page.locator("select.save").select_option("png")
    assert download.value.suggested_filename == "kernels-reference-classic-step-2350.png"
    with Image.open(download.value.path()) as picture:
        assert picture.format == "PNG" and picture.width > 2000
        colours = picture.convert("RGB").getcolors(2**20)
        assert colours is not None and len(colours) > 100
    page.locator("select.save").select_option("print")
    page.locator("iframe.print").wait_for(state="attached")
    sheet = page.frame_locator("iframe.print").locator("svg")
    assert sheet.locator(".cell").count() == 150
    assert sheet.locator("text.middle").count() == 150
    assert "classic, 10 epochs, seed 0" in sheet.locator("text.head").first.text_content()
    paper = page.context.new_page()
    paper.set_content(next(f for f in page.frames if f is not page.main_frame).content())
    pdf = paper.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1, "one sheet"
    assert b"/Subtype /Image" not in pdf, "vectors alone"


def upload(page: Any, name: str, content: bytes) -> None:
    page.get_by_role("button", name="Files").click()
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


@pytest.mark.parametrize(("shape", "size"), [((96, 3, 11, 11), (1366, 768)), ((64, 3, 7, 7), (390, 844))])
def test_kernels_of_famous_networks(page: Any, app_url: str, shape: tuple[int, ...], size: tuple[int, int]) -> None:
    """As tiles of colour and by channel, none of it beyond the side of the screen, on a laptop nor below its end."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_page(page, app_url)
    theirs = np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)
    upload(page, "net.safetensors", safetensors.numpy.save({"conv1.weight": theirs}))
    expect(wall(page).locator(".kernel")).to_have_count(shape[0])
    page.keyboard.press("Escape")
    for cells, channels in ((shape[0] * shape[2] * shape[3], "colour"), (theirs.size, "each")):
        page.locator("select.channels").select_option(channels)
        expect(wall(page).locator(".cell")).to_have_count(cells)
        box = wall(page).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= size[0]
        assert size[0] < 1000 or box["y"] + box["height"] <= size[1]
    page.locator("select.channels").select_option("colour")
    first = theirs[0] / np.abs(theirs[0]).max()
    expected = "rgb(" + ",".join(str(int(np.floor(128 + 127 * w + 0.5))) for w in first[:, 0, 0].astype(float)) + ")"
    assert fills(page)[0] == expected, "the three weights of a place, on one scale for the kernel"
    assert "Grey is a weight of 0" in " ".join(page.locator("text.small").all_text_contents())
    wall(page).locator("[data-kernel='1'][data-cell='2']").hover()
    red, green, blue = (f"{w:.4f}".replace("-", "−") for w in theirs[1, :, 0, 2])
    tip = page.locator(".tip").inner_text()
    assert re.search(r"red −?\d", tip) and all(part[:-1] in tip for part in (red, green, blue))


def test_order_and_second_layer(page: Any, app_url: str, classic: History) -> None:
    open_page(page, app_url)
    page.locator("select.sort").select_option("norm")
    expect_url(page, "sort=norm")
    largest = int(np.linalg.norm(classic.final.reshape(6, -1), axis=1).argmax())
    box = wall(page).locator(".kernel").nth(largest).bounding_box()
    assert all(other.bounding_box()["x"] >= box["x"] - 1 for other in wall(page).locator(".kernel").all())
    assert numbers(page, largest) == pytest.approx(classic.final[largest].ravel().tolist(), abs=0.0052)
    page.locator("select.layer").select_option("2")
    assert wall(page).locator(".cell").count() == 2400
    assert page.locator(".wall").count() == 1 and slider(page).is_disabled()
    assert page.locator(".values input").is_disabled(), "2400 numbers have no room"
    assert "snapshot" not in page.locator(".hint").text_content()
    box = wall(page).bounding_box()
    assert box["x"] + box["width"] <= 1366 and box["y"] + box["height"] <= 768
    expect_url(page, "layer=2")
    page.locator("select.layer").select_option("1")
    page.locator("select.sort").select_option("stored")
    page.wait_for_function("!/sort=|layer=/.test(location.search)")


# -- in front of a class ------------------------------------------------------------------------------------------


def test_presentation(page: Any, app_url: str, sent: Sent, classic: History) -> None:
    """`?present=1`: the kernels alone, as large as the screen, moved by keys; nothing goes to the server."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    open_page(page, app_url, "?present=1&ground=dark")
    assert not page.locator("[data-testid=stHeader]").is_visible()
    root = page.locator(".root.present")
    box = root.bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1920, 1080)
    covered = "p => document.elementFromPoint(...p).matches('[data-testid=stBidiComponentRegular], .stBidiComponent *, .stBidiComponent')"
    for point in ([300, 20], [1800, 20], [960, 1070], [10, 500]):
        assert page.evaluate(covered, point), point
    assert root.evaluate("r => getComputedStyle(r).backgroundColor") == "rgb(14, 17, 23)"
    assert wall(page).bounding_box()["height"] > 800
    font = wall(page).locator("text.middle").first.evaluate("t => parseFloat(getComputedStyle(t).fontSize)")
    assert font >= 20, "read from the last row"
    sent.forget()
    page.keyboard.press("Home")
    assert title(page) == "step 0: random initialisation"
    page.keyboard.press("PageDown")
    assert title(page).startswith("step 1 ·")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowLeft")
    assert title(page).startswith("step 0")
    page.keyboard.press("Space")
    page.wait_for_function("node => Number(node.value) > 3", arg=slider(page).element_handle())
    page.keyboard.press("Space")
    page.keyboard.press("d")
    assert root.evaluate("r => getComputedStyle(r).backgroundColor") == "rgb(255, 255, 255)"
    page.keyboard.press("n")
    expect(wall(page).locator("text.middle").first).to_be_hidden()
    page.keyboard.press("End")
    expect_url(page, "present=1")
    stops = root.locator(".bar").locator("button, select, input").count()
    for _step in range(stops + 2):  # once round and on
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('.stBidiComponent *, .stBidiComponent')"), (
            "not behind it"
        )
    page.keyboard.press("Escape")
    page.wait_for_function("!/present=|ground=/.test(location.search)")
    assert page.locator("[data-testid=stHeader]").is_visible() and page.locator(".root.present").count() == 0
    assert sent.frames == []
    page.locator("button.present").click()
    assert page.locator(".root.present").count() == 1


def test_the_view_outlives_other_tabs(page: Any, app_url: str) -> None:
    """What is set on the wall comes back with it; a presentation that was left does not."""
    open_page(page, app_url, "?present=1&step=235&scale=own")
    page.keyboard.press("Escape")
    page.wait_for_function("!/present=/.test(location.search)")
    slider(page).press("ArrowLeft")
    shown = title(page)
    page.get_by_role("tab", name="Compare").click()
    page.locator("[data-testid=stPlotlyChart]").first.wait_for()
    assert "present=" not in page.url
    page.get_by_role("tab", name="The wall").click()
    page.locator(".wall .kernel").first.wait_for()
    assert page.locator(".root.present").count() == 0
    assert title(page) == shown
    expect_url(page, "scale=own")
    expect_url(page, "step=222")
    assert "present=" not in page.url


def test_a_link_and_its_code(page: Any, app_url: str) -> None:
    """The address is this machine's in its network, since localhost means another machine to everybody else."""
    open_page(page, app_url, "?run=reference-modern&step=235&present=1")
    page.keyboard.press("l")
    address = page.locator(".share a.address")
    address.wait_for()
    url = address.get_attribute("href")
    port = app_url.rsplit(":", 1)[1]
    host = links.network_address() or "localhost"
    assert url == f"http://{host}:{port}/kernels?run=reference-modern&step=235"
    side = len(links.qr_rows(url)) + 8
    assert page.locator(".share svg.qr").get_attribute("viewBox") == f"0 0 {side} {side}"
    dark = sum(row.count("1") for row in links.qr_rows(url))
    assert page.locator(".share svg.qr path").get_attribute("d").count("M") == dark
    assert page.locator(".share .remark").text_content()
    screen = Image.open(io.BytesIO(page.screenshot()))
    assert [code.text for code in zxingcpp.read_barcodes(screen)] == [url], "what a telephone reads off the wall"
    page.keyboard.press("Escape")
    assert not page.locator(".share").is_visible()
    assert page.locator(".root.present").count() == 1, "one thing at a time"
    assert title(page) == "step 235 · epoch 1"
    page.keyboard.press("Space")
    assert not page.locator(".share").is_visible()
    assert page.locator("button.play").get_attribute("aria-label") == "Pause", "the keys are the presentation's again"


def test_the_link_is_closed_as_it_was_opened(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    panel = page.locator(".share")
    page.locator("button.link").click()
    expect(panel).to_be_visible()
    page.locator("button.link").click()
    expect(panel).not_to_be_visible()
    page.locator("button.link").click()
    expect(panel).to_be_visible()
    page.mouse.click(20, 400)
    expect(panel).not_to_be_visible()
    page.locator("button.present").click()
    for visible in (True, False):
        page.keyboard.press("l")
        expect(panel).to_be_visible(visible=visible)


def test_a_clicker_after_the_mouse(page: Any, app_url: str) -> None:
    """The keys stay the presentation's after something was set with the mouse; what was reached by Tab keeps its own."""
    open_page(page, app_url, "?present=1&step=235")
    page.locator(".bar").hover()
    scale = page.locator("select.scale")
    scale.click()
    scale.select_option("own")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowLeft")
    assert title(page).startswith("step 222 ·") and scale.input_value() == "own"
    page.locator(".values input").click()
    assert not page.locator(".values input").is_checked()
    page.keyboard.press("Space")
    assert page.locator("button.play").get_attribute("aria-label") == "Pause"
    page.keyboard.press("Space")
    page.locator("select.save").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert page.locator(".values input").is_checked()
    assert page.locator("button.play").get_attribute("aria-label").startswith("Play"), "space is the box's here"


def test_what_a_class_reads(page: Any, app_url: str) -> None:
    """The step and the name of the run stand apart, and nothing runs over the sheet."""
    open_page(page, app_url, "?present=1&step=0&scale=own&run=reference-modern")
    for size in ((1024, 768), (820, 1180), (1366, 768), (1920, 1080)):
        resize(page, size)
        step = page.locator("svg > text.head").first.bounding_box()
        name = page.locator("svg > text").get_by_text("modern, 10 epochs").bounding_box()
        assert step["x"] + step["width"] < name["x"] or step["y"] + step["height"] <= name["y"] + 4, size
        sheet = page.locator(".holder > svg").bounding_box()
        assert sheet["width"] > 0.9 * size[0], "drawn for this window"
        for text in (page.get_by_text(end, exact=True).bounding_box() for end in ("+ max", "− max")):
            assert text["x"] + text["width"] <= sheet["x"] + sheet["width"] + 1, size
            assert text["y"] + text["height"] <= sheet["y"] + sheet["height"] + 1, size
        sizes = "all => all.map(t => parseFloat(getComputedStyle(t).fontSize))"
        assert min(page.locator(".wall .kernel text").evaluate_all(sizes)) >= 11, size


def test_every_number_stands_out_from_its_cell(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?scale=own")
    pairs = (
        wall(page)
        .locator(".kernel")
        .evaluate_all(
            "all => all.flatMap(k => [...k.querySelectorAll('text.middle')].map((t, i) =>"
            " [t.style.fill, k.querySelectorAll('.cell')[i].getAttribute('fill')]))"
        )
    )
    assert len(pairs) == 150

    def light(color: str) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (int(v) / 255 for v in re.findall(r"\d+", color))
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    for ink, fill in pairs:
        assert max(light(ink), light(fill)) / min(light(ink), light(fill)) >= 4.2, (ink, fill)


def test_full_screen(page: Any, app_url: str) -> None:
    open_page(page, app_url, "?present=1")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement")
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.fullscreenElement")


# -- one's own kernel ---------------------------------------------------------------------------------------------


def test_ones_own_kernel_answers_at_once(page: Any, app_url: str, sent: Sent, classic: History) -> None:
    page.goto(f"{app_url}/kernels?tab=own")
    cells = page.locator("input.cell")
    cells.nth(24).wait_for()
    page.keyboard.press("Tab")  # so that the focus counts as that of a keyboard
    cells.nth(7).focus()
    marked = page.locator("[data-focus-visible]").evaluate_all(
        "all => all.filter(e => getComputedStyle(e).outlineStyle !== 'none').length"
    )
    assert marked == 0, "only the cell is marked, not the tabs around it"
    sent.forget()
    images, labels = data.load("test", "sample")
    image = images[int(np.flatnonzero(labels == 0)[0])][0] / np.float32(255)

    def expect_response(kernel: Any) -> None:
        """The range in words and the colours of the canvas are those of the response that NumPy computes."""
        sums = responses.responses(np.asarray(kernel, np.float32)[None, None], image)[0]
        said = page.locator("figure.result figcaption").text_content().replace("−", "-")
        low, high = (float(x) for x in re.findall(r"-?\d+\.\d+", said))
        assert (low, high) == pytest.approx((sums.min(), sums.max()), abs=0.0151)
        drawn = page.locator("figure.result canvas").evaluate(
            "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )
        shown = np.array(drawn).reshape(28, 28, 4)
        strong = np.abs(sums) > 0.1 * np.abs(sums).max()
        red, blue = shown[..., 0], shown[..., 2]
        assert ((red > blue) == (sums > 0))[strong].all()

    expect_response(np.round(filters.make("sobel_x", 5), 3))
    page.locator("select.presets").select_option(label="Learned kernel 3")
    expect_response(classic.final[2, 0])
    page.locator("button.flip").click()
    expect_response(-classic.final[2, 0])
    page.locator("button.turn").click()
    expect_response(np.rot90(-classic.final[2, 0]))
    page.locator("select.presets").select_option(label="All zeros")
    cells.nth(12).fill("−1,5")
    identity = np.zeros((5, 5))
    identity[2, 2] = -1.5
    expect_response(identity)
    cells.nth(11).fill("much")
    assert "“much” is not a number between −100 and 100" in page.locator(".remark").text_content()
    expect_response(identity)
    cells.nth(12).press("Shift+ArrowUp")
    identity[2, 2] = -1.4
    expect_response(identity)
    cells.nth(12).press("ArrowDown")
    expect(page.get_by_label("weight in row 4, column 3")).to_be_focused()
    page.locator("figure.result canvas").press("Home")
    said = page.locator(".remark").text_content()
    assert said == f"row 1, column 1: weighted sum {-1.4 * image[0, 0] + 0:.3f}"
    for _press in range(2):
        page.keyboard.press("ArrowDown")
    assert page.locator(".remark").text_content().startswith("row 3, column 1: weighted sum ")
    assert page.locator(".mark").is_visible()
    expect_url(page, "%2C-1.4%2C")
    assert sent.frames == []
    page.reload()
    cells.nth(24).wait_for()
    assert cells.nth(12).input_value() == "−1.4"
    expect_response(identity)


def test_tabs_fit_and_say_no_errors(page: Any, app_url: str) -> None:
    """The main figure of each tab begins on the first screen and nothing runs over its side."""
    for tab in ("seen", "paths", "compare"):
        page.goto(f"{app_url}/kernels?tab={tab}")
        chart = page.locator("[data-testid=stPlotlyChart] svg").first
        chart.wait_for()
        box = chart.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1366 and box["y"] < 400
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_another_image_after_a_link_to_one(page: Any, app_url: str) -> None:
    """A part that runs by itself does not go back to what the link asked for."""
    page.goto(f"{app_url}/kernels?tab=seen&image=3")
    image = page.get_by_role("textbox", name="Test image")
    for asked in ("7", "8"):
        image.wait_for()
        image.fill(asked)
        image.press("Enter")
        expect_url(page, f"image={asked}(&|$)")
        page.get_by_text(f"{data.data_set().classes[int(data.load('test')[1][int(asked)])]}.", exact=True).wait_for()
        expect(image).to_have_value(asked)
    page.reload()
    expect(image).to_have_value("8")


def test_a_strangers_file(page: Any, app_url: str, tmp_path: Path) -> None:
    theirs = np.random.default_rng(0).normal(size=(4, 1, 3, 3)).astype(np.float32)
    open_page(page, app_url)
    page.get_by_role("button", name="Files").click()
    content = safetensors.numpy.save({"conv1.weight": theirs})
    page.locator("input[type=file]").set_input_files(
        {"name": "theirs.safetensors", "mimeType": "application/octet-stream", "buffer": content}
    )
    page.wait_for_function("document.querySelectorAll('h1').length > 0")
    page.locator(".wall").first.locator(".kernel").nth(3).wait_for()
    page.wait_for_function(
        "() => { const find = (r) => { for (const e of r.querySelectorAll('*')) { if (e.shadowRoot) { const w ="
        " e.shadowRoot.querySelector('.wall'); if (w) return w.querySelectorAll('.cell').length } } }; return find(document) === 36 }"
    )
    assert numbers(page, 3) == pytest.approx(theirs[3].ravel().tolist(), abs=0.0052)
    assert title(page) == "theirs.safetensors: conv1.weight", "it has no steps"
    assert not page.locator("button.play").is_visible() and not slider(page).is_visible()
    with page.expect_download() as download:
        page.locator("select.save").select_option("svg")
    assert download.value.suggested_filename == "kernels-theirs.safetensors-conv1.weight.svg"
    page.keyboard.press("Escape")  # closes the files
    page.locator("button.link").click()
    page.locator(".share").get_by_text("open only in your browser").wait_for()
    assert page.locator(".share a").count() == 0, "a link would lead nowhere"


# -- other networks, and runs in progress -------------------------------------------------------------------------


@pytest.fixture
def made(server_runs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make runs in the directory of the server; the test plays the trainer."""
    monkeypatch.setenv("LENET_RUNS_DIR", str(server_runs))
    held = []

    def make(run_id: str, state: str, config: Any = CLASSIC) -> Run:
        run = runs.create(config, run_id, for_worker=False)
        held.append((run, runs.lock(run)))
        set_status(run, state=state, steps_per_epoch=235)
        return run

    yield make
    for run, lock in held:
        lock.release()
        run.delete()  # no other test sees it


def keep(run: Run, steps: list[int]) -> np.ndarray[Any, Any]:
    model = run.config.model
    shape = (len(steps), model.channels[0], 1, model.kernel_size[0], model.kernel_size[0])
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    files.write_tensors(run.path / "kernels.safetensors", {"steps": np.array(steps), "kernels": values})
    return values


def test_a_run_in_progress_grows_and_leaves_the_reader_alone(page: Any, app_url: str, made: Any) -> None:
    run = made("live", "running")
    values = keep(run, [0, 1, 2, 3])
    open_page(page, app_url, "?run=live")
    assert title(page).startswith("step 3 ·")
    page.evaluate("window.notReloaded = true")
    keep(run, [0, 1, 2, 3, 4])
    expect_title(page, "step 4 ·")  # who stands at the end goes along with it

    slider(page).press("Home")
    slider(page).press("ArrowRight")
    handle = slider(page).element_handle()
    wall(page).locator(".cell").nth(7).hover()
    keep(run, [0, 1, 2, 3, 4, 5, 6])
    page.wait_for_function("node => node.max === '6'", arg=handle)
    assert title(page).startswith("step 1 ·")
    assert numbers(page) == pytest.approx(values[1, 0].ravel().tolist(), abs=0.0052)
    assert "row 2, column 3" in page.locator(".tip").inner_text()
    assert handle.evaluate("node => node.isConnected && node.getRootNode().activeElement === node")

    live = page.get_by_text(re.compile("^training · "))
    expect(live).to_be_visible()
    set_status(run, state="finished")
    expect(live).to_be_hidden()
    page.wait_for_timeout(1000)  # for what must not happen
    assert title(page).startswith("step 1 ·") and page.evaluate("window.notReloaded")


@pytest.mark.parametrize(("channels", "kernel"), [(1, 3), (32, 7), (64, 11)])
def test_walls_of_other_networks(page: Any, app_url: str, made: Any, channels: int, kernel: int) -> None:
    model = replace(CLASSIC.model, channels=(channels, 16), kernel_size=(kernel, 5), padding=(kernel // 2, 0))
    run = made(f"wall-{channels}", "running", replace(CLASSIC, model=model))
    keep(run, [0, 1, 235])
    open_page(page, app_url, f"?run={run.id}")
    assert wall(page).locator(".kernel").count() == channels
    assert wall(page).locator(".cell").count() == channels * kernel**2
    box = wall(page).bounding_box()
    assert box["x"] + box["width"] <= 1366 and box["y"] + box["height"] <= 768


@pytest.mark.parametrize("page", ["zh-CN"], indirect=True)
def test_in_chinese(page: Any, app_url: str) -> None:
    open_page(page, app_url)
    assert re.search("[\u4e00-\u9fff]", title(page))
    assert re.search("[\u4e00-\u9fff]", page.locator("button.play").get_attribute("aria-label"))
