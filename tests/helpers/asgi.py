"""Requests to an ASGI app in this process, without a server and a client that would unpack what they get."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Scope


@dataclass
class Answer:
    status: int = 0
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def cookies(self) -> list[str]:
        return self.headers.getlist("set-cookie")


def scope_of(
    path: str, method: str, headers: Iterable[tuple[str, str]], scheme: str = "http", client: str = "192.0.2.7"
) -> Scope:
    path, _mark, query = path.partition("?")
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": scheme,
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": query.encode(),
        "client": (client, 50000),
        "server": ("localhost", 8501), "headers": [(k.lower().encode(), v.encode()) for k, v in (("host", "x"), *headers)],
    }  # fmt: skip


async def ask(
    app: ASGIApp,
    path: str,
    /,
    method: str = "GET",
    scheme: str = "http",
    body: bytes = b"",
    client: str = "192.0.2.7",
    **headers: str,
) -> Answer:
    """What `app` answers; `accept_encoding="br"` is a header. Names of a header that comes twice end with `_` as well."""
    answer, sent = Answer(), False
    named = [(name.strip("_").replace("_", "-"), value) for name, value in headers.items()]

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()  # the browser stays until it has its answer
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not answer.status, "two answers"
            answer.status, answer.headers = message["status"], Headers(raw=message["headers"])
        else:
            answer.body += message.get("body", b"")

    await asyncio.wait_for(app(scope_of(path, method, named, scheme, client), receive, send), 60)
    if method == "HEAD":
        assert not answer.body
    elif answer.status in (200, 206) and "content-length" in answer.headers:
        assert len(answer.body) == int(answer.headers["content-length"])
    return answer
