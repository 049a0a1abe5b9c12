"""What watching costs: a classic run trained with nobody looking, and with its page open.

    python -m tests.tools.bench_watching [rounds] [epochs]

Starts the app and its worker, and trains runs in turn: headless, watched over the protocol as a browser speaks it, and
watched in a Chromium. The last runs on the same machine, so the drawing is in its figure; the visitors of a server
bring their own machines. Speeds are comparable on a quiet machine only; the CPU times are on any. Each cost is the
median of the rounds, which compares runs that were trained right after each other.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event, Thread

from playwright.sync_api import sync_playwright

from lenet import runs
from lenet.runs.configuration import CLASSIC
from tests.browser.conftest import ARGS, CHROMIUM
from tests.helpers.measuring import cpu_seconds
from tests.tools.load import Visitor, app

Watching = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Cost:
    """Of one run: its speed, and the CPU time that worker and server took for it."""

    examples_per_sec: float
    worker_us: float  # CPU time an example
    server: float  # share of a core

    @classmethod
    def of(cls, seed: int, epochs: int, watching: Watching, server: int) -> Cost:
        run = runs.create(replace(CLASSIC, epochs=epochs, seed=seed))
        runs.supervisor().ensure_running()
        while run.status().state == "queued":
            time.sleep(0.05)
        trainer = runs.read_state().pid
        began, theirs, ours = time.monotonic(), cpu_seconds(trainer), cpu_seconds(server)
        with watching(run.id):
            while run.status().state != "finished":
                time.sleep(0.1)
            examples = run.status().step * CLASSIC.batch_size
            took, theirs, ours = (
                time.monotonic() - began, cpu_seconds(trainer) - theirs, cpu_seconds(server) - ours
            )  # fmt: skip
        return cls(run.status().examples_per_sec, 1e6 * theirs / examples, ours / took)


@contextmanager
def headless(_url: str, _run: str) -> Iterator[None]:
    yield


@contextmanager
def over_protocol(url: str, run: str) -> Iterator[None]:
    over = Event()

    async def look() -> None:
        async with Visitor(url, "training", f"run={run}", random.Random(0)):
            while not over.is_set():
                await asyncio.sleep(0.2)

    visitor = Thread(target=lambda: asyncio.run(look()))
    visitor.start()
    yield
    over.set()
    visitor.join()


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.bench_watching", description="What watching costs.")
    parser.add_argument("rounds", nargs="?", type=int, default=3, help="default: 3")
    parser.add_argument("epochs", nargs="?", type=int, default=3, help="of each run (default: 3)")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, app(Path(folder)) as (url, server), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)

        @contextmanager
        def in_browser(url: str, run: str) -> Iterator[None]:
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(f"{url}/training?run={run}")
            yield
            page.close()

        ways = {"headless": headless, "over the protocol": over_protocol, "in a browser": in_browser}
        found: dict[str, list[Cost]] = {name: [] for name in ways}
        Cost.of(99, 1, partial(over_protocol, url), server.pid)  # warms up worker, server and caches
        print(f"{'':20}{'examples/sec':>14}{'worker, CPU µs each':>22}{'server, share of a core':>25}")
        for n in range(args.rounds):
            for name, watching in ways.items():
                found[name].append(c := Cost.of(n, args.epochs, partial(watching, url), server.pid))
                print(f"{name:20}{c.examples_per_sec:14,.0f}{c.worker_us:22.1f}{c.server:25.1%}", flush=True)
        browser.close()
    for name in list(found)[1:]:
        pairs = list(zip(found[name], found["headless"], strict=True))
        slower = statistics.median(1 - w.examples_per_sec / h.examples_per_sec for w, h in pairs)
        dearer = statistics.median(w.worker_us / h.worker_us - 1 for w, h in pairs)
        served = statistics.median(w.server for w, _h in pairs)
        print(
            f"watched {name}: {slower:.1%} slower; {dearer:+.1%} CPU time of training; {served:.1%} of a core to serve it"
        )


if __name__ == "__main__":
    main()
