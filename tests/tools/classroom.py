"""A whole class of simulated phones: joins, follows, answers, trains and hands in, and is measured.

    python -m tests.tools.classroom                            # forty phones
    python -m tests.tools.classroom --phones 10 --seconds 15   # fewer, and led for a shorter time
    python -m tests.tools.classroom --url http://192.168.0.7:8501

The app runs on a port and a runs directory of its own, unless there is an address of one. Phones speak Streamlit's own
protocol (tests/helpers/sessions.py) and wait for the news of the class as the browser does (tests/helpers/phones.py). What
components do by themselves is not done here: steps and cells that the teacher moves cost the server the news and nothing
else. All phones live in this process, whose own CPU time is printed: on a small machine it is taken from the server.

Training is compared with the same runs one after another in one process with nothing beside it, and pages with a page of one
chart that as many visitors use on another server meanwhile.

Exits with 1 where anything was lost: a phone that did not join or arrive, an answer or a run that is not there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException

from lenet import classroom
from lenet.common import files, paths
from tests.helpers.measuring import Memory, cpu_seconds, summary
from tests.helpers.phones import Phone, Teacher
from tests.helpers.processes import end_workers, wait_for, workers_are_gone
from tests.helpers.sessions import Failed
from tests.tools import load
from tests.tools.load import Visitor

PLACES = (
    ("pooling", "kernel=3"), ("kernels", "run=reference-classic"), ("architecture", "tab=walk"), ("convolution", ""),
    ("pooling", "kernel=2&stride=2"), ("training", "run=reference-modern"), ("kernels", "run=reference-modern"),
)  # fmt: skip
"""Where the class is led, again and again: pages and their queries."""
STEPS = 8
"""Changes that components of a page show by themselves, between two of these."""
BETWEEN = 0.25  # seconds between two steps; a page has a second longer
PATIENCE = 60.0  # seconds for what all phones do
TRAINING = 900.0  # seconds for all runs
PANELS = ("people", "train", "ask", "contest")
"""The tabs of whoever leads the class, in their order."""
VISITED = ("pooling", "convolution", "architecture", "kernels")
"""Pages that visitors use who are in no class."""

QUIET = """
import json, sys, time
from lenet import runs
from lenet.runs.configuration import RunConfig
from lenet.training.run import train_run
configs = [RunConfig.from_dict(values) for values in json.load(sys.stdin)]
train_run(runs.create(configs[0], "first", for_worker=False))  # loads images and libraries
began = time.perf_counter()
for n, config in enumerate(configs):
    train_run(runs.create(config, f"quiet-{n}", for_worker=False))
