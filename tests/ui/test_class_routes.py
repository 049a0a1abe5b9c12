"""The routes of a class: who hears what it is shown, who may say it, and what is believed."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette

from lenet import classroom
from lenet.classroom import presence, store
from lenet.common import files
from lenet.runs.attempts import Attempts
from lenet.runs.visitors import owner_of
from lenet.ui import class_routes, class_watch, posted
from lenet.ui.frame import PAGES
from tests.helpers.asgi import Answer, ask, scope_of
from tests.helpers.processes import run_apart

app = Starlette(routes=class_routes.routes())
TEACHER, STUDENT, OTHER = "a" * 64, "b" * 64, "c" * 64  # keys of browsers


@pytest.fixture(autouse=True)
def a_fresh_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_watch, "_watches", {})
    monkeypatch.setattr(presence, "_waiting", {})
    monkeypatch.setattr(class_routes, "_guesses", Attempts())
    for rate in ("_news_rate", "_stage_rate"):
        monkeypatch.setattr(class_routes, rate, class_routes._Rate(10.0))
    monkeypatch.setattr(class_routes, "LONGEST", 0.4)
    class_watch.stopping.clear()
    PAGES.update({"", "kernels", "pooling", "class"})


@pytest.fixture
def code() -> str:
    opened = classroom.open_class(owner_of(TEACHER))
    classroom.join(opened.code, owner_of(STUDENT))
    return opened.code


async def news(code: str, key: str = STUDENT, since: object = "", follows: int = 1, **headers: str) -> Answer:
    path = f"/classes/{code}/news?since={since}&follows={follows}"
    return await ask(app, path, cookie=f"lenet_key={key}", **headers)


def hear(code: str, key: str = STUDENT, **options: Any) -> Answer:
    return run_apart(news(code, key, **options))


def post(code: str, body: object, key: str = TEACHER, **headers: str) -> Answer:
    sent = {"content_type": "application/json", "origin": "http://x", "cookie": f"lenet_key={key}"} | headers
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return run_apart(ask(app, f"/classes/{code}/stage", method="POST", body=raw, **sent))  # type: ignore[arg-type]


KERNELS = {"page": "kernels", "query": "run=reference-modern", "live": "step=40&~weight=wall,2,3"}


def test_a_member_hears_what_the_class_is_shown(code: str) -> None:
    assert post(code, KERNELS | {"leads": True}).status == 200
    answer = hear(code)
    told = json.loads(answer.body)
    assert (told["page"], told["query"], told["leads"]) == ("kernels", "run=reference-modern", True)
    assert told["live"] == "step=40&~weight=wall%2C2%2C3"
    assert (told["activity"], told["work"], told["since"]) == ("", "", told["revision"])
    assert answer.headers["cache-control"] == "no-store"
    assert hear(code, since=told["since"]).status == 204, "nothing new"
    assert run_apart(ask(app, f"/lenet/classes/{code}/news?since=", cookie=f"lenet_key={STUDENT}")).status == 200


def test_who_waits_hears_at_once_of_a_change(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_routes, "LONGEST", 20.0)
    first = json.loads(hear(code).body)["since"]

    async def both() -> tuple[Answer, float]:
        waiting = asyncio.create_task(news(code, since=first))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        classroom.lead(code, "pooling", "kernel=3")
        begun = asyncio.get_running_loop().time()
        return await waiting, asyncio.get_running_loop().time() - begun

    answer, seconds = run_apart(both())
    assert json.loads(answer.body)["page"] == "pooling" and seconds < 5


def test_the_class_hears_when_what_it_does_changes(code: str) -> None:
    heard = [json.loads(hear(code).body)["work"]]
    begun = classroom.begin(code, "ask", {"exercise": "x"})
    heard.append(json.loads(hear(code).body)["work"])
    classroom.change_activity(code, begun.id, shown=True)
    heard.append(json.loads(hear(code).body)["work"])
    classroom.end_activity(code)
    heard.append(json.loads(hear(code).body)["work"])
    assert heard[0] == heard[3] == "" and len(set(heard)) == 3


def test_to_others_there_is_no_such_class(code: str) -> None:
    missing = "BBBB" if code != "BBBB" else "CCCC"
    for number, (letters, key) in enumerate(
        [(code, OTHER), (missing, STUDENT), (code, "x"), (code, ""), (code.lower(), STUDENT), ("..", STUDENT)]
    ):
        assert hear(letters, key, client=f"192.0.2.{number}").status == 404, (letters, key)
        assert post(letters, KERNELS, key, client=f"198.51.100.{number}").status == 404
    other = classroom.open_class(owner_of(OTHER)).code
    assert hear(other, STUDENT).status == 404 and post(other, KERNELS, TEACHER).status == 404


def test_who_guesses_waits_and_hinders_nobody_of_the_class(code: str) -> None:
    told = [hear(code, OTHER).status for _time in range(7)]
    assert told == [404] * 5 + [429] * 2
    assert hear(code).status == 200
    classroom.join(code, owner_of(OTHER))
    assert hear(code, OTHER).status == 200


def test_a_student_moves_no_projector(code: str) -> None:
    assert post(code, KERNELS, STUDENT).status == 403
    assert classroom.stage(code).revision == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://y"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": "http://x", "scheme": "https"},
    ],
)
def test_another_site_posts_in_vain(code: str, headers: dict[str, str]) -> None:
    assert post(code, KERNELS, **headers).status == 403
    assert classroom.stage(code).revision == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 3000, 400),
        (b"x" * 5000, 413),
        ([], 400),
        ({}, 400),
        ({"page": "elsewhere"}, 400),
        ({"page": "//elsewhere.example"}, 400),
        ({"page": "kernels", "more": 1}, 400),
        ({"page": "kernels", "revision": 9}, 400),
        ({"page": 1}, 400),
        ({"page": "kernels", "query": None}, 400),
        ({"query": "a=1"}, 400),
        ({"leads": 1}, 400),
        ({"page": "kernels", "query": "a=" + "1" * 900}, 413),
        ({"page": "kernels", "query": "&".join(f"k{n}=1" for n in range(40))}, 400),
        ({"page": "kernels", "query": "a=%ff"}, 400),
    ],
)
def test_what_is_not_shown(code: str, body: object, status: int) -> None:
    assert post(code, body).status == status
    assert classroom.stage(code).revision == 0


def test_what_is_each_browsers_own_is_not_shown(code: str) -> None:
    assert post(code, {"page": "kernels", "query": "lang=zh_CN&present=1&run=a b&join=BBBB&with="}).status == 200
    assert classroom.stage(code).query == "run=a+b&with="
    assert post(code, KERNELS, content_type="text/plain").status == 415
    assert post(code, {"leads": True}).status == 200
    stage = classroom.stage(code)
    assert (stage.query, stage.leads) == ("run=a+b&with=", True), "the rest stays"


def test_a_browser_comes_only_so_often(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All at one moment, however slow this machine is."""
    monkeypatch.setattr(class_routes, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    assert [post(code, {"leads": True}).status for _time in range(40)].count(429) > 3
    told = [hear(code).status for _time in range(45)]
    assert told[:20] == [200] * 20 and told.count(429) > 3
    classroom.join(code, owner_of(OTHER))
    assert hear(code, OTHER).status == 200, "another one is not hindered"


def test_one_browser_leads(code: str) -> None:
    assert post(code, {"leads": True}).status == 200
    classroom.take_over(code, owner_of(STUDENT))
    assert (post(code, {"leads": False}).status, hear(code, TEACHER).status) == (404, 404)
    assert post(code, {"leads": False}, STUDENT).status == 200
    assert json.loads(hear(code, STUDENT).body)["members"] == 0


def test_a_class_that_has_ended_says_so(code: str) -> None:
    since = json.loads(hear(code).body)["since"]
    classroom.close(code)
    assert hear(code, since=since).status == 410
    assert post(code, KERNELS).status == 410


def test_the_teacher_hears_who_follows(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_routes, "LONGEST", 20.0)
    monkeypatch.setattr(class_watch, "COUNTS_EVERY", 0.1)
    monkeypatch.setattr(presence, "BETWEEN", 0.2)
    classroom.join(code, owner_of(OTHER))
    member = json.loads(hear(code).body)["since"]

    async def told() -> list[dict[str, Any]]:
        found = [json.loads((await news(code, TEACHER)).body)]
        one = asyncio.create_task(news(code, STUDENT, since=member))
        other = asyncio.create_task(news(code, OTHER, since=member, follows=0))
        await until(found, lambda last: last["here"] == 2)
        one.cancel()
        other.cancel()
        await until(found, lambda last: last["here"] == 0)
        return found

    async def until(found: list[dict[str, Any]], fits: Callable[[dict[str, Any]], bool]) -> None:
        while not fits(found[-1]):
            found.append(json.loads((await news(code, TEACHER, since=found[-1]["since"])).body))

    found = run_apart(told())
    assert max((t["here"], t["following"], t["members"]) for t in found) == (2, 1, 2)
    assert found[-1]["following"] == 0


def test_those_at_another_process_count_too(code: str) -> None:
    folder = store.folder_of(code) / "presence"
    folder.mkdir()
    (folder / "0123456789abcdef.json").write_text('{"here": [1, 2, 7], "following": [2]}')
    (folder / "broken.json").write_text("{")
    here = presence.waiting(code)
    with here.waits(1, True), here.waits(3, False):
        now = classroom.present(code)
        assert (now.here, now.following) == ({1, 2, 3, 7}, {1, 2})
        here._written = (-10.0, presence.Present())
        assert here.tell()
        written = folder / f"{presence._PROCESS}.json"
        assert json.loads(written.read_text()) == {"here": [1, 3], "following": [1]}
        os.utime(folder / "broken.json", (0, time.time() - presence.FORGOTTEN - 1))
        here._written = (-30.0, here._written[1])
        here.tell()
        assert not (folder / "broken.json").exists(), "of a server that was killed"
        for age in (presence.OLD + 1, -presence.OLD - 1):  # and where the clock was set back
            os.utime(folder / "0123456789abcdef.json", (0, time.time() - age))
            assert classroom.present(code).here == {1, 3}
    here._last.clear()
    here._written = (-10.0, here._written[1])
    assert not here.tell() and not written.exists()


def test_what_cannot_be_read_now_is_not_over(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that may open no more files; a phone that heard that there is no such class would ask no more."""

    def full(*_args: object) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    classroom.join(code, owner_of(OTHER))
    with monkeypatch.context() as m:
        m.setattr(files, "read_plain", full)
        m.setattr(store, "_contents", {})
        assert [hear(code, key).status for key in (STUDENT, STUDENT, OTHER)] == [503] * 3
    assert [hear(code, key).status for key in (STUDENT, TEACHER, OTHER)] == [200] * 3


def test_a_server_that_starts_and_cannot_read_leads_nobody_elsewhere(code: str) -> None:
    post(code, KERNELS | {"leads": True})
    file = store.folder_of(code) / store.STAGE
    whole = file.read_text()
    file.write_text("{")
    assert hear(code).status == 200, "what it has read before"
    class_watch._watches.clear()
    assert [hear(code, key).status for key in (STUDENT, TEACHER)] == [503, 503]
    file.write_text(whole)
    assert json.loads(hear(code).body)["page"] == "kernels"


def test_nobody_waits_many_times(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(key: str, since: object) -> list[int]:
        asked = [news(code, key, since=since) for _tab in range(9)]
        return sorted(answer.status for answer in await asyncio.gather(*asked))

    for key in (STUDENT, TEACHER):
        since = json.loads(hear(code, key).body)["since"]
        assert run_apart(at_once(key, since)).count(429) == 5


def test_a_body_that_does_not_come_is_not_waited_for(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is to stop would wait for it, too."""
    monkeypatch.setattr(posted, "WITHIN", 0.2)
    headers = [("content-type", "application/json"), ("origin", "http://x"), ("cookie", f"lenet_key={TEACHER}")]
    told: list[int] = []

    async def half(body: bytes) -> None:
        parts = [{"type": "http.request", "body": body, "more_body": True}]

        async def receive() -> Any:
            return parts.pop() if parts else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            told.extend([message["status"]] if "status" in message else [])

        await asyncio.wait_for(app(scope_of(f"/classes/{code}/stage", "POST", headers), receive, send), 10)

    run_apart(half(b'{"leads": '))
    assert told == [408] and classroom.stage(code).revision == 0


def test_classes_in_which_nobody_is_are_forgotten(code: str) -> None:
    """A server that goes on for months has had thousands of them."""
    hear(code)
    for _lesson in range(5):
        other = classroom.open_class(owner_of(OTHER)).code
        hear(other, OTHER, since=json.loads(hear(other, OTHER).body)["since"])
        classroom.present(other)
    assert len(class_watch._watches) <= 2 and presence._waiting.keys() == class_watch._watches.keys()
    waiting = class_watch.watch(code)
    with waiting.waiting.waits(1, True):
        class_watch.watch(classroom.open_class(owner_of(OTHER)).code)
        assert class_watch.watch(code) is waiting and classroom.present(code).here == {1}


def test_a_server_that_stops_lets_nobody_wait(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_routes, "LONGEST", 30.0)
    since = json.loads(hear(code).body)["since"]

    async def stop() -> int:
        waiting = asyncio.create_task(news(code, since=since))
        await asyncio.sleep(0.2)
        presence.waiting(code)._written = (-10.0, presence.Present())
        await asyncio.sleep(0.2)
        there = list((store.folder_of(code) / "presence").iterdir())
        class_watch.stopping.set()
        status = (await asyncio.wait_for(waiting, 10)).status
        await asyncio.sleep(0.2)
        assert there and not there[0].exists(), "other servers count it no more"
        return status

    assert run_apart(stop()) == 503


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_a_signal_goes_to_whom_it_went_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs the app: uvicorn with a handler of its own, or a server that leaves it to the system."""
    number, told = signal.SIGTERM, []
    before = signal.getsignal(number)
    try:
        signal.signal(number, lambda *_args: told.append("stopped"))
        ours = signal.getsignal(number)
        with class_watch.answering():
            signal.raise_signal(number)
            assert told == ["stopped"] and class_watch.stopping.is_set()
        assert signal.getsignal(number) is ours
        signal.signal(number, signal.SIG_DFL)
        with class_watch.answering():
            monkeypatch.setattr(signal, "raise_signal", told.append)
            os.kill(os.getpid(), number)
            assert told == ["stopped", number] and signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_those_who_wait_hear_also_what_somebody_else_has_seen_first(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks looks at the files as well."""
    monkeypatch.setattr(class_routes, "LONGEST", 30.0)
    since = json.loads(hear(code).body)["since"]

    async def change() -> int:
        waiting = asyncio.create_task(news(code, since=since))
        await asyncio.sleep(0.2)
        classroom.change_stage(code, leads=True)
        class_watch.watch(code).look()
        return (await asyncio.wait_for(waiting, 10)).status

    assert run_apart(change()) == 200


def test_the_app_has_the_routes() -> None:
    from app import app as whole

    assert "/classes/{code}/news" in {getattr(route, "path", "") for route in whole._user_routes}
