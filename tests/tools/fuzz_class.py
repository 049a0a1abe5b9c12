"""The doors of a class, for tests/tools/fuzz.py: its routes, its link, and what browsers say of its page.

A class goes on in which somebody has handed in. Whatever a browser sends, it changes nothing that is not its own: not the
stage, unless it leads the class; not what others have handed in, nor who they are; and text never gets in at all.
"""

from __future__ import annotations

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
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from lenet import classroom, runs
from lenet.classroom import questions, store, training, work
from lenet.classroom.classroom import LETTERS
from lenet.classroom.tasks import TASKS
from lenet.common import paths
from lenet.common.links import MAX_PARAMETERS
from lenet.exercises import Exercise
from lenet.exercises.subjects import SUBJECTS
from lenet.runs.visitors import COOKIE, owner_of
from lenet.ui import class_routes
from lenet.ui.frame import PAGES
from tests.helpers.asgi import Answer, ask
from tests.helpers.pages import app, open_page, turn_to
from tests.helpers.processes import run_apart
from tests.tools.fuzz import MARK, Dice, Findings, a_state, no_text

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
            "http://[",
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
    if not PAGES:  # which the first page that is run declares
        open_page("home")
    server = Starlette(routes=class_routes.routes())
    with unhurried():
        lesson, other = Lesson.begin(), Lesson.begin()
        classroom.change_stage(lesson.code, leads=True)
        for _several in range(4):
            request = a_request(dice, lesson, other)
            before = lesson.state(), other.state()
            what = (request.method, request.path[:200], request.headers, request.body[:120])
            with found.throw("class, routes", what):
                named = {name.replace("-", "_"): value for name, value in request.headers}
                asked = ask(server, request.path, request.method, body=request.body, **named)
                judge(request, run_apart(asked), lesson, other, before, found)


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


# -- what pages of the class are told ------------------------------------------------------------------------------------


def a_weight(dice: Dice) -> Any:
    return dice.choice((0, 0.5, -1, 1.0, 0.123456, dice.scalar()))


def a_value(dice: Dice, known: dict[str, Any]) -> Any:
    """What a phone may hand in: something like an answer, with other members' names and numbers in it."""
    makers = (
        lambda: [a_weight(dice) for _ in range(dice.choice((25, 25, 25, 24, 26, 0, 3000)))],
        lambda: [dice.choice((0, 0.5, -1, 1.0)) for _ in range(25)],
        lambda: [10**400] * 25,
        lambda: [float("nan")] * 25,
        lambda: [str(dice.choice((1, 2.5, -3))) for _ in range(dice.randrange(1, 4))],
        lambda: [dice.text()[:300] for _ in range(dice.randrange(1, 4))],
        lambda: dice.choice((0, 1, 2, 99, -1, 0.5, True)),
        lambda: [dice.randrange(-1, 9), dice.randrange(-1, 9)],
        lambda: "1" * dice.choice((10, 10**5)),
        lambda: {"number": dice.randrange(4), "value": known},
        lambda: dice.value(),
    )
    if dice.random() < 0.4:  # of the form that is asked for, to get through
        return dice.choice((makers[1], lambda: ["1"], lambda: ["1", "2", "3"], lambda: 0, lambda: [0, 0]))()
    return dice.choice(makers)()


EVENTS = {"question": "answer", "contest": "kernel", "answers": "step", "code_field": "join", "wall": "order"}
"""What each component of a class says, by the end of its name."""


