"""The code to copy: each script is run as it is and must give what is on screen."""

from __future__ import annotations

import contextlib
import io
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lenet.common.activations import ACTIVATIONS
from lenet.convolution import PADDING_MODES, Convolution, ConvolutionError
from lenet.convolution import code as snippets
from lenet.convolution.examples import EXAMPLES
from lenet.grid import Grid
from tests.helpers.strategies import SMALL


def run(code: str) -> Any:
    """Y of a script, which must also print it."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "copied.py", "exec"), scope)
    assert printed.getvalue()
    return np.asarray(scope["Y"])


@pytest.mark.parametrize("name", list(snippets.CODES))
@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(grid=SMALL, data=st.data())
def test_every_script_gives_what_is_on_screen(name: str, grid: Grid, data: st.DataObject) -> None:
    draw = data.draw
    groups = draw(st.sampled_from([g for g in (1, 2, 3, 4) if len(grid) % g == 0]))
    shape = draw(st.integers(1, 2)) * groups, len(grid) // groups, draw(st.integers(1, 3)), draw(st.integers(1, 3))
    weight = np.array(draw(st.lists(st.integers(-4, 4), min_size=math.prod(shape), max_size=math.prod(shape)))) / 4
    small = st.tuples(st.integers(1, 3), st.integers(1, 3))
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)) | st.just("same"))
    layer = Convolution(
        weight.reshape(shape),
        draw(st.none() | st.just(np.arange(shape[0]) - 0.5)),
        1 if padding == "same" else draw(small),
        padding,
        draw(small),
        groups,
        draw(st.sampled_from(PADDING_MODES)),
    )
    activation = draw(st.sampled_from(["", *ACTIVATIONS]))
    try:
        expected = layer(grid)
    except ConvolutionError:
        assume(False)
    expected = ACTIVATIONS[activation].function(expected) if activation else expected
    found = run(snippets.CODES[name](grid, layer, activation))
    np.testing.assert_allclose(found[0] if name == "pytorch" else found, expected, rtol=1e-5, atol=1e-5)


def test_the_note_like_example_word_by_word() -> None:
    example = EXAMPLES["3x3"]
    assert snippets.pytorch(example.grid(), example.layer()) == (
        "import torch\n"
        "import torch.nn.functional as F\n"
        "\n"
        "X = torch.tensor([[[[0.0, 1.0, 2.0],\n"
        "   [3.0, 4.0, 5.0],\n"
        "   [6.0, 7.0, 8.0]]]])  # (N, I, H, W) = (1, 1, 3, 3)\n"
        "weight = torch.tensor([[[[0.0, 1.0],\n"
        "   [2.0, 3.0]]]])  # (O, I, height, width) = (1, 1, 2, 2)\n"
        "\n"
        "Y = F.conv2d(X, weight)\n"
        "print(Y.shape)\n"
        "print(Y)\n"
    )


def test_what_is_not_used_is_not_in_the_code() -> None:
    example = EXAMPLES["channels"]
    for make in snippets.CODES.values():
        code = make(example.grid(), example.layer(), "")
        for word in ("stride=", "padding", "padded", "dilation", "groups", "bias", "::", "height, width = "):
            assert word not in code, code


def test_sigmoid_is_the_logistic_function_and_overflows_nowhere(recwarn: pytest.WarningsRecorder) -> None:
    x = np.linspace(-30, 30, 101)
    np.testing.assert_allclose(ACTIVATIONS["sigmoid"].function(x), 1 / (1 + np.exp(-x)), atol=1e-15)
    assert ACTIVATIONS["sigmoid"].function(np.array([-1e9, 1e9])).tolist() == [0, 1]
    assert not recwarn.list
