"""Many visitors at once: starts the app, opens N sessions on it and measures how it answers.

    python -m tests.tools.load                                     # 40 sessions on four pages while a run is trained
    python -m tests.tools.load --pages architecture --waves 2      # all of them on one page, and again
    python -m tests.tools.load --sessions 8 --seconds 600          # does memory grow?
    python -m tests.tools.load --click                             # from a click on Train to the first point of the curve

The app runs on a port and a runs directory of its own. Visitors speak Streamlit's own protocol (tests/helpers/sessions.py);
what they lack is a screen: nothing is drawn. All of them live in this process, whose own CPU time is printed: on a small
machine it is taken from the server and from training.

Exits with 1 where a session saw an exception, lost its connection or waited longer than TIMEOUT for an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException

from lenet import runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC
from tests.helpers.measuring import Memory, cpu_seconds, summary
from tests.helpers.plotted import numbers
from tests.helpers.processes import end_workers, serve, wait_for, workers_are_gone
from tests.helpers.sessions import TIMEOUT, Failed, Session

# -- what visitors do ----------------------------------------------------------------------------------------------

PAGES: dict[str, dict[str, tuple[float, ...]]] = {
    "home": {"lang": (1,)},
    "convolution": {
        "conv_stride": (3,), "conv_padding": (2,), "typed_bias": (2, -9, 9), "activation": (2,), "known": (2,), "example": (1,),
        "_ui_panel_words": (1,), "code": (1,), "arriving": (1,),
    },
    "pooling": {
        "kernel": (3,), "stride": (3,), "padding": (2,), "mode": (2,), "preset": (1,), "figure": (4,),
        "_ui_panel_words": (1,), "shift": (1,), "code": (1,),
    },
    "architecture": {
        "typed_c1": (3, 1, 32), "typed_c2": (3, 1, 64), "typed_h1": (3, 1, 512), "typed_h2": (3, 1, 512),
        "typed_k1": (1, 1, 9), "typed_k2": (1, 1, 7), "act": (1,), "pool": (1,), "flow": (3,),
        "typed_batch": (1, 1, 4096), "_ui_tab_words": (1,), "typed_image": (4, 0, 999),
    },
    "training": {
        "log": (2,), "view": (1,), "epochs": (2, 1, 100), "typed_seed": (3, 0, 10_000), "typed_lr": (1, 1e-3, 1.0), "act": (1,),
        "recipe": (1,), "_ui_panel_words": (2,), "where": (1,), "recipe_more": (1,),
    },
    "kernels": {"_ui_tab_words": (2,), "run": (1,), "typed_image": (4, 0, 999), "other": (1,)},
    "experiments": {"_ui_panel_words": (3,), "question": (2,), "seeds": (2,), "run_epochs": (2,), "arm": (1,)},
    "class": {"lang": (1,)},
}  # fmt: skip
"""By page, the keys of the widgets that its visitors change: how often, and between which limits if not the widget's."""
TRIVIAL = """
import plotly.graph_objects as go
import streamlit as st

n, power = st.slider("Points", 2, 100, 10, key="n"), st.slider("Power", 1, 5, 2, key="power")
st.plotly_chart(go.Figure(go.Scatter(y=[i**power for i in range(n)])))
"""
"""A page with one chart and two sliders: what the app is measured against."""
CHANGED = PAGES | {"trivial": {"n": (1,), "power": (1,)}}


# -- one visitor ---------------------------------------------------------------------------------------------------


@dataclass
class Visitor(Session):
    """A session of somebody who keeps changing things."""

    rng: random.Random

    async def stay(self, seconds: float, think: float, arrive: float) -> None:
        """Come after `arrive` seconds, change something every `think` seconds on average, leave after `seconds`."""
        try:
            await asyncio.sleep(arrive)
            end = time.monotonic() + seconds - arrive
            async with self:
                while True:
                    pause = think * self.rng.uniform(0.5, 1.5)
                    if time.monotonic() + pause > end:
                        return
                    await asyncio.sleep(pause)
                    self.reruns.append(await self.change_something())
        except (Failed, OSError, WebSocketException) as e:
            self.failure = f"{type(e).__name__}: {e}"

    async def change_something(self) -> float:
        """Give one of the page's widgets another value; seconds until all of the answer was here."""
        habits = CHANGED[self.page]
        here = [w for w in self.widgets.values() if w.key in habits]
        while here:
            w = self.rng.choices(here, [habits[w.key][0] for w in here])[0]
            value = w.other_value(self.rng, *habits[w.key][1:])
            if value is not None and value != w.value:
                return await self.change(w, value)
            here.remove(w)
        here_keys = ", ".join(w.key for w in self.widgets.values())
        raise Failed(f"nothing to change on the page {self.page}, which has only {here_keys}")


