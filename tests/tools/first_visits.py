"""What first visits cost: bytes on the wire, time on a slow network, the server's work for forty at once.

    python -m tests.tools.first_visits                   # bytes of every page: first visit, second visit, websocket
    python -m tests.tools.first_visits --slow            # seconds to the first picture on “Fast 3G”
    python -m tests.tools.first_visits --at-once 40      # CPU time and memory of the server

The app runs on a port and a runs directory of its own, with all its files compressed at the highest level, as they are some time
after its start: that takes this tool a minute of CPU time. The browser is Chromium. Bytes are those that Chromium's network layer
counts, headers included. “Fast 3G” is Chromium's own throttling: 1.6 Mbit/s down, 0.75 up, 150 ms; it does not slow websockets.
Forty at once are no browsers: each asks for the files that Chromium has loaded, over six connections, and opens the page's
websocket. All of them live in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import queue
import random
import sys
import tempfile
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, sync_playwright

from lenet.common import files
from lenet.ui.compression import BEST, compress
from tests.browser.conftest import ARGS, CHROMIUM
from tests.helpers.measuring import Memory, cpu_seconds
from tests.helpers.processes import run_apart, serve
from tests.helpers.wire import PATHS, Visit, Wire, new_reader, visits
from tests.tools.load import Visitor, app

CONNECTIONS = 6  # of a browser to one server
FAST_3G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
PICTURES = {"/pooling": ".zone.out", "/kernels": ".wall .kernel"}
"""What the first picture of a page consists of."""


# -- bytes ---------------------------------------------------------------------------------------------------------


def first_visits(browser: Browser, url: str, coding: str) -> dict[str, list[Visit]]:
    """Two visits of each page."""
    found = {}
    for path in PATHS:
        context = new_reader(browser, coding)
        found[path] = visits(context, f"{url}{path}")
        context.close()
    return found


def compress_all(browser: Browser, folder: Path) -> None:
    """Compress all files that the pages load at the highest level, for a server over `folder` to find: a server would do it
    after the first visits, in a thread of the lowest priority, which on a busy machine takes an hour."""
    with serve(folder, trains=False) as (url, _server):
        visited = first_visits(browser, url, "br")
        addresses = sorted({address for both in visited.values() for address in both[0].files})
        packed = [address for address in addresses if coding_of(address, "br")]
        print(f"compressing {len(packed)} files at the highest level …", flush=True)
        began = time.monotonic()
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for _done in threads.map(lambda address: keep(folder, urlopen(address).read()), packed):
                pass
        print(f"done in {time.monotonic() - began:.0f} s", flush=True)


def keep(folder: Path, plain: bytes) -> None:
    """A file in each coding, where a server over `folder` looks for it (see lenet/ui/compression.py)."""
    place = folder / ".cache" / "compressed"
    place.mkdir(parents=True, exist_ok=True)
    for coding, level in BEST.items():
        files.write_atomic(place / f"{hashlib.sha256(plain).hexdigest()}.{coding}", compress(coding, plain, level))


def coding_of(address: str, coding: str) -> str:
    """The coding and the level in which our compression sends a file to a browser that takes `coding`, such as `br11`; "" for
    what it does not compress."""
    with suppress(HTTPError), urlopen(Request(address, headers={"Accept-Encoding": coding})) as answer:
        how = str(answer.headers.get("ETag", "")).strip('"').rpartition("-")[2]
        return how if how.rstrip("0123456789") == coding else ""
    return ""


def tell_quick(visited: dict[str, list[Visit]], coding: str) -> None:
    """Say so if there are files that did not come at the highest level."""
    addresses = {address for both in visited.values() for address in both[0].files}
    if quick := [a for a in addresses if coding_of(a, coding) not in ("", f"{coding}{BEST[coding]}")]:
        print(f"{coding}: {len(quick)} files came as they are compressed for the first visitor: {', '.join(quick)}")


def print_bytes(browser: Browser, url: str) -> None:
    brotli, gzip = (first_visits(browser, url, coding) for coding in ("br", "gzip"))
    tell_quick(brotli, "br")
    tell_quick(gzip, "gzip")
    print("\n| | first visit, brotli | gzip | second visit | websocket |\n| --- | --- | --- | --- | --- |")
    for path in PATHS:
        (first, second), (plain, _again) = brotli[path], gzip[path]
        name = path.strip("/") or "home"
        print(
            f"| {name} | {first.http / 1e6:.2f} MB | {plain.http / 1e6:.2f} MB | {second.http / 1e3:.0f} kB "
            f"| {first.socket / 1e3:.0f} kB |"
        )
    for path in PATHS:
        largest = sorted(brotli[path][0].files.items(), key=lambda file: -file[1])[:6]
        print(f"{path}: " + ", ".join(f"{urlsplit(a).path.rpartition('/')[2]} {n / 1e3:.0f} kB" for a, n in largest))


# -- a slow network ------------------------------------------------------------------------------------------------


def print_times(browser: Browser, url: str) -> None:
    """The seconds to the first picture, of a first and a second visit."""
    for coding in ("br", "gzip"):
        for path, picture in PICTURES.items():
            context, seconds = new_reader(browser, coding), []
            for _visit in range(2):
                page = context.new_page()
                Wire(page).session.send("Network.emulateNetworkConditions", FAST_3G)
                began = time.monotonic()
                page.goto(f"{url}{path}", wait_until="commit")
                page.locator(picture).first.wait_for(timeout=120_000)
                seconds.append(time.monotonic() - began)
                page.wait_for_timeout(5000)  # what comes later is kept for the second visit, too
                page.close()
            context.close()
            print(f"{path}, {coding}: {seconds[0]:.1f} s, then {seconds[1]:.1f} s", flush=True)


# -- many at once --------------------------------------------------------------------------------------------------


def take(url: str, paths: list[str]) -> int:
    """Ask for files as a browser does; the bytes that came."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for path in paths:
        waiting.put(path)
    came = []

    def connection() -> None:
        server = HTTPConnection(str(urlsplit(url).hostname), urlsplit(url).port or 80, timeout=120)
        while True:
            try:
                path = waiting.get_nowait()
            except queue.Empty:
                return server.close()
            server.request("GET", path, headers={"Accept-Encoding": "gzip"})
            came.append(len(server.getresponse().read()))

    threads = [threading.Thread(target=connection) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(came)


async def arrive(url: str, page: str, paths: list[str], n: int, threads: Executor) -> tuple[float, int]:
    """One first visit; the seconds that it took, and its bytes."""
    began = time.monotonic()
    came = await asyncio.get_running_loop().run_in_executor(threads, take, url, paths)
    async with Visitor(url, page, "", random.Random(n)) as visitor:
        return time.monotonic() - began, came + visitor.first_bytes


async def crowd(url: str, pid: int, page: str, paths: list[str], n: int) -> str:
    """`n` first visits at once, in a sentence."""
    highest, cpu, began = Memory.of(pid), cpu_seconds(pid), time.monotonic()
    with ThreadPoolExecutor(n) as threads:
        coming = asyncio.gather(*(arrive(url, page, paths, i, threads) for i in range(n)))
        while not coming.done():
            await asyncio.sleep(0.2)
            highest = max(highest, Memory.of(pid), key=lambda memory: memory.rss)
    seconds, sizes = zip(*coming.result(), strict=True)
    return (
        f"{n} × /{page}: {time.monotonic() - began:.1f} s (each {sorted(seconds)[n // 2]:.1f} s, median), "
        f"server CPU {cpu_seconds(pid) - cpu:.1f} s, memory at most {highest}, {sum(sizes) / 1e6:.0f} MB sent"
    )


def print_crowds(browser: Browser, url: str, pid: int, n: int) -> None:
    first_visits(browser, url, "gzip")
    print(f"server, after one visitor of every page: {Memory.of(pid)}")
    for path in ("/kernels", "/training"):
        context = new_reader(browser, "gzip")
        (visit,) = visits(context, f"{url}{path}", times=1)
        context.close()
        paths = [urlsplit(address).path for address in visit.files]
        print(run_apart(crowd(url, pid, path.strip("/"), paths, n)), flush=True)


# -- command line --------------------------------------------------------------------------------------------------


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.first_visits", description="What first visits cost.")
    parser.add_argument("--slow", action="store_true", help="time to the first picture on “Fast 3G”")
    parser.add_argument("--at-once", type=int, metavar="N", help="N first visits at the same time")
    args = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS) as browser,
    ):
        compress_all(browser, Path(folder))
        with app(Path(folder)) as (url, server):
            if args.at_once:
                print_crowds(browser, url, server.pid, args.at_once)
            elif args.slow:
                print_times(browser, url)
            else:
                print_bytes(browser, url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
