"""The doors of a class, for tests/tools/fuzz.py: its routes, and what a phone says of its page.

A class goes on in which somebody has handed in. Whatever a browser sends, it changes nothing that is not its own: not the
stage, unless it leads the class; not what others have handed in, nor who they are; and text never gets in at all.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from starlette.applications import Starlette

from lenet import classroom
from lenet.classroom import store, work
from lenet.classroom.classroom import LETTERS
from lenet.common import paths
from lenet.common.links import MAX_PARAMETERS
from lenet.runs.visitors import COOKIE, owner_of
from lenet.ui import class_routes
from lenet.ui.frame import PAGES
from tests.helpers.asgi import Answer, ask
from tests.tools.fuzz import MARK, Dice, Findings

HOST = "x"
"""The name by which tests/helpers/asgi.py asks for the app."""
MEMBERS = 3
NEWS = {"since", "revision", "page", "query", "live", "leads", "activity", "work"}
TOLD = {"since", "leads", "here", "following", "members"}
"""What the routes say: to a member, and to whoever leads the class."""


@dataclass
class Lesson:
    """A class that goes on: the key of whoever leads it, and those of its members, by number."""

    teacher: str = field(default_factory=lambda: secrets.token_hex(32))
    code: str = ""
    members: dict[int, str] = field(default_factory=dict)

    @classmethod
    def begin(cls) -> Lesson:
        lesson = cls()
        lesson.code = classroom.open_class(owner_of(lesson.teacher)).code
        for _member in range(MEMBERS):
            key = secrets.token_hex(32)
            lesson.members[classroom.join(lesson.code, owner_of(key)).number] = key
        return lesson

    def all_keys(self) -> list[str]:
        return [self.teacher, *self.members.values()]

    def owners(self) -> list[str]:
        return [owner_of(key) for key in self.all_keys()]

    def state(self) -> dict[str, Any]:
        """All that lies in its files, by name, but for who is there at the moment."""
        folder = store.folder_of(self.code)
        found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}
        return {name: json.loads(raw) for name, raw in found.items() if not name.startswith("presence")}


@contextmanager
def unhurried() -> Iterator[None]:
    """Context in which nobody waits for news or is too fast: what is thrown is to arrive."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(class_routes, "LONGEST", 0.01)
        for rate in (class_routes._news_rate, class_routes._stage_rate):
            patch.setattr(rate, "a_second", 1e9)
        patch.setattr(class_routes._guesses, "most", 10**9)
        patch.setattr(work, "PAUSE", 0.0)
        patch.setattr(work, "MAX_TIMES", 10**9)
        patch.setattr(os, "fsync", lambda _fd: None)
        yield


# -- routes ------------------------------------------------------------------------------------------------------------

