"""The routes by which browsers of a class hear what it is shown, and the teacher's says it.

    GET  /classes/<code>/news?since=…&follows=1    waits until there is something new, for at most 25 seconds (then: 204)
    POST /classes/<code>/stage                     shows the class something else

A browser is known by its cookie. To whoever is neither in the class nor leads it, there is no such class.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lenet import classroom
from lenet.classroom import ClassError
from lenet.classroom.classroom import CODE, MAX_ADDRESS
from lenet.classroom.presence import TEACHER
from lenet.common import log
from lenet.common.errors import LenetError
from lenet.common.links import MAX_PARAMETERS
from lenet.runs.attempts import Attempts
from lenet.runs.visitors import COOKIE, is_key, network_of, owner_of
from lenet.ui import class_watch
from lenet.ui.class_watch import Shown, Watch
from lenet.ui.frame import PAGES
from lenet.ui.origin import is_own_page
from lenet.ui.posted import NotPosted, read_body

LONGEST = 25.0  # seconds that a browser waits; less for some, so that they do not all come back at once
MAX_AT_ONCE = 4  # times that one browser waits
MAX_BODY = 4096  # bytes
NEWS_A_SECOND, STAGES_A_SECOND = 10.0, 10.0  # of one browser; three times as many at once
OWN = ("lang", "present", "join")
"""Keys of the query that each browser has for itself."""
MAX_BROWSERS = 10_000  # that are remembered


# -- who asks ------------------------------------------------------------------------------------------------------


_guesses = Attempts()


class Refused(Exception):
    """The request is not answered: with that status."""

    def __init__(self, status: int) -> None:
        self.status = status


def _asked(request: Request) -> tuple[Watch, int, str]:
    """The class of a request, as which number it comes, and the browser. Raises Refused."""
    code, key = request.path_params["code"], request.cookies.get(COOKIE)
    if CODE.fullmatch(code) and is_key(key):
        owner = owner_of(key)
        try:
            number = _number(code, owner)
            if number is not None:
                watch = class_watch.watch(code)
                if not watch.look().is_open:
                    raise Refused(410)
                return watch, number, owner
        except LenetError as error:
            # A browser that heard that there is no such class would ask no more.
            log.error("class_not_read", error)
            raise Refused(503) from error
    address = network_of(request.client.host if request.client else None)
    raise Refused(404 if _guesses.count(address) else 429)


def _number(code: str, owner: str) -> int | None:
    """As which number a browser comes; None for nobody of the class. Raises ClassError."""
    try:
        if classroom.find(code).owner == owner:
            return TEACHER
    except ClassError as error:
        if error.code == "no_such_class":
            return None
        raise
    member = classroom.member_of(code, owner)
    return member.number if member else None


class _Rate:
    """How often each browser may come: `a_second` on average, three times as often at once."""

    def __init__(self, a_second: float) -> None:
        self.a_second = a_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, owner: str) -> None:
        """Raises Refused."""
        now, most = time.monotonic(), 3 * self.a_second
        left, at = self._left.pop(owner, (most, now))
        left = min(most, left + (now - at) * self.a_second)
        self._left[owner] = (max(0.0, left - 1), now)
        if len(self._left) > MAX_BROWSERS:
            self._left.popitem(last=False)
        if left < 1:
            raise Refused(429)


_news_rate, _stage_rate = _Rate(NEWS_A_SECOND), _Rate(STAGES_A_SECOND)


# -- news ----------------------------------------------------------------------------------------------------------


async def _news(request: Request) -> Response:
    watch, number, owner = _asked(request)
    _news_rate.check(owner)
    if watch.waiting.count(number) >= MAX_AT_ONCE:
        raise Refused(429)
    since, follows = request.query_params.get("since", ""), request.query_params.get("follows") == "1"
    words = _for_teacher if number == TEACHER else _for_member
    left = asyncio.ensure_future(_disconnected(request))
    try:
        with watch.waiting.waits(number, follows):
            shown = await watch.news(_are_new(words, since), _patience(), left)
    finally:
        left.cancel()
    if class_watch.stopping.is_set():
        raise Refused(503)
    if shown is None:
        return Response(status_code=204)
    if not shown.is_open:
        raise Refused(410)
    return JSONResponse(words(shown))


def _are_new(words: Callable[[Shown], dict[str, Any]], since: str) -> Callable[[Shown], bool]:
    return lambda shown: not shown.is_open or str(words(shown)["since"]) != since


def _for_member(shown: Shown) -> dict[str, Any]:
    stage = shown.stage
    return {
        "since": stage.revision, "revision": stage.revision, "page": stage.page, "query": stage.query, "live": stage.live,
        "leads": stage.leads, "activity": stage.activity, "work": shown.work,
    }  # fmt: skip


def _for_teacher(shown: Shown) -> dict[str, Any]:
    """What the teacher's own browser does not know: its own changes are no news to it."""
    here, following = len(shown.present.here), len(shown.present.following)
    told = {"leads": shown.stage.leads, "here": here, "following": following, "members": shown.members}
    return {"since": ".".join(str(int(value)) for value in told.values()), **told}