print(time.perf_counter() - began)
"""


@dataclass
class Room:
    """A class and its server, and what went wrong there."""

    url: str
    pid: int  # of the server; 0 if it is not on this machine
    teacher: Teacher
    phones: list[Phone] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def lost(self, what: str, phones: list[Phone]) -> None:
        """It is a problem of these phones."""
        if phones:
            self.problems.append(
                f"{len(phones)} phones {what}: {sorted(p.failure or p.session.said[-1:] for p in phones)[:3]}"
            )  # type: ignore[type-var]

    async def all(self, what: str, is_so: Callable[[Phone], bool], seconds: float = PATIENCE) -> float:
        """Seconds until it is so of every phone; it is a problem where it is not."""
        began = time.perf_counter()
        while (late := [p for p in self.phones if not is_so(p)]) and time.perf_counter() - began < seconds:
            await asyncio.sleep(0.05)
        self.lost(f"did not {what}", late)
        return time.perf_counter() - began

    async def each(self, do: Callable[[Phone], Awaitable[Any]], within: float = 1.0) -> list[float]:
        """Have every phone do something within so many seconds; how long each took. Failures are problems."""

        async def one(phone: Phone, wait: float) -> float:
            await asyncio.sleep(wait)
            began = time.perf_counter()
            try:
                await do(phone)
            except (Failed, OSError, WebSocketException) as e:
                self.problems.append(f"{do.__name__}: {type(e).__name__}: {e}")
            return time.perf_counter() - began

        n = max(len(self.phones), 1)
        return await asyncio.gather(*(one(phone, within * i / n) for i, phone in enumerate(self.phones)))


class Costs:
    """CPU of the server and of this process, and the bytes of phones, from now on."""

    def __init__(self, room: Room) -> None:
        self.room, self.since = room, time.monotonic()
        self.cpu, self.own = cpu_seconds(room.pid), time.process_time()
        self.bytes = sum(p.bytes for p in room.phones)

    def __call__(self) -> dict[str, Any]:
        took = max(time.monotonic() - self.since, 1e-9)
        came = sum(p.bytes for p in self.room.phones) - self.bytes
        return {
            "seconds": round(took, 1),
            "server_cores": round((cpu_seconds(self.room.pid) - self.cpu) / took, 3),
            "tool_cores": round((time.process_time() - self.own) / took, 3),
            "kb_a_phone": round(came / max(len(self.room.phones), 1) / 1000, 2),
        }


def told(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Print what was measured of a part of the lesson."""

    def words(value: Any) -> str:
        if isinstance(value, dict):
            return f"median {value['median']:.0f}, p95 {value['p95']:.0f}, max {value['max']:.0f} ms"
        return str(value)

    print(f"{name}: " + "; ".join(f"{k.replace('_', ' ')} {words(v)}" for k, v in values.items()), flush=True)
    return values


# -- the lesson --------------------------------------------------------------------------------------------------------


async def come(room: Room, n: int) -> dict[str, Any]:
    """`n` phones scan the code within some seconds."""
    code, url = room.teacher.code, room.url
    room.phones = [Phone(url, code, language=("en-US", "zh-CN")[i % 2]) for i in range(n)]
    costs = Costs(room)
    took = await room.each(Phone.open, within=n / 8)
    await room.all("hear of the class", lambda p: bool(p.told))
    joined = [p for p in room.phones if p.session.first]
    numbers = []
    for p in joined:
        with suppress(Failed):
            numbers.append(p.number)
    if sorted(numbers) != list(range(1, n + 1)):
        room.problems.append(f"{n} phones have the numbers {sorted(numbers)}")
    await room.teacher.until(lambda t: t.told.get("here") == n, PATIENCE)
    return told("join", {"page_ms": summary(took)} | costs())


async def be_still(room: Room, seconds: float) -> dict[str, Any]:
    """Nothing changes, and phones show a page that does not live."""
    revision = await room.teacher.show("pooling", "kernel=3", leads=True)
    await room.all("follow", lambda p: bool(p.arrived) and max(p.arrived) >= revision)
    await room.teacher.session.go("pooling", "")
    await asyncio.sleep(1.0)
    costs = Costs(room)
    await asyncio.sleep(seconds)
    return told("nothing changes", costs())


