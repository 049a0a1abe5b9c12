"""The cookie of a public server: who gets one, when, and what it is good for."""

from __future__ import annotations

from http.cookies import Morsel, SimpleCookie

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from lenet.runs import visitors
from lenet.ui.visitor_cookie import MAX_AGE, VisitorCookie
from tests.helpers.asgi import Answer, ask
from tests.helpers.processes import run_apart

KEY = "0123456789abcdef" * 4
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def page(request: Request) -> Response:
    kept = {"cache-control": "no-cache", "etag": '"1"'}
    return (
        Response(status_code=304, headers=kept)
        if "if-none-match" in request.headers
        else HTMLResponse("x", headers=kept)
    )


async def script(request: Request) -> Response:
    kept = {"cache-control": "public, immutable, max-age=31536000", "etag": '"2"'}
    status = 304 if "if-none-match" in request.headers else 200
    return Response("x" if status == 200 else None, status, kept, "text/javascript")


async def missing(_request: Request) -> Response:
    return HTMLResponse("x", 404)


async def health(_request: Request) -> Response:
    return PlainTextResponse("ok")


app = VisitorCookie(
    Starlette(
        routes=[Route("/", page, methods=["GET", "POST"]), Route("/static/a.js", script), Route("/missing", missing),
                Route("/_stcore/health", health)]
    )
)  # fmt: skip


def get(path: str = "/", **options: str) -> Answer:
    return run_apart(ask(app, path, **(BROWSER | options)))


def cookie(answer: Answer) -> Morsel[str]:
    (text,) = answer.cookies()
    (morsel,) = SimpleCookie(text).values()
    assert morsel.key == visitors.COOKIE
    return morsel


pytestmark = pytest.mark.usefixtures("hosted")


def test_a_new_browser_gets_a_key_with_its_page() -> None:
    answer = get()
    morsel = cookie(answer)
    assert visitors.is_key(morsel.value)
    assert morsel["httponly"] and morsel["samesite"] == "Lax" and morsel["path"] == "/"
    assert int(morsel["max-age"]) == MAX_AGE > 300 * 86400
    assert not morsel["secure"] and not morsel["domain"]
    assert answer.headers["cache-control"] == "private, no-cache"
    assert cookie(get()).value != morsel.value


def test_a_browser_keeps_its_key() -> None:
    """And it is HttpOnly from now on: before, a script had made it."""
    for known in (f"lenet_key={KEY}", f"a=b; lenet_key={KEY}; _streamlit_xsrf=2|x"):
        morsel = cookie(get(cookie=known))
        assert morsel.value == KEY and morsel["httponly"]


@pytest.mark.parametrize(
    "known", ["", KEY[:-1], KEY.upper(), "g" * 64, f'"{KEY}', "x; Path=/elsewhere", "\u00e9" * 64]
)
def test_what_is_no_key_is_replaced(known: str) -> None:
    morsel = cookie(get(cookie=f"lenet_key={known}"))
    assert visitors.is_key(morsel.value) and morsel.value != known


def test_a_page_that_the_browser_has_already_brings_it_as_well() -> None:
    answer = get(if_none_match='"1"', cookie=f"lenet_key={KEY}")
    assert (answer.status, cookie(answer).value) == (304, KEY)
    assert answer.headers["cache-control"] == "private, no-cache"


def test_nothing_else_brings_it() -> None:
    assert get("/static/a.js").cookies() == get("/static/a.js", if_none_match='"2"').cookies() == []
    assert "immutable" in get("/static/a.js").headers["cache-control"]
    for path in ("/missing", "/_stcore/health"):
        assert get(path).cookies() == []
    assert get(method="POST").cookies() == []


@pytest.mark.parametrize(
    ("scheme", "forwarded", "secure"),
    [
        ("https", "", True),
        ("http", "https", True),
        ("http", "https, http", True),
        ("http", "", False),
        ("http", "http", False),
    ],
)
def test_it_is_secure_behind_https(scheme: str, forwarded: str, secure: bool) -> None:
    assert bool(cookie(get(scheme=scheme, x_forwarded_proto=forwarded))["secure"]) == secure


@pytest.mark.parametrize(("base", "path"), [("lenet", "/lenet"), ("/lenet/", "/lenet"), ("a/b", "/a/b"), ("", "/")])
def test_it_is_for_the_app_alone(base: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", lambda name: {"server.baseUrlPath": base}[name])
    assert cookie(get())["path"] == path


def test_a_laptop_has_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LENET_HOSTED")
    """For its number in a class."""
    assert visitors.is_key(cookie(get()).value)


# -- the session -----------------------------------------------------------------------------------------------------


def who() -> None:
    import streamlit as st

    from lenet import ui  # noqa: F401 - it tells the rules how to ask
    from lenet.runs import visitors

    st.text(visitors.visitor().owner)


def test_without_a_cookie_a_session_has_a_key_of_its_own() -> None:
    one, other = AppTest.from_function(who).run(), AppTest.from_function(who).run()
    first = one.text[0].value
    assert len(first) == 64 and first != other.text[0].value
    assert one.run().text[0].value == first


def test_outside_of_sessions_nobody_asks() -> None:
    from lenet import ui  # noqa: F401

    assert visitors.visitor() == visitors.NOBODY
