"""The questions of lessons: a choice of a few options, each with the reason why it is right or why it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lenet.common.translation import N_
from lenet.exercises import Mistake, Question, Text, ask_choice

HINT = N_("Look at the figure again.")


@dataclass(frozen=True)
class Option:
    """What can be answered, and why it is right; of a wrong one why somebody believes it, and why it is not so."""

    text: Text
    why: Text


def choose(question: Text, options: Mapping[str, Option], right: str) -> Question:
    """One of these, in their order. `right` is the name of the right one, as computed from what the question is about."""
    names = list(options)
    return Question(
        question=question,
        form=ask_choice([option.text for option in options.values()]),
        answer=(float(names.index(right)),),
        mistakes=tuple(
            Mistake(name, (float(n),), option.why)
            for n, (name, option) in enumerate(options.items())
            if name != right
        ),
        hint=Text(HINT),
        solution=options[right].why,
    )


def compare(
    question: Text, right: tuple[Any, Text], mistakes: Mapping[str, tuple[Any, Text]], unit: str = "{value}"
) -> Question:
    """One of several values, the smallest first: the right one, and by their names those that known mistakes lead to.

    Each value comes with its reason. A mistake that gives the right value, or that of one before it, is left out. `unit`
    is an English text with a place for the `value`.
    """
    found = {"right": right}
    for name, mistake in mistakes.items():
        if mistake[0] not in [value for value, _why in found.values()]:
            found[name] = mistake
    options = {
        name: Option(Text(unit, {"value": value}), why)
        for name, (value, why) in sorted(found.items(), key=lambda item: item[1][0])
    }
    return choose(question, options, "right")
