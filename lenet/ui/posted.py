"""What is posted to a route of ours: only so much, and only so slowly."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

WITHIN = 10.0
"""Seconds for all of it. A server that is to stop waits for what is still coming: without an end, for ever."""


class NotPosted(Exception):
    """It is not there; `status` is the answer."""

    def __init__(self, status: int) -> None:
        self.status = status


async def read_body(request: Request, most: int, kind: str) -> bytes:
    """The body of a request, of that content type and of at most so many bytes. Raises NotPosted."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != kind:
        raise NotPosted(415)
    body = b""
    try:
        async with asyncio.timeout(WITHIN):
            async for part in request.stream():
                body += part
                if len(body) > most:
                    raise NotPosted(413)
    except TimeoutError:
        raise NotPosted(408) from None
    except ClientDisconnect:
        raise NotPosted(400) from None
    return body
