"""Plotly's charts on phones and under fingers: what lenet/ui/plots.js makes of Streamlit's Plotly."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Sent, a_reader

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SHAPE = """() => {
  const chart = document.querySelector(".st-key-curve .js-plotly-plot")
  const { xaxis, yaxis, xaxis2, yaxis2, height } = chart._fullLayout
  const place = document.querySelector(".st-key-curve").getBoundingClientRect().height
  return { domains: [xaxis, yaxis, xaxis2, yaxis2].map(axis => axis.domain), height, place }
}"""
DRAWS = """() => {
  const { react } = window.Plotly
  window.draws = []
  window.Plotly.react = (chart, ...rest) => {
    const drawn = react(chart, ...rest)
    window.draws.push(`${chart._fullLayout.width} ${chart._fullLayout.height}`)
    return drawn
  }
}"""
SIDE_BY_SIDE = [[0, 0.47], [0, 1], [0.55, 1], [0, 1]]
HOVER = ".st-key-curve .hoverlayer text"


def open_curve(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/training?run=reference-classic")
    page.locator(".st-key-curve .js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")


def finger(page: Page, *events: tuple[str, float, float]) -> None:
    """What a finger does on the screen: (`Start`, `Move` or `End`, x, y)."""
    session = page.context.new_cdp_session(page)
    for kind, x, y in events:
        points = [] if kind == "End" else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
        page.wait_for_timeout(30)
    session.detach()


def plot_area(page: Page) -> dict[str, float]:
    area = page.locator(".st-key-curve .nsewdrag").first.bounding_box()
    assert area is not None
    return {name: float(value) for name, value in area.items()}


def test_a_chart_is_drawn_for_its_width_also_when_a_phone_is_turned(browser: Browser, app_url: str) -> None:
    with a_reader(browser, **PHONE) as page:
        sent = Sent(page)
        open_curve(page, app_url)
        upright = page.evaluate(SHAPE)
        (loss_x, loss_y, accuracy_x, accuracy_y), height = upright["domains"], upright["height"]
        assert loss_x == accuracy_x == [0, 1] and accuracy_y[1] < loss_y[0], "one above the other"
        assert height > 400 and upright["place"] == height
        sent.forget()
        page.evaluate(DRAWS)

        page.set_viewport_size({"width": 1180, "height": 820})
        page.wait_for_function("window.draws.at(-1)?.endsWith(' 330')")
        page.wait_for_timeout(1000)
        across = page.evaluate(SHAPE)
        assert across == {"domains": SIDE_BY_SIDE, "height": 330, "place": 330}

        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_function(f"window.draws.at(-1) === '358 {height}'")
        page.wait_for_timeout(1000)
        assert page.evaluate(SHAPE) == upright
        assert {draw.split()[1] for draw in page.evaluate("window.draws")} == {"330", str(height)}
        assert len(page.evaluate("window.draws")) < 20, "it comes to rest"
        assert sent.frames == [], "nothing is asked of the server"


def test_a_finger_reads_a_chart_and_scrolls_over_it(browser: Browser, app_url: str) -> None:
    with a_reader(browser, **PHONE) as page:
        open_curve(page, app_url)
        assert page.locator(".modebar").count() == 0, "it would cover the marks"
        page.locator(".st-key-curve").scroll_into_view_if_needed()
        area = plot_area(page)
        x, y = area["x"] + 0.6 * area["width"], area["y"] + 0.5 * area["height"]
        page.touchscreen.tap(x, y)
        page.locator(HOVER).first.wait_for()
        words = page.locator(HOVER).all_text_contents()
        assert any("train loss" in line for line in words)
        page.wait_for_timeout(1000)
        assert page.locator(HOVER).all_text_contents() == words, "they stay"
        save = page.get_by_role("button", name="Save as a picture")
        box = save.bounding_box()
        assert box and min(box["width"], box["height"]) >= 24
        with page.expect_download() as saved:
            save.tap()
        assert saved.value.suggested_filename == "curve-reference-classic.png"
        assert saved.value.path().stat().st_size > 10_000
        page.touchscreen.tap(195, 20)
        expect(save).to_have_count(0)

        ranges = "document.querySelector('.st-key-curve .js-plotly-plot')._fullLayout.xaxis.range"
        before, view = area["y"], page.evaluate(ranges)
        steps = [("Move", x, y - 20.0 * n) for n in range(1, 9)]
        finger(page, ("Start", x, y), *steps, ("End", x, y - 160))
        page.wait_for_timeout(500)
        assert plot_area(page)["y"] < before - 80, "the page has scrolled"
        assert page.evaluate(ranges) == view, "and the chart is where it was"


def test_with_a_mouse_the_mode_bar_comes_on_hovering(page: Page, app_url: str) -> None:
    open_curve(page, app_url)
    assert page.evaluate(SHAPE)["domains"] == SIDE_BY_SIDE
    group = page.locator(".st-key-curve .modebar-group").first
    assert group.evaluate("bar => getComputedStyle(bar).opacity") == "0"
    words = page.locator(".st-key-curve :is(.xtick text, .ytitle)").evaluate_all(
        "all => all.map(text => getComputedStyle(text).fill)"
    )
    assert set(words) == {"rgb(90, 94, 109)"}, "Streamlit's own grey is too pale for words"
    area = plot_area(page)
    page.mouse.move(area["x"] + 50, area["y"] + 50)
    page.wait_for_function("getComputedStyle(document.querySelector('.st-key-curve .modebar-group')).opacity === '1'")


def test_marks_are_read_by_keys(page: Page, app_url: str) -> None:
    open_curve(page, app_url)
    chart = page.locator(".st-key-curve [data-testid=stPlotlyChart][tabindex='0']")
    chart.focus()
    told = page.locator(".lenet-told")
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("loss of a step")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    expect(told).to_contain_text("train loss 0.471")
    expect(page.locator(".st-key-curve .hoverlayer")).to_contain_text("train loss 0.471")
    page.keyboard.press("Escape")
    expect(page.locator(HOVER)).to_have_count(0)

    page.goto(f"{app_url}/kernels?run=reference-classic&tab=seen")
    chart = page.locator("[data-testid=stPlotlyChart][tabindex='0']").first
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text("pixel 0.00")
    for _to_the_second_picture in range(28):
        page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("weight")
    for key in ("Escape", "ArrowRight", "ArrowLeft"):  # back over the first mark to the last chart, which is polar
        page.keyboard.press(key)
    expect(told).to_contain_text("bright side at 360°")
    page.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("bright side at 355°")