def events(dice: Dice, piece: Any) -> Any:
    """What a component of the class may say: an event of its own, about what it shows or about something else."""
    try:
        shown = json.loads(piece.proto.json)[0]
    except (ValueError, TypeError, IndexError):
        shown = {}
    known = {key: shown.get(key) for key in ("activity", "round", "step") if key in shown}
    about = {
        "activity": known.get("activity") if dice.random() < 0.8 else dice.choice(("001-ask", "../members", dice.value())),
        "round": known.get("round", 1) if dice.random() < 0.8 else dice.choice((2, dice.value())),
        "from": dice.choice((known.get("step"), "open", "closed", dice.value())),
        "to": dice.choice(("closed", "shown", "solved", "again", dice.value())),
        "number": dice.randrange(4),
        "value": a_value(dice, known),
        "weights": a_value(dice, known),
    }  # fmt: skip
    for key in list(about):
        if dice.random() < 0.05:
            del about[key]
    name = EVENTS.get(piece.proto.component_name.rpartition("components_")[2], "news")
    if dice.random() < 0.2:
        name = dice.choice((*EVENTS.values(), "news", dice.text()[:20]))
    value = about if dice.random() < 0.9 else dice.choice((known.get("activity"), dice.value()))
    return [{"event": name, "value": value}] if dice.random() < 0.95 else dice.value()


def a_lesson(dice: Dice) -> tuple[Lesson, classroom.Activity]:
    """A class that does something, in which number 2 has handed in."""
    lesson = Lesson.begin()
    kind = dice.choice(("ask", "ask", "contest", "contest", "train"))
    if kind == "train":
        begun = training.begin(lesson.code, training.ask("activation", "sprint", 1))
        training.train(lesson.code, begun.id, classroom.members(lesson.code)[1], 0)
        return lesson, begun
    if kind == "contest":
        settings: dict[str, Any] = {"task": dice.choice(list(TASKS))}
        answer: Any = [0.5] * 25
    else:
        subject = dice.choice((*SUBJECTS, questions.DRAWING))
        settings = questions.settings(subject, dice.choice(list(questions.names(subject))), dice.randrange(1000))
        asked = questions.question(settings)
        answer = list(asked.answer) if isinstance(asked, Exercise) else [0.5] * 25
    begun = classroom.begin(lesson.code, kind, settings, dice.choice((0, 0, 60)))
    classroom.answer(lesson.code, begun.id, 2, answer)
    if dice.random() < 0.3:
        change = dice.choice(({"is_open": False}, {"is_open": False, "shown": True}, {"round": 2}))
        begun = classroom.change_activity(lesson.code, begun.id, **change)
    return lesson, begun


def lie(dice: Dice, at: AppTest) -> list[str]:
    """What a browser says of the widgets and components on its screen, and what of it was thrown."""
    states: WidgetStates = at._tree.get_widget_states()
    chosen = dice.sample(list(states.widgets), min(len(states.widgets), dice.randrange(3)))
    for state in chosen:
        a_state(dice, state)
    for piece in at.get("bidi_component"):
        if "classroom" in piece.proto.component_name and dice.random() < 0.8:
            text = json.dumps(events(dice, piece))
            chosen.append(states.widgets.add(id=_make_trigger_id(piece.proto.id, "events"), json_trigger_value=text))
            if dice.random() < 0.1:
                chosen.append(states.widgets.add(id=piece.proto.id, json_value=json.dumps(no_text(dice.value()))))
    thrown = [str(state)[:400] for state in chosen]
    at._run(states)
    return thrown


def throw_phone(dice: Dice, found: Findings) -> None:
    """Number 1 says what it likes. What the others have, and what the class is shown, stays as it is."""
    shutil.rmtree(paths.runs_dir(), ignore_errors=True)
    with unhurried():
        lesson, other = a_lesson(dice)[0], Lesson.begin()
        activity = classroom.current(lesson.code)
        assert activity
        at = turn_to(app(_ui_visitor_key=lesson.members[1]), "class", join=lesson.code)
        for _several in range(3):
            before, elsewhere = lesson.state(), other.state()
            found.now = "class, phone"
            with found.throw("class, phone", (activity.kind, dict(activity.settings))):
                found.now = f"class, phone: {(activity.kind, dict(activity.settings))!r} {lie(dice, at)!r}"
                found.page(at)
                judge_phone(lesson, activity, before, found)
                if other.state() != elsewhere:
                    found.add("another class was changed")
        with found.throw("class, front", (activity.kind, found.now)):
            panel = activity.kind
            front = turn_to(app(_ui_visitor_key=lesson.teacher), "class", join=lesson.code, panel=panel)
            found.page(front)
            for piece in front.get("bidi_component"):
                if MARK in piece.proto.json:
                    found.add(f"text at the front: {piece.proto.json[:300]}")


