"""Which layers a LeNet consists of: they follow from its settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from lenet.architecture.layers import ACTIVATIONS, HEADS, KINDS, POOLINGS, LayerRow, Size
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


def lay_out(settings: Settings) -> tuple[LayerRow, ...]:
    """The layers of a network with these settings, in order, with the shapes for one image.

    Raises CannotBuild where a window is larger than the maps that reach it.
    """
    rows: list[LayerRow] = []
    for type, size in _layers(settings):
        kind = KINDS[type]
        inputs = rows[-1].output_shape if rows else settings.input_shape
        if kind.source == "window" and min(inputs[2:]) + 2 * size.padding < size.kernel_size:
            raise CannotBuild(
                kind.window_too_large, rows, type,
                kernel=size.kernel_size, height=inputs[2], width=inputs[3], padding=size.padding,
            )  # fmt: skip
        rows.append(kind.row(str(len(rows)), inputs, size))
    return tuple(rows)


def _layers(settings: Settings) -> Iterator[tuple[str, Size]]:
    """The class in torch.nn and the size of each layer: blocks of convolution, activation and pooling; then dense layers."""
    activation, pooling = ACTIVATIONS[settings.activation], POOLINGS[settings.pooling]
    convolutions = zip(settings.channels, settings.kernel_size, settings.padding, settings.stride, strict=True)
    for channels, kernel_size, padding, stride in convolutions:
        yield "Conv2d", Size(channels, kernel_size, padding, stride)
        if settings.batch_norm:
            yield "BatchNorm2d", Size()
        yield activation, Size()
        if pooling:
            yield pooling, Size(channels, kernel_size=2, stride=2)
    if settings.head != "flatten":
        yield HEADS[settings.head], Size()
    yield "Flatten", Size()
    dropout = Size(dropout=settings.dropout)
    for units in settings.hidden:
        if settings.dropout:
            yield "Dropout", dropout
        yield "Linear", Size(units)
        yield activation, Size()
    if settings.dropout:
        yield "Dropout", dropout
    yield "Linear", Size(settings.num_classes)
