"""What a pooling layer refuses, and how it says so: each argument checked by itself, with the limits that PyTorch has."""

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Pair = tuple[int, int]

MAX_INT = 2**31 - 1  # PyTorch keeps sizes in a C int

# Marks a sentence for the gettext catalogue; it is translated only when it is shown.
N_ = str

MESSAGES: dict[str, str] = {
    "mode_unknown": N_("mode must be 'max' or 'avg', not {value}."),
    "not_integer": N_("{argument} takes whole numbers only, not {value}."),
    "not_pair": N_("{argument} must be one int or a (height, width) pair: {value} has {length} numbers."),
    "not_bool": N_("{argument} must be True or False, not {value}."),
    "too_small": N_("{argument} {value} is too small: at least {minimum} is needed."),
    "too_large": N_("{argument} {value} is too large: at most {maximum} is allowed."),
    "padding_too_large": N_(
        "padding {value} is more than half of kernel_size {kernel_size}: at most {maximum} is allowed."
    ),
    "divisor_zero": N_("divisor_override 0 would divide by zero: any other whole number is allowed."),
    "other_mode": N_(
        "{argument} applies only to mode '{other}': with mode '{mode}' it must be {default}, not {value}."
    ),
    "output_empty": N_(
        "kernel_size {kernel_size} with dilation {dilation} does not fit into an input of size {size} "
        "with padding {padding}: the output size would be {output}, but must be at least (1, 1)."
    ),
    "cell_outside": N_("cell {value} is outside the output of size {output}: cells are counted from (0, 0)."),
    "not_array": N_("{argument} is not an array of numbers with rows of equal length."),
    "too_few_dims": N_(
        "{argument} is {value}-dimensional: at least 2 dimensions, the height and the width, are needed."
    ),
    "plane_dims": N_("{argument} is {value}-dimensional: a single plane has 2 dimensions, the height and the width."),
    "empty_array": N_("x of shape {value} is empty: only the batch axis, the fourth from the end, may be 0."),
    "dtype_refused": N_("x has dtype {value}: this operation with mode '{mode}' takes {allowed}."),
    "argmax_of_avg": N_(
        "argmax exists only for mode 'max': with mode '{mode}' no single cell of a window is chosen."
    ),
    "gradient_shape": N_("grad_output has shape {value}: it must have the output's shape {expected}."),
}


class PoolingError(ValueError):
    """A refused argument. ``code`` is a key of MESSAGES, ``params`` fill its placeholders.

    ``params["argument"]`` is the name of the argument.
    """

    def __init__(self, code: str, params: Mapping[str, object]) -> None:
        super().__init__(code, dict(params))
        self.code = code
        self.params: dict[str, object] = dict(params)

    @property
    def template(self) -> str:
        """The sentence before the parameters are put in: the key under which it is translated."""
        return MESSAGES[self.code]

    def __str__(self) -> str:
        return self.template.format(**self.params)


# ---- checks: the value as it is kept, or PoolingError ----


def pair(argument: str, value: object, minimum: int, maximum: int = MAX_INT) -> Pair:
    """An int or a pair of ints as a pair, each within [minimum, maximum]."""
    numbers = tuple(value) if isinstance(value, tuple | list) else (value,)
    if len(numbers) not in (1, 2):
        raise PoolingError("not_pair", {"argument": argument, "value": shown(value), "length": len(numbers)})
    first, last = (integer(argument, number, minimum, maximum) for number in (numbers[0], numbers[-1]))
    return first, last


def integer(argument: str, value: object, minimum: int, maximum: int) -> int:
    """Anything that is an integer to Python (NumPy's too), but not a bool, within [minimum, maximum]."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise PoolingError("not_integer", {"argument": argument, "value": shown(value)}) from None
    if number < minimum:
        raise PoolingError("too_small", {"argument": argument, "value": shown(number), "minimum": minimum})
    if number > maximum:
        raise PoolingError("too_large", {"argument": argument, "value": shown(number), "maximum": maximum})
    return number


def divisor(value: object) -> int | None:
    if value is None:
        return None
    number = integer("divisor_override", value, -(2**63), 2**63 - 1)  # a C int64 in PyTorch
    if number == 0:
        raise PoolingError("divisor_zero", {"argument": "divisor_override", "value": 0})
    return number


def boolean(argument: str, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise PoolingError("not_bool", {"argument": argument, "value": shown(value)})
    return bool(value)


def as_array(argument: str, value: ArrayLike) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # ragged lists and the like
        raise PoolingError("not_array", {"argument": argument}) from None
    return array.astype(array.dtype.newbyteorder("="), copy=False)  # idx files, for one, are big-endian


def shown(value: object) -> object:
    """A refused value, fit for a sentence: short, and safe to print (Python will not print enormous ints)."""
    if isinstance(value, int):
        return value if abs(value) < 10**20 else f"{'-' if value < 0 else ''}2**{abs(value).bit_length() - 1}"
    if isinstance(value, tuple | list):
        return f"({', '.join(str(shown(each)) for each in value[:4])}{', …' if len(value) > 4 else ''})"
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
