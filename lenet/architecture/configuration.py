"""What a LeNet may look like: its configuration, checked, and the layers that follow from it.

No torch here: pages and the run directory describe networks without building them. `model.py` builds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from lenet.architecture.layers import ACTIVATIONS as ACTIVATIONS
from lenet.architecture.layers import HEADS as HEADS
from lenet.architecture.layers import POOLINGS as POOLINGS
from lenet.architecture.layers import LayerRow
from lenet.architecture.plan import CannotBuild as CannotBuild
from lenet.architecture.plan import lay_out
from lenet.common.errors import LenetError
from lenet.common.formatting import number

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
        return lay_out(self)

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
