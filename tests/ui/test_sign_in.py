"""The operator's sign-in on a public server: the form, the routes that it posts to, and what the cookie opens."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import Morsel, SimpleCookie
from unittest import mock
from urllib.parse import urlencode

import pytest
import streamlit as st
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from lenet.common import log
from lenet.runs.sign_in import VALID_FOR, SignIn, is_valid, new_cookie
from lenet.ui import sign_in
from tests.helpers.asgi import Answer, ask
from tests.helpers.processes import run_apart
from tests.helpers.visitors import PASSWORD, signed_in

pytestmark = pytest.mark.usefixtures("hosted")


# -- the routes ----------------------------------------------------------------------------------------------------

app = Starlette(routes=sign_in.routes())
FORM = {"content_type": "application/x-www-form-urlencoded", "origin": "http://x"}  # `x` is the host of `ask`


@pytest.fixture(autouse=True)
def a_server_with_a_password(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sign_in, "_checks", SignIn())
    with mock.patch.object(st, "secrets", mock.Mock(**{"get.return_value": {"password": PASSWORD}})):
        yield


def post(path: str = "/operator/sign-in", password: str | None = PASSWORD, **options: str) -> Answer:
    body = b"" if password is None else urlencode({"password": password}).encode()
    return run_apart(ask(app, path, method="POST", body=body, **(FORM | options)))


def cookie(answer: Answer) -> Morsel[str]:
    (text,) = answer.cookies()
    (morsel,) = SimpleCookie(text).values()
    assert morsel.key == "lenet_operator"
    return morsel


def test_the_right_password_is_exchanged_for_a_cookie_and_the_status_page() -> None:
    answer = post()
    assert (answer.status, answer.headers["location"]) == (303, "/status")
    assert answer.headers["cache-control"] == "no-store"
    morsel = cookie(answer)
    assert is_valid(morsel.value, PASSWORD)
    assert morsel["httponly"] and morsel["samesite"] == "Strict" and morsel["path"] == "/" and not morsel["domain"]
    assert int(morsel["max-age"]) == VALID_FOR == 8 * 3600
    assert not morsel["secure"]
    assert cookie(post(scheme="https", origin="https://x"))["secure"]
    assert cookie(post(origin="https://x", x_forwarded_proto="https"))["secure"], "behind a proxy"


def test_a_wrong_one_leads_back_and_sets_nothing() -> None:
    for wrong in ("guess", "", PASSWORD * 2):
        answer = post(password=wrong)
        assert (answer.status, answer.headers["location"]) == (303, "/status?refused=wrong_password")
        assert answer.cookies() == []
    assert PASSWORD not in log.path().read_text(encoding="utf-8")


def test_five_wrong_ones_from_one_address_hinder_no_other() -> None:
    """Whatever a stranger writes into X-Forwarded-For: the server's own reading of a named proxy's is in the connection."""
    for n in range(7):
        answer = post(password="guess", client="198.51.100.1", x_forwarded_for=f"203.0.113.{n}")
    assert answer.headers["location"] == "/status?refused=sign_in_closed"
    assert post(client="198.51.100.1").cookies() == []
    assert is_valid(cookie(post(client="198.51.100.2", x_forwarded_for="198.51.100.1")).value, PASSWORD)
    for n in range(7):  # who has a network of addresses has one
        answer = post(password="guess", client=f"2001:db8::{n}")
    assert answer.headers["location"] == "/status?refused=sign_in_closed"
    assert cookie(post(client="2001:db8:0:1::1"))


def test_the_address_behind_a_named_proxy_is_the_one_that_the_proxy_saw() -> None:
    """The proxy appends what it saw to what its client claims. Not named is every other machine."""
    proxied = ProxyHeadersMiddleware(app, trusted_hosts="127.0.0.1")  # as uvicorn does, with FORWARDED_ALLOW_IPS

    def guess(client: str, forwarded: str) -> str:
        body = urlencode({"password": "guess"}).encode()
        wrong = ask(
            proxied, "/operator/sign-in", method="POST", body=body, client=client, x_forwarded_for=forwarded, **FORM
        )  # type: ignore[arg-type]
        return run_apart(wrong).headers["location"].rpartition("=")[2]

    told = [guess("127.0.0.1", f"203.0.113.{n}, 198.51.100.1") for n in range(6)]
    assert told == ["wrong_password"] * 5 + ["sign_in_closed"]
    assert guess("127.0.0.1", "198.51.100.1, 198.51.100.2") == "wrong_password"
    told = [guess("192.0.2.9", f"203.0.113.{n}") for n in range(6)]
    assert told == ["wrong_password"] * 5 + ["sign_in_closed"]


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://y"}, {"origin": "null"}, {"origin": ""}, {"origin": "http://x.y"}, {"origin": "ftp://x"},
     {"origin": "http://x:81"}, {"origin": "http://["}, {"origin": "http://x", "scheme": "https"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/operator/sign-in", "/operator/sign-out"])
def test_another_site_posts_in_vain(path: str, headers: dict[str, str]) -> None:
    signed = new_cookie(PASSWORD)
    answer = post(path, cookie=f"lenet_operator={signed}", **headers)
    assert (answer.status, answer.cookies()) == (403, [])
    assert is_valid(signed, PASSWORD)


def test_a_browser_that_names_no_site_posts_in_vain() -> None:
    body = urlencode({"password": PASSWORD}).encode()
    answer = run_apart(ask(app, "/operator/sign-in", method="POST", body=body, content_type=FORM["content_type"]))
    assert (answer.status, answer.cookies()) == (403, [])


def test_what_is_no_form_of_ours() -> None:
    for body, kind in (
        (b"", FORM["content_type"]), (b"x=1", FORM["content_type"]), (b"password=%ff&" * 9, FORM["content_type"]),
        (b"password=\xff", FORM["content_type"]), (b"password=" + b"x" * 5000, FORM["content_type"]),
        (b"password=" + PASSWORD.encode(), "text/plain"),
    ):  # fmt: skip
        answer = run_apart(
            ask(app, "/operator/sign-in", method="POST", body=body, origin="http://x", content_type=kind)
        )
        assert (answer.status, answer.cookies()) == (400, []), body
    assert run_apart(ask(app, "/operator/sign-in")).status == 405


def test_it_leads_to_our_own_status_page_whatever_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for query, place in (
        ("?lang=zh_CN", "/status?lang=zh_CN"), ("?lang=//elsewhere.example", "/status"), ("?next=//elsewhere.example", "/status"),
    ):  # fmt: skip
        assert post(f"/operator/sign-in{query}").headers["location"] == place
    monkeypatch.setattr(st, "get_option", lambda name: {"server.baseUrlPath": "lenet/"}[name])
    for base in ("/lenet", "/elsewhere.example", ""):
        answer = post(f"{base}/operator/sign-in")
        assert answer.headers["location"] == "/lenet/status"
        assert cookie(answer)["path"] == "/lenet"


def test_signing_out_ends_the_cookie_also_where_it_was_copied() -> None:
    signed = cookie(post()).value
    answer = post("/operator/sign-out", password=None, cookie=f"lenet_operator={signed}")
    assert (answer.status, answer.headers["location"]) == (303, "/status")
    assert (cookie(answer).value, cookie(answer)["max-age"]) == ("", "0")
    assert not is_valid(signed, PASSWORD)
    again = cookie(post()).value
    for known in ("", f"lenet_operator={signed}", "lenet_operator=x"):
        assert post("/operator/sign-out", password=None, cookie=known).status == 303
    assert is_valid(again, PASSWORD), "who is not signed in signs nobody out"


def test_a_laptop_has_no_such_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LENET_HOSTED")
    assert post().status == post("/operator/sign-out").status == 404


def test_the_app_has_the_routes_beside_streamlits() -> None:
    from app import app as whole

    paths = {getattr(route, "path", "") for route in whole._user_routes}
    assert {"/operator/sign-in", "/operator/sign-out"} <= paths


# -- the page ------------------------------------------------------------------------------------------------------


def sign_in_page() -> None:
    import streamlit as st

    from lenet import ui

    ui.operator_sign_in()
    st.text(f"operator: {ui.operator()}")


def page(**query: str) -> AppTest:
    at = AppTest.from_function(sign_in_page, default_timeout=20)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def form(at: AppTest) -> str:
    (found,) = at.get("html")
    text: str = found.proto.body
    return text


def test_the_form_is_plain_html_that_the_browser_posts() -> None:
    at = page()
    assert at.text[0].value == "operator: False"
    assert '<form class="sign-in" method="post" action="/operator/sign-in?lang=en">' in form(at)
    assert '<input type="password" name="password" autocomplete="current-password" required>' in form(at)
    assert "script" not in form(at) and not at.error


def test_it_says_why_the_last_one_was_refused() -> None:
    assert [e.value for e in page(refused="wrong_password").error] == ["This is not the operator’s password."]
    assert "secrets" in page(refused="no_operator_password").error[0].value
    assert not page(refused="sign_in_closed").error, "the time is over"
    for made_up in ("", "bad_name", "<b>", "disk_full"):
        assert not page(refused=made_up).error
    with mock.patch.object(sign_in._checks, "wait", lambda _address: 12.3):
        (told,) = page(refused="sign_in_closed").error
    assert told.value.replace("\\", "") == "Too many wrong passwords: try again in 12 seconds."


def test_who_is_signed_in_is_the_operator_until_the_cookie_ends() -> None:
    with signed_in():
        at = page(refused="wrong_password")
        assert (at.text[0].value, dict(at.query_params)) == ("operator: True", {})
        assert 'action="/operator/sign-out?lang=en"' in form(at) and "password" not in form(at)
    assert at.run().text[0].value == "operator: False"


def test_a_laptop_asks_for_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LENET_HOSTED")
    at = page()
    assert at.text[0].value == "operator: True"
    assert not at.get("html")
