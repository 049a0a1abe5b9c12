"""A real server and a real Chromium for the tests in this folder."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from tests.helpers.made import put_away
from tests.helpers.processes import end_workers, serve

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# The same engine without the windows around it, which take a third of a test's CPU time. Not for fingers: it has a mouse
# that rests in its corner, also on a phone, and takes back what a tap has shown.
SHELL = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or CHROMIUM
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--host-resolver-rules=MAP guests.test 127.0.0.1", "--process-per-site",
]  # fmt: skip
# `guests.test` is this machine for browsers, under a name that does not tell: who asks for it sits somewhere else.
# One process for all pages of a context, which keeps what it has compiled: see `Kept`.
# Streamlit looks for its own health and configuration below the address of a page before it finds them at the root.
STREAMLITS_OWN = re.compile(r"/\w+/_stcore/(health|host-config)$")
# What Streamlit and Chromium log while a server is away, which may take long on a loaded machine.
SERVER_AWAY = r"disconnected from server|reaching server endpoint|not responding|WebSocket|ERR_CONNECTION|Failed to"
PATIENCE = 60_000  # milliseconds for whatever a test waits for: a loaded machine takes its time
expect.set_options(timeout=PATIENCE)


@pytest.fixture(autouse=True)
def own_directories() -> None:
    """The server has its directories for the whole session; the fixture of single tests does not apply."""


@pytest.fixture(scope="session")
def server_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs directory of the server."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def app_url(server_runs: Path) -> Iterator[str]:
    """Address of the app, started for this session as a reader starts it."""
    with serve(server_runs) as (url, _server):
        yield url
    end_workers(server_runs)


@pytest.fixture(autouse=True)
def as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test has made on the server of all tests is gone when the next one begins. Left there, it would be listed, be
    the run that pages open with, and train beside the other tests."""
    yield
    if "server_runs" not in request.fixturenames:
        return
    folder: Path = request.getfixturevalue("server_runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENET_RUNS_DIR", str(folder))
        put_away()
    left = [path.name for path in folder.iterdir() if not path.name.startswith(".") and path.suffix != ".log"]
    assert left == []


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium; tests are skipped where there is none, and fail in CI."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have Chromium: apt-get install chromium")
        pytest.skip("no Chromium on this machine")
    shell = playwright.chromium.launch(executable_path=SHELL, args=ARGS)
    yield shell
    for one in (shell, *WITH_FINGERS.values()):
        one.close()
    WITH_FINGERS.clear()


WITH_FINGERS: dict[Browser, Browser] = {}


def with_fingers(browser: Browser) -> Browser:
    """The Chromium beside that browser, for touch; it starts when it is first asked for."""
    if SHELL != CHROMIUM and browser not in WITH_FINGERS:
        WITH_FINGERS[browser] = browser.browser_type.launch(executable_path=CHROMIUM, args=ARGS)
    return WITH_FINGERS.get(browser, browser)


@pytest.fixture(scope="session")
def devices(playwright: Playwright) -> dict[str, Any]:
    """Telephones and tablets by name, each as options of a browser context: see `tests.helpers.geometry.phone`."""
    return playwright.devices


class Kept:
    """Contexts of readers who have left, for others with the same screen and language.

    Such a context has the scripts of the app in its cache, and compiled in its process: two thirds of the CPU time that a
    page takes in a browser that is new. Of the reader before it has nothing: no page, no cookie, nothing in its storage.
    """

    def __init__(self) -> None:
        self._free: defaultdict[tuple[Browser, str], list[tuple[BrowserContext, Page]]] = defaultdict(list)
        self._keepers: dict[BrowserContext, Page] = {}
        """A page for each context that stays open, empty, for with the last page its process would end."""

    def take(self, browser: Browser, options: dict[str, Any]) -> BrowserContext:
        free = self._free[browser, json.dumps(options, sort_keys=True)]
        if not free:
            return browser.new_context(**options)
        context, self._keepers[context] = free.pop()
        return context

    def give_back(self, context: BrowserContext, browser: Browser, options: dict[str, Any]) -> None:
        """Clear a context for the next reader. One that ended elsewhere than on the app, with its first reader, is closed."""
        keeper = self._keepers.pop(context, None) or self._keeper(context)
        if keeper is None:
            context.close()
            return
        for page in context.pages:
            if page != keeper:
                page.close()
        keeper.evaluate("localStorage.clear()")
        context.clear_cookies()
        self._free[browser, json.dumps(options, sort_keys=True)].append((context, keeper))

    def close(self, context: BrowserContext) -> None:
        """Of a reader for whom something went wrong, nothing is kept."""
        self._keepers.pop(context, None)
        context.close()

    def _keeper(self, context: BrowserContext) -> Page | None:
        address = urlsplit(context.pages[0].url)
        if address.hostname != "127.0.0.1":
            return None
        keeper = context.new_page()
        keeper.route("**", lambda route: route.fulfill(body="", content_type="text/html"))
        keeper.goto(f"{address.scheme}://{address.netloc}/")
        return keeper


KEPT = Kept()


@contextmanager
def a_reader(browser: Browser, *, forgiven: str = r"(?!)", is_new: bool = False, **options: Any) -> Iterator[Page]:
    """A page in a browser context of its own, English and on a laptop's screen unless the options say otherwise.

    With `is_new` nobody had that context before: for what a first visit loads, and for all servers but that of `app_url`.
    At its end the page has logged no console error of ours, but for what the pattern `forgiven` finds, and shows no exception.
    """
    browser = with_fingers(browser) if options.get("has_touch") else browser
    options = {"viewport": {"width": 1366, "height": 768}, "locale": "en-US"} | options
    context = browser.new_context(**options) if is_new else KEPT.take(browser, options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not STREAMLITS_OWN.search(message.location.get("url", "")):
            errors.append(f"{message.text} ({message.location.get('url')})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
        exceptions = page.locator("[data-testid=stException], [class*=st-key-page_failed]").count()
    except BaseException:
        KEPT.close(context)
        raise
    if is_new:
        context.close()
    else:
        KEPT.give_back(context, browser, options)
    assert [error for error in errors if not re.search(forgiven, error)] == []
    assert exceptions == 0


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page, English unless the test is marked `@pytest.mark.parametrize("page", ["zh-CN"], indirect=True)`."""
    is_new = "app_url" not in request.fixturenames
    with a_reader(browser, is_new=is_new, locale=getattr(request, "param", "en-US")) as page:
        yield page


class Sent:
    """What the browser sends to the server over the websockets of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames: list[object] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.frames.append(frame)))

    def forget(self) -> None:
        """Wait until the page has come to rest, and begin to count."""
        before = -1
        while len(self.frames) > before:
            before = len(self.frames)
            self.page.wait_for_timeout(1000)
        self.frames.clear()


@pytest.fixture
def sent(page: Page) -> Sent:
    """To be asked for before the page is opened."""
    return Sent(page)