def judge_phone(lesson: Lesson, activity: classroom.Activity, before: dict[str, Any], found: Findings) -> None:
    """Only what number 1 hands in has changed, and it is what can be handed in; or it has left."""
    now = lesson.state()
    for name in now.keys() | before.keys():
        was, has = before.get(name), now.get(name)
        if was == has:
            continue
        if name == "members.json":
            changed = [(a, b) for a, b in zip(was, has, strict=True) if a != b]
            if any(a["number"] != 1 or {**a, "left": 0} != {**b, "left": 0} for a, b in changed):
                found.add(f"members changed: {changed}")
        elif name == f"activities/{activity.id}-{activity.round}.json":
            rows = {row["number"]: row for row in has}
            others = {row["number"]: row for row in was or ()}
            rows.pop(1, None)
            others.pop(1, None)
            if rows != others:
                found.add(f"others' answers changed: {others} → {rows}")
        else:
            found.add(f"{name} changed: {was!r:.200} → {has!r:.200}")
    given = classroom.answers(lesson.code, activity.id).get(1)
    if given and not is_answer(activity, given.value):
        found.add(f"handed in: {given.value!r:.300}")


def is_answer(activity: classroom.Activity, value: Any) -> bool:
    """Numbers and choices alone."""
    if activity.kind == "train":
        return isinstance(value, dict) and set(value) == {"arm", "seed", "run"} and runs.find(value["run"]).exists
    if not isinstance(value, list) or not all(type(part) in (int, float) and abs(part) < 1e15 for part in value):
        return False
    asked = questions.question(activity.settings) if activity.kind == "ask" else None
    return isinstance(asked, Exercise) or (len(value) == 25 and all(abs(part) <= 1 for part in value))


def throw_teacher(dice: Dice, found: Findings) -> None:
    """The browser that leads says what it likes: its own class can be read afterwards, and another is as it was."""
    shutil.rmtree(paths.runs_dir(), ignore_errors=True)
    with unhurried():
        (lesson, activity), other = a_lesson(dice), Lesson.begin()
        elsewhere = other.state()
        panel = dice.choice((activity.kind, "people", "train", "ask", "contest", dice.text()[:40]))
        at = turn_to(app(_ui_visitor_key=lesson.teacher), "class", join=lesson.code, panel=panel)
        for _several in range(3):
            with found.throw("class, teacher", (activity.kind, panel)):
                found.now = f"class, teacher: {(activity.kind, panel)!r} {lie(dice, at)!r}"
                found.page(at)
                classroom.record(lesson.code)
                if other.state() != elsewhere:
                    found.add("another class was changed")
        with found.throw("class, phone of it", found.now):
            found.page(turn_to(app(_ui_visitor_key=lesson.members[1]), "class", join=lesson.code))


def throw_link(dice: Dice, found: Findings) -> None:
    """A link with a code: nobody but a member gets in, and only with the code of an open class."""
    shutil.rmtree(paths.runs_dir(), ignore_errors=True)
    with unhurried():
        lesson, other = Lesson.begin(), Lesson.begin()
        if dice.random() < 0.3:
            classroom.close(other.code)
        typed = dice.choice(
            (lesson.code, lesson.code.lower(), other.code, a_code(dice, lesson, other), dice.text()[:3000])
        )
        panel = dice.choice(("", "people", "ask", dice.text()[:40]))
        with found.throw("class, link", (typed, panel)):
            key = secrets.token_hex(32)
            at = turn_to(app(_ui_visitor_key=key), "class", join=typed, panel=panel)
            found.page(at)
            for known in (lesson, other):
                owners = [member.owner for member in classroom.members(known.code)]
                if owner_of(key) in owners and classroom.code_of(typed) != known.code:
                    found.add("joined another class than that of the link")
                if len(owners) != MEMBERS + (owner_of(key) in owners):
                    found.add("members came or went")


DOORS = {
    "class, routes": throw_request,
    "class, link": throw_link,
    "class, phone": throw_phone,
    "class, teacher": throw_teacher,
}
