"""The limits of a public server (`LENET_HOSTED=1`), each set by a variable of the environment; a laptop has none.

Who asks is known by visitors.py; what the limits mean for a run that is to join the queue is decided in admission.py.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs.configuration import MAX_EPOCHS
from lenet.runs.visitors import visitor


@dataclass(frozen=True)
class Limits:
    """What a public server allows. Each has a variable of the environment, see ENVIRONMENT."""

    running: int = 1  # runs trained at the same time, by as many worker processes
    waiting: int = 3  # runs of one visitor in the queue
    epochs: int = 50  # of one run
    runs: int = 200  # kept in all
    pinned: int = 3  # of one visitor's runs that are kept from being deleted
    disk_mb: int = 2000  # of all runs
    upload_mb: int = 10  # of one file that a visitor brings; never more than a page takes anyway


ENVIRONMENT = {
    "running": ("LENET_MAX_RUNNING", 1, 64),
    "waiting": ("LENET_MAX_WAITING", 1, 1000),
    "epochs": ("LENET_MAX_EPOCHS", 1, MAX_EPOCHS),
    "runs": ("LENET_MAX_RUNS", 1, 100_000),
    "pinned": ("LENET_MAX_PINNED", 0, 100_000),
    "disk_mb": ("LENET_MAX_DISK_MB", 10, 100_000_000),
    "upload_mb": ("LENET_MAX_UPLOAD_MB", 1, 200),
}
"""Where each limit is set, and between which numbers it must lie."""


def limits() -> Limits | None:
    """The limits of this server; None on a laptop, which has none. Raises LenetError for a value that is no limit."""
    if not paths.hosted():
        return None
    return Limits(**{limit: _from_environment(limit, *variable) for limit, variable in ENVIRONMENT.items()})


def _from_environment(limit: str, name: str, low: int, high: int) -> int:
    default: int = getattr(Limits, limit)
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    if not re.fullmatch(r"[0-9]{1,12}", raw) or not low <= int(raw) <= high:
        raise LenetError("bad_limit", name=name, value=raw[:40], low=low, high=high)
    return int(raw)


def workers() -> int:
    """How many runs may be trained at the same time; on a laptop one."""
    allowed = limits()
    return allowed.running if allowed else 1


def upload_mb(of_page: int) -> int:
    """Megabytes of a file that a page takes which by itself takes `of_page`."""
    allowed = limits()
    return min(of_page, allowed.upload_mb) if allowed else of_page


def max_epochs(of_page: int = MAX_EPOCHS) -> int:
    """Epochs of a run that who asks may have, where `of_page` are offered."""
    allowed = limits()
    return of_page if allowed is None or visitor().operator else min(of_page, allowed.epochs)
