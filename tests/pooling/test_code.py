"""The code to copy: each script is run as it is and must give what is on screen."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from lenet.grid import Grid
from lenet.pooling import Pooling, PoolingError
from lenet.pooling import code as snippets
from lenet.pooling.examples import EXAMPLES
from tests.helpers.strategies import LAYERS, SMALL


def run(code: str) -> Any:
    """Y of a script, which must also print it."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "copied.py", "exec"), scope)
    assert printed.getvalue()
    return np.asarray(scope["Y"])


@pytest.mark.parametrize("name", list(snippets.CODES))
@given(grid=SMALL, pool=LAYERS)
def test_every_script_gives_what_is_on_screen(name: str, grid: Grid, pool: Pooling) -> None:
    try:
        expected = pool(grid)
    except PoolingError:
        assume(False)
    found = run(snippets.CODES[name](grid, pool))
    np.testing.assert_allclose(found[0] if name == "pytorch" else found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", list(snippets.CODES))
@pytest.mark.parametrize("example", list(EXAMPLES))
def test_the_examples(name: str, example: str) -> None:
    case = EXAMPLES[example]
    pool = Pooling("avg", case.kernel_size, case.stride, case.padding)
    found = run(snippets.CODES[name](case.grid(), pool))
    np.testing.assert_allclose(found[0] if name == "pytorch" else found, pool(case.grid()), rtol=1e-6)


def test_code_holds_only_what_the_layer_uses() -> None:
    grid, pool = EXAMPLES["3x3"].grid(), Pooling("max", 2, 1)
    assert "nn.MaxPool2d(kernel_size=2, stride=1, padding=0)" in snippets.pytorch(grid, pool)
    assert "if" not in snippets.loop(grid, pool) and "pad" not in snippets.numpy(grid, pool)
    assert "import" not in snippets.loop(grid, pool)


SIDES = st.tuples(st.integers(1, 5), st.integers(1, 5))
PADS = st.tuples(st.integers(0, 3), st.integers(0, 3))


@given(st.sampled_from(["max", "avg"]), SIDES, SIDES, PADS, st.tuples(st.integers(1, 3), st.integers(1, 3)))
def test_refusals_are_in_pytorchs_own_words(mode: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> None:
    dilation = dilation if mode == "max" else (1, 1)
    try:
        Pooling(mode, kernel, stride, padding, dilation).output_size((3, 4))
    except PoolingError as refused:
        error = refused
    else:
        assume(False)
    x = torch.zeros(1, 2, 3, 4)
    functions: Any = torch.nn.functional
    with pytest.raises(RuntimeError) as caught:
        if mode == "max":
            functions.max_pool2d(x, kernel, stride, padding, dilation)
        else:
            functions.avg_pool2d(x, kernel, stride, padding)
    arguments = {"kernel_size": kernel, "padding": padding, "dilation": dilation}
    assert snippets.pytorch_refusal(arguments, 2, error) == str(caught.value)
