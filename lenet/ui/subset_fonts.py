"""Streamlit's fonts without the characters and icons that the app does not use: 0.2 MB instead of 0.85 MB.

Streamlit loads them from addresses of its own, the font of icons before anything else: nothing public replaces them. So the
middleware here answers those addresses with the fonts in `fonts/`, which `python -m tests.tools.fonts` makes. With
`?complete` after the address comes Streamlit's own file: `fonts.js` asks for it where a page shows what the small one lacks.

Streamlit's address stands for Streamlit's file, and stays the same when the subset changes. So browsers may keep these fonts
but have to ask whether they are still the same.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = Path(__file__).with_name("fonts")
ADDRESS = re.compile(r"/static/media/([A-Za-z-]+)\.[\w.-]+\.woff2$")  # the name, and the hash of Streamlit's file


class SubsetFonts:
    """ASGI middleware that serves a subset in place of each of Streamlit's fonts that has one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        font = _asked(scope)
        await (_response(Request(scope), font) if font else self.app)(scope, receive, send)


def _asked(scope: Scope) -> bytes | None:
    """The subset of the font that is asked for, if there is one."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["query_string"]:
        return None
    found = ADDRESS.search(scope["path"])
    return subsets().get(found[1]) if found else None


def _response(request: Request, font: bytes) -> Response:
    tag = f'"{hashlib.sha256(font).hexdigest()[:24]}"'
    headers = {"Cache-Control": "public, no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(font, media_type="font/woff2", headers=headers)


@lru_cache(maxsize=1)
def subsets() -> dict[str, bytes]:
    """The fonts in `fonts/` by name."""
    return {path.stem: path.read_bytes() for path in FOLDER.glob("*.woff2")}
