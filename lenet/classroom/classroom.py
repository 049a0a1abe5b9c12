"""What a class is: somebody who leads it, members with a number each, what they are shown, and what they do."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lenet.classroom.errors import ClassError

LETTERS = "BCDFGHJKLMNPRSTVWXZ"
"""The letters of a code: no vowels, which would make words, and no Q, which looks like O."""
CODE_LETTERS = 4
CODE = re.compile(f"[{LETTERS}]{{{CODE_LETTERS}}}")
LASTS = 86400.0  # seconds after which a class ends by itself
MAX_ADDRESS = 800  # characters of a query that a class is shown

Kind = Literal["train", "ask", "contest"]

SYMBOLS = (
    "circle", "square", "triangle", "diamond", "star", "cross", "plus", "heart", "moon", "drop", "ring", "hexagon",
)  # fmt: skip
COLOURS = ("#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#b8560b", "#0f8a8a", "#c2187e")
"""Of members. Each has a contrast of 4.5 : 1 with white; seven and twelve have no common factor, so that the first 84 numbers
differ in symbol or colour."""


@dataclass(frozen=True)
class Classroom:
    """A class. `owner` is the hash of the key of the browser that has opened it, and `address` of its network address (see
    lenet/runs/visitors.py); times are in seconds since 1970, and `closed` is 0 until somebody ends it."""

    code: str
    owner: str
    created: float
    closed: float = 0.0
    address: str = ""

    @property
    def ends(self) -> float:
        """When it ends by itself."""
        return self.created + LASTS

    @property
    def is_open(self) -> bool:
        return not self.closed and time.time() < self.ends


@dataclass(frozen=True)
class Member:
    """Somebody in a class: a number from 1, and nothing else that others see. `owner` is the hash of their browser's key."""

    number: int
    owner: str
    joined: float
    left: bool = False

    @property
    def colour(self) -> str:
        return COLOURS[(self.number - 1) % len(COLOURS)]

    @property
    def symbol(self) -> str:
        return SYMBOLS[(self.number - 1) % len(SYMBOLS)]


@dataclass(frozen=True)
class Stage:
    """What the class is shown. `page` and `query` are those of an address: "pooling" and "kernel=3"; phones go there while it
    `leads`. `live` is what components of the page keep by themselves, as a query too: "cell=1,2". `activity` is the id of what
    they do beside looking, "" if nothing. Each change has a higher `revision`."""

    revision: int = 0
    page: str = "class"
    query: str = ""
    live: str = ""
    leads: bool = False
    activity: str = ""

    def __post_init__(self) -> None:
        if len(self.page) + len(self.query) + len(self.live) > MAX_ADDRESS:
            raise ClassError("stage_too_long", limit=MAX_ADDRESS)


@dataclass(frozen=True)
class Activity:
    """What a class does together: everybody trains, answers a question, or takes part in a contest.

    `settings` are those of its kind, as plain JSON. Answers are taken while it `is_open` and until it `ends` (seconds since
    1970; 0: until somebody closes it). `shown` says whether the class sees what it has answered. A second vote is another `round`.
    """

    id: str
    kind: Kind
    settings: Mapping[str, Any]
    created: float
    round: int = 1
    is_open: bool = True
    ends: float = 0.0
    shown: bool = False

    @property
    def takes_answers(self) -> bool:
        return self.is_open and (not self.ends or time.time() < self.ends)


@dataclass(frozen=True)
class Answer:
    """What a number has handed in, as plain JSON, and when (seconds since 1970). `times` counts how often in that round."""

    number: int
    value: Any
    at: float
    times: int = field(default=1, compare=False)


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))


def code_of(text: str) -> str:
    """A code as somebody types it: small letters and spaces do not matter. Raises ClassError if it cannot be one."""
    code = re.sub(r"[\s-]", "", text).upper()
    if not CODE.fullmatch(code):
        raise ClassError("not_a_code", letters=text.strip()[:20])
    return code
