"""What a LeNet may look like: its configuration, checked, and the layers that follow from it.

No torch here: pages and the run directory describe networks without building them. `model.py` builds them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from lenet.common.errors import LenetError
from lenet.common.formatting import number

ACTIVATIONS = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU", "leaky_relu": "LeakyReLU", "gelu": "GELU"}
"""Setting → name of the torch.nn class."""
POOLINGS = {"avg": "AvgPool2d", "max": "MaxPool2d", "conv": "Conv2d", "none": ""}
"""Setting → name of the torch.nn class, with kernel_size=2, stride=2; `conv` keeps the number of channels."""
HEADS = ("flatten", "gap")
"""What stands before the dense layers: all numbers of the last maps, or the mean of each map (global average pooling)."""

LIMITS = {
    "in_channels": (1, 16),
    "input_size": (4, 256),
    "channels": (1, 256),
    "kernel_size": (1, 15),
    "padding": (0, 15),
    "stride": (1, 4),
    "hidden": (1, 4096),
    "num_classes": (2, 1000),
}
"""Smallest and largest value of each number: what one reader's click may ask of a shared machine."""
MAX_DROPOUT = 0.9
MAX_DEPTH = 8
"""Convolutions, and dense layers before the last, at most."""
MAX_PARAMETERS = 10_000_000
MAX_MULTIPLICATIONS = 2_000_000_000
"""The same for a whole network: 40 MB of weights, and a few tenths of a second of CPU time an image."""


@dataclass(frozen=True)
class LayerRow:
    """One layer as it runs: a row of `LeNetConfig.layers` and of `model.layer_table`. Shapes include the batch axis.

    `params` counts weights and biases. `kernel_size`, `stride` and `padding` are (height, width) of the window
    of a convolution or pooling, None elsewhere.
    """

    name: str
    type: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    params: int
    weight_shape: tuple[int, ...] | None = None
    bias: bool = False
    kernel_size: tuple[int, int] | None = None
    stride: tuple[int, int] | None = None
    padding: tuple[int, int] | None = None

    @property
    def macs(self) -> int:
        """Multiply-accumulates for the whole batch, as textbooks count them: one for each weight at each place.

        Additions of biases, activations, poolings and batch norm count nothing. torchinfo counts one more for every
        bias at every place, and the parameters of a batch norm once.
        """
        if self.weight_shape is None or not (self.type == "Linear" or self.type.startswith("Conv")):
            return 0
        return math.prod(self.weight_shape) * self.output_shape[0] * math.prod(self.output_shape[2:])

    @property
    def activations(self) -> int:
        """Numbers that the layer puts into memory for the whole batch; Flatten gives its input another shape only."""
        return 0 if self.type == "Flatten" else math.prod(self.output_shape)


BYTES = 4
"""Of a float32."""


