"""Browsers of a class without a screen: what they hear by the long poll, and where they go then.

They do what the scripts in lenet/classroom/components/strip do. Phones follow only on the server's word: what components of a
page take over from the news costs the server nothing, so nothing of it is done here.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from websockets.exceptions import WebSocketException

from lenet.runs.visitors import COOKIE
from tests.helpers.sessions import TIMEOUT, Failed, Session, Widget

OVER = (403, 404, 410)
"""Statuses of news: there is no such class any more, or not for this browser."""
PATIENCE = 40.0  # seconds for an answer to the question for news
BETWEEN = 0.1  # seconds between an answer and the next question
PAUSE = 1.5  # seconds after a failure, more or less
CLASS = "class"


class Connection:
    """A connection to the server at `url`, on which one request follows another, with the cookies of a browser."""

    def __init__(self, url: str, cookie: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.url, self.cookie, self.headers = url, cookie, headers or {}
        self.bytes = 0
        self.fields: dict[str, str] = {}
        """The headers of the last answer."""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """Status and content of the answer. Raises OSError where there is none."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        host = urlsplit(self.url).netloc
        named = {"Host": host, "Origin": self.url, "Cookie": self.cookie, "Content-Length": str(len(content))}
        if content:
            named["Content-Type"] = "application/json"
        named |= self.headers
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items() if value)]
        request = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content
        kept = self._streams is not None
        try:
            return await self._exchange(request)
        except (OSError, EOFError):
            if not kept:
                raise
            return await self._exchange(request)  # the server has closed what was not used for a while

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        try:
            if self._streams is None:
                place = urlsplit(self.url)
                self._streams = await asyncio.open_connection(place.hostname, place.port)
            reader, writer = self._streams
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = int(head.split(" ", 2)[1])
            self.fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            length = 0 if status in (204, 304) else int(self.fields.get("content-length", 0))
            content = await reader.readexactly(length)
        except BaseException as e:
            self.close()
            if isinstance(e, EOFError):
                raise ConnectionResetError("the server has closed the connection") from e
            raise
        self.bytes += len(head) + length
        if self.fields.get("connection") == "close":
            self.close()
        return status, content

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


def new_cookie() -> str:
    """The cookie of a browser that nobody else has."""
    return f"{COOKIE}={secrets.token_hex(32)}"


@dataclass
class Browser:
    """A browser in the class `code` at `url`: its page, and beside it the question for news."""

    url: str
    code: str = ""
    cookie: str = field(default_factory=new_cookie)
    language: str = "en-US"
    headers: dict[str, str] = field(default_factory=dict)
    """What its requests have beside the cookie: those of a proxy, say."""
    told: dict[str, Any] = field(default_factory=dict)
    """The last news."""
    failures: int = 0
    """Of questions for news: what else than an answer or patience came back."""
    returned: int = 0
    """How often its page has come back after its server had gone."""
    is_over: bool = False

    def __post_init__(self) -> None:
        self.session = Session(
            self.url, CLASS, self._link(), cookie=self.cookie, headers=self.headers, language=self.language
        )
        self._news, self._posts = (Connection(self.url, self.cookie, self.headers) for _ in range(2))
        self._tasks: list[asyncio.Task[None]] = []
        self._heard = asyncio.Event()

    @property
    def bytes(self) -> int:
        """All that has come to this browser, but for the files of the pages."""
        return self.session.bytes + self._news.bytes + self._posts.bytes

    def _link(self) -> str:
        return f"join={self.code}" if self.code else ""

    async def open(self) -> None:
        """Open the page of the class, and listen from then on."""
        self.session = Session(
            self.url, CLASS, self._link(), cookie=self.cookie, headers=self.headers, language=self.language
        )
        await self.session.__aenter__()
        if self.code:
            self.listen()

    def listen(self) -> None:
        self._tasks = [asyncio.create_task(work) for work in self._work()]

    def _work(self) -> list[Any]:
        return [self._listen(), self._stay_connected()]

    async def _stay_connected(self) -> None:
        """Where the server has gone, its page comes back by itself."""
        while True:
            await self.session.closed()
            await asyncio.sleep(PAUSE * random.uniform(0.4, 1.6))
            before = self.session
            again = Session(
                self.url, before.page, before.query, cookie=self.cookie, headers=self.headers, language=self.language
            )
            with suppress(Failed, OSError, WebSocketException):
                await again.__aenter__()
                self.session, self.returned = again, self.returned + 1
                self.back()

    def back(self) -> None:
        """Its page is there again."""

    def sleep(self) -> None:
        """The screen is dark: its page asks for nothing any more."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self._news.close()

    async def close(self) -> None:
        self.sleep()
        self._posts.close()
        with suppress(OSError, AttributeError):
            await self.session.__aexit__()

    async def _listen(self) -> None:
        while not self.is_over:
            query = urlencode({"since": self.told.get("since", ""), "follows": int(self.follows)})
            try:
                asked = self._news.ask("GET", f"/classes/{self.code}/news?{query}")
                status, content = await asyncio.wait_for(asked, PATIENCE)
            except (OSError, TimeoutError):
                status, content = 0, b""
            if status == 200:
                self.told = json.loads(content)
                self.hear(time.perf_counter())
                self._heard.set()
            elif status in OVER:
                self.is_over = True
                self._heard.set()
            elif status != 204:
                self.failures += 1
            await asyncio.sleep(BETWEEN if status in (200, 204) else PAUSE * random.uniform(0.4, 1.6))

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Any request: status and content of the answer."""
        return await self._posts.ask(method, path, body)

    follows = False

    def hear(self, at: float) -> None:
        """There are news, at that time."""

    async def until(self, is_so: Any, seconds: float = TIMEOUT) -> None:
        """Wait for news after which `is_so(browser)`. Raises Failed if none come."""
        end = time.monotonic() + seconds
        while not is_so(self):
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), end - time.monotonic())
            except TimeoutError:
                raise Failed(f"no such news within {seconds:.0f} s; the last were {self.told}") from None


