"""What a LeNet may look like: its configuration, checked, and the shapes that follow from it.

No torch here: pages and the run directory describe networks without building them. `model.py` builds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from lenet.errors import LenetError

ACTIVATIONS = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU", "leaky_relu": "LeakyReLU", "gelu": "GELU"}
"""Setting → name of the torch.nn class."""
POOLINGS = {"avg": "AvgPool2d", "max": "MaxPool2d"}
"""Setting → name of the torch.nn class; both with kernel_size=2, stride=2."""

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
MAX_PARAMETERS = 20_000_000
MAX_MULTIPLICATIONS = 2_000_000_000
"""The same for a whole network: 80 MB of weights, and a few tenths of a second of CPU time an image."""


@dataclass(frozen=True)
class LeNetConfig:
    """A LeNet: blocks of convolution, activation and 2×2 pooling, then dense layers. The defaults are the note's.

    `channels`, `kernel_size`, `padding` and `stride` have one entry for each convolution; `hidden` one for each
    dense layer before the last. `input_size` is the height and width of a square image in pixels.

    Raises LenetError where a value is not of its kind or outside LIMITS, and, naming the layer and its numbers,
    where a feature map would shrink to nothing.
    """

    in_channels: int = 1
    input_size: int = 28
    channels: tuple[int, ...] = (6, 16)
    kernel_size: tuple[int, ...] = (5, 5)
    padding: tuple[int, ...] = (2, 0)
    stride: tuple[int, ...] = (1, 1)
    activation: str = "sigmoid"
    pooling: str = "avg"
    hidden: tuple[int, ...] = (120, 84)
    num_classes: int = 10

    def __post_init__(self) -> None:
        for name in ("channels", "kernel_size", "padding", "stride", "hidden"):
            value = getattr(self, name)
            if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > 8:
                raise LenetError("not_one_of", name=name, value=str(value)[:40], options="lists of at most 8 numbers")
            object.__setattr__(self, name, tuple(check_integer(name, v, *LIMITS[name]) for v in value))
        for name in ("in_channels", "input_size", "num_classes"):
            object.__setattr__(self, name, check_integer(name, getattr(self, name), *LIMITS[name]))
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("pooling", self.pooling, POOLINGS)
        lengths = {len(v) for v in (self.channels, self.kernel_size, self.padding, self.stride)}
        if len(lengths) != 1 or not self.channels:
            raise LenetError("lengths_differ")
        parameters, multiplications = self.cost()  # raises where the maps shrink to nothing
        if parameters > MAX_PARAMETERS or multiplications > MAX_MULTIPLICATIONS:
            raise LenetError(
                "too_large",
                parameters=_millions(parameters), max_parameters=_millions(MAX_PARAMETERS),
                multiplications=_millions(multiplications), max_multiplications=_millions(MAX_MULTIPLICATIONS),
            )  # fmt: skip

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """Shape of one image as a batch: (1, channels, height, width)."""
        return (1, self.in_channels, self.input_size, self.input_size)

    def feature_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of the last feature maps, which Flatten turns into one vector."""
        *_, (_, size) = self._blocks()
        return (self.channels[-1], size, size)

    def cost(self) -> tuple[int, int]:
        """How many weights and biases the network has, and how many multiplications one image takes."""
        parameters = multiplications = 0
        inputs = self.in_channels
        for outputs, kernel, (size, _) in zip(self.channels, self.kernel_size, self._blocks(), strict=True):
            weights = outputs * inputs * kernel * kernel
            parameters += weights + outputs
            multiplications += weights * size * size
            inputs = outputs
        channels, height, width = self.feature_shape()
        inputs = channels * height * width
        for outputs in (*self.hidden, self.num_classes):
            parameters += outputs * inputs + outputs
            multiplications += outputs * inputs
            inputs = outputs
        return parameters, multiplications

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """For each block the height (and width) of its maps after the convolution and after the pooling."""
        size = self.input_size
        for i, (k, p, s) in enumerate(zip(self.kernel_size, self.padding, self.stride, strict=True)):
            layer = 3 * i + 1
            if size + 2 * p < k:
                raise LenetError("conv_does_not_fit", layer=layer, kernel=k, height=size, width=size, padding=p)
            # torch.nn.Conv2d: out = ⌊(in + 2·padding − kernel)/stride⌋ + 1
            convolved = (size + 2 * p - k) // s + 1
            if convolved < 2:
                raise LenetError(
                    "pool_does_not_fit",
                    layer=layer + 2, type=POOLINGS[self.pooling], height=convolved, width=convolved,
                )  # fmt: skip
            size = convolved // 2
            yield convolved, size

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, lists for tuples."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LeNetConfig:
        """The configuration in `values`; what is not named keeps the note's value. Raises LenetError."""
        return cls(**known_fields(cls, values, "model"))


@dataclass(frozen=True)
class LayerRow:
    """One layer as it ran: a row of `model.layer_table`. Shapes include the batch axis.

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


# -- checks that recipes.py shares ------------------------------------------------------------------------------


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
    return f"{n / 1e6:,.0f}".replace(",", "\N{NO-BREAK SPACE}")
