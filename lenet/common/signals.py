"""Ctrl-C and SIGTERM as a wish of the user's that a command looks for, so that it ends at a step of its own choice."""

from __future__ import annotations

import signal
from contextlib import suppress
from types import FrameType
from typing import Any


class Signals:
    """Context in which Ctrl-C and SIGTERM ask what is trained to stop at its next step, and asked again end it at once.

    `number` is the signal that came first; 0 before.
    """

    def __init__(self) -> None:
        self.number = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        with suppress(ValueError):  # only the main thread hears signals
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            raise KeyboardInterrupt
        self.number = number

    def came(self) -> bool:
        """Whether one of them has come."""
        return self.number != 0
