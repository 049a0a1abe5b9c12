"""Random inputs that several test files draw: grids, pooling layers, settings of networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import ACTIVATIONS, HEADS, POOLINGS
from lenet.common.errors import LenetError
from lenet.grid import LIMIT, Grid
from lenet.pooling import Pooling, PoolingError
from lenet.pooling.stacking import stack

NUMBERS = st.floats(-LIMIT, LIMIT, allow_nan=False)


@st.composite
def any_grid(draw: Any, numbers: Any = NUMBERS, sides: int = 6) -> Grid:
    """Up to four channels of up to `sides` rows and columns."""
    c, h, w = draw(st.integers(1, 4)), draw(st.integers(1, sides)), draw(st.integers(1, sides))
    flat = draw(st.lists(numbers, min_size=c * h * w, max_size=c * h * w))
    return np.array(flat).reshape(c, h, w) + 0.0


SMALL = any_grid(st.integers(-9, 9).map(float))
"""Grids of small whole numbers, with many ties."""
LAYERS = st.builds(
    lambda mode, kernel, stride, padding, dilation, ceil, include, divisor: Pooling(
        mode,
        kernel,
        stride,
        (padding[0] % (kernel[0] // 2 + 1), padding[1] % (kernel[1] // 2 + 1)),
        dilation if mode == "max" else 1,
        ceil,
        include or mode == "max",
        divisor if mode == "avg" else None,
    ),
    st.sampled_from(["max", "avg"]),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.integers(1, 2),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 3]),
)
"""Pooling layers that are valid by themselves; a grid may be too small for them."""


@st.composite
def settings_of_a_net(draw: st.DrawFn) -> dict[str, Any]:
    """Settings of a LeNetConfig, of which some cannot be built."""
    blocks = draw(st.integers(0, 3))
    size = st.integers(4, 33)

    def each(low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=blocks, max_size=blocks))

    return {
        "in_channels": draw(st.integers(1, 3)),
        "input_size": draw(size | st.tuples(size, size)),
        "channels": each(1, 7),
        "kernel_size": each(1, 7),
        "padding": each(0, 3),
        "stride": each(1, 3),
        "activation": draw(st.sampled_from(list(ACTIVATIONS))),
        "pooling": draw(st.sampled_from(list(POOLINGS))),
        "hidden": draw(st.lists(st.integers(1, 30), max_size=3)),
        "num_classes": draw(st.integers(2, 12)),
        "batch_norm": draw(st.booleans()),
        "dropout": draw(st.sampled_from([0.0, 0.25])),
        "head": draw(st.sampled_from(list(HEADS))),
    }


def fits(grid: Grid, *pools: Pooling) -> bool:
    """Whether the pools can be laid one after the other on the grid."""
    try:
        stack(grid, pools)
    except PoolingError:
        return False
    return True


@st.composite
def plain_networks(draw: st.DrawFn) -> LeNetConfig:
    """Networks of convolutions, with or without pooling, and dense layers: what the written-out steps take."""
    depth = draw(st.integers(1, 3))
    several = lambda low, high: st.tuples(*[st.integers(low, high)] * depth)  # noqa: E731
    try:
        return LeNetConfig(
            in_channels=draw(st.integers(1, 3)),
            input_size=draw(st.tuples(st.integers(8, 30), st.integers(8, 30))),
            channels=draw(several(1, 20)),
            kernel_size=draw(several(1, 6)),
            padding=draw(several(0, 3)),
            stride=draw(several(1, 2)),
            activation=draw(st.sampled_from(["sigmoid", "tanh", "relu", "leaky_relu"])),
            pooling=draw(st.sampled_from(["avg", "max", "conv", "none"])),
            hidden=draw(st.lists(st.integers(1, 30), max_size=2).map(tuple)),
            num_classes=draw(st.integers(2, 12)),
        )
    except LenetError:  # its maps shrink to nothing
        return LeNetConfig()
