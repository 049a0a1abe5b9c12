"""A process that trains runs of an experiment one after the other, as its parent (local.py) tells it through pipes.

    python -m lenet.experiments.engines.trainer

It reads a line of JSON for each order, `{"train": ID, "config": {…}}` or `{"stop": true}`, and writes one for each thing that
it tells: `{"ready": true}`, and `{"ended": ID, "state": STATE}` or, where the run could not be begun, `{"refused": ID, "code": …,
"params": {…}}` with a LenetError. Where its parent ends, however that comes, the pipe ends: it stops its run at the next step, as
on an order, and ends. A single step that takes very long does not keep it for longer than END_WITHIN.

What its libraries print goes to the standard error.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from lenet.common import process
from lenet.common.errors import LenetError
from lenet.experiments.engines import Task, find_or_create
from lenet.runs.configuration import RunConfig

if TYPE_CHECKING:
    from lenet.training.dataset import DatasetCache

END_WITHIN = 20.0  # seconds from the end of the parent until this process ends in the middle of a step


class Orders:
    """What the parent wants; read in a thread of its own, so that it is heard in the middle of a run."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._tasks: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._stop = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def stopping(self) -> bool:
        """Whether the run in training is to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """As if the parent had ended."""
        self._stop.set()
        self._tasks.put(None)

    def end(self) -> None:
        """The work is done: nothing ends this process in the middle of a step any more."""
        self._ended.set()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The runs to be trained, until there are to be no more."""
        while not self.stopping() and (task := self._tasks.get()) is not None:
            yield task

    def _listen(self) -> None:
        for line in self._source:
            order = json.loads(line)
            if order.get("stop"):
                self.stop()
            else:
                self._tasks.put(order)
        self.stop()
        if not self._ended.wait(END_WITHIN):
            os._exit(1)


def main() -> int:
    process.go_last()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**what: Any) -> None:
        try:
            out.write(json.dumps(what) + "\n")
            out.flush()
        except BrokenPipeError:  # the parent is gone: the orders have ended too
            orders.stop()

    orders = Orders(sys.stdin)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which then says what to do
    signal.signal(signal.SIGTERM, lambda number, frame: orders.stop())

    from lenet.training.dataset import DatasetCache  # PyTorch, which takes seconds: orders are heard meanwhile

    cache = DatasetCache()
    tell(ready=True)
    for task in orders:
        try:
            tell(ended=task["train"], state=_train(task["train"], RunConfig.from_dict(task["config"]), cache, orders))
        except LenetError as e:  # another process trains it, or its directory cannot be written to
            tell(refused=task["train"], code=e.code, params=e.params)
    orders.end()
    return 0


def _train(run_id: str, config: RunConfig, cache: DatasetCache, orders: Orders) -> str:
    """Train a run, which is made if it is not there; the state that it ends in. Raises LenetError where it cannot begin."""
    from lenet.training.devices import pick_device
    from lenet.training.run import train_run

    pick_device(config.device)  # or why there is none, before there is a run
    return train_run(find_or_create(Task(run_id, config)), cache, stopping=orders.stopping).state


if __name__ == "__main__":
    sys.exit(main())