# -- the app -------------------------------------------------------------------------------------------------------


@contextmanager
def app(folder: Path, *, compresses: bool = True) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The app over `folder`, which is this process's runs directory too; its address and process. Ends its worker too.

    Without `compresses` it does not take half a minute of CPU time, as it does once, to compress its scripts.
    """
    paths.use_runs_dir(folder)
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # also then, what was started here ends
    try:
        with serve(folder, compresses=compresses) as started:
            yield started
    finally:
        end_workers(folder)
        wait_for(workers_are_gone)


async def train(run: runs.Run) -> None:
    """Have the worker train `run`; returns once it steps."""
    runs.supervisor().ensure_running()
    for _attempt in range(600):
        with suppress(LenetError):
            if run.status().step > 0:
                return
        await asyncio.sleep(0.1)
    raise SystemExit("the worker does not train")


class Speed:
    """Examples per second of all that is trained here from now on, evaluation included.

    On a machine that others use too, `cores` tells how much of a core training got in that time: what it would do with
    a whole one is the quotient.
    """

    def __init__(self) -> None:
        self._from = self._now()
        self.cores = 0.0

    def _now(self) -> tuple[float, float, float]:
        """Examples so far, when the trainer last told, and its CPU time."""
        own = [(r.config, r.status()) for r in runs.list_runs() if not r.is_reference]
        told = max((s.updated for _c, s in own), default=0.0)
        return sum(s.step * c.batch_size for c, s in own), told, cpu_seconds(runs.read_state().pid)

    def __call__(self) -> float:
        examples, told, cpu = (now - then for now, then in zip(self._now(), self._from, strict=True))
        self.cores = cpu / told if told > 0 else 0.0
        return examples / told if told > 0 else 0.0


# -- what comes out ------------------------------------------------------------------------------------------------


def report(visitors: list[Visitor]) -> dict[str, Any]:
    """Figures of some visitors."""
    reruns = [s for v in visitors for s in v.reruns]
    answered = [v for v in visitors if v.first]
    n = max(len(answered), 1)
    return {
        "sessions": len(visitors),
        "failed": sum(bool(v.failure) for v in visitors),
        "exceptions": sum(len(v.exceptions) for v in visitors),
        "reruns": len(reruns),
        "first_load_ms": summary([v.first for v in answered]),
        "rerun_ms": summary(reruns),
        "live_updates": sum(len(v.ticks) for v in visitors),
        "live_ms": summary([s for v in visitors for s in v.ticks]),
        "first_load_kb": round(sum(v.first_bytes for v in answered) / n / 1000, 1),
        "session_kb": round(sum(v.bytes for v in answered) / n / 1000, 1),
    }


def print_report(name: str, r: dict[str, Any]) -> None:
    def ms(s: dict[str, float]) -> str:
        return f"{s['median']:6.0f} {s['p95']:6.0f} {s['max']:6.0f}"

    live = f"{r['live_updates']:6} {ms(r['live_ms'])}" if r["live_updates"] else f"{'–':>6}" + 21 * " "
    print(
        f"{name:13}{r['sessions']:4}{r['failed']:4}{r['exceptions']:4} |{ms(r['first_load_ms'])} |{r['reruns']:6} "
        f"{ms(r['rerun_ms'])} |{live} |{r['first_load_kb']:7.0f} {r['session_kb']:7.0f}",
        flush=True,
    )


HEADER = (
    f"{'':13}{'n':>4}{'bad':>4}{'exc':>4} |{'first load, ms':>20} |{'reruns':>6}{'ms':>21} |{'live':>6}{'ms':>21} "
    f"|{'kB first':>8}{'session':>8}\n{'':25} |{'median    p95    max':>20} |{'':6}{'median    p95    max':>21} "
    f"|{'':6}{'median    p95    max':>21} |"
)


async def wave(
    url: str, pages: list[str], sessions: int, seconds: float, think: float, query: dict[str, str], seed: int
) -> list[Visitor]:
    """`sessions` visitors, in turn on each of the pages, who come within the first seconds and leave together."""
    visitors = [
        Visitor(url, pages[i % len(pages)], query.get(pages[i % len(pages)], ""), random.Random(1000 * seed + i))
        for i in range(sessions)
    ]
    within = min(max(think, sessions / 10), seconds / 3)
    await asyncio.gather(*(v.stay(seconds, think, within * i / sessions) for i, v in enumerate(visitors)))
    return visitors


class Watch:
    """The memory of a process: by the minute, and the highest of late."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.began = time.monotonic()
        self.by_minute: list[tuple[float, Memory]] = []
        self.highest = Memory()

    async def look(self) -> None:
        while True:
            now, after = Memory.of(self.pid), time.monotonic() - self.began
            self.highest = max(self.highest, now, key=lambda m: m.rss)
            if after >= 60 * len(self.by_minute):
                self.by_minute.append((after, now))
            await asyncio.sleep(1)


