"""What a class is shown, for all browsers that wait for it at this process: one look at its files for all of them."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from lenet import classroom
from lenet.classroom import ClassError, Present, Stage, store
from lenet.classroom.presence import Waiting, forget, waiting
from lenet.common.errors import LenetError

LOOKS_EVERY = 0.1  # seconds
COUNTS_EVERY = 0.5  # seconds


@dataclass(frozen=True)
class Shown:
    """What a class is shown, and who is there. `work` changes whenever what the class does has changed."""

    is_open: bool
    stage: Stage
    work: str = ""
    present: Present = field(default_factory=Present)
    members: int = 0


class Watch:
    """Looks at the files of a class while anybody waits for its news."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.waiting: Waiting = waiting(code)
        self._stamps: tuple[Any, ...] = ()
        self._counted = 0.0
        self._shown = Shown(True, Stage())
        self._asking: dict[asyncio.Future[None], Callable[[Shown], bool]] = {}
        self._task: asyncio.Task[None] | None = None

    async def news(self, are_new: Callable[[Shown], bool], seconds: float, left: asyncio.Future[Any]) -> Shown | None:
        """What the class is shown, as soon as that `are_new`; None after so many seconds, as the server stops, or as soon as
        whoever asks has `left`."""
        shown = self.look()
        if are_new(shown):
            return shown
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asking[told] = are_new
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            await asyncio.wait((told, left), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._asking[told]
        return self._shown if told.done() and are_new(self._shown) else None

    def announce(self) -> None:
        """Tell at once what this process itself has just changed."""
        self._tell(self.look())

    def look(self) -> Shown:
        """What the class is shown now. Raises LenetError where that cannot be read, and never could."""
        now = time.monotonic()
        stamps = tuple(store.stamp(self.code, name) for name in (store.CLASS, store.STAGE, store.MEMBERS))
        if stamps != self._stamps:
            try:
                self._shown = self._read()
                self._stamps = stamps
            except LenetError:  # what cannot be read is as it was
                if not self._stamps:
                    raise
        elif now - self._counted > COUNTS_EVERY:
            present, is_open = self.waiting.all(), self._is_open()
            if (present, is_open) != (self._shown.present, self._shown.is_open):
                self._shown = replace(self._shown, present=present, is_open=is_open)
        else:
            return self._shown
        self._counted = now
        return self._shown

    def _read(self) -> Shown:
        try:
            found = classroom.find(self.code)
        except ClassError as error:
            if error.code != "no_such_class":
                raise
            return Shown(False, self._shown.stage)
        stage = classroom.stage(self.code)
        members = sum(not member.left for member in classroom.members(self.code))
        return Shown(found.is_open, stage, work_of(self.code, stage), self.waiting.all(), members)

    def _is_open(self) -> bool:
        with suppress(ClassError):
            return classroom.find(self.code).is_open
        return self._shown.is_open

    async def _watch(self) -> None:
        """Look again and again, for as long as anybody asks, or other processes have to be told who has gone."""
        told: Shown | None = None  # whoever asks looks as well, and may be the first to see what the others wait for
        while (self.waiting.tell() or self._asking) and not stopping.is_set():
            shown = self.look()
            if shown is not told:
                self._tell(shown)
                told = shown
            await asyncio.sleep(LOOKS_EVERY)
        self._tell(None)
        if stopping.is_set():
            self.waiting.withdraw()

    @property
    def is_idle(self) -> bool:
        """Whether nobody needs it."""
        return not self._asking and (self._task is None or self._task.done()) and self.waiting.is_idle

    def _tell(self, shown: Shown | None) -> None:
        """Answer those to whom this is new; with None all of them."""
        for told, are_new in self._asking.items():
            if not told.done() and (shown is None or are_new(shown)):
                told.set_result(None)


def work_of(code: str, stage: Stage) -> str:
    """What changes whenever what the class does has changed, at every server process in the same way; "" if it does nothing."""
    try:
        return f"{zlib.crc32(repr(classroom.activity(code, stage.activity)).encode()):08x}" if stage.activity else ""
    except ClassError:
        return ""


_watches: dict[str, Watch] = {}


def watch(code: str) -> Watch:
    """The one that looks at the class with exactly that code, which exists. Those that nobody needs any more are forgotten."""
    if code not in _watches:
        for idle in [known for known, one in _watches.items() if one.is_idle]:
            del _watches[idle]
            forget(idle)
    return _watches.setdefault(code, Watch(code))


# -- the end of a server -----------------------------------------------------------------------------------------------

stopping = threading.Event()


@contextmanager
def answering() -> Iterator[None]:
    """Within it browsers may wait. A server that is asked to stop waits for all its answers: so they are given at once.

    uvicorn tells nobody before that; it has its own handlers of these signals in place by the time the app starts.
    """
    stopping.clear()
    before: dict[signal.Signals, Any] = {}

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        elif handler != signal.SIG_IGN:  # a server that leaves it to the system
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.getsignal(number)
            signal.signal(number, stop)
    try:
        yield
    finally:
        stopping.set()
        for number, handler in before.items():
            if signal.getsignal(number) is stop:
                signal.signal(number, handler or signal.SIG_DFL)