def activation_bytes(rows: Sequence[LayerRow], batch: int = 1) -> int:
    """Bytes of the outputs of all layers, float32, for a batch: what training keeps for the way back."""
    return sum(r.activations // r.output_shape[0] for r in rows) * batch * BYTES


@dataclass(frozen=True)
class Field:
    """Of one number in a layer's output: the pixels that it depends on, and how far apart its neighbours look.

    `size` is (height, width) of the receptive field, with what it covers of the padding; `step` the total stride.
    `start` is where the field of the number in the first row and column begins, 0 being the image's first pixel.
    """

    size: tuple[int, int]
    step: tuple[int, int]
    start: tuple[int, int]


def receptive_fields(rows: Sequence[LayerRow]) -> list[Field | None]:
    """The field of each layer's numbers; None from the layer on that looks at the whole image.

    Flatten and what works on its numbers one by one leave each with the field it had; `step` then tells no more.
    r ← r + (kernel − 1)·j, then j ← j·stride, with r = j = 1 for the image (Araujo, Norris, Sim, "Computing
    Receptive Fields of Convolutional Neural Networks", 2019).
    """
    out: list[Field | None] = []
    field: Field | None = Field((1, 1), (1, 1), (0, 0))
    for row in rows:
        if row.type in ("Linear", "AdaptiveAvgPool2d"):
            field = None
        elif field and row.kernel_size and row.stride and row.padding:
            axes = zip(field.size, field.step, field.start, row.kernel_size, row.stride, row.padding, strict=True)
            new = [(r + (k - 1) * j, j * s, o - p * j) for r, j, o, k, s, p in axes]
            height, width = new
            field = Field((height[0], width[0]), (height[1], width[1]), (height[2], width[2]))
        out.append(field)
    return out


class CannotBuild(LenetError):
    """A layer is larger than what reaches it. `built` are the layers before it, `type` is its class."""

    def __init__(self, code: str, built: Sequence[LayerRow], type: str, **params: Any) -> None:
        super().__init__(code, layer=len(built) + 1, type=type, **params)
        self.built = tuple(built)
        self.type = type


@dataclass(frozen=True)
class LeNetConfig:
    """A LeNet: blocks of convolution, activation and 2×2 pooling, then dense layers. The defaults are the note's.

    `channels`, `kernel_size`, `padding` and `stride` have one entry for each convolution (none at all makes a
    multilayer perceptron); `hidden` one for each dense layer before the last. `input_size` is the height and width of
    a square image in pixels, or the pair of them. `pooling` is one of POOLINGS, `head` one of HEADS; `batch_norm` puts
    a BatchNorm2d behind each convolution, and `dropout`, where it is not 0, a Dropout before each dense layer.

    Raises LenetError where a value is not of its kind or outside LIMITS, and CannotBuild, naming the layer and its
    numbers, where a feature map would shrink to nothing.
    """

    in_channels: int = 1
    input_size: int | tuple[int, int] = 28
    channels: tuple[int, ...] = (6, 16)
    kernel_size: tuple[int, ...] = (5, 5)
    padding: tuple[int, ...] = (2, 0)
    stride: tuple[int, ...] = (1, 1)
    activation: str = "sigmoid"
    pooling: str = "avg"
    hidden: tuple[int, ...] = (120, 84)
    num_classes: int = 10
    batch_norm: bool = False
    dropout: float = 0.0
    head: str = "flatten"

    def __post_init__(self) -> None:
        for name in ("channels", "kernel_size", "padding", "stride", "hidden"):
            value = getattr(self, name)
            if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_DEPTH:
                raise LenetError(
                    "not_one_of", name=name, value=str(value)[:40], options=f"lists of at most {MAX_DEPTH} numbers"
                )
            object.__setattr__(self, name, tuple(check_integer(name, v, *LIMITS[name]) for v in value))
        for name in ("in_channels", "num_classes"):
            object.__setattr__(self, name, check_integer(name, getattr(self, name), *LIMITS[name]))
        object.__setattr__(self, "input_size", _check_size(self.input_size))
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("pooling", self.pooling, POOLINGS)
        check_choice("head", self.head, HEADS)
        if not isinstance(self.batch_norm, bool):
            raise LenetError("not_one_of", name="batch_norm", value=str(self.batch_norm)[:40], options="true, false")
        object.__setattr__(self, "dropout", check_number("dropout", self.dropout, 0.0, MAX_DROPOUT))
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
        return tuple(_lay_out(self))

    def cost(self) -> tuple[int, int]:
        """How many weights and biases the network has, and how many multiply-accumulates one image takes."""
        return sum(r.params for r in self.layers), sum(r.macs for r in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, lists for tuples."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LeNetConfig:
        """The configuration in `values`; what is not named keeps the note's value. Raises LenetError."""
        return cls(**known_fields(cls, values, "model"))

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


def _lay_out(c: LeNetConfig) -> Iterator[LayerRow]:
    """The layers of a configuration, in order. Raises CannotBuild at the first one that cannot be."""
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
    size = values.get("input_size", 28)
    pair = (size, size) if isinstance(size, int) else size
    sizes = [(max(pair[0], n), max(pair[1], n)) for n in range(min(pair) + 1, LIMITS["input_size"][1] + 1)]

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
        consider("padding", i, range(padding + 1, LIMITS["padding"][1] + 1))
        consider("stride", i, range(stride - 1, 0, -1))
    if values["pooling"] != "none":
        consider("pooling", None, ["none"], 5.0)
    consider("input_size", None, [n for n, _width in sizes] if isinstance(size, int) else sizes, 0.5)
    return [repair for _far, repair in sorted(found.values(), key=lambda pair: pair[0])]


# -- checks that runs share ------------------------------------------------------------------------------


def known_fields(cls: type, values: object, name: str) -> dict[str, Any]:
    """`values` as keyword arguments of dataclass `cls`; refuses names that it does not have."""
    if not isinstance(values, Mapping):
        raise LenetError("not_an_object", name=name, value=str(values)[:40])
    names = {f.name for f in fields(cls)}
    for key in values:
        if key not in names:
            raise LenetError("unknown_setting", name=str(key)[:40])
    return dict(values)


def check_integer(name: str, value: object, low: int, high: int) -> int:
    """`value` if it is a whole number from low to high; raises LenetError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise LenetError("not_integer", name=name, value=str(value)[:40])
    if not low <= value <= high:
        raise LenetError("not_in_range", name=name, value=_short(value), low=low, high=high)
    return value


def _check_size(value: object) -> int | tuple[int, int]:
    """An input size as it is kept: one number where height and width are alike."""
    if isinstance(value, list | tuple) and len(value) == 2:
        height, width = (check_integer("input_size", v, *LIMITS["input_size"]) for v in value)
        return height if height == width else (height, width)
    return check_integer("input_size", value, *LIMITS["input_size"])


def check_number(name: str, value: object, low: float, high: float) -> float:
    """`value` as a float if it is a number from low to high (NaN is in no range); raises LenetError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LenetError("not_number", name=name, value=str(value)[:40])
    if not low <= value <= high:
        raise LenetError("not_in_range", name=name, value=_short(value), low=low, high=high)
    return float(value)


def check_choice(name: str, value: object, options: Mapping[str, object] | Sequence[str]) -> str:
    """`value` if it is one of `options`; raises LenetError otherwise."""
    if not isinstance(value, str) or value not in options:
        raise LenetError("not_one_of", name=name, value=str(value)[:40], options=", ".join(options))
    return value


def _short(value: float) -> str:
    """A number as a reader can take it in; Python refuses to print integers of thousands of digits."""
    return f"{value:g}" if abs(value) < 1e300 else ("−∞" if value < 0 else "∞")


def _millions(n: int) -> str:
    return number(n / 1e6)