async def undisturbed(seconds: float, when: str) -> int:
    """Examples per second of training while nobody is there."""
    speed = Speed()
    await asyncio.sleep(seconds)
    found = round(speed())
    print(f"training, {when}: {found:,} examples/sec on {speed.cores:.2f} cores", flush=True)
    return found


@contextmanager
def trivial_app(folder: Path) -> Iterator[str]:
    """The address of a server of its own that shows TRIVIAL, as Streamlit sets it up by itself: it collects garbage after
    every run and watches files. (With the app's settings such a page has a p95 of some 20 ms.)"""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(TRIVIAL, encoding="utf-8")
    with serve(folder / "runs", project=folder) as (url, _server):
        yield url


async def measure_wave(
    args: argparse.Namespace, url: str, watch: Watch, n: int
) -> tuple[list[Visitor], dict[str, Any]]:
    """Wave `n`: its visitors, and its figures, which are printed; before it, as many visitors on a trivial page."""
    with trivial_app(paths.runs_dir() / ".trivial") as trivial_url:
        trivial = report(
            await wave(trivial_url, ["trivial"], args.sessions, args.seconds / 2, args.think, {}, seed=n)
        )
    cpu, own, since, speed = cpu_seconds(watch.pid), time.process_time(), time.monotonic(), Speed()
    watch.highest = Memory()
    query = {"training": f"run={runs.read_state().run}"} if args.training else {}
    visitors = await wave(url, args.pages, args.sessions, args.seconds, args.think, query, seed=n)
    took, served = time.monotonic() - since, cpu_seconds(watch.pid) - cpu
    script_runs = sum(1 + len(v.reruns) + len(v.ticks) for v in visitors)
    values: dict[str, Any] = {
        "pages": {page: report([v for v in visitors if v.page == page]) for page in args.pages},
        "all": report(visitors),
        "trivial": trivial,
        "server_cores": round(served / took, 2),
        "server_ms_per_run": round(1000 * served / script_runs, 1),
        "load_tool_cores": round((time.process_time() - own) / took, 2),
        "memory_highest_mb": round(watch.highest.rss),
        "training": round(speed()),
        "training_cores": round(speed.cores, 2),
    }
    print(f"\nwave {n + 1}\n{HEADER}")
    for name, r in (*values["pages"].items(), ("all", values["all"]), ("trivial page", trivial)):
        print_report(name, r)
    reference = trivial["rerun_ms"]["p95"]
    shares = {name: r["rerun_ms"]["p95"] / reference for name, r in values["pages"].items() if reference}
    print("p95 of a change, against the trivial page's: " + ", ".join(f"{n} {x:.2f}" for n, x in shares.items()))
    print(
        f"server: {values['server_cores']} cores, {values['server_ms_per_run']} ms CPU a script run; "
        f"this tool: {values['load_tool_cores']} cores; memory at most {watch.highest}"
    )
    if args.training:
        print(
            f"training, with visitors: {values['training']:,} examples/sec; worker {Memory.of(runs.read_state().pid)}"
        )
    return visitors, values


