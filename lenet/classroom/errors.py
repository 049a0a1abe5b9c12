"""What can go wrong in a class, as a code with parameters: see `lenet/common/errors.py`."""

from __future__ import annotations

from lenet.common.errors import LenetError
from lenet.common.translation import N_

MESSAGES: dict[str, str] = {
    "no_such_class": N_("There is no class with the code {letters}."),
    "not_a_code": N_("“{letters}” is not the code of a class: that has four letters, none of them a vowel, Y or Q."),
    "class_closed": N_("The class {letters} has ended."),
    "class_full": N_("The class {letters} is full: all of its places ({limit}) are taken."),
    "class_damaged": N_("The files of the class {letters} cannot be read: {reason}."),
    "class_guessing": N_("Too many wrong codes have come from your network: try again in {seconds} seconds."),
    "too_many_classes": N_("Open classes on this server: {limit}, which is the limit. Try again later."),
    "too_many_of_yours": N_("Your open classes: {value}. The limit here is {limit}: end one of them first."),
    "too_many_from_here": N_(
        "Open classes from your network address: {value}. The limit here is {limit}: one of them has to end first."
    ),
    "not_in_class": N_("You are not in the class {letters}: join it first."),
    "not_your_class": N_("Only whoever has opened the class {letters} can do that."),
    "no_such_activity": N_("The class {letters} does not do that any more."),
    "answers_closed": N_("The time is up: no more answers are taken."),
    "too_many_answers": N_("That was too often: wait a moment, then hand in again."),
    "too_many_activities": N_("The class has done {limit} things already: end it, and open another one."),
    "not_an_answer": N_("This cannot be handed in: an answer consists of numbers and choices."),
    "not_a_kernel": N_("A kernel has {n} weights, each a number from −{limit} to {limit}."),
    "answer_too_large": N_("This answer is too large: at most {limit} characters are taken."),
    "stage_too_long": N_("This view cannot be shown to the class: its address has more than {limit} characters."),
}


class ClassError(LenetError):
    """A refusal with one of the sentences above."""

    @property
    def template(self) -> str:
        return MESSAGES[self.code]