async def follow(room: Room, seconds: float) -> dict[str, Any]:
    """The class is led from page to page, and through the steps of each."""
    pages: dict[int, float] = {}
    places: dict[int, str] = {}
    steps: dict[int, float] = {}
    costs, end, n = Costs(room), time.monotonic() + seconds, 0
    while time.monotonic() < end or n < 2:
        page, query = PLACES[n % len(PLACES)]
        n += 1
        began = time.perf_counter()
        revision = await room.teacher.show(page, query)
        pages[revision], places[revision] = began, f"/{page}?{query}"
        await asyncio.sleep(1.0)
        for step in range(STEPS):
            began = time.perf_counter()
            steps[await room.teacher.show(page, query, live=f"cell={step},0")] = began
            await asyncio.sleep(BETWEEN)
    last = max(pages | steps)
    await room.all("hear the last change", lambda p: bool(p.heard) and max(p.heard) >= last)
    await room.all("arrive at the last page", lambda p: bool(p.arrived) and max(p.arrived) >= last)
    room.lost("failed", [p for p in room.phones if p.failure or p.failures or p.session.exceptions])
    room.lost("are elsewhere", [p for p in room.phones if p.session.page != page])
    heard = [first(p.heard, r) - at for p in room.phones for r, at in (pages | steps).items()]
    arrived = {r: [first(p.arrived, r) - at for p in room.phones] for r, at in pages.items()}
    new = list(pages)[: len(PLACES)]  # what the server does only once, such as importing torch, is in these
    for r, took in arrived.items():
        print(f"  {places[r]:32} median {(m := summary(took))['median']:5.0f}, p95 {m['p95']:5.0f} ms")
    values = {
        "pages": len(pages),
        "steps": len(steps),
        "news_ms": summary(heard),
        "first_page_ms": summary([t for r in new for t in arrived[r]]),
        "page_ms": summary([t for r, took in arrived.items() if r not in new for t in took]),
    }
    return told("follow", values | costs())


def first(seen: dict[int, float], revision: int) -> float:
    """When a phone saw that revision, or a later one instead."""
    return min((at for r, at in seen.items() if r >= revision), default=float("inf"))


async def turn_to(room: Room, panel: str) -> None:
    """The teacher opens a tab of the class, on which something is begun."""
    session = room.teacher.session
    if session.page != "class":
        await session.go("class", f"join={room.teacher.code}")
    await room.teacher.show("class")
    tabs = session.by_key("_ui_panel_words")
    label = tabs.options[PANELS.index(panel)]
    if tabs.value != label:
        await session.change(tabs, label)


async def begin(room: Room, panel: str, button: str, piece: str) -> float:
    """Begin an activity with a button of the teacher's tab; seconds until all phones show it."""
    await turn_to(room, panel)
    began = time.perf_counter()
    await room.teacher.session.change(room.teacher.session.by_key(button), True)
    await room.all(
        f"show the {panel}", lambda p: p.has_arrived and any(w.key == piece for w in p.session.widgets.values())
    )
    return time.perf_counter() - began


def scene(session: Any, key: str) -> dict[str, Any]:
    """What a component was last given to draw. Raises Failed if it is not on the page."""
    if key not in session.scenes:
        raise Failed(f"{key} is not on the page: {session.said}")
    drawn: dict[str, Any] = json.loads(session.scenes[key])[0]
    return drawn


async def ask(room: Room) -> dict[str, Any]:
    """A question; all answer, and the front counts."""
    costs = Costs(room)
    shown = await begin(room, "ask", "class_ask", "class_question")

    async def answer(phone: Phone) -> None:
        asked = scene(phone.session, "class_question")
        values = {"cell": [1, 1], "choice": 0}
        value = values.get(asked["form"]["type"], [str(phone.number)] * len(asked["form"]["labels"]))
        given = {"activity": asked["activity"], "round": asked["round"], "value": value}
        await phone.session.change(phone.session.by_key("class_question"), {"event": "answer", "value": given})
        if scene(phone.session, "class_question")["given"] is None:
            raise Failed(f"the answer was not taken: {scene(phone.session, 'class_question')['refusal']}")

    took = await room.each(answer, within=len(room.phones) / 20)
    n = len(room.phones)
    counted = await front_has(room, "class_answers", lambda drawn: str(drawn["count"]).startswith(f"{n} of {n}"))
    await room.teacher.session.change(room.teacher.session.by_key("class_question_end"), True)
    return told(
        "ask", {"begun_s": round(shown, 2), "answer_ms": summary(took), "counted_s": round(counted, 2)} | costs()
    )


async def front_has(
    room: Room, key: str, is_so: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE
) -> float:
    """Seconds until it is so of a component on the teacher's screen; a problem if it never is."""
    began = time.perf_counter()
    while not is_so(scene(room.teacher.session, key)):
        if time.perf_counter() - began > seconds:
            room.problems.append(f"the front does not show all of {key}: {room.teacher.session.scenes[key][:300]}")
            break
        await asyncio.sleep(0.1)
    return time.perf_counter() - began


