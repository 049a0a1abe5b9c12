"""Where a request comes from: what changes something is taken from pages of this very site."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request


def is_own_page(request: Request) -> bool:
    """Whether the page that posts is of the same host, as a websocket's has to be; a browser names it in `Origin`.

    The proxy has to pass the `Host` that the browser asked for. Where it also passes the scheme, that must be the page's.
    """
    try:
        origin = urlsplit(request.headers.get("origin", ""))
    except ValueError:  # no browser says so: `http://[`
        return False
    schemes = ("https",) if request.url.scheme == "https" else ("http", "https")
    return origin.scheme in schemes and origin.netloc == request.headers.get("host") != ""
