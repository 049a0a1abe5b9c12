"""A series of exercises, which a teacher hands out as a link: everybody who opens it is asked the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lenet.exercises.exercise import Exercise
from lenet.exercises.kinds import KINDS, LEVELS, Kind, Random, of_subject

LENGTHS = (1, 50)
"""Of a series; the smallest and the largest number of exercises."""
LENGTH = 8
LEVEL = "level"
"""Before the number of a level, its value in the URL."""


def names(subject: str) -> list[str]:
    """What a series of a subject can be made of: the levels of which there are kinds, then the kinds."""
    kinds = of_subject(subject)
    levels = {known.level for known in kinds.values()}
    return [*(f"{LEVEL}{level}" for level in LEVELS if level in levels), *kinds]


@dataclass(frozen=True)
class Series:
    """`length` exercises of one kind, or of all kinds of a level in turn (`name`, one of `names(subject)`)."""

    subject: str
    name: str
    seed: int
    length: int = LENGTH

    def kind(self, at: int) -> Kind:
        """The kind of the exercise at a place, from 0."""
        kinds = of_subject(self.subject)
        if self.name in kinds:
            return kinds[self.name]
        level = int(self.name.removeprefix(LEVEL))
        turn = [known for known in kinds.values() if known.level == level]
        random = Random(np.random.PCG64([self.seed, at // len(turn)]))
        return turn[int(random.permutation(len(turn))[at % len(turn)])]

    def exercise_seed(self, at: int) -> int:
        """The seed of the exercise at a place, from 0: the next series of a kind begins where this one ends."""
        return self.seed + at

    def exercise(self, at: int) -> Exercise:
        """The exercise at a place, from 0."""
        return _made(self.kind(at).name, self.exercise_seed(at))

    def next(self) -> Series:
        """The series after this one."""
        return Series(self.subject, self.name, self.seed + self.length, self.length)


@lru_cache(maxsize=256)
def _made(name: str, seed: int) -> Exercise:
    """An exercise: a page asks for the same one again before and after its answer, and so does a whole class."""
    return KINDS[name].make(seed)