def _patience() -> float:
    return LONGEST * random.uniform(0.8, 1.0)


async def _disconnected(request: Request) -> None:
    """Ends as soon as the browser has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


# -- what the class is shown -----------------------------------------------------------------------------------------


async def _show(request: Request) -> Response:
    if not is_own_page(request):
        raise Refused(403)
    watch, number, owner = _asked(request)
    if number != TEACHER:
        raise Refused(403)
    _stage_rate.check(owner)
    changes = _changes(_json(await read_body(request, MAX_BODY, "application/json")))
    if not changes:
        raise Refused(400)
    try:
        stage = await run_in_threadpool(classroom.change_stage, watch.code, **changes)
    except LenetError as error:
        log.error("class_not_led", error)
        raise Refused(503) from error
    watch.announce()
    return JSONResponse({"revision": stage.revision})


def _json(body: bytes) -> Any:
    """What is posted. Raises Refused."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as e:
        raise Refused(400) from e


def _changes(asked: Any) -> dict[str, Any]:
    """The changes of the stage that are asked for, read anew. Raises Refused."""
    if not isinstance(asked, dict) or not asked.keys() <= {"page", "query", "live", "leads"}:
        raise Refused(400)
    if not PAGES:  # a server that has just started has not run a page yet: it is asked again
        raise Refused(503)
    changes: dict[str, Any] = {}
    if "leads" in asked:
        if not isinstance(asked["leads"], bool):
            raise Refused(400)
        changes["leads"] = asked["leads"]
    if "page" in asked:
        page, query, live = (asked.get(key, "") for key in ("page", "query", "live"))
        if not all(isinstance(text, str) for text in (page, query, live)) or page not in PAGES:
            raise Refused(400)
        if len(page) + len(query) + len(live) > MAX_ADDRESS:
            raise Refused(413)
        changes |= {"page": page, "query": _query(query), "live": _query(live)}
    elif not asked.keys() <= {"leads"}:
        raise Refused(400)
    return changes


def _query(text: str) -> str:
    """A query that comes from a browser, parsed and encoded again. Raises Refused."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict")
    except ValueError as e:
        raise Refused(400) from e
    return urlencode([(key, value) for key, value in pairs if key not in OWN])


# -- the server ----------------------------------------------------------------------------------------------------


def routes() -> list[Route]:
    """The routes at the root and below any base path."""
    return [
        Route(f"{base}/classes/{{code}}/{name}", _refusing(answer), methods=[method])
        for base in ("", "/{base:path}")
        for name, method, answer in (("news", "GET", _news), ("stage", "POST", _show))
    ]


def _refusing(answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
    async def answered(request: Request) -> Response:
        try:
            response: Response = await answer(request)
        except (Refused, NotPosted) as refused:
            response = Response(status_code=refused.status)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return answered
