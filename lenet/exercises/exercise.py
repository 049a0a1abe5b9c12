"""An exercise, and the verdict on an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lenet.common.translation import N_, paragraph
from lenet.common.translation import translate as _
from lenet.exercises.form import Answer, Form
from lenet.exercises.panels import Panel
from lenet.exercises.text import Text

REASONS = 2
"""So many mistakes are told of an answer that several lead to."""
TOO_COARSE = N_("That is the right number, rounded too far: it takes {n} decimals.")


@dataclass(frozen=True)
class Mistake:
    """What somebody answers who believes something that is not so, and the sentence that says why it is wrong."""

    name: str
    answer: Answer
    why: Text


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and the sentence about it; `mistake` names the first misconception that leads to it."""

    is_right: bool
    reason: Text
    mistake: str = ""

    def headline(self) -> str:
        return _("Right.") if self.is_right else _("Not quite.")


# Equal only if it is the same object: the panels of an exercise hold arrays.
@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """A question, its right answer, and the answers of known mistakes, none of which is right. Two mistakes may lead to one answer.

    `solution` says how the right answer comes about, `hint` what to look at for an answer that no known mistake explains.
    """

    question: Text
    form: Form
    answer: Answer
    mistakes: tuple[Mistake, ...]
    hint: Text
    solution: Text

    def grade(self, answer: Answer) -> Verdict:
        """Right; or wrong, with the reason where the answer is that of a known mistake, else with a hint.

        Nobody can tell which of two mistakes was made that lead to the same answer: both are told.
        """
        if self.form.is_same(answer, self.answer):
            return Verdict(True, self.solution)
        made = {one.name: one.why for one in self.mistakes if self.form.is_same(answer, one.answer)}
        if made:
            name, *_others = made
            return Verdict(False, _either(list(made.values())[:REASONS]), name)
        if self.form.is_coarse(answer, self.answer):
            return Verdict(False, Text(TOO_COARSE, {"n": self.form.decimals}))
        return Verdict(False, self.hint)

    def explain(self, verdict: Verdict) -> str:
        """The reason of a verdict, and for a wrong answer also what is right, in the reader's language."""
        if verdict.is_right:
            return verdict.reason.say()
        right = _("The answer: {answer}.").format(answer=self.form.say(self.answer))
        return paragraph(verdict.reason.say(), right, self.solution.say())


@dataclass(frozen=True, eq=False, kw_only=True)
class Exercise(Question):
    """A question about `panels`, drawn from a kind and a seed.

    `facts` are what the question is about as plain values: all that is needed to answer it in another way.
    """

    kind: str
    seed: int
    panels: tuple[Panel, ...]
    facts: Mapping[str, Any]


def _either(reasons: list[Text]) -> Text:
    """One reason, or two of which one is right."""
    first, *others = reasons
    return Text(N_("{reason} Or: {other}"), {"reason": first, "other": _either(others)}) if others else first
