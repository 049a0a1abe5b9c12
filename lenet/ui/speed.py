"""How one process answers many visitors quickly; the measurements are in docs/performance.md."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

first_import = threading.Lock()
"""Held while a page imports torch, for seconds: two visitors who come at once do not import halves of it each."""

_turns = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Compute one page after the other. Python's lock lets one thread compute anyway; pages that share it by slices of
    milliseconds all end late, and of those that wait their turn most end early (p95 of 40 visitors: 190 → 120 ms)."""
    is_ours = _turns.acquire(timeout=0.25)  # a page that takes long, the first with torch, does not hold up everybody
    try:
        yield
    finally:
        if is_ours:
            _turns.release()


def load_libraries() -> None:
    """Import what Streamlit imports only when a page needs it, so that the first visitor does not wait for it."""
    for name in ("pandas", "plotly.graph_objects"):
        importlib.import_module(name)
    settle_heap()


_frozen_modules = 0


def settle_heap() -> None:
    """Keep the collector off everything imported so far; called at the end of each script run.

    A full collection with Plotly, pandas and torch on the heap takes 80–140 ms, in which nobody is answered; frozen
    objects are passed over. New modules (torch, on the first visit of a page that needs it) are frozen in their turn.
    """
    global _frozen_modules
    if len(sys.modules) != _frozen_modules:
        gc.collect()
        gc.freeze()
        _frozen_modules = len(sys.modules)
