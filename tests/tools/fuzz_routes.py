"""The doors that every browser finds beside the pages, for tests/tools/fuzz.py: modules, explanations, fonts, the sign-in.

They answer from memory, whatever is asked for: no file of this machine, no cookie of the operator without the password, and
no way to another site. The routes of a class have more to guard, see fuzz_class.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from lenet.common import paths
from lenet.ui import components, glossary, sign_in
from lenet.ui.compression import CompressedFiles, Store
from lenet.ui.subset_fonts import SubsetFonts
from lenet.ui.visitor_cookie import VisitorCookie
from tests.helpers.asgi import Answer, ask
from tests.helpers.processes import run_apart
from tests.tools.fuzz import MARK, Dice, Findings

HOST = "x"
"""The name by which tests/helpers/asgi.py asks for the app."""
PASSWORD = "correct horse"
ANSWERED = (200, 206, 303, 304, 307, 400, 403, 404, 405, 406, 416)
METHODS = ("GET", "GET", "GET", "POST", "POST", "POST", "PUT", "OPTIONS", "BREW")
ORIGINS = (
    f"http://{HOST}", f"http://{HOST}", f"https://{HOST}", f"http://{HOST}.evil.example", "https://evil.example", "null", "http://",
    "http://[", "http://a]b", "x" * 5000,
)  # fmt: skip
UP = (
    "..",
    "../..",
    "%2e%2e",
    "..%2f..",
    "....//",
    "/etc/passwd",
    "//evil.example",
    "\\\\evil.example",
    "%00",
    ".secrets/operator",
)


def server() -> ASGIApp:
    """What app.py puts around the pages, but for the pages and classes."""
    store = Store(paths.runs_dir() / ".cache" / "compressed")
    return Starlette(
        routes=[*components.routes(), *glossary.routes(), *sign_in.routes()],
        middleware=[
            Middleware(VisitorCookie),
            Middleware(SubsetFonts),
            Middleware(CompressedFiles, store=store, below=["/static/", "/modules/"]),
        ],
    )


def a_path(dice: Dice) -> str:
    files = components.files()
    known = (
        f"/modules/{files.version}/{dice.choice(list(files.contents))}", f"/modules/{'0' * 16}/{dice.choice(list(files.contents))}",
        "/glossary/en", "/glossary/zh_CN", sign_in.SIGN_IN, sign_in.SIGN_IN, sign_in.SIGN_OUT,
        "/static/media/SourceSansVF-Upright.ttf.x.woff2",
    )  # fmt: skip
    path = dice.choice(known)
    parts = path.split("/")
    if dice.random() < 0.4:
        odd = (*UP, quote(dice.text()[:60].replace("\ud800", "?"), safe=""))
        parts.insert(dice.randrange(1, len(parts) + 1), dice.choice(odd))
    if dice.random() < 0.2:
        parts[dice.randrange(1, len(parts))] = dice.choice(UP)
    query = ("", "", "?complete", f"?lang={dice.choice(('en', 'zh', '//evil.example', MARK))}", "?" + "a=1&" * 2000)
    return "/".join(parts) + dice.choice(query)


def some_headers(dice: Dice) -> dict[str, str]:
    possible = {
        "origin": dice.choice(ORIGINS),
        "content_type": dice.choice(("application/x-www-form-urlencoded",) * 3 + ("application/json", "text/plain", "")),
        "accept": dice.choice(("text/html", "*/*", "")),
        "accept_encoding": dice.choice(("br", "gzip", "identity;q=0, *;q=0", "br;q=" + "9" * 400, ";;,,;q", "gzip;q=nan")),
        "if_none_match": dice.choice(("*", '"x"', "W/" * 900)),
        "range": dice.choice(("bytes=0-9", "bytes=9-0", "bytes=-" + "9" * 5000, "x")),
        "cookie": dice.choice(("lenet_operator=1", f"lenet_operator=9999999999.{'0' * 64}", f"lenet_key={MARK}", "=;=;")),
        "x_forwarded_proto": dice.choice(("https", "http", "x")),
    }  # fmt: skip
    chosen = dice.sample(sorted(possible), dice.randrange(len(possible) + 1))
    return {name: possible[name] for name in chosen}


def a_body(dice: Dice) -> bytes:
    return dice.choice(
        (
            b"password=" + quote(dice.text()[:200].replace("\ud800", "?")).encode(),
            b"password=" * 3000,
            b"password=%ff%fe%00",
            b"&" * 4000,
            json.dumps({"password": "x"}).encode(),
            dice.randbytes(dice.randrange(300)),
            b"",
        )
    )


@contextmanager
def hosted() -> Iterator[None]:
    """Context in which there is a password to guess, and nobody waits after a wrong one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENET_HOSTED", "1")
        patch.setattr(sign_in, "_operator_password", lambda: PASSWORD)
        patch.setattr(sign_in._checks._attempts, "most", 10**9)
        yield


def throw_request(dice: Dice, found: Findings) -> None:
    """A request to one of these addresses, or near one, from anybody."""
    app = server()
    with hosted():
        for _several in range(8):
            path, method, headers, body = a_path(dice), dice.choice(METHODS), some_headers(dice), a_body(dice)
            with found.throw("routes", (method, path[:200], headers, body[:80])):
                judge(run_apart(ask(app, path, method, body=body, **headers)), found)


def judge(answer: Answer, found: Findings) -> None:
    if answer.status not in ANSWERED:
        found.add(f"status {answer.status}")
    found.secret(answer.body)
    if any(cookie.startswith(f"{sign_in.COOKIE}=") and "Max-Age=0" not in cookie for cookie in answer.cookies()):
        found.add("the operator's cookie without the password")
    where = answer.headers.get("location", sign_in.STATUS_PAGE)
    if answer.status == 303 and not where.startswith(sign_in.STATUS_PAGE):
        found.add(f"led to {where!r}")


DOORS = {"routes": throw_request}
