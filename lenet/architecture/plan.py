"""Which layers a LeNet consists of: they follow from its settings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from lenet.architecture.layers import ACTIVATIONS, POOLINGS, LayerRow
from lenet.common.errors import LenetError


class Settings(Protocol):
    """What `lay_out` reads of a `LeNetConfig`, where the settings are explained."""

    @property
    def input_shape(self) -> tuple[int, int, int, int]: ...
    @property
    def channels(self) -> tuple[int, ...]: ...
    @property
    def kernel_size(self) -> tuple[int, ...]: ...
    @property
    def padding(self) -> tuple[int, ...]: ...
    @property
    def stride(self) -> tuple[int, ...]: ...
    @property
    def activation(self) -> str: ...
    @property
    def pooling(self) -> str: ...
    @property
    def batch_norm(self) -> bool: ...
    @property
    def head(self) -> str: ...
    @property
    def dropout(self) -> float: ...
    @property
    def hidden(self) -> tuple[int, ...]: ...
    @property
    def num_classes(self) -> int: ...


class CannotBuild(LenetError):
    """A layer is larger than what reaches it. `built` are the layers before it, `type` is its class."""

    def __init__(self, code: str, built: Sequence[LayerRow], type: str, **params: Any) -> None:
        super().__init__(code, layer=len(built) + 1, type=type, **params)
        self.built = tuple(built)
        self.type = type


def lay_out(c: Settings) -> Iterator[LayerRow]:
    """The layers of a network with these settings, in order, with the shapes for one image. Raises CannotBuild at the first one that cannot be."""
    rows: list[LayerRow] = []
    shape: tuple[int, ...] = c.input_shape

    def add(type: str, output: tuple[int, ...], weight: tuple[int, ...] | None = None, **window: Any) -> LayerRow:
        nonlocal shape
        params = math.prod(weight) + weight[0] if weight else 0
        row = LayerRow(str(len(rows)), type, shape, output, params, weight, weight is not None, **window)
        rows.append(row)
        shape = output
        return row

    def slide(type: str, kernel: int, padding: int, stride: int, outputs: int | None = None) -> LayerRow:
        """A window over the maps; out = ⌊(in + 2·padding − kernel)/stride⌋ + 1, as torch.nn.Conv2d has it."""
        _, inputs, height, width = shape
        if min(height, width) + 2 * padding < kernel:
            numbers = {"kernel": kernel, "height": height, "width": width, "padding": padding}
            code = "conv_does_not_fit" if type == "Conv2d" else "pool_does_not_fit"
            raise CannotBuild(code, rows, type, **numbers)
        size = [(n + 2 * padding - kernel) // stride + 1 for n in (height, width)]
        weight = (outputs, inputs, kernel, kernel) if outputs else None
        window = {"kernel_size": (kernel,) * 2, "stride": (stride,) * 2, "padding": (padding,) * 2}
        return add(type, (1, outputs or inputs, *size), weight, **window)

    for outputs, kernel, padding, stride in zip(c.channels, c.kernel_size, c.padding, c.stride, strict=True):
        yield slide("Conv2d", kernel, padding, stride, outputs)
        if c.batch_norm:
            yield add("BatchNorm2d", shape, (outputs,))
        yield add(ACTIVATIONS[c.activation], shape)
        if c.pooling != "none":
            yield slide(POOLINGS[c.pooling], 2, 0, 2, outputs if c.pooling == "conv" else None)
    if c.head == "gap":
        yield add("AdaptiveAvgPool2d", (1, shape[1], 1, 1))
    yield add("Flatten", (1, math.prod(shape)))
    for i, outputs in enumerate((*c.hidden, c.num_classes)):
        if c.dropout:
            yield add("Dropout", shape)
        yield add("Linear", (1, outputs), (outputs, shape[1]))
        if i < len(c.hidden):
            yield add(ACTIVATIONS[c.activation], shape)
