"""How components get to a browser: their modules come slowly, not at all, too late, or in another version."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from lenet.common import paths
from lenet.ui import components
from tests.browser.conftest import SERVER_AWAY, a_reader
from tests.helpers.processes import free_port, serve

pytestmark = pytest.mark.browser

MODULES = re.compile(r"/modules/")
UNAVAILABLE = "This part of the page could not be loaded."


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that was never here."""
    with a_reader(browser, is_new=True) as page:
        yield page


class Held:
    """Requests for modules that wait for an answer until they are let go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.routes: list[Route] = []
        page.route(MODULES, lambda route: self.routes.append(route))

    def wait(self, n: int = 1) -> None:
        """Until so many have come."""
        while len(self.routes) < n:
            self.page.wait_for_timeout(50)

    def let_go(self) -> None:
        for route in self.routes:
            route.continue_()
        self.page.unroute(MODULES)


def test_what_was_sent_while_the_modules_were_on_their_way_is_shown(page: Page, app_url: str) -> None:
    held = Held(page)
    page.goto(f"{app_url}/pooling?preset=4x4")
    held.wait()
    page.get_by_text("Average", exact=True).click()
    page.wait_for_url(re.compile("mode=avg"))
    expect(page.get_by_text(UNAVAILABLE)).to_have_count(0)
    held.let_go()
    expect(page.locator(".panel")).to_contain_text("/ 9")
    expect(page.locator(".holder")).to_have_count(1)


def test_a_page_that_is_left_before_it_has_loaded(page: Page, app_url: str) -> None:
    held = Held(page)
    page.goto(f"{app_url}/pooling")
    held.wait()
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="LeNet Explorer")).to_be_visible()
    held.let_go()
    page.get_by_role("link", name="Pooling").first.click()
    expect(page.locator(".panel")).to_contain_text("max(0, 1, 3, 4) = 4")


@pytest.mark.parametrize(("locale", "words"), [("en-US", UNAVAILABLE), ("zh-CN", "页面的这一部分未能加载，正在重试")])
def test_what_cannot_be_loaded_is_tried_again(browser: Browser, app_url: str, locale: str, words: str) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    with a_reader(browser, is_new=True, forgiven="modules/|ERR_FAILED", locale=locale) as page:
        page.route(MODULES, refuse)
        page.goto(f"{app_url}/pooling")
        own = page.locator("[data-testid=stTabs], .st-key-figure").get_by_text(words)
        expect(own).to_be_visible()
        page.unroute(MODULES)
        expect(page.locator(".zone.out")).to_be_visible()
        expect(page.get_by_text(words)).to_have_count(0)
        assert "http" in asked[0]


def test_modules_are_asked_for_at_once_and_kept(page: Page, app_url: str) -> None:
    """No module waits for another that imports it, and a second page asks for nothing that the first one has."""
    asked: list[str] = []
    encodings: set[str | None] = set()
    page.on("request", lambda request: asked.append(request.url) if MODULES.search(request.url) else None)
    page.on("response", lambda r: encodings.add(r.headers.get("content-encoding")) if "view.js" in r.url else None)
    held = Held(page)
    page.goto(f"{app_url}/kernels")
    # The wall, what is in the head and at the foot of the page, what reads charts by keys, and what ticks lessons.
    wanted = (
        "kernels/components/wall/index.js",
        "common/components/share/index.js",
        "common/components/glossary/index.js",
        "common/components/charts/listen.js",
        "lessons/component/ticks.js",
    )
    needed = {module for path in wanted for module in components.files().modules(path)}
    styles = ("kernels/components/wall", "common/components/share", "common/components/glossary")
    needed |= {components.BASE_STYLE, *(f"{component}/style.css" for component in styles)}
    held.wait(len(needed))
    assert {url.split("/modules/")[1].partition("/")[2] for url in asked} == needed
    held.let_go()
    page.locator(".wall .kernel").first.wait_for()
    later = [url for url in asked[len(needed) :] if not url.endswith("/share/panel.css")]  # which style sheets import
    assert later == []
    page.get_by_role("link", name="Pooling").first.click()
    page.locator(".zone.out").wait_for()
    assert len(asked) == len(set(asked)) > len(needed)
    assert encodings <= {"br", "gzip"}, "they come compressed"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project, to be changed by the test."""
    project = tmp_path / "project"
    parts = ("app.py", "pages", "lenet", ".streamlit")
    for part in parts:
        source = paths.PROJECT / part
        target = project / part
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return project


def test_a_server_that_is_updated(browser: Browser, copy: Path, tmp_path: Path) -> None:
    """The page in the browser goes on with the new modules, where it was, and nothing is left of the old ones."""
    port, runs = free_port(), tmp_path / "runs"
    with a_reader(browser, is_new=True, forgiven=SERVER_AWAY) as page:
        slider = page.locator("input.slider")
        with serve(runs, port=port, project=copy, trains=False) as (url, _server):
            page.goto(f"{url}/kernels?scale=own")
            page.locator(".wall .kernel").first.wait_for()
            slider.press("Home")
            page.wait_for_function("/step=0/.test(location.search)")
        script = copy / "lenet/kernels/components/wall/index.js"
        script.write_text(f"window.isUpdated = true\n{script.read_text()}")
        with serve(runs, port=port, project=copy, trains=False):
            page.get_by_role("radio", name="中文").click()  # the page runs again, on a server that does not know it
            page.wait_for_function("window.isUpdated")
            assert [page.locator(part).count() for part in (".bar", ".holder > svg", ".wall")] == [1, 1, 2]
            expect(page.locator("select.scale")).to_have_value("own")
            expect(slider).to_have_value("0")
            slider.press("ArrowRight")
            expect(slider).to_have_value("1")
