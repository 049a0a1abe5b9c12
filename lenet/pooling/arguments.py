"""What a pooling layer refuses, and how it says so: the limits that PyTorch has."""

from lenet.common.arguments import MAX_INT, N_, ArgumentError, Checks, Pair, shown
from lenet.common.arguments import MESSAGES as SHARED

__all__ = [
    "MAX_INT",
    "MESSAGES",
    "Pair",
    "PoolingError",
    "as_array",
    "boolean",
    "divisor",
    "integer",
    "pair",
    "shown",
]

MESSAGES: dict[str, str] = {
    **SHARED,
    "mode_unknown": N_("mode must be 'max' or 'avg', not {value}."),
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
    "too_few_dims": N_(
        "{argument} is {value}-dimensional: at least 2 dimensions, the height and the width, are needed."
    ),
    "plane_dims": N_("{argument} is {value}-dimensional: a single plane has 2 dimensions, the height and the width."),
    "empty_array": N_("x of shape {value} is empty: only the batch axis, the fourth from the end, may be 0."),
    "dtype_refused": N_("x has dtype {value}: this operation with mode '{mode}' takes {allowed}."),
    "argmax_of_avg": N_(
        "argmax exists only for mode 'max': with mode '{mode}' no single cell of a window is chosen."
    ),
}


class PoolingError(ArgumentError):
    """A refused argument of a pooling layer, or an array that it does not take."""

    messages = MESSAGES


# ---- checks: the value as it is kept, or PoolingError ----

_CHECKS = Checks(PoolingError)
pair, integer, boolean, as_array = _CHECKS.pair, _CHECKS.integer, _CHECKS.boolean, _CHECKS.array


def divisor(value: object) -> int | None:
    if value is None:
        return None
    number = integer("divisor_override", value, -(2**63), 2**63 - 1)  # a C int64 in PyTorch
    if number == 0:
        raise PoolingError("divisor_zero", {"argument": "divisor_override", "value": 0})
    return number