METHODS = ("GET", "GET", "GET", "POST", "POST", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW")


@dataclass
class Request:
    """A request that may be anything."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    key: str
    """Of the browser that sends it; "" for none that is known."""


def a_code(dice: Dice, lesson: Lesson, other: Lesson) -> str:
    near = (
        lesson.code,
        lesson.code,
        lesson.code,
        other.code,
        lesson.code.lower(),
        f" {lesson.code}",
        lesson.code[:3],
    )
    odd = (
        "".join(dice.choices(LETTERS, k=4)),
        "ＢＢＢＢ",
        "..",
        "%2e%2e",
        f"{lesson.code}/..",
        f"{lesson.code}%00",
        "",
    )
    return dice.choice((*near, *near, *odd, quote(dice.text()[:60].replace("\ud800", "?"), safe="")))


def a_change(dice: Dice) -> Any:
    """What is posted to the stage: a change, or something like it."""
    change: dict[str, Any] = {
        "page": dice.choice(("", "pooling", "kernels", "class", "nowhere", "../status", dice.text(), dice.value())),
        "query": dice.choice(("kernel=3", f"a=<{MARK}>", "a=1&" * (MAX_PARAMETERS + 3), "%ff%fe=%00", dice.text(), dice.value())),
        "live": dice.choice(("", "cell=1,2", "step=" + "9" * 900, dice.text(), dice.value())),
        "leads": dice.choice((True, False, 1, "true", dice.value())),
    }  # fmt: skip
    for key in list(change):
        if dice.random() < 0.4:
            del change[key]
    if dice.random() < 0.2:
        change[dice.choice(("revision", "activity", "owner", "code", "__class__", dice.text()[:40]))] = dice.value()
    return change if dice.random() < 0.8 else dice.value()


def a_body(dice: Dice) -> bytes:
    makers = (
        lambda: json.dumps(a_change(dice)).encode(),
        lambda: json.dumps(a_change(dice)).encode(),
        lambda: json.dumps(a_change(dice)).encode(),
        lambda: b"[" * 4000,
        lambda: b'{"page":' * 500,
        lambda: b'{"page": "pooling", "query": "' + b"x" * dice.choice((10**5, 10**6)) + b'"}',
        lambda: json.dumps({dice.text()[:20] + str(n): n for n in range(3000)}).encode(),
        lambda: b'{"leads": 1' + b"0" * 4000 + b"}",
        lambda: dice.text().encode("utf-8", "replace"),
        lambda: dice.text().encode("utf-16"),
        lambda: dice.randbytes(dice.randrange(200)),
        lambda: b"",
    )
    return dice.choice(makers)()


def a_request(dice: Dice, lesson: Lesson, other: Lesson) -> Request:
    code = a_code(dice, lesson, other)
    name = dice.choice(
        ("news", "news", "stage", "stage", "stage", "members.json", "class.json", "", dice.text()[:20])
    )
    query: list[tuple[str, str]] = [
        ("since", dice.choice(("", "0", "1", "-1", "9" * 400, dice.text()[:200]))),
        ("follows", "1"),
    ]
    query += [(dice.text()[:20], dice.text()[:50]) for _ in range(dice.choice((0, 0, 0, 3, 2000)))]
    mark = (
        urlencode([(k.replace("\ud800", "?"), v.replace("\ud800", "?")) for k, v in query])
        if dice.random() < 0.8
        else ""
    )
    key = dice.choice(
        (lesson.teacher, lesson.teacher, *lesson.members.values(), other.teacher, secrets.token_hex(32), "")
    )
    cookie = (
        f"{COOKIE}={key}"
        if key
        else dice.choice((f"{COOKIE}={'0' * 63}", f"{COOKIE}={MARK}", "a=b", "x" * 9000, "=;=;"))
    )
    if dice.random() < 0.1:  # more than one: whoever asks is one of them
        cookie, key = f"{COOKIE}={lesson.teacher[:63]}; {cookie}", key
    origin = dice.choice(
        (
            f"http://{HOST}",
            f"http://{HOST}",
            f"http://{HOST}",
            "https://evil.example",
            f"http://{HOST}.evil.example",
            "null",
            "",
            "http://",
        )
    )
    kind = dice.choice(
        (
            "application/json",
            "application/json",
            "application/json",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "",
        )
    )
    headers = [("cookie", cookie), ("origin", origin), ("content-type", kind)]
    more = (
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "evil.example"),
        ("content-length", "9" * 30),
        ("transfer-encoding", "chunked"),
        ("x-" + "a" * 500, "b"),
        ("accept-encoding", "br"),
    )
    headers += dice.sample(more, dice.randrange(3))
    return Request(dice.choice(METHODS), f"/classes/{code}/{name}" + (f"?{mark}" if mark else ""), [h for h in headers if h[1]], a_body(dice), key)  # fmt: skip


ANSWERED = (200, 204, 307, 400, 403, 404, 405, 410, 413, 415, 429)


def throw_request(dice: Dice, found: Findings) -> None:
    """A request to the routes of a class, from anybody."""
    shutil.rmtree(paths.runs_dir(), ignore_errors=True)
    app = Starlette(routes=class_routes.routes())
    with unhurried():
        lesson, other = Lesson.begin(), Lesson.begin()
        classroom.change_stage(lesson.code, leads=True)
        for _several in range(4):
            request = a_request(dice, lesson, other)
            before = lesson.state(), other.state()
            what = (request.method, request.path[:200], request.headers, request.body[:120])
            with found.throw("class, routes", what):
                named = {name.replace("-", "_"): value for name, value in request.headers}
                asked = ask(app, request.path, request.method, body=request.body, **named)
                judge(request, asyncio.run(asked), lesson, other, before, found)


def judge(
    request: Request,
    answer: Answer,
    lesson: Lesson,
    other: Lesson,
    before: tuple[dict[str, Any], dict[str, Any]],
    found: Findings,
) -> None:
    """Nothing has changed but the stage, by whoever leads the class on a page of the app; and nothing is told to strangers."""
    if answer.status not in ANSWERED:
        found.add(f"status {answer.status}")
    for one, was in ((lesson, before[0]), (other, before[1])):
        now = one.state()
        changed = {name for name in now.keys() | was.keys() if now.get(name) != was.get(name)}
        may = (
            request.method == "POST"
            and request.key == one.teacher
            and ("origin", f"http://{HOST}") in request.headers
        )
        if changed - ({"stage.json"} if may else set()):
            found.add(f"changed: {sorted(changed)}")
        stage = now.get("stage.json", {})
        if stage.get("page", "class") not in PAGES:
            found.add(f"the class is led to {stage['page']!r}")
        if any(letter in stage.get(key, "") for key in ("query", "live") for letter in "<>\"'\\ \n\x00"):
            found.add(f"unencoded in the stage: {stage!r}")
    if answer.body and answer.status == 200:
        told = json.loads(answer.body)
        at = lesson if f"/{lesson.code}/" in request.path else other
        known = TOLD if request.key == at.teacher else NEWS
        is_news = request.method == "GET" and request.key in at.all_keys() and set(told) == known
        if not is_news and not (request.key == at.teacher and set(told) == {"revision"}):
            found.add(f"told somebody: {told!r:.200}")
    for secret in (*lesson.all_keys(), *other.all_keys(), *lesson.owners(), *other.owners()):
        if secret.encode() in answer.body:
            found.add("told the key of a browser, or its hash")
