"""What a LeNet may look like: its configuration, checked, and the layers that follow from it.

No torch here: pages and the run directory describe networks without building them. `model.py` builds them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from functools import cached_property
from typing import Any

from lenet.architecture.layers import (
    ACTIVATIONS,
    CHOICE_WORDS,
    HEADS,
    KINDS,
    POOLINGS,
    LayerRow,
    Size,
    total_parameters,
)
from lenet.common import fields
from lenet.common.errors import LenetError
from lenet.common.fields import setting
from lenet.common.formatting import number
from lenet.common.translation import N_

MAX_DEPTH = 8
"""Convolutions, and dense layers before the last, at most."""
MAX_PARAMETERS = 10_000_000
MAX_MULTIPLICATIONS = 2_000_000_000
"""What one reader's click may ask of a shared machine: 40 MB of weights, a few tenths of a second of CPU time an image."""


@dataclass(frozen=True)
class LeNetConfig:
    """A LeNet: blocks of convolution, activation and 2×2 pooling, then dense layers. The defaults are the note's.

    `channels`, `kernel_size`, `padding` and `stride` have one entry for each convolution (none at all makes a
    multilayer perceptron); `hidden` one for each dense layer before the last. `input_size` is the height and width of
    a square image in pixels, or the pair of them. `pooling` is one of POOLINGS, `head` one of HEADS; `batch_norm` puts
    a BatchNorm2d behind each convolution, and `dropout`, where it is not 0, a Dropout before each dense layer.

    Raises LenetError where a value is not of its kind or outside its limits, and CannotBuild, naming the layer and its
    numbers, where a feature map would shrink to nothing.
    """

    in_channels: int = setting(1, N_("Input channels"), low=1, high=16, key="ch")
    input_size: int | tuple[int, int] = setting(28, N_("Input size"), low=4, high=256, key="size")
    channels: tuple[int, ...] = setting(
        (6, 16), N_("Channels of the convolutions"), low=1, high=256, length=MAX_DEPTH, key="c",
        control=N_("Channels {n}"), further=32,
    )  # fmt: skip
    kernel_size: tuple[int, ...] = setting(
        (5, 5), N_("Kernels of the convolutions"), low=1, high=15, length=MAX_DEPTH, key="k", control=N_("Kernel size {n}"),
        further=3,
    )  # fmt: skip
    padding: tuple[int, ...] = setting(
        (2, 0), N_("Padding of the convolutions"), low=0, high=15, length=MAX_DEPTH, key="p", control=N_("Padding {n}"),
        further=1,
    )  # fmt: skip
    stride: tuple[int, ...] = setting(
        (1, 1), N_("Strides of the convolutions"), low=1, high=4, length=MAX_DEPTH, key="s", control=N_("Stride {n}"),
        further=1,
    )  # fmt: skip
    activation: str = setting(
        "sigmoid", N_("Activation"), options=lambda: CHOICE_WORDS["activation"], key="act", group="network"
    )
    pooling: str = setting("avg", N_("Pooling"), options=lambda: CHOICE_WORDS["pooling"], key="pool", group="network")
    hidden: tuple[int, ...] = setting(
        (120, 84), N_("Widths of the hidden dense layers"), low=1, high=4096, length=MAX_DEPTH, key="h",
        control=N_("Dense {n}"), further=32,
    )  # fmt: skip
    num_classes: int = setting(10, N_("Classes"), low=2, high=1000, key="classes")
    batch_norm: bool = setting(False, N_("Batch norm"), key="bn")
    dropout: float = setting(0.0, N_("Dropout"), low=0.0, high=0.9, key="drop", control=N_("Dropout, %"))
    head: str = setting(
        "flatten", N_("Transition to the dense layers"), options=lambda: CHOICE_WORDS["head"], key="head"
    )

    def __post_init__(self) -> None:
        fields.check(self)
        if isinstance(self.input_size, tuple) and self.input_size[0] == self.input_size[1]:
            object.__setattr__(self, "input_size", self.input_size[0])
        if len({len(v) for v in (self.channels, self.kernel_size, self.padding, self.stride)}) != 1:
            raise LenetError("lengths_differ")
        parameters, multiplications = self.cost()  # raises where the maps shrink to nothing
        if parameters > MAX_PARAMETERS or multiplications > MAX_MULTIPLICATIONS:
            raise LenetError(
                "too_large",
                parameters=_millions(parameters), max_parameters=_millions(MAX_PARAMETERS),
                multiplications=_millions(multiplications), max_multiplications=_millions(MAX_MULTIPLICATIONS),
            )  # fmt: skip

    @property
    def image_size(self) -> tuple[int, int]:
        """(height, width) of the images."""
        return (self.input_size, self.input_size) if isinstance(self.input_size, int) else self.input_size

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """Shape of one image as a batch: (1, channels, height, width)."""
        return (1, self.in_channels, *self.image_size)

    @cached_property
    def layers(self) -> tuple[LayerRow, ...]:
        """Every layer with the shapes for one image, worked out and not run; `model.LeNet` builds just these."""
        return lay_out(self)

    @property
    def convolutions(self) -> tuple[LayerRow, ...]:
        """The layers that `channels` is about: none of the convolutions that pool, one behind each of these."""
        found = tuple(row for row in self.layers if row.kind.group == "conv")
        return found[:: len(found) // len(self.channels)] if self.channels else ()

    def cost(self) -> tuple[int, int]:
        """How many weights and biases the network has, and how many multiply-accumulates one image takes."""
        return total_parameters(self.layers), sum(r.macs for r in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, lists for tuples."""
        values = ((field.name, getattr(self, field.name)) for field in fields_of(self))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LeNetConfig:
        """The configuration in `values`; what is not named keeps the note's value. Raises LenetError."""
        return cls(**fields.known(cls, values, "model"))

    def to_url(self) -> str:
        """What is not as in the note, as short JSON for a URL."""
        own, note = self.to_dict(), LeNetConfig().to_dict()
        return json.dumps({k: v for k, v in own.items() if v != note[k]}, separators=(",", ":"))

    @classmethod
    def from_url(cls, text: str) -> LeNetConfig:
        """The configuration that `to_url` wrote. Raises LenetError for anything else."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as e:
            raise LenetError("not_an_object", name="net", value=text[:40]) from e
        return cls.from_dict(values)


# -- its layers ----------------------------------------------------------------------------------------------------


class CannotBuild(LenetError):
    """A layer is larger than what reaches it. `built` are the layers before it, `type` is its class."""

    def __init__(self, code: str, built: Sequence[LayerRow], type: str, **params: Any) -> None:
        super().__init__(code, layer=len(built) + 1, type=type, **params)
        self.built = tuple(built)
        self.type = type


def lay_out(config: LeNetConfig) -> tuple[LayerRow, ...]:
    """The layers of the network of this configuration, in order, with the shapes for one image.

    Raises CannotBuild where a window is larger than the maps that reach it.
    """
    rows: list[LayerRow] = []
    for type, size in _layers(config):
        kind = KINDS[type]
        inputs = rows[-1].output_shape if rows else config.input_shape
        if kind.source == "window" and min(inputs[2:]) + 2 * size.padding < size.kernel_size:
            raise CannotBuild(
                kind.window_too_large, rows, type,
                kernel=size.kernel_size, height=inputs[2], width=inputs[3], padding=size.padding,
            )  # fmt: skip
        rows.append(kind.row(str(len(rows)), inputs, size))
    return tuple(rows)


def _layers(config: LeNetConfig) -> Iterator[tuple[str, Size]]:
    """The class in torch.nn and the size of each layer: blocks of convolution, activation and pooling; then dense layers."""
    activation, pooling = ACTIVATIONS[config.activation], POOLINGS[config.pooling]
    convolutions = zip(config.channels, config.kernel_size, config.padding, config.stride, strict=True)
    for channels, kernel_size, padding, stride in convolutions:
        yield "Conv2d", Size(channels, kernel_size, padding, stride)
        if config.batch_norm:
            yield "BatchNorm2d", Size()
        yield activation, Size()
        if pooling:
            yield pooling, Size(channels, kernel_size=2, stride=2)
    if config.head != "flatten":
        yield HEADS[config.head], Size()
    yield "Flatten", Size()
    dropout = Size(dropout=config.dropout)
    for units in config.hidden:
        if config.dropout:
            yield "Dropout", dropout
        yield "Linear", Size(units)
        yield activation, Size()
    if config.dropout:
        yield "Dropout", dropout
    yield "Linear", Size(config.num_classes)


MLP = LeNetConfig(
    channels=(), kernel_size=(), padding=(), stride=(), hidden=(256, 128), activation="relu", pooling="none"
)
"""The multilayer perceptron that the note compares LeNet with."""

# -- where it cannot be built --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repair:
    """One change that makes a network possible: `setting` (of convolution `index`, from 0, where it has several)."""

    setting: str
    index: int | None
    value: int | str | tuple[int, int]
    config: LeNetConfig


def repairs(values: Mapping[str, Any]) -> list[Repair]:
    """For settings of LeNetConfig that raise CannotBuild: the smallest change of each setting that helps by itself.

    At most one for each kind of setting, the nearest first. Of an image's height and width the smaller one grows.
    """
    found: dict[str, tuple[float, Repair]] = {}
    rows = fields.table(LeNetConfig)
    size = values.get("input_size", 28)
    pair = (size, size) if isinstance(size, int) else size
    sizes = [(max(pair[0], n), max(pair[1], n)) for n in range(min(pair) + 1, int(rows["input_size"].high) + 1)]

    def consider(setting: str, index: int | None, options: Sequence[Any], distance: float = 1.0) -> None:
        old = values[setting]
        for steps, value in enumerate(options, 1):
            new = value if index is None else (*old[:index], value, *old[index + 1 :])
            try:
                config = LeNetConfig(**{**values, setting: new})
            except LenetError:
                continue
            far = steps * distance
            if setting not in found or far < found[setting][0]:
                found[setting] = (far, Repair(setting, index, value, config))
            return

    for i, (kernel, padding, stride) in enumerate(
        zip(values["kernel_size"], values["padding"], values["stride"], strict=True)
    ):
        consider("kernel_size", i, range(kernel - 1, 0, -1))
        consider("padding", i, range(padding + 1, int(rows["padding"].high) + 1))
        consider("stride", i, range(stride - 1, 0, -1))
    if values["pooling"] != "none":
        consider("pooling", None, ["none"], 5.0)
    consider("input_size", None, [n for n, _width in sizes] if isinstance(size, int) else sizes, 0.5)
    return [repair for _far, repair in sorted(found.values(), key=lambda pair: pair[0])]


def _millions(n: int) -> str:
    return number(n / 1e6)
