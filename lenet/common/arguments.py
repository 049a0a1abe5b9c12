"""Arguments of a layer, checked one by one, and the error that a refused one raises. Loads NumPy alone."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Pair = tuple[int, int]

MAX_INT = 2**31 - 1  # PyTorch keeps sizes in a C int

# Marks a sentence for the gettext catalogue; it is translated only when it is shown.
N_ = str

MESSAGES: dict[str, str] = {
    "not_integer": N_("{argument} takes whole numbers only, not {value}."),
    "not_pair": N_("{argument} must be one int or a (height, width) pair: {value} has {length} numbers."),
    "not_bool": N_("{argument} must be True or False, not {value}."),
    "too_small": N_("{argument} {value} is too small: at least {minimum} is needed."),
    "too_large": N_("{argument} {value} is too large: at most {maximum} is allowed."),
    "not_array": N_("{argument} is not an array of numbers with rows of equal length."),
    "gradient_shape": N_("grad_output has shape {value}: it must have the output's shape {expected}."),
}
"""The sentences that every layer may need."""


class ArgumentError(ValueError):
    """A refused argument. ``code`` is a key of ``messages``, ``params`` fill its placeholders.

    ``params["argument"]`` is the name of the argument.
    """

    messages: ClassVar[Mapping[str, str]] = MESSAGES

    def __init__(self, code: str, params: Mapping[str, object]) -> None:
        super().__init__(code, dict(params))
        self.code = code
        self.params: dict[str, object] = dict(params)

    @property
    def template(self) -> str:
        """The sentence before the parameters are put in: the key under which it is translated."""
        return self.messages[self.code]

    def __str__(self) -> str:
        return self.template.format(**self.params)


class Checks:
    """The checks of one kind of layer: each gives the value as it is kept, or raises the layer's own error."""

    def __init__(self, error: type[ArgumentError]) -> None:
        self.error = error

    def pair(self, argument: str, value: object, minimum: int, maximum: int = MAX_INT) -> Pair:
        """An int or a pair of ints as a pair, each within [minimum, maximum]."""
        numbers = tuple(value) if isinstance(value, tuple | list) else (value,)
        if len(numbers) not in (1, 2):
            raise self.error("not_pair", {"argument": argument, "value": shown(value), "length": len(numbers)})
        first, last = (self.integer(argument, number, minimum, maximum) for number in (numbers[0], numbers[-1]))
        return first, last

    def integer(self, argument: str, value: object, minimum: int, maximum: int) -> int:
        """Anything that is an integer to Python (NumPy's too), but not a bool, within [minimum, maximum]."""
        try:
            if isinstance(value, bool):
                raise TypeError
            number = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            raise self.error("not_integer", {"argument": argument, "value": shown(value)}) from None
        if number < minimum:
            raise self.error("too_small", {"argument": argument, "value": shown(number), "minimum": minimum})
        if number > maximum:
            raise self.error("too_large", {"argument": argument, "value": shown(number), "maximum": maximum})
        return number

    def boolean(self, argument: str, value: object) -> bool:
        if not isinstance(value, bool | np.bool_):
            raise self.error("not_bool", {"argument": argument, "value": shown(value)})
        return bool(value)

    def array(self, argument: str, value: ArrayLike) -> NDArray[Any]:
        try:
            array = np.asarray(value)
        except (TypeError, ValueError):  # ragged lists and the like
            raise self.error("not_array", {"argument": argument}) from None
        return array.astype(array.dtype.newbyteorder("="), copy=False)  # idx files, for one, are big-endian


def shown(value: object) -> object:
    """A refused value, fit for a sentence: short, and safe to print (Python will not print enormous ints)."""
    if isinstance(value, int):
        return value if abs(value) < 10**20 else f"{'-' if value < 0 else ''}2**{abs(value).bit_length() - 1}"
    if isinstance(value, tuple | list):
        return f"({', '.join(str(shown(each)) for each in value[:4])}{', …' if len(value) > 4 else ''})"
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
