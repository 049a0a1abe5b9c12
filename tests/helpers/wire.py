"""What a visit costs on the wire: a page in Chromium, and the bytes that its network layer has counted."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

PATHS = ("/", "/convolution", "/pooling", "/architecture", "/training", "/kernels", "/experiments", "/class")
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"] [data-testid="stMainBlockContainer"]'
QUIET = 1.0  # seconds without a byte, after which a page has loaded everything


@dataclass
class Visit:
    """What came from the server while a page was opened."""

    files: dict[str, int] = field(default_factory=dict)
    """Bytes on the wire by address, headers included; 0 for what the browser had already."""
    codings: set[str] = field(default_factory=set)
    socket: int = 0
    """Bytes of the websocket's messages, which Streamlit does not compress."""

    @property
    def http(self) -> int:
        return sum(self.files.values())

    def names(self) -> str:
        """The scripts, style sheets and fonts, without their hashes."""
        return " ".join(sorted(urlsplit(address).path.rpartition("/")[2].split(".")[0] for address in self.files))


class Wire:
    """Counts what a page loads from now on."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.visit = Visit()
        self._addresses: dict[str, str] = {}
        self._pending: set[str] = set()
        self._changes = 0
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.on("Network.requestWillBeSent", self._on_request)
        self.session.on("Network.responseReceived", self._on_response)
        self.session.on("Network.loadingFinished", self._on_finished)
        self.session.on("Network.loadingFailed", lambda event: self._pending.discard(event["requestId"]))
        self.session.on("Network.webSocketFrameReceived", self._on_message)

    def _on_request(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]
        self._pending.add(event["requestId"])

    def _on_response(self, event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        self.visit.codings.add(headers.get("content-encoding", ""))

    def _on_finished(self, event: dict[str, Any]) -> None:
        self._pending.discard(event["requestId"])
        address = self._addresses.get(event["requestId"], "")
        if address.startswith("http"):
            self.visit.files[address] = self.visit.files.get(address, 0) + round(event["encodedDataLength"])
            self._changes += 1

    def _on_message(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        self.visit.socket += len(
            base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else frame["payloadData"]
        )
        self._changes += 1

    def wait(self) -> Visit:
        """Once the page has run, all that was asked for is there, and nothing more comes."""
        self.page.locator(SETTLED).wait_for()
        before = -1
        while self._pending or self._changes > before:
            before = self._changes
            self.page.wait_for_function(
                "!document.querySelector('[data-testid=stSkeleton]')"
            )  # its script is to come
            self.page.evaluate("new Promise((done) => requestIdleCallback(done))")  # a busy page has yet to ask
            self.page.wait_for_timeout(1000 * QUIET)
        return self.visit


def visits(context: BrowserContext, url: str, times: int = 2) -> list[Visit]:
    """What a page costs a browser, one visit after the other; each in a tab of its own."""
    found = []
    for _ in range(times):
        page = context.new_page()
        wire = Wire(page)
        page.goto(url)
        found.append(wire.wait())
        page.close()
    return found


def new_reader(browser: Browser, coding: str = "br") -> BrowserContext:
    """A browser that was never here, and that takes brotli, or gzip alone as from a server without https.

    A server on this machine counts as safe, so that the browser offers it brotli by itself.
    """
    headers = {} if coding == "br" else {"Accept-Encoding": coding}
    return browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US", extra_http_headers=headers)