@dataclass
class Teacher(Browser):
    """Whoever leads a class."""

    async def open_class(self) -> str:
        """Open a class with the button of its page, and listen; the code."""
        await self.open()
        await self.session.change(self.session.by_key("class_open"), True)
        self.code = parse_qs(self.session.query).get("join", [""])[0]
        if not self.code:
            raise Failed(f"no class was opened: {self.session.said}")
        self.listen()
        return self.code

    async def show(self, page: str, query: str = "", live: str = "", **more: Any) -> int:
        """Show the class a page; the revision in which it is shown."""
        return await self.post({"page": page, "query": query, "live": live} | more)

    async def post(self, changes: Any) -> int:
        status, content = await self._posts.ask("POST", f"/classes/{self.code}/stage", changes)
        if status != 200:
            raise Failed(f"the class is not led: status {status}")
        revision: int = json.loads(content)["revision"]
        return revision


@dataclass
class Phone(Browser):
    """A member that follows."""

    heard: dict[int, float] = field(default_factory=dict)
    """When each revision was heard, by `time.perf_counter()`, and …"""
    arrived: dict[int, float] = field(default_factory=dict)
    """… when the run of the page that it led to had ended."""
    follows: bool = True
    failure: str = ""
    _activity: str | None = None
    _shown: tuple[str, str] = (CLASS, "")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._asked = asyncio.Event()

    @property
    def strip(self) -> Widget:
        """What stands at the head of its page. Raises Failed for somebody who is in no class."""
        for widget in self.session.widgets.values():
            if widget.key.startswith(f"page_class_{self.code}_"):
                return widget
        raise Failed(f"not in the class {self.code}: {self.session.said}")

    @property
    def number(self) -> int:
        """Which one it is, as its strip says."""
        return int(self.strip.key.rpartition("_")[2])

    @property
    def work(self) -> str:
        """What the class did when its page was last run."""
        drawn, _unavailable = json.loads(self.session.scenes[self.strip.key])
        return str(drawn["work"])

    def _work(self) -> list[Any]:
        return [*super()._work(), self._go()]

    def back(self) -> None:
        if self._shown == ("", ""):
            self._asked.set()

    @property
    def has_arrived(self) -> bool:
        """Whether it is where the last news led, and its page has been run."""
        return self.told.get("revision") in self.arrived

    def hear(self, at: float) -> None:
        self.heard[self.told["revision"]] = at
        self._asked.set()

    async def _go(self) -> None:
        """Be where the last news lead, one run of a page after another."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            told = self.told  # there may be others before it has arrived
            try:
                await self._obey(told)
                self.arrived[told["revision"]] = time.perf_counter()
            except (Failed, OSError, WebSocketException) as e:
                if not self.session.is_closed:
                    self.failure = f"{type(e).__name__}: {e}"
                    return
                self._shown = ("", "")  # it goes there once its page is back

    async def _obey(self, told: dict[str, Any]) -> None:
        activity, before = told["activity"], self._activity
        self._activity = activity
        is_begun = before is not None and activity and activity != before
        stage = (CLASS, "") if is_begun else (told["page"] or "home", told["query"])
        if self.follows and (is_begun or told["leads"]) and stage != self._shown:
            self._shown = stage
            await self.session.go(stage[0], self._link() if stage[0] == CLASS else stage[1])
        if self.session.page == CLASS and told["work"] != self.work:
            await self.session.change(self.strip, {"event": "news", "value": 1})
