"""Settings of glibc's `malloc` for the whole process. With another C library they do nothing."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

# The names and numbers are those of malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8


def few_heaps() -> None:
    """Use two heaps instead of up to eight per core: for a server, where every script run is a new thread.

    Heaps do not shrink: after two waves of 24 visitors a server held 1,020 MB, with two heaps 860 MB. Large blocks (the
    arrays of networks that come and go) stay outside the heaps, which would otherwise become fragmented.
    """
    _set(M_ARENA_MAX, 2)
    _set(M_MMAP_THRESHOLD, 2**18)


def keep_freed_memory() -> None:
    """Keep freed blocks in the process: for a trainer, whose steps allocate the same blocks over and over.

    malloc returns large blocks to the system at once. Until its threshold has adapted (in the first evaluation) every step
    touches 18 MB of new pages: 4,400 page faults, which add 3.4 ms to the 5 ms of a step of 256 images.
    """
    _set(M_MMAP_THRESHOLD, 32 * 2**20)  # the highest that glibc takes
    _set(M_TRIM_THRESHOLD, 256 * 2**20)


def _set(what: int, value: int) -> None:
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(what, value)
