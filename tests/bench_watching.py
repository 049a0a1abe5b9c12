"""What watching costs: a classic run trained with nobody looking, and again with its page open in a browser.

    python -m tests.bench_watching [epochs]

Starts a server and its worker, trains the runs A B A B (headless, watched) and prints the speed of each. The browser
runs on the same machine, so its own work is in the figure; visitors of a server bring their own machines.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from lenet import runs, settings
from lenet.recipes import CLASSIC
from tests.browser.conftest import ARGS, CHROMIUM


def wait_for_end(run: runs.Run) -> float:
    """Examples per second of the run once it has finished."""
    while run.status().state != "finished":
        time.sleep(0.2)
    return run.status().examples_per_sec


def main(epochs: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as s:
        settings.use_runs_dir(Path(folder))
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
        s.close()
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
        server = subprocess.Popen(
            [*command, f"--server.port={port}"], cwd=settings.PROJECT, stdout=subprocess.DEVNULL, env=os.environ
        )
        worker = subprocess.Popen(
            [sys.executable, "-m", "lenet.worker"], cwd=settings.PROJECT, stdout=subprocess.DEVNULL
        )
        url = f"http://localhost:{port}"
        for _attempt in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/_stcore/health").close()
                break
            time.sleep(0.2)
        speeds: dict[str, list[float]] = {"headless": [], "watched": []}
        wait_for_end(runs.create(replace(CLASSIC, epochs=1, seed=99)))  # warms up worker and caches
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
            for n in range(2):
                headless = runs.create(replace(CLASSIC, epochs=epochs, seed=n))
                speeds["headless"].append(wait_for_end(headless))
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                watched = runs.create(replace(CLASSIC, epochs=epochs, seed=10 + n))
                page.goto(f"{url}/training?run={watched.id}")
                speeds["watched"].append(wait_for_end(watched))
                page.close()
            browser.close()
        for name, values in speeds.items():
            print(f"{name:>9}: {', '.join(f'{v:,.0f}' for v in values)} examples/sec")
        cost = 1 - sum(speeds["watched"]) / sum(speeds["headless"])
        print(f"watching costs {cost:.1%} of the speed ({json.dumps(runs.find(watched.id).status().device_name)})")
        for process in (worker, server):
            process.send_signal(signal.SIGTERM)
            process.wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
