"""Training in a real browser: the curve grows by itself, survives a reload, stops when asked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from lenet import data
from lenet.ui.frame import AGAIN
from tests.helpers.processes import wait_for

pytestmark = pytest.mark.browser

POINTS = """() => {
  const plot = document.querySelector('.js-plotly-plot');
  if (!plot || !plot._fullData) return null;  // where packed numbers are unpacked
  return Object.fromEntries(plot._fullData.map(t => [t._input.hovertemplate.split(" %{")[0], t.y?.length]));
}"""
REACHED = """() => {
  const steps = document.querySelector(".js-plotly-plot")?._fullData?.find(t => t._input.hovertemplate.startsWith("loss of a step"))
  return steps?.x?.at(-1) ?? 0
}"""
"""The epoch that the curve of the steps has reached. The number of its points does not tell: a long one is thinned."""


def open_training(page: Page, url: str, query: str = "") -> None:
    page.goto(f"{url}/training{query}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()


def shown_run(page: Page) -> str:
    found = re.search(r"[?&]run=([^&]+)", page.evaluate("location.href"))
    return found.group(1) if found else ""


def button(page: Page, name: str) -> Locator:
    """A button of the page. While a script takes long, Streamlit shows a “Stop” of its own above."""
    return page.get_by_role("button", name=name, exact=True).and_(page.locator(":not([kind=header])"))


def press_train(page: Page) -> str:
    """Press Train; the id of the new run."""
    before = shown_run(page)
    button(page, "Train").click()
    wait_for(lambda: shown_run(page) not in ("", before))
    return shown_run(page)


def bar(page: Page) -> str:
    return page.get_by_test_id("stProgress").inner_text()


def test_two_epochs_arrive_without_reloading_and_the_gallery_has_the_kernels(page: Page, app_url: str) -> None:
    source = "full" if data.find().kind == "full" else "sample"
    open_training(page, app_url, f"?recipe=modern&epochs=2&data={source}")
    page.evaluate("window.stillTheSamePage = true")
    run = press_train(page)
    seen: set[int] = set()

    def finished() -> bool:
        seen.add((page.evaluate(POINTS) or {}).get("train loss", 0))
        return bar(page).startswith("finished · epoch 2 of 2")  # and not the run that was shown before

    wait_for(finished)
    wait_for(lambda: (page.evaluate(POINTS) or {}).get("train loss") == 2)
    assert {0, 1} <= seen
    assert page.evaluate("window.stillTheSamePage") is True
    expect(
        page.get_by_text(re.compile(r"loss 0\.\d{3}, train acc 0\.\d{3}, test acc 0\.\d{3}")).first
    ).to_be_visible()
    expect(page.get_by_text(re.compile(r"[\d.]+ examples/sec on ")).first).to_be_visible()
    expect(page.get_by_text("0.weight: shape=(6, 1, 5, 5)").first).to_be_visible()

    page.get_by_text("See its kernels").click()
    page.wait_for_url(re.compile(rf"/kernels\?.*run={re.escape(run)}"))
    page.locator("[data-testid=stBidiComponentRegular] svg, [data-testid^=stBidiComponent] svg").first.wait_for()


def test_stop_and_reload(page: Page, app_url: str, server_runs: Path) -> None:
    open_training(page, app_url, "?epochs=1000&data=sample&batch=16")  # longer than any test takes
    run = press_train(page)
    wait_for(lambda: bar(page).startswith("training"))
    wait_for(lambda: page.evaluate(REACHED) > 0)

    page.reload()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert shown_run(page) == run
    assert bar(page).startswith("training")

    button(page, "Stop").click()
    wait_for(lambda: bar(page).startswith("stopped"))
    expect(button(page, "Resume")).to_be_visible()
    assert '"stopped"' in (server_runs / run / "status.json").read_text()


def test_closing_the_browser_does_not_disturb_the_run(page: Page, app_url: str, server_runs: Path) -> None:
    open_training(page, app_url, "?epochs=4&data=sample")
    run = press_train(page)
    wait_for(lambda: bar(page).startswith("training"))
    page.goto("about:blank")
    wait_for(lambda: '"finished"' in (server_runs / run / "status.json").read_text())
    open_training(page, app_url, f"?run={run}")
    wait_for(lambda: (page.evaluate(POINTS) or {}).get("train loss") == 4)


def test_resumed_and_extended_runs_go_on_before_the_readers_eyes(page: Page, app_url: str) -> None:
    open_training(page, app_url, "?epochs=1000&data=sample&batch=16")
    press_train(page)
    wait_for(lambda: bar(page).startswith("training"))
    button(page, "Pause").click()
    wait_for(lambda: bar(page).startswith("paused"))
    before = page.evaluate(REACHED)
    button(page, "Resume").click()
    wait_for(lambda: bar(page).startswith("training"))
    wait_for(lambda: page.evaluate(REACHED) > before)
    button(page, "Stop").click()
    wait_for(lambda: bar(page).startswith("stopped"))

    open_training(page, app_url, "?recipe=modern&epochs=1&data=sample&seed=77")
    press_train(page)
    wait_for(lambda: bar(page).startswith("finished · epoch 1 of 1"))
    button(page, "Extend").click()
    wait_for(lambda: "epoch 2 of 2" in bar(page) and bar(page).startswith("finished"))
    expect(page.get_by_role("combobox", name="Run", exact=True)).to_have_value(
        re.compile("modern, 2 epochs, seed 77")
    )


def test_an_emptied_number_is_the_recipes(page: Page, app_url: str) -> None:
    open_training(page, app_url, "?recipe=classic&lr=0.5&seed=7")
    for label, value in (("Learning rate", "0.9"), ("Seed", "0")):
        field = page.get_by_label(re.compile(f"^{label}"))
        field.fill("")
        field.press("Enter")
        expect(field).to_have_attribute("placeholder", value)
        expect(field).to_have_value("")
    wait_for(lambda: not re.search(r"[?&](lr|seed)=", page.evaluate("location.href")))


def test_what_is_typed_is_what_is_trained_or_refused(page: Page, app_url: str, server_runs: Path) -> None:
    open_training(page, app_url, "?epochs=1&data=sample&lr=0.5")
    field = page.get_by_label(re.compile("^Learning rate"))
    before = shown_run(page)
    for written, problem in (
        ("5000", "Learning rate must lie between 1e-08 and 100.0; it is 5000."),
        ("abc", "Learning rate must be a number, not abc."),
        ("1,234", "Learning rate must be one number, but 1,234 can mean 1.234 or 1234: write one of these."),
    ):
        field.fill(written)
        button(page, "Train").click()  # while the cursor is still in the field
        expect(page.get_by_text(problem)).to_have_count(2)  # under the field, and under Train
        expect(field).to_have_value(written)
        # The address holds what is on screen, since the end of the page's script.
        page.wait_for_function("lr => new URLSearchParams(location.search).get('lr') === lr", arg=written)
        page.reload()
        expect(field).to_have_value(written)
        expect(page.get_by_text(problem.replace("Learning rate", "lr"))).to_have_count(1)
    assert shown_run(page) == before

    for written, meant, query in (("0,1", 0.1, "0.1"), ("１ｅ－３", 0.001, "0.001"), ("", 0.9, None)):
        field.fill(written)
        field.press("Enter")
        page.wait_for_function("lr => new URLSearchParams(location.search).get('lr') === lr", arg=query)
        run = press_train(page)
        assert json.loads((server_runs / run / "config.json").read_text())["lr"] == meant


@pytest.mark.parametrize("page", ["zh-CN"], indirect=True)
def test_chinese(page: Page, app_url: str) -> None:
    open_training(page, app_url)
    expect(button(page, "训练")).to_be_visible()


def test_another_tab_after_a_link_to_one(page: Page, app_url: str) -> None:
    """A part that runs by itself does not go back to what the link asked for."""
    open_training(page, app_url, "?panel=gradients")
    for name, panel in (("All runs", "runs"), ("Settings", "settings")):
        page.get_by_role("tab", name=name).click()
        page.wait_for_function("panel => location.search.includes(`panel=${panel}`)", arg=panel)
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        page.wait_for_timeout(500)
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


RANGES = """() => {
  const { xaxis, yaxis } = document.querySelector(".st-key-curve .js-plotly-plot")._fullLayout
  return [...xaxis.range, ...yaxis.range]
}"""


def test_a_live_curve_keeps_the_readers_zoom_until_it_is_reset(page: Page, app_url: str) -> None:
    open_training(
        page, app_url, "?epochs=1000&data=sample&batch=16&seed=3"
    )  # longer than any test takes, under two open groups of settings
    press_train(page)
    expect(page.locator(".st-key-curve")).to_be_in_viewport()  # however far below it the button was
    wait_for(lambda: page.evaluate(REACHED) > 0)
    whole = page.evaluate(RANGES)
    place = page.locator(".st-key-curve .nsewdrag").first
    page.wait_for_timeout(AGAIN[-1])
    wait_for(
        lambda: place.bounding_box() == (page.wait_for_timeout(300), place.bounding_box())[1]
    )  # it has come to rest
    plot = place.bounding_box()
    assert plot is not None
    x, y = plot["x"] + 30, plot["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 60, steps=4)
    before = page.evaluate(REACHED)
    wait_for(lambda: page.evaluate(REACHED) > before)  # it grows while the reader still draws
    page.mouse.move(x + 100, y + 70, steps=2)
    page.mouse.up()
    wait_for(lambda: page.evaluate(RANGES)[1] < whole[1] - 1)
    zoomed, before = page.evaluate(RANGES), page.evaluate(REACHED)
    wait_for(lambda: page.evaluate(REACHED) > before)
    assert page.evaluate(RANGES) == zoomed
    page.get_by_role("tab", name="Settings").click()
    page.get_by_text("log axis").first.hover()
    button(page, "Stop").click()
    wait_for(lambda: bar(page).startswith("stopped"))  # the page has run again, and the chart is another one
    wait_for(lambda: page.evaluate(RANGES) == zoomed)
    page.mouse.dblclick(x + 20, y + 20)
    wait_for(lambda: page.evaluate(RANGES)[:2] == whole[:2])


def test_a_row_of_all_runs_opens_its_run(page: Page, app_url: str) -> None:
    open_training(page, app_url, "?run=reference-modern&panel=runs")
    table, run = page.get_by_test_id("stDataFrame"), page.get_by_role("combobox", name="Run", exact=True)
    modern = re.compile(r"^modern, .*\(came with the app\)$")
    expect(run).to_have_value(modern)
    expect(table.locator("tbody tr").first).to_be_attached()  # what the canvas tells a screen reader: it is drawn
    table.click(
        position={"x": 16, "y": 52}
    )  # the box of the first row, which is another run: under a header of 35 pixels
    expect(page).not_to_have_url(re.compile("run=reference-modern"))
    expect(run).not_to_have_value(modern)
    page.go_back()
    expect(page).to_have_url(re.compile("run=reference-modern"))
    expect(run).to_have_value(modern)
