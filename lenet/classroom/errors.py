"""What can go wrong in a class, as a code with parameters: see `lenet/common/errors.py`."""

from __future__ import annotations

from lenet.common.errors import LenetError
from lenet.common.translation import N_

MESSAGES: dict[str, str] = {
    "no_such_class": N_("There is no class with the code {letters}."),
    "not_a_code": N_("A class has a code of four letters; “{letters}” is none."),
    "class_closed": N_("The class {letters} has ended."),
    "class_full": N_("The class {letters} is full: it has {limit} places."),
    "class_damaged": N_("The files of the class {letters} cannot be read: {reason}."),
    "too_many_classes": N_("There are {limit} classes on this server already: try again later."),
    "not_in_class": N_("You are not in the class {letters}: join it first."),
    "not_your_class": N_("Only whoever has opened the class {letters} can do that."),
    "no_such_activity": N_("The class {letters} does not do that any more."),
    "answers_closed": N_("The time is up: no more answers are taken."),
    "too_many_answers": N_("That was too often: wait a moment, then hand in again."),
    "not_a_kernel": N_("A kernel has {n} weights, each a number from −{limit} to {limit}."),
    "answer_too_large": N_("This answer is too large: at most {limit} characters are taken."),
    "stage_too_long": N_("This view cannot be shown to the class: its address has more than {limit} characters."),
}


class ClassError(LenetError):
    """A refusal with one of the sentences above."""

    @property
    def template(self) -> str:
        return MESSAGES[self.code]