async def contest(room: Room) -> dict[str, Any]:
    """Everybody hands in a kernel, and another one."""
    costs = Costs(room)
    shown = await begin(room, "contest", "class_contest_begin", "class_contest_own")

    async def hand_in(phone: Phone) -> None:
        dice = random.Random(phone.number)
        for _twice in range(2):
            weights = [dice.choice((-1, -0.5, 0, 0.5, 1)) for _ in range(25)]
            activity = scene(phone.session, "class_contest_own")["activity"]
            given = {"event": "kernel", "value": {"activity": activity, "weights": weights}}
            await phone.session.change(phone.session.by_key("class_contest_own"), given)
            await asyncio.sleep(0.5)

    took = await room.each(hand_in, within=len(room.phones) / 20)
    n = len(room.phones)
    counted = await front_has(room, "class_contest", lambda drawn: len(drawn["entries"]) == n)
    await room.teacher.session.change(room.teacher.session.by_key("class_contest_end"), True)
    return told("contest", {"begun_s": round(shown, 2), "hand_in_ms": summary([t - 1.0 for t in took]), "counted_s": round(counted, 2)} | costs())  # fmt: skip


async def train(room: Room, visitors: int, trivial_url: str) -> dict[str, Any]:
    """Everybody presses Train; meanwhile visitors use pages, and as many a page of one chart on another server."""
    costs = Costs(room)
    shown = await begin(room, "train", "class_begin_training", "class_train_0")
    crowds = [
        [Visitor(url, pages[i % len(pages)], "", random.Random(i)) for i in range(visitors)]
        for url, pages in ((room.url, VISITED), (trivial_url, ("trivial",)))
        if url
    ]
    beside = [asyncio.create_task(v.stay(TRAINING, 1.0, 0.1 * i)) for c in crowds for i, v in enumerate(c)]

    async def press(phone: Phone) -> None:
        await phone.session.change(phone.session.by_key("class_train_0"), True)

    began = time.perf_counter()
    took = await room.each(press, within=len(room.phones) / 20)
    n = len(room.phones)
    await front_has(room, "class_wall", lambda drawn: finished(drawn) == n, TRAINING)
    all_there = time.perf_counter() - began
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    pages, trivial = ([s for v in crowd for s in v.reruns] for crowd in (*crowds, *[[]] * (2 - len(crowds))))
    room.problems += [f"a visitor: {p}" for c in crowds for v in c for p in (*v.exceptions, v.failure) if p]
    values = {"begun_s": round(shown, 2), "press_ms": summary(took), "all_tiles_s": round(all_there, 1)}
    return told("train", values | {"visitors_ms": summary(pages), "trivial_ms": summary(trivial)} | costs())


def finished(drawn: dict[str, Any]) -> int:
    return sum(tile["state"] == "finished" and bool(tile["kernels"]) for tile in drawn["tiles"])


def quiet_seconds(folder: Path) -> float:
    """How long the runs of the class take one after another, in one process with nothing beside it."""
    configs = [json.loads(path.read_text()) for path in sorted(folder.glob("*/config.json"))]
    with tempfile.TemporaryDirectory() as other:
        out = subprocess.run(
            [sys.executable, "-c", QUIET], input=json.dumps(configs), text=True, capture_output=True, check=True,
            cwd=paths.PROJECT, env=load.os.environ | {"LENET_RUNS_DIR": other},
        )  # fmt: skip
    return float(out.stdout.split()[-1])