async def measure(args: argparse.Namespace, url: str, pid: int) -> dict[str, Any]:
    """All that is printed, as values."""
    result: dict[str, Any] = {"sessions": args.sessions, "think": args.think, "pages": args.pages, "waves": []}
    print(
        f"{args.sessions} sessions, {args.think:g} s think time, pages {', '.join(args.pages)}, {args.seconds:g} s a wave"
    )
    if hasattr(os, "getloadavg"):
        print(f"load of the machine before: {os.getloadavg()[0]:.2f}")
    before = Memory.of(pid)
    print(f"server, nobody there yet: {before}", flush=True)
    if args.training:
        for seed in range(1 + int(args.waves * args.seconds / 60)):  # more than can be trained in that time
            runs.create(replace(CLASSIC, epochs=100, seed=seed), f"load-{seed}")
        await train(runs.find("load-0"))
        result["training_alone"] = [await undisturbed(args.alone, "nobody there")]
    watch = Watch(pid)
    watching = asyncio.create_task(watch.look())
    everybody: list[Visitor] = []
    for n in range(args.waves):
        visitors, values = await measure_wave(args, url, watch, n)
        everybody += visitors
        result["waves"].append(values)
    watching.cancel()
    after = Memory.of(pid)
    result |= {"memory_before_mb": round(before.rss), "memory_after_mb": round(after.rss)}
    result["memory_by_minute_mb"] = [(round(t), round(m.rss)) for t, m in watch.by_minute]
    print("\nmemory over time, MB: " + ", ".join(f"{t / 60:.0f} min {m.rss:.0f}" for t, m in watch.by_minute))
    print(f"server, after all have left: {after}")
    if args.training:
        result["training_alone"].append(await undisturbed(args.alone, "nobody there any more"))
        alone, crowded = (
            statistics.mean(result["training_alone"]),
            statistics.mean(w["training"] for w in result["waves"]),
        )
        result["training_lost"] = round(1 - crowded / alone, 3)
        print(f"visitors cost {result['training_lost']:.1%} of training")
    result["problems"] = [f"{v.page}: {p}" for v in everybody for p in (*v.exceptions, v.failure) if p]
    for text, times in Counter(result["problems"]).items():
        print(f"{times} × {text}")
    print(f"{len(result['problems'])} exceptions and failed sessions")
    return result


# -- from a click to the first point -------------------------------------------------------------------------------


def first_points(spec: str) -> int:
    """How many points the curves of a chart have."""
    return sum(len(numbers(trace.get("x", ()))) for trace in json.loads(spec)["data"])


async def click(url: str, seed: int) -> float:
    """Seconds from a reader's click on Train to the first point of the curve in the browser."""
    async with Visitor(url, "training", f"seed={seed}", random.Random(0)) as visitor:
        visitor.charts.clear()
        began = time.perf_counter()
        await visitor.change(visitor.by_key("train"), True)
        while not ("curve" in visitor.charts and first_points(visitor.charts["curve"])):
            if time.perf_counter() - began > TIMEOUT:
                raise Failed("the curve has no point")
            await asyncio.sleep(0.01)
        return time.perf_counter() - began


async def clicks(url: str) -> dict[str, Any]:
    """With no worker there, and with one that is ready: the run before is stopped and has ended by then."""
    async with Visitor(url, "home", "", random.Random(0)):  # the first visitor makes the server look for a device
        while not runs.read_state().device:
            await asyncio.sleep(0.1)
    took = []
    for n in range(6):
        took.append(round(await click(url, seed=n), 2))
        how = "warm" if n else "cold"
        print(f"click on Train → first point of the curve, worker {how}: {took[-1]:.2f} s", flush=True)
        runs.list_runs()[0].request("stop")
        while runs.read_state().state != "idle":
            await asyncio.sleep(0.1)
    return {"cold": took[0], "warm": took[1:]}


# -- command line --------------------------------------------------------------------------------------------------


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.load",
        description="Open many sessions on the app and measure.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--think", type=float, default=1.0, metavar="SECONDS", help="between an answer and a change")
    parser.add_argument("--pages", nargs="+", choices=list(PAGES), default=[p for p in PAGES if p != "home"])
    parser.add_argument("--seconds", type=float, default=40.0, help="length of a wave")
    parser.add_argument("--waves", type=int, default=1, help="each of new sessions")
    parser.add_argument("--alone", type=float, default=10.0, metavar="SECONDS", help="of training without visitors")
    parser.add_argument("--no-training", dest="training", action="store_false", help="no run beside it")
    parser.add_argument("--click", action="store_true", help="measure only from a click to the first point")
    parser.add_argument("--json", type=paths.option, metavar="FILE", help="write what was measured there")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if args.json:
        files.check_writable(args.json)
    with tempfile.TemporaryDirectory() as folder, app(Path(folder)) as (url, server):
        result = asyncio.run(clicks(url) if args.click else measure(args, url, server.pid))
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if result.get("problems") else 0


if __name__ == "__main__":
    sys.exit(main())
