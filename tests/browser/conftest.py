"""A real server and a real Chromium for the tests in this folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from lenet import settings
from tests.processes import Process

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
# Streamlit looks for its own health and configuration below the address of a page before it finds them at the root.
STREAMLITS_OWN = re.compile(r"/\w+/_stcore/(health|host-config)$")


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
    with serve(server_runs) as url:
        yield url


@contextmanager
def serve(server_runs: Path, **environment: str) -> Iterator[str]:
    """The address of a server over that runs directory; it ends with the context, and its worker as well."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = os.environ | {"LENET_RUNS_DIR": str(server_runs)} | environment
    env.pop("LENET_DATA_DIR", None)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    log = (server_runs / "server.log").open("wb")
    with Process(command, cwd=settings.PROJECT, env=env, stdout=log, stderr=subprocess.STDOUT) as server:
        url = f"http://localhost:{port}"
        for _attempt in range(240):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail("the server did not start")
        yield url
        server.terminate()
    # The worker that the server started outlives it, as it should; it ends here.
    with suppress(OSError, ValueError, KeyError):
        os.kill(json.loads((server_runs / ".worker" / "state.json").read_text())["pid"], signal.SIGTERM)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; tests are skipped where there is none, and fail in CI."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have Chromium: apt-get install chromium")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page, English unless the test is marked `@pytest.mark.parametrize("page", ["zh-CN"], indirect=True)`.

    The test fails if the page logs a console error of ours or shows an exception at its end.
    """
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale=getattr(request, "param", "en-US"))
    page = context.new_page()
    page.set_default_timeout(20_000)
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not STREAMLITS_OWN.search(message.location.get("url", "")):
            errors.append(f"{message.text} ({message.location.get('url')})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    exceptions = page.locator("[data-testid=stException]").count()
    context.close()
    assert errors == []
    assert exceptions == 0
