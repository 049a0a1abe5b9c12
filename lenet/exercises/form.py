"""The form of an answer: what a reader may answer, how it is read, and when two answers are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lenet.common.errors import LenetError
from lenet.common.formatting import as_typed, decimals, number
from lenet.common.numbers import meanings, plain
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.exercises.panels import Grid
from lenet.exercises.text import Text
from lenet.grid import tidy

Answer = tuple[float, ...]
"""One number; the numbers of a shape; row and column of a cell, from 0; or the index of a choice."""

MAX_LENGTH = 40
"""Characters of a typed number."""


@dataclass(frozen=True)
class Form:
    """What is asked for. `labels` name the numbers that are typed, with so many `decimals`.

    The cells of an answer lie in the grid of that `size`. Of a choice there are the `options`, with `pictures` of them if
    they are things to be seen.
    """

    type: Literal["number", "shape", "cell", "choice"]
    labels: tuple[Text, ...] = ()
    decimals: int = 0
    size: tuple[int, int] = (0, 0)
    options: tuple[Text, ...] = ()
    pictures: tuple[Grid, ...] = ()

    @property
    def tolerance(self) -> float:
        """Answers that differ by less are the same: with two decimals those that were rounded, or cut off."""
        return 10.0**-self.decimals if self.decimals else 1e-6

    def is_same(self, a: Answer, b: Answer) -> bool:
        return len(a) == len(b) and all(abs(x - y) < self.tolerance for x, y in zip(a, b, strict=True))

    def is_coarse(self, given: Answer, right: Answer) -> bool:
        """Whether an answer is the right one, rounded to fewer decimals than are asked for."""
        return any(
            len(given) == len(right) and all(x and x == round(y, n) for x, y in zip(given, right, strict=True))
            for n in range(self.decimals)
        )

    def read(self, raw: Any) -> Answer:
        """What came from a browser, as an answer; LenetError with a sentence for the reader if it is none."""
        if self.type in ("number", "shape"):
            parts = raw if isinstance(raw, list) else [raw]
            if len(parts) != len(self.labels):
                raise LenetError("answer_missing")
            return tuple(
                _number(part, _(label.template), whole=not self.decimals)
                for part, label in zip(parts, self.labels, strict=True)
            )
        places = raw if isinstance(raw, list) else [raw]
        limits = self.size if self.type == "cell" else (len(self.options),)
        whole = len(places) == len(limits) and all(type(n) is int for n in places)
        if not whole or not all(0 <= n < limit for n, limit in zip(places, limits, strict=True)):
            raise LenetError("answer_missing")
        return tuple(float(n) for n in places)

    def say(self, answer: Answer) -> str:
        """An answer in the reader's language."""
        if self.type == "choice":
            return self.options[int(answer[0])].say()
        if self.type == "cell":
            return _("row {row}, column {column}").format(row=int(answer[0]) + 1, column=int(answer[1]) + 1)
        return "×".join(_typed(n, self.decimals) for n in answer)

    def remark(self) -> str:
        """How precise an answer has to be, or how it is given."""
        if self.type == "cell":
            return _("Choose the cell in the figure.")
        if self.type == "choice":
            return _("Choose one.")
        if self.decimals:
            return _("A number with {n} decimals is precise enough.").format(n=self.decimals)
        return _("Whole numbers.") if len(self.labels) > 1 else _("A whole number.")


def ask_number(decimals: int = 0) -> Form:
    """One number, exact or with so many decimals."""
    return Form("number", (Text(N_("Your answer")),), decimals)


def ask_shape(*names: str) -> Form:
    """Whole numbers, one for each of these names (English, to be translated when shown)."""
    return Form("shape", tuple(Text(name) for name in names))


def ask_cell(size: tuple[int, int]) -> Form:
    """A cell of the figure's grid that asks for one."""
    return Form("cell", size=size)


def ask_choice(options: Sequence[Text], pictures: Sequence[Grid] = ()) -> Form:
    """One of these."""
    return Form("choice", options=tuple(options), pictures=tuple(pictures))


def _number(text: object, name: str, *, whole: bool) -> float:
    """The number that somebody has typed. Where a `whole` one is asked for, 48,120 is not the fraction that it can be elsewhere."""
    if not isinstance(text, str) or not text.strip():
        raise LenetError("answer_missing")
    found = _meanings(text) if len(text) <= MAX_LENGTH else ()
    if not found:
        raise LenetError("not_number", name=name, value=text[:MAX_LENGTH])
    if whole and len(found) > 1:
        found = tuple(one for one in found if one.is_integer()) or found
    if len(found) > 1:
        first, second = map(as_typed, found[:2])
        raise LenetError("ambiguous_number", name=name, value=text, first=first, second=second)
    return found[0]


def _meanings(text: str) -> tuple[float, ...]:
    """What was typed as a number, or as a fraction: 7/4."""
    above, *below = plain(text).split("/")
    if len(below) != 1:
        return meanings(text)
    divisors = [number for number in meanings(below[0]) if number]
    return tuple(number / divisor for number in meanings(above) for divisor in divisors)


def _typed(value: float, digits: int) -> str:
    """A number with its decimals; a size that somebody forgot to round down shows what it has."""
    if digits:
        return decimals(value, digits)
    return number(value) if value.is_integer() else tidy(value)
