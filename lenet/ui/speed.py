"""How one process answers many visitors quickly; the measurements are in docs/performance.md."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

first_import = threading.Lock()
"""Held for the seconds in which a page imports torch, so that simultaneous visitors do not see it half imported."""

NETWORKS = "lenet.architecture.inference"
"""The module with which pages import torch."""

PATIENCE = 0.25
"""Seconds that a page may compute alone: a slow one, such as the first with torch, must not block the others."""
_turn, _line = threading.Lock(), threading.Lock()
_began = 0.0  # the last turn


@contextmanager
def turn() -> Iterator[None]:
    """Context in which one page at a time computes. Because of the GIL only one thread computes anyway: pages that
    alternate every few milliseconds all finish late, but in turn most finish early (p95 of 40 visitors: 190 → 120 ms).

    The others stand in line, and the first of it waits until the page before it is done or has computed for PATIENCE. So a busy
    server does not have sixty pages compute beside each other, of which each has waited long enough: then the thread that
    sends all answers would get the GIL too rarely, and they would come together when the last page is done.
    """
    global _began
    with _line:
        is_ours = _turn.acquire(timeout=max(_began + PATIENCE - time.monotonic(), 0.0))
        if is_ours:
            _began = time.monotonic()
    try:
        yield
    finally:
        if is_ours:
            _turn.release()


def load_libraries() -> None:
    """Import libraries that Streamlit only imports when needed, so that the first visitor does not wait for them."""
    for name in ("pandas", "plotly.graph_objects"):
        importlib.import_module(name)
    settle_heap()


AHEAD = 2.0
"""Seconds after which what a class may be shown is loaded: by then whoever has come to its page has that before them."""
_is_ahead = threading.Event()


def load_networks_ahead(after: float = AHEAD) -> None:
    """Import in the background, once, what pages of networks need: torch takes seconds, and a class that is shown such a page
    first would wait for it on forty phones at the same moment."""
    if _is_ahead.is_set() or NETWORKS in sys.modules:
        return
    _is_ahead.set()
    waiting = threading.Timer(after, _load_networks)
    waiting.daemon = True
    waiting.start()


def _load_networks() -> None:
    with first_import:
        importlib.import_module(NETWORKS).use_one_thread()


_frozen_modules = 0


def settle_heap() -> None:
    """Exclude everything imported so far from garbage collection; called at the end of each script run.

    A full collection with Plotly, pandas and torch on the heap takes 80–140 ms, during which no request is answered;
    frozen objects are skipped. Modules that are imported later (torch) are frozen after that run.
    """
    global _frozen_modules
    if len(sys.modules) != _frozen_modules:
        gc.collect()
        gc.freeze()
        _frozen_modules = len(sys.modules)