async def end(room: Room, folder: Path | None) -> dict[str, Any]:
    """The class ends, and all hear of it; its file has what everybody has handed in."""
    if folder:
        n, kept = len(room.phones), classroom.record(room.teacher.code)
        for done in kept["activities"]:
            numbers = {row["number"] for row in done["answers"]}
            if len(numbers) != n:
                room.problems.append(f"{done['id']}: {len(numbers)} of {n} have handed in")
    await turn_to(room, "people")
    costs = Costs(room)
    await room.teacher.session.change(room.teacher.session.by_key("class_end_now"), True)
    took = await room.all("hear that the class has ended", lambda p: p.is_over)
    return told("end", {"heard_s": round(took, 2)} | costs())


# -- all of it ---------------------------------------------------------------------------------------------------------


async def lesson(
    args: argparse.Namespace, url: str, pid: int, trivial_url: str, folder: Path | None
) -> dict[str, Any]:
    """All that is printed, as values."""
    room = Room(url, pid, Teacher(url))
    memory = Memory.of(pid).rss
    result: dict[str, Any] = {"phones": args.phones}
    try:
        await room.teacher.open_class()
        result["join"] = await come(room, args.phones)
        result["still"] = await be_still(room, args.still)
        result["follow"] = await follow(room, args.seconds)
        result["ask"] = await ask(room)
        result["contest"] = await contest(room)
        if args.training:
            result["train"] = await train(room, args.visitors, trivial_url)
        result["end"] = await end(room, folder)
        result["kb_a_phone"] = round(sum(p.bytes for p in room.phones) / args.phones / 1000, 1)
        result |= {"memory_before_mb": round(memory), "memory_mb": round(Memory.of(pid).rss)}
        told("in all", {key: result[key] for key in ("kb_a_phone", "memory_before_mb", "memory_mb")})
    except (Failed, OSError, WebSocketException) as e:
        room.problems.append(f"the lesson broke off: {type(e).__name__}: {e}")
    finally:
        for browser in (room.teacher, *room.phones):
            await browser.close()
    room.problems += [f"{p.session.page}: {e}" for p in (room.teacher, *room.phones) for e in p.session.exceptions]
    result["problems"] = room.problems
    return result


@contextmanager
def server(args: argparse.Namespace) -> Iterator[tuple[str, int, Path | None]]:
    """The address of the app, its process, and its runs directory where that is ours."""
    if args.url:
        yield args.url.rstrip("/"), 0, None
        return
    with tempfile.TemporaryDirectory() as folder, load.app(Path(folder), compresses=False) as (url, process):
        yield url, process.pid, Path(folder)


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.classroom",
        description="Have a class of simulated phones take part in a lesson, and measure.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--phones", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=40.0, help="for which the class is led from page to page")
    parser.add_argument("--still", type=float, default=15.0, metavar="SECONDS", help="in which nothing changes")
    parser.add_argument("--visitors", type=int, default=1, help="who use pages beside training, and a trivial page")
    parser.add_argument("--no-training", dest="training", action="store_false", help="nobody trains")
    parser.add_argument(
        "--no-baseline", dest="baseline", action="store_false", help="do not train the same runs again in quiet"
    )
    parser.add_argument("--url", help="of an app that runs already, instead of one that is started")
    parser.add_argument("--json", type=paths.option, metavar="FILE", help="write what was measured there")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if args.json:
        files.check_writable(args.json)
    with server(args) as (url, pid, folder):
        beside = args.training and args.visitors
        with load.trivial_app(folder / ".trivial") if folder and beside else nullcontext("") as trivial_url:
            result = asyncio.run(lesson(args, url, pid, trivial_url, folder))
        if folder and args.baseline and "train" in result:
            end_workers(folder)
            wait_for(workers_are_gone)
            result["quiet_s"] = round(quiet_seconds(folder), 1)
            ratio = result["train"]["all_tiles_s"] / result["quiet_s"]
            print(
                f"the same runs in one quiet process: {result['quiet_s']} s; the class took {ratio:.2f} times as long"
            )
    for text, times in Counter(result["problems"]).items():
        print(f"{times} × {text}")
    print(f"{len(result['problems'])} problems")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if result["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
