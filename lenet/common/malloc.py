"""Settings of glibc's `malloc`, each for the whole process. Under another C library they do nothing."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

# The names and numbers are those of malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8


def few_heaps() -> None:
    """Two heaps instead of up to eight a core: for a server, where every script run is a new thread.

    None of the heaps shrinks: 1,020 MB after two waves of 24 visitors, with two heaps 860 MB. Large blocks (the arrays of
    networks that come and go) stay outside, or the heaps would become full of holes.
    """
    _set(M_ARENA_MAX, 2)
    _set(M_MMAP_THRESHOLD, 2**18)


def keep_freed_memory() -> None:
    """Have freed blocks stay in the process: for a trainer, whose steps take the same blocks over and over.

    malloc gives large blocks back to the system at once, and until it has learned better (in the first evaluation) every
    step touches 18 MB of new pages: 4,400 page faults and 3.4 ms a step of 256 images, which takes 5 ms without them.
    """
    _set(M_MMAP_THRESHOLD, 32 * 2**20)  # the highest that glibc takes
    _set(M_TRIM_THRESHOLD, 256 * 2**20)


def _set(what: int, value: int) -> None:
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(what, value)
