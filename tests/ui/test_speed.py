"""Pages compute in turn, and a slow one does not block the others."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lenet.common import paths
from lenet.ui import speed


@contextmanager
def pages(n: int, order: list[int], done: threading.Event) -> Iterator[list[threading.Thread]]:
    """`n` threads that ask for their turn one after the other and note when they have it."""

    def page(number: int) -> None:
        with speed.turn():
            order.append(number)
            done.wait(10)

    threads = [threading.Thread(target=page, args=(number,)) for number in range(n)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    yield threads
    done.set()
    for thread in threads:
        thread.join()


def test_a_slow_page_does_not_block_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "PATIENCE", 0.2)
    order: list[int] = []
    with pages(4, order, threading.Event()):
        assert order == [0], "the others wait"
        time.sleep(0.4)
        assert sorted(order) == [0, 1, 2, 3], "all of them lose patience with the first together"


def test_pages_that_have_waited_for_long_do_not_compute_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty pages of 20 ms: all but the first wait for longer than any may compute alone."""
    monkeypatch.setattr(speed, "PATIENCE", 0.1)
    at_once, most = 0, 0
    count = threading.Lock()

    def page() -> None:
        nonlocal at_once, most
        with speed.turn():
            with count:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.02)
            with count:
                at_once -= 1

    threads = [threading.Thread(target=page) for _page in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 2  # a loaded machine may have one of them take longer


def test_whoever_fails_gives_the_turn_on() -> None:
    with pytest.raises(ValueError, match="wrong"), speed.turn():
        raise ValueError("wrong")
    began = time.monotonic()
    with speed.turn():
        assert time.monotonic() - began < speed.PATIENCE


def test_what_a_class_may_be_shown_is_loaded_in_the_background() -> None:
    script = """
import sys, time
from lenet.ui import speed
assert "torch" not in sys.modules
for _page in range(3):
    speed.load_networks_ahead(0.0)
while speed.NETWORKS not in sys.modules:
    time.sleep(0.01)
with speed.first_import:  # which a page waits for that needs it meanwhile
    print(sys.modules["torch"].get_num_threads())
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=paths.PROJECT)
    assert found.stdout == "1\n", found.stderr
