"""The operator's sign-in on a public server: the form on the status page, and the routes that it posts to.

A page talks to the server over a websocket, which cannot set a cookie. So the form is plain HTML: the browser posts it, and
the answer sets the cookie and leads back to the status page, which is thereby loaded anew. A session knows the cookie from
its websocket's handshake: every page that the browser loads from then on is the operator's.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lenet.common import log, paths
from lenet.common.errors import LenetError
from lenet.common.translation import LANGUAGES, language
from lenet.common.translation import translate as _
from lenet.runs import sign_in
from lenet.runs.visitors import network_of, visitor
from lenet.ui.cookies import base_path, set_cookie
from lenet.ui.messages import problem
from lenet.ui.origin import is_own_page
from lenet.ui.posted import NotPosted, read_body

COOKIE = "lenet_operator"
SIGN_IN, SIGN_OUT = "/operator/sign-in", "/operator/sign-out"
STATUS_PAGE = "/status"
REFUSED = "refused"
"""The key in the URL of the status page that says why the last sign-in was refused: one of REASONS."""
REASONS = ("wrong_password", "sign_in_closed", "no_operator_password", "busy")
MAX_FORM = 4096  # bytes

_checks = sign_in.SignIn()


# -- for pages -----------------------------------------------------------------------------------------------------


def operator() -> bool:
    """Whether this session is the operator's: on a laptop unless it is a guest's, on a public server in a browser that is
    signed in."""
    return signed_in() if paths.hosted() else visitor().operator


def signed_in() -> bool:
    """Whether this session's browser is signed in on a public server."""
    cookie = _cookie()
    return bool(cookie) and sign_in.is_valid(cookie, _operator_password())


def operator_sign_in() -> None:
    """The sign-in form, or the button to sign out; nothing on a laptop.

    The password is that of `[operator]` in `.streamlit/secrets.toml`. A sign-in lasts eight hours.
    """
    if not paths.hosted():
        return
    if operator():
        st.query_params.pop(REFUSED, None)
        hint = html.escape(_("ends the sign-in in all browsers; otherwise it lasts eight hours"))
        st.html(_form(SIGN_OUT, _button(_("Sign out")), f"<small>{hint}</small>"))
        return
    label = html.escape(_("Operator’s password"))
    field = '<input type="password" name="password" autocomplete="current-password" required>'
    st.html(_form(SIGN_IN, f"<label><span>{label}</span>{field}</label>", _button(_("Sign in"))))
    _tell_refusal()


def _form(path: str, *content: str) -> str:
    action = f"{base_path()}{path}?{urlencode({'lang': language()})}"
    return f'<form class="sign-in" method="post" action="{html.escape(action)}">{"".join(content)}</form>'


def _button(label: str) -> str:
    return f'<button type="submit">{html.escape(label)}</button>'


def _tell_refusal() -> None:
    """Why the last sign-in was refused, unless the time to wait is over."""
    code = st.query_params.get(REFUSED)
    seconds = _checks.wait(network_of(st.context.ip_address))
    if code == "sign_in_closed" and seconds > 0:
        problem(LenetError(code, seconds=round(seconds) or 1))
    elif code in REASONS and code != "sign_in_closed":
        problem(LenetError(code))


def _cookie() -> str:
    cookie: object = st.context.cookies.get(COOKIE)
    return cookie if isinstance(cookie, str) else ""


def _operator_password() -> str:
    """The password under `[operator]`; empty if there is none. It is in a table of its own because Streamlit copies
    top-level secrets into the environment of this process, and so of those that it starts."""
    table = st.secrets.get("operator") if st.secrets.load_if_toml_exists() else None
    password = table.get("password") if isinstance(table, Mapping) else None
    return password if isinstance(password, str) else ""


# -- the server ----------------------------------------------------------------------------------------------------


def routes() -> list[Route]:
    """Where the forms are posted to, at the root and below any base path (`server.baseUrlPath` is read later)."""
    return [
        Route(base + path, answer, methods=["POST"])
        for base in ("", "/{base:path}")
        for path, answer in ((SIGN_IN, _sign_in), (SIGN_OUT, _sign_out))
    ]


async def _sign_in(request: Request) -> Response:
    if (refusal := _refusal(request)) is not None:
        return refusal
    given = await _posted_password(request)
    if given is None:
        return PlainTextResponse("This is not the sign-in form.", 400)
    address = network_of(request.client.host if request.client else None)
    try:
        cookie = await run_in_threadpool(_exchange, given, address)
    except LenetError as error:
        if error.code in REASONS:
            return _back_to_status(request, error.code)
        log.error("sign_in_failed", error)  # no secret can be written
        return _back_to_status(request, "busy")
    log.info("operator_signed_in")
    answer = _back_to_status(request)
    answer.headers["set-cookie"] = set_cookie(COOKIE, cookie, request, max_age=sign_in.VALID_FOR, same_site="Strict")
    return answer


async def _sign_out(request: Request) -> Response:
    if (refusal := _refusal(request)) is not None:
        return refusal
    try:
        await run_in_threadpool(sign_in.sign_out, request.cookies.get(COOKIE, ""), _operator_password())
    except LenetError as error:
        log.error("sign_out_failed", error)
    answer = _back_to_status(request)
    answer.headers["set-cookie"] = set_cookie(COOKIE, "", request, max_age=0, same_site="Strict")
    return answer


def _exchange(given: str, address: str) -> str:
    """A cookie for the password. Raises LenetError."""
    right = _operator_password()
    _checks.check(given, right, address)
    return sign_in.new_cookie(right)


def _refusal(request: Request) -> Response | None:
    """The answer to what did not come from a page of ours: on a laptop there is no sign-in, and elsewhere it must have been
    posted by this very site."""
    if not paths.hosted():
        return PlainTextResponse("Not Found", 404)
    if not is_own_page(request):
        return PlainTextResponse("This form was sent by another site.", 403)
    return None


async def _posted_password(request: Request) -> str | None:
    """The password in the form; None if it is another form, or too long."""
    try:
        body = await read_body(request, MAX_FORM, "application/x-www-form-urlencoded")
    except NotPosted:
        return None
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=8)).get("password")
    except ValueError:
        return None


def _back_to_status(request: Request, refused: str = "") -> Response:
    """Lead the browser to the status page, in the language of the form, which is all that the form can say about it."""
    asked = request.query_params.get("lang", "")
    query = {"lang": asked} if asked in LANGUAGES else {}
    query |= {REFUSED: refused} if refused else {}
    url = f"{base_path()}{STATUS_PAGE}" + (f"?{urlencode(query)}" if query else "")
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})
