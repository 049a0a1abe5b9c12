"""The cookie by which a server recognises a browser: on a public server the owner of a run (see lenet/runs/visitors.py), and
everywhere who leads a class, and who is which number in it."""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.runs import visitors
from lenet.ui.cookies import set_cookie

MAX_AGE = 400 * 86400  # seconds; browsers keep no cookie for longer


class VisitorCookie:
    """ASGI middleware that gives every browser a key of its own, with the page and before its websocket is opened.

    A session sees the cookies of the websocket handshake. By then the browser has the page, and thus the cookie. The
    cookie is sent again with each page, with the browser's existing key: so it never expires, and one that scripts could
    read becomes HttpOnly. Only pages carry it, so proxies may cache everything else.

    A new browser that opens two tabs at once gets two keys and keeps the later one. Both responses arrive long before the
    first tab has loaded its scripts and opens its websocket.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        browser = HTTPConnection(scope)
        known = browser.cookies.get(visitors.COOKIE)
        key = known if visitors.is_key(known) else secrets.token_hex(32)
        wants_page = "text/html" in browser.headers.get("accept", "")

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A 304, for a page that the browser has cached, has no content type.
                unchanged = (
                    message["status"] == 304 and wants_page and "immutable" not in headers.get("cache-control", "")
                )
                if unchanged or (
                    message["status"] == 200 and headers.get("content-type", "").startswith("text/html")
                ):
                    headers["cache-control"] = "private, no-cache"
                    cookie = set_cookie(visitors.COOKIE, key, browser, max_age=MAX_AGE, same_site="Lax")
                    headers.append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_cookie)
