"""Somebody who is busy in a class, as a command: `python -m tests.helpers.busy_class CODE NAME`.

They join, answer and show something else, again and again until they are killed, and print a line for each call that has
returned: what it says is written.
"""

from __future__ import annotations

import json
import sys
from itertools import count

from lenet import classroom
from lenet.classroom import work


def be_busy(code: str, name: str) -> None:
    work.PAUSE, work.MAX_TIMES = 0.0, 10**9
    for n in count():
        owner = f"{name}-{n % 3}"
        number = classroom.join(code, owner).number
        tell("joined", owner, number)
        if asked := classroom.current(code):
            classroom.answer(code, asked.id, number, [name, n])
            tell("answered", number, n)
        tell("showed", classroom.lead(code, "pooling", f"cell={n},0").revision)


def tell(*what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    be_busy(*sys.argv[1:])
