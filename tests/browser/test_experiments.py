"""Experiments in a real browser: asked, watched as they answer, looked into, stopped, and taken along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from lenet import runs
from lenet.experiments import Experiment, Stored, store
from tests.helpers.experiments import asked, finish

pytestmark = pytest.mark.browser

STRIP = ".st-key-answer .js-plotly-plot"
POINTS = """() => {
  const traces = document.querySelector(".st-key-answer .js-plotly-plot")?._fullData ?? []
  return traces.filter(trace => trace.mode === "markers" && trace.customdata).reduce((n, trace) => n + trace.x.length, 0)
}"""
"""The runs in the strip of seeds."""


def open_page(page: Page, url: str, query: str = "") -> None:
    page.goto(f"{url}/experiments{query}")
    page.locator(f"{STRIP} .main-svg").first.wait_for()


def button(page: Page, name: str) -> Locator:
    """A button of the page. While a script takes long, Streamlit shows a “Stop” of its own above."""
    return page.get_by_role("button", name=name, exact=True).and_(page.locator(":not([kind=header])"))


def by_hand(name: str) -> Experiment:
    """An experiment whose runs no worker trains."""
    experiment = asked(id=name, seeds=2, created=2e9, question="activation")
    ids = {(arm, seed): f"{name}-{arm}-{seed}" for arm, seed in experiment.runs()}
    for place, run_id in ids.items():
        runs.create(experiment.config(*place), run_id, for_worker=False)
    store.save(Stored(experiment, ids))
    return experiment


def test_runs_answer_one_by_one_and_can_be_taken_along(
    page: Page, app_url: str, server_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_RUNS_DIR", str(server_runs))
    experiment = by_hand("watched")
    open_page(page, app_url, "?experiment=watched")
    page.evaluate("window.stillTheSamePage = true")
    bar = page.get_by_test_id("stProgress")
    stop, add = (each.bounding_box() for each in (button(page, "Stop"), page.get_by_role("button", name="Add seeds")))
    assert stop and add and (stop["y"], stop["height"]) == pytest.approx((add["y"], add["height"]), abs=0.5), (
        "in one line"
    )
    for n, (arm, seed) in enumerate(experiment.runs()):
        expect(bar).to_contain_text(f"{n} of 4 runs finished")
        page.wait_for_function(f"({POINTS})() === {n}")
        finish(runs.find(f"watched-{arm}-{seed}"), 0.5 + 0.02 * arm + 0.003 * seed * (1 + arm))
    expect(bar).to_have_count(0)
    expect(page.locator(".st-key-answer_words p").first).to_contain_text("relu")
    page.wait_for_function(f"({POINTS})() === 4")
    names = page.locator(f"{STRIP} .annotation-text")
    expect(names).to_have_text([re.compile("2 of 2 runs"), re.compile("2 of 2 runs")])
    assert page.evaluate("window.stillTheSamePage"), "a point a run as it ends"

    page.get_by_role("tab", name="Runs").click()
    links = page.get_by_role("link", name="Curve")
    expect(links).to_have_count(6)
    assert "training?run=watched-0-1" in (links.first.get_attribute("href") or ""), "the best sigmoid"
    page.get_by_role("tab", name="Take along").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Runs (CSV)").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0] == "activation,seed,run,state,epochs,test_acc" and len(rows) == 5
    expect(page.get_by_text("python -m lenet.experiment --vary activation=sigmoid,relu")).to_be_visible()


def test_a_question_is_asked_stopped_and_given_more_seeds_by_keyboard(page: Page, app_url: str) -> None:
    open_page(page, app_url, "?experiment=reference-activation")
    assert page.evaluate(POINTS) == 32, "what came with the app"
    page.locator(f"{STRIP} .points path").nth(3).click(force=True)  # Plotly listens above them
    expect(page.get_by_text("sigmoid: 84.6% (seed 3)")).to_be_visible()
    expect(page.get_by_text("Only the numbers of these runs came with the app")).to_be_visible()
    question = page.get_by_role("combobox", name="Question")
    question.click()
    page.get_by_role("option", name="Max or average pooling?").click()
    expect(page.get_by_text("This question has not been asked here yet.")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("in 16 of 16 seeds")).to_be_visible()

    # So many epochs that no run has ended when it is stopped.
    open_page(page, app_url, "?question=pooling&seeds=2&run_epochs=100&run_recipe=sprint&run_data=sample")
    expect(page.get_by_text("2 arms × 2 seeds = 4 runs")).to_be_visible()
    button(page, "Start").press("Enter")
    bar = page.get_by_test_id("stProgress")
    expect(bar).to_contain_text("of 4 runs finished")
    expect(page).to_have_url(re.compile("experiment=pooling-"))
    button(page, "Stop").press("Enter")
    expect(bar).to_contain_text("stopped")
    page.get_by_role("button", name="Add seeds").press("Enter")
    more = page.get_by_role("button", name=re.compile("Train [0-9]+ more runs"))
    more.press("Enter")
    expect(bar).to_contain_text(re.compile("of ([5-9]|[1-9][0-9]) runs finished"))
    button(page, "Stop").press("Enter")
    expect(button(page, "Go on")).to_be_visible()
