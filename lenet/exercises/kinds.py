"""The registry of kinds of exercise: one entry for each, which draws exercises from seeds."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lenet.common.translation import N_
from lenet.exercises.exercise import Exercise, Mistake
from lenet.exercises.form import Answer, Form
from lenet.exercises.panels import Panel
from lenet.exercises.text import Text

LEVELS = {1: N_("Level 1: first steps"), 2: N_("Level 2: the details"), 3: N_("Level 3: thinking ahead")}
MAX_SEED = 999_999
ATTEMPTS = 500
"""Draws until one is found in which some mistake leads to a wrong answer: the usual kind needs one or two."""

Random = np.random.Generator
Led = float | Answer | list[float] | None
"""What a mistake leads to."""


# Equal only if it is the same object: its panels hold arrays.
@dataclass(frozen=True, eq=False)
class Draft:
    """What a kind draws: an exercise before its mistakes are judged. See `Exercise` for the rest.

    `mistakes` holds, by the name of the misconception, the answer that it leads to, or a list of such; None where it leads
    nowhere. `params` are put into the sentences of misconceptions and into the hint.
    """

    question: Text
    form: Form
    answer: float | Answer
    mistakes: Mapping[str, Led]
    solution: Text
    panels: tuple[Panel, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A kind of exercise. `name` is its value in the URL (`?predict=`), `level` a key of LEVELS.

    `misconceptions` has, by name, the sentence that says why it is wrong. `draw` may return None for numbers that make no
    good question. Texts are English, to be translated when shown.
    """

    name: str
    subject: str
    title: str
    level: int
    hint: str
    misconceptions: Mapping[str, str]
    draw: Callable[[Random], Draft | None]

    def make(self, seed: int) -> Exercise:
        """The exercise of a seed: the same on every machine.

        A mistake that gives the right answer is none. Numbers with which no mistake is left are drawn again: they would
        tell nobody anything.
        """
        random = Random(np.random.PCG64([zlib.crc32(self.name.encode()), seed]))
        for _attempt in range(ATTEMPTS):
            draft = self.draw(random)
            if draft is not None and (mistakes := tuple(self._mistakes(draft))):
                return Exercise(
                    kind=self.name, seed=seed, question=draft.question, panels=draft.panels, form=draft.form,
                    answer=_answer(draft.answer), mistakes=mistakes, hint=Text(self.hint, draft.params),
                    solution=draft.solution, facts=draft.facts,
                )  # fmt: skip
        raise RuntimeError(f"{self.name} finds no exercise for seed {seed}")

    def _mistakes(self, draft: Draft) -> Iterator[Mistake]:
        right = _answer(draft.answer)
        for name, why in self.misconceptions.items():
            led = draft.mistakes[name]
            for value in led if isinstance(led, list) else [led]:
                if value is not None and not draft.form.is_same(_answer(value), right):
                    yield Mistake(name, _answer(value), Text(why, draft.params))


KINDS: dict[str, Kind] = {}
"""The registry, by name; filled by the `exercises.py` of each subject."""


def kind(
    name: str, subject: str, title: str, *, level: int, hint: str, misconceptions: Mapping[str, str]
) -> Callable[[Callable[[Random], Draft | None]], Callable[[Random], Draft | None]]:
    """Enter the decorated function, which draws, into the registry."""

    def enter(draw: Callable[[Random], Draft | None]) -> Callable[[Random], Draft | None]:
        KINDS[name] = Kind(name, subject, title, level, hint, misconceptions, draw)
        return draw

    return enter


def of_subject(subject: str) -> dict[str, Kind]:
    """The kinds of a subject by name, easier ones first."""
    found = [known for known in KINDS.values() if known.subject == subject]
    return {known.name: known for known in sorted(found, key=lambda known: known.level)}


def _answer(value: float | Answer) -> Answer:
    return tuple(map(float, value)) if isinstance(value, tuple) else (float(value),)
