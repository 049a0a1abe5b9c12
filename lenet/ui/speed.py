"""How one process answers many visitors quickly; the measurements are in docs/performance.md."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

first_import = threading.Lock()
"""Held for the seconds in which a page imports torch, so that simultaneous visitors do not see it half imported."""

PATIENCE = 0.25
"""Seconds that a page waits for its turn: a slow one, such as the first with torch, must not block the others."""
_turns = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Context in which one page at a time computes. Because of the GIL only one thread computes anyway: pages that
    alternate every few milliseconds all finish late, but in turn most finish early (p95 of 40 visitors: 190 → 120 ms)."""
    is_ours = _turns.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if is_ours:
            _turns.release()


def load_libraries() -> None:
    """Import libraries that Streamlit only imports when needed, so that the first visitor does not wait for them."""
    for name in ("pandas", "plotly.graph_objects"):
        importlib.import_module(name)
    settle_heap()


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
