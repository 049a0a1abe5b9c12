"""Sentences with numbers in them, put into words when they are shown: the same exercise reads in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lenet.common.formatting import number
from lenet.common.translation import fill, translate
from lenet.grid import tidy


@dataclass(frozen=True)
class Text:
    """An English sentence with placeholders, which is a key of the catalogue, and what is put into it.

    Parameters are numbers, shapes (tuples), other texts, or strings that are the same in all languages.
    """

    template: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def say(self) -> str:
        """The sentence in the reader's language."""
        return fill(translate(self.template), {name: say(value) for name, value in self.params.items()})


def say(value: Any) -> str:
    """A parameter as a reader likes it: `1,234`, `−0.25`, `6×28×28`."""
    if isinstance(value, Text):
        return value.say()
    if isinstance(value, tuple):
        return "×".join(map(say, value))
    if isinstance(value, float):
        return number(value) if value.is_integer() else tidy(value)
    return number(value) if isinstance(value, int) else str(value)
