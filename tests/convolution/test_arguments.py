"""What a convolution refuses, and how it says so: against PyTorch's own refusals."""

from __future__ import annotations

import math
import pickle
import string
from typing import Any

import numpy as np
import pytest
import torch

from lenet.common.arguments import MAX_INT
from lenet.common.errors import explain
from lenet.convolution import MAX_PADDING, MESSAGES, Convolution, ConvolutionError
from tests.helpers.torch_convolution import call_torch

WEIGHT = np.ones((4, 2, 3, 3))


@pytest.mark.parametrize("argument", ["stride", "padding", "dilation", "groups"])
@pytest.mark.parametrize("value", [True, 2.0, math.nan, "2", (1, 2, 3), (1, 2.0), (True, 1), (), 2**63, {}, None])
def test_settings_that_are_none(argument: str, value: Any) -> None:
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        call_torch(torch.ones(2, 5, 5), torch.ones(4, 2, 3, 3), **{argument: value})
    with pytest.raises(ConvolutionError, match=rf"^{argument} ") as caught:
        Convolution(WEIGHT, **{argument: value})
    assert caught.value.params["argument"] == argument
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "shape", [(), (3,), (3, 3), (2, 3, 3), (1, 4, 2, 3, 3), (0, 2, 3, 3), (4, 2, 0, 3), (4, 2, 3, 0)]
)
def test_weights_that_are_none(shape: tuple[int, ...]) -> None:
    with pytest.raises(RuntimeError):
        call_torch(torch.ones(2, 5, 5), torch.ones(shape))
    with pytest.raises(ConvolutionError, match=r"^weight "):
        Convolution(np.ones(shape))


@pytest.mark.parametrize("shape", [(), (1,), (3,), (4, 1), (0,)])
def test_biases_that_are_none(shape: tuple[int, ...]) -> None:
    with pytest.raises(RuntimeError):
        call_torch(torch.ones(2, 5, 5), torch.ones(4, 2, 3, 3), torch.ones(shape))
    with pytest.raises(ConvolutionError, match=r"^bias "):
        Convolution(WEIGHT, np.ones(shape))


@pytest.mark.parametrize("value", [np.int64(1), np.uint8(1), [1, 1], (1,), (np.int32(1), 1)])
def test_other_spellings_of_one(value: Any) -> None:
    layer = Convolution(WEIGHT, stride=value, padding=value, dilation=value)
    assert layer == Convolution(WEIGHT, padding=1)
    assert all(type(n) is int for n in (*layer.stride, *layer.padding, *layer.dilation))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"weight": [["a"]]}, "weight has dtype str32: real numbers are needed, floating-point or integer."),
        (
            {"weight": np.ones((2, 3, 3))},
            "weight of shape (2, 3, 3) must have 4 dimensions: output channels, input channels of a group, height, width.",
        ),
        (
            {"weight": np.ones((0, 2, 3, 3))},
            "weight of shape (0, 2, 3, 3) is empty: only the input channels, its second dimension, may be 0.",
        ),
        (
            {"bias": [1, 2]},
            "bias of shape (2,) must have one number for each output channel of weight: shape (4,).",
        ),
        ({"groups": 3}, "groups 3 does not divide the 4 output channels of weight."),
        ({"groups": 0}, "groups 0 is too small: at least 1 is needed."),
        ({"stride": 0}, "stride 0 is too small: at least 1 is needed."),
        ({"dilation": (1, 0)}, "dilation 0 is too small: at least 1 is needed."),
        ({"padding": -1}, "padding -1 is too small: at least 0 is needed."),
        ({"padding": MAX_PADDING + 1}, "padding 4097 is too large: at most 4096 is allowed."),
        ({"stride": 2**31}, f"stride {2**31} is too large: at most {MAX_INT} is allowed."),
        ({"padding": "full"}, "padding must be a number, a (height, width) pair, 'same' or 'valid', not 'full'."),
        (
            {"padding": "same", "stride": (1, 2)},
            "padding 'same' keeps the size of the input: it needs stride (1, 1), not (1, 2).",
        ),
        (
            {"padding_mode": "constant"},
            "padding_mode must be one of 'zeros', 'reflect', 'replicate', 'circular', not 'constant'.",
        ),
    ],
)
def test_sentences(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConvolutionError) as caught:
        Convolution(**({"weight": WEIGHT} | arguments))
    assert str(caught.value) == sentence
    assert sentence.startswith(str(caught.value.params["argument"]))


@pytest.mark.parametrize(
    ("arguments", "size", "sentence"),
    [
        (
            {"dilation": (2, 1), "stride": 2},
            (4, 4),
            "weight has kernels of size (3, 3), which with dilation (2, 1) do not fit into an input of size (4, 4) with "
            "padding (0, 0): the output size would be (0, 1), but must be at least (1, 1).",
        ),
        (
            {"padding": (1, 4), "padding_mode": "reflect"},
            (4, 4),
            "padding 4 is too large for padding_mode 'reflect' and an input of size (4, 4): at most 3 is allowed.",
        ),
        (
            {"padding": "same", "dilation": 5, "padding_mode": "circular"},
            (4, 8),
            "padding 5 is too large for padding_mode 'circular' and an input of size (4, 8): at most 4 is allowed.",
        ),
    ],
)
def test_sentences_about_the_input(arguments: dict[str, Any], size: tuple[int, int], sentence: str) -> None:
    with pytest.raises((RuntimeError, ValueError)):
        call_torch(torch.ones(2, *size), torch.ones(4, 2, 3, 3), **arguments)
    with pytest.raises(ConvolutionError) as caught:
        Convolution(WEIGHT, **arguments)(np.ones((2, *size)))
    assert str(caught.value) == sentence == explain(caught.value)


def test_channels_that_do_not_fit() -> None:
    with pytest.raises(ConvolutionError) as caught:
        Convolution(WEIGHT, groups=2)(np.ones((1, 3, 5, 5)))
    assert str(caught.value) == (
        "x of shape (1, 3, 5, 5) has 3 channels: weight of shape (4, 2, 3, 3) with groups 2 takes 4."
    )


def test_errors_travel_and_carry_their_parts() -> None:
    with pytest.raises(ValueError) as caught:
        Convolution(WEIGHT, groups=3)
    error = caught.value
    assert isinstance(error, ConvolutionError)
    assert error.code == "groups_unequal"
    assert error.params == {"argument": "groups", "value": 3, "channels": 4}
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.params) == (str(error), error.code, error.params)


def test_messages_are_sentences_with_named_placeholders() -> None:
    for code, sentence in MESSAGES.items():
        assert sentence.endswith("."), code
        names = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
        assert all(name.isidentifier() for name in names), code
