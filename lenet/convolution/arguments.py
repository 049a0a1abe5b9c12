"""What a convolution refuses, and how it says so: the limits that PyTorch has."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet.common.arguments import MESSAGES as SHARED
from lenet.common.arguments import N_, ArgumentError, Checks, Pair, shown

Padding = Pair | Literal["same", "valid"]
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]
PADDING_MODES: tuple[PaddingMode, ...] = ("zeros", "reflect", "replicate", "circular")

MAX_PADDING = 4096  # ours: the output grows with it

MESSAGES: dict[str, str] = {
    **SHARED,
    "weight_dims": N_(
        "weight of shape {value} must have 4 dimensions: output channels, input channels of a group, height, width."
    ),
    "weight_empty": N_("weight of shape {value} is empty: only the input channels, its second dimension, may be 0."),
    "bias_shape": N_(
        "bias of shape {value} must have one number for each output channel of weight: shape {expected}."
    ),
    "groups_unequal": N_("groups {value} does not divide the {channels} output channels of weight."),
    "padding_unknown": N_("padding must be a number, a (height, width) pair, 'same' or 'valid', not {value}."),
    "same_strided": N_("padding 'same' keeps the size of the input: it needs stride (1, 1), not {stride}."),
    "padding_mode_unknown": N_("padding_mode must be one of {allowed}, not {value}."),
    "padding_too_far": N_(
        "padding {value} is too large for padding_mode '{mode}' and an input of size {size}: at most {maximum} is "
        "allowed."
    ),
    "output_empty": N_(
        "weight has kernels of size {kernel_size}, which with dilation {dilation} do not fit into an input of size "
        "{size} with padding {padding}: the output size would be {output}, but must be at least (1, 1)."
    ),
    "cell_outside": N_(
        "cell {value} is outside the output of shape {output}: channels, rows and columns are counted from 0."
    ),
    "too_few_dims": N_(
        "{argument} is {value}-dimensional: at least 3 dimensions, channels, height and width, are needed."
    ),
    "one_sample": N_("{argument} is {value}-dimensional: one sample has 3 dimensions, channels, height and width."),
    "empty_array": N_("x of shape {value} is empty: height and width must be at least 1."),
    "wrong_channels": N_(
        "x of shape {value} has {channels} channels: weight of shape {weight} with groups {groups} takes {expected}."
    ),
    "dtype_refused": N_("{argument} has dtype {value}: real numbers are needed, floating-point or integer."),
}


class ConvolutionError(ArgumentError):
    """A refused argument of a convolution, or an array that it does not take."""

    messages = MESSAGES


# ---- checks: the value as it is kept, or ConvolutionError ----

CHECKS = Checks(ConvolutionError)


def numbers(argument: str, value: ArrayLike) -> NDArray[np.float64]:
    """An array of real numbers as float64."""
    array = CHECKS.array(argument, value)
    if array.dtype.kind not in "fiu":
        raise ConvolutionError("dtype_refused", {"argument": argument, "value": array.dtype.name})
    return array.astype(np.float64, copy=False)


def sealed(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """A copy that nobody can change."""
    copy = np.array(array, order="C")
    copy.flags.writeable = False
    return copy


def weight(value: ArrayLike) -> NDArray[np.float64]:
    array = numbers("weight", value)
    if array.ndim != 4:
        raise ConvolutionError("weight_dims", {"argument": "weight", "value": array.shape})
    if 0 in (array.shape[0], *array.shape[2:]):
        raise ConvolutionError("weight_empty", {"argument": "weight", "value": array.shape})
    return sealed(array)


def bias(value: ArrayLike | None, channels: int) -> NDArray[np.float64] | None:
    if value is None:
        return None
    array = numbers("bias", value)
    if array.shape != (channels,):
        params = {"argument": "bias", "value": array.shape, "expected": (channels,)}
        raise ConvolutionError("bias_shape", params)
    return sealed(array)


def groups(value: object, channels: int) -> int:
    number = CHECKS.integer("groups", value, 1, 2**31 - 1)
    if channels % number:
        raise ConvolutionError("groups_unequal", {"argument": "groups", "value": number, "channels": channels})
    return number


def padding(value: Any, stride: Pair) -> Padding:
    if not isinstance(value, str):
        return CHECKS.pair("padding", value, 0, MAX_PADDING)
    if value not in ("same", "valid"):
        raise ConvolutionError("padding_unknown", {"argument": "padding", "value": shown(value)})
    if value == "same" and stride != (1, 1):
        raise ConvolutionError("same_strided", {"argument": "padding", "stride": stride})
    return "same" if value == "same" else "valid"


def padding_mode(value: object) -> PaddingMode:
    for mode in PADDING_MODES:
        if isinstance(value, str) and value == mode:
            return mode
    params = {"argument": "padding_mode", "value": shown(value), "allowed": ", ".join(map(repr, PADDING_MODES))}
    raise ConvolutionError("padding_mode_unknown", params)
