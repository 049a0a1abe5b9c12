"""What a pooling layer refuses, and how it says so: against PyTorch's own refusals."""

from __future__ import annotations

import math
import pickle
import string
from typing import Any

import numpy as np
import pytest
import torch

from lenet.pooling import MAX_INT, MAX_KERNEL, MESSAGES, Pooling, PoolingError
from tests.helpers.torch_pooling import call_torch

NAN = float("nan")


@pytest.mark.parametrize("mode", ["max", "avg"])
@pytest.mark.parametrize("argument", ["kernel_size", "stride", "padding"])
@pytest.mark.parametrize("value", [True, 2.0, NAN, math.inf, "2", b"2", (1, 2, 3), (1, 2.0), (True, 1), 2**40, {}])
def test_sizes_that_are_none(mode: str, argument: str, value: Any) -> None:
    arguments: dict[str, Any] = {"kernel_size": 2} | {argument: value}
    with pytest.raises((RuntimeError, TypeError)):
        call_torch(torch.ones(1, 4, 4), mode, **arguments)
    with pytest.raises(PoolingError, match=rf"^{argument} ") as caught:
        Pooling(mode, **arguments)
    assert caught.value.params["argument"] == argument


def test_odd_kernel_sizes_end_in_a_short_sentence() -> None:
    enormous = 10**5000  # Python itself refuses to print it
    for value in (
        (),
        [],
        [(2, 2)],
        None,
        enormous,
        -enormous,
        (enormous, 1),
        [1] * 9,
        [enormous] * 3,
        np.ones(2),
    ):
        with pytest.raises(PoolingError, match=r"^kernel_size ") as caught:
            Pooling("max", value)
        assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [np.int64(2), np.uint8(2), [2, 2], (2,), (np.int32(2), 2)])
def test_other_spellings_of_two(value: Any) -> None:
    pool = Pooling("max", value)
    assert pool == Pooling("max", 2)
    assert all(type(k) is int for k in pool.kernel_size)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"mode": "min", "kernel_size": 2}, "mode must be 'max' or 'avg', not 'min'."),
        ({"kernel_size": 0}, "kernel_size 0 is too small: at least 1 is needed."),
        ({"kernel_size": MAX_KERNEL + 1}, "kernel_size 4097 is too large: at most 4096 is allowed."),
        ({"kernel_size": 2, "stride": 0}, "stride 0 is too small: at least 1 is needed."),
        ({"kernel_size": 2, "stride": (1, 0)}, "stride 0 is too small: at least 1 is needed."),
        ({"kernel_size": 2, "padding": -1}, "padding -1 is too small: at least 0 is needed."),
        ({"kernel_size": 2, "dilation": 0}, "dilation 0 is too small: at least 1 is needed."),
        (
            {"kernel_size": 2, "dilation": 2**31},
            f"dilation {2**31} is too large: at most {MAX_INT} is allowed.",
        ),
        (
            {"kernel_size": 3, "padding": 2},
            "padding 2 is more than half of kernel_size 3: at most 1 is allowed.",
        ),
        (  # dilation spreads the kernel over 5 cells, but half of the plain 3 is what counts
            {"kernel_size": 3, "padding": 2, "dilation": 2},
            "padding 2 is more than half of kernel_size 3: at most 1 is allowed.",
        ),
        (
            {"kernel_size": (4, 3), "padding": (2, 2)},
            "padding 2 is more than half of kernel_size 3: at most 1 is allowed.",
        ),
        ({"kernel_size": 2.5}, "kernel_size takes whole numbers only, not 2.5."),
        ({"kernel_size": 2, "ceil_mode": 1}, "ceil_mode must be True or False, not 1."),
        (
            {"mode": "avg", "kernel_size": 2, "count_include_pad": 0},
            "count_include_pad must be True or False, not 0.",
        ),
        (
            {"mode": "avg", "kernel_size": 2, "divisor_override": 0},
            "divisor_override 0 would divide by zero: any other whole number is allowed.",
        ),
        (
            {"mode": "avg", "kernel_size": 2, "divisor_override": True},
            "divisor_override takes whole numbers only, not True.",
        ),
        (
            {"mode": "avg", "kernel_size": 2, "divisor_override": 2**64},
            f"divisor_override {2**64} is too large: at most {2**63 - 1} is allowed.",
        ),
        (
            {"mode": "avg", "kernel_size": 2, "dilation": 2},
            "dilation applies only to mode 'max': with mode 'avg' it must be (1, 1), not (2, 2).",
        ),
        (
            {"kernel_size": 2, "count_include_pad": False},
            "count_include_pad applies only to mode 'avg': with mode 'max' it must be True, not False.",
        ),
        (
            {"kernel_size": 2, "divisor_override": 4},
            "divisor_override applies only to mode 'avg': with mode 'max' it must be None, not 4.",
        ),
    ],
)
def test_sentences(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PoolingError) as caught:
        Pooling(**({"mode": "max"} | arguments))
    assert str(caught.value) == sentence
    assert sentence.startswith(str(caught.value.params["argument"]))


def test_an_argument_of_the_other_mode_may_be_given_as_its_default() -> None:
    assert Pooling("avg", 2, dilation=(1, 1)) == Pooling("avg", 2)
    assert Pooling("max", 2, count_include_pad=True, divisor_override=None) == Pooling("max", 2)


def test_a_kernel_that_does_not_fit_says_so() -> None:
    with pytest.raises(PoolingError) as caught:
        Pooling("max", (2, 3), dilation=(1, 3), padding=(1, 1)).output_size((6, 4))
    assert str(caught.value) == (
        "kernel_size (2, 3) with dilation (1, 3) does not fit into an input of size (6, 4) "
        "with padding (1, 1): the output size would be (4, 0), but must be at least (1, 1)."
    )
    assert Pooling("max", 7, stride=2, ceil_mode=True).output_size((6, 6)) == (1, 1)  # as in PyTorch


def test_errors_travel_and_carry_their_parts() -> None:
    with pytest.raises(ValueError) as caught:
        Pooling("max", 3, padding=2)
    error = caught.value
    assert isinstance(error, PoolingError)
    assert error.code == "padding_too_large"
    assert error.params == {"argument": "padding", "value": 2, "kernel_size": 3, "maximum": 1}
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.params) == (str(error), error.code, error.params)


def test_messages_are_sentences_with_named_placeholders() -> None:
    for code, sentence in MESSAGES.items():
        assert sentence.endswith("."), code
        names = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
        assert all(name.isidentifier() for name in names), code
