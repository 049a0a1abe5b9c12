"""A lesson: where it begins, what it asks, and what there is to do and to see once that is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lenet.exercises import Question

Settings = Mapping[str, Any]


def _nothing(*_shown: Any) -> str:
    return ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Lesson:
    """`beginning` has the values of the page's widgets by their keys; all others are as in the page's example.

    Then something is asked whose answer the reader cannot see yet: either because only the settings of `opened`, which
    follow upon the answer, show it, or because the page covers the parts that `hides` names. `ask(before, after)` computes
    the right answer from the settings before and after the answer.

    `title` and `text` are English, to be translated when shown. The text comes after the answer. As the reader may change
    everything then, it asks to do something and claims nothing of what is on screen; that is said by `seen(…)`, in the
    reader's language, of what the page shows. `control` is the key of the widget that the text speaks of.
    """

    title: str
    ask: Callable[[Settings, Settings], Question]
    text: str
    beginning: Settings = field(default_factory=dict)
    opened: Settings = field(default_factory=dict)
    hides: tuple[str, ...] = ()
    control: str = ""
    seen: Callable[..., str] = _nothing

    @cached_property
    def question(self) -> Question:
        """What `ask` asks, computed once. Raises LenetError if a file that it needs cannot be read."""
        return self.ask(self.beginning, {**self.beginning, **self.opened})
