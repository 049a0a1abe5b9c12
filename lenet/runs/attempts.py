"""Attempts to guess something secret: whoever was wrong too often has to wait."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

MAX_WRONG = 5  # attempts in a row from one address, after which it has to wait
FIRST_WAIT = 30.0  # seconds; twice as long after each further one
LONGEST_WAIT = 900.0
MAX_ADDRESSES = 10_000  # that are remembered


class Attempts:
    """Wrong attempts by network address. What one address sends never delays another one."""

    def __init__(self, most: int = MAX_WRONG) -> None:
        self.most = most
        self._counting = threading.Lock()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """By address: wrong attempts in a row, and until when it has to wait. The last to try is the last."""

    def wait(self, address: str) -> float:
        """The seconds for which this address has to wait."""
        _wrong, until = self._wrong.get(address, (0, 0.0))
        return max(0.0, until - time.monotonic())

    def count(self, address: str) -> int:
        """Count an attempt, as a wrong one until it is known to be right. Returns how many there were in a row; 0 if this one
        does not count because the address has to wait."""
        with self._counting:
            if self.wait(address) > 0:
                return 0
            wrong = self._wrong.pop(address, (0, 0.0))[0] + 1
            long = min(FIRST_WAIT * 2.0 ** min(wrong - self.most, 10), LONGEST_WAIT) if wrong >= self.most else 0.0
            self._wrong[address] = (wrong, time.monotonic() + long)
            if len(self._wrong) > MAX_ADDRESSES:
                self._wrong.popitem(last=False)
            return wrong

    def forget(self, address: str) -> None:
        """It was right."""
        with self._counting:
            self._wrong.pop(address, None)
