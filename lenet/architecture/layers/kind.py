"""What an entry of the registry of layers consists of (`LayerKind`), and one layer of a network (`LayerRow`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lenet.common.formatting import number

Array = NDArray[np.float32]
Shape = tuple[int, ...]
"""With the batch axis: (1, channels, height, width) of maps, (1, n) of a vector."""
Weights = Mapping[str, Array]
"""The state of one layer by PyTorch's names: `weight`, `bias`, `running_mean` …"""

Group = Literal["conv", "norm", "activation", "pool", "flatten", "dropout", "dense", "other"]
"""What a layer is there for; figures have a colour for each group."""

Source = Literal["window", "number", "moved", "map", "all"]
"""What one number of a layer's output is computed from:

`window`  a window of its own map, or of all maps         convolution, pooling
`number`  the number in the same place                    activation, batch norm, dropout
`moved`   one number from another place, unchanged        Flatten
`map`     all of its own map                              global average pooling
`all`     every number of the input                       dense layer
"""

Kept = Literal["input", "output", "nothing"]
"""What the derivative of a layer is computed from, and so what PyTorch's autograd keeps for it."""


@dataclass(frozen=True)
class LayerRow:
    """One layer as it runs: a row of `LeNetConfig.layers` and of `model.layer_table`. Shapes include the batch axis.

    `params` counts weights and biases. `kernel_size`, `stride` and `padding` are (height, width) of the window
    of a convolution or pooling, `dropout` is the share of numbers that a Dropout sets to 0; None elsewhere.
    """

    name: str
    type: str
    input_shape: Shape
    output_shape: Shape
    params: int
    weight_shape: Shape | None = None
    bias: bool = False
    kernel_size: tuple[int, int] | None = None
    stride: tuple[int, int] | None = None
    padding: tuple[int, int] | None = None
    dropout: float | None = None

    @property
    def kind(self) -> LayerKind:
        """What is known of layers of this type."""
        return kind_of(self.type)

    @property
    def weight_name(self) -> str:
        """What the state dict calls its weight: `3.weight`."""
        return f"{self.name}.weight"

    @property
    def macs(self) -> int:
        """Multiply-accumulates for the whole batch, as textbooks count them: one for each weight at each place.

        Additions of biases, activations, poolings and batch norm count nothing. torchinfo counts one more for every
        bias at every place, and the parameters of a batch norm once.
        """
        if self.weight_shape is None or self.kind.source not in ("window", "all"):
            return 0
        return math.prod(self.weight_shape) * self.output_shape[0] * math.prod(self.output_shape[2:])

    @property
    def activations(self) -> int:
        """Numbers that the layer puts into memory for the whole batch; Flatten gives its input another shape only."""
        return 0 if self.kind.source == "moved" else math.prod(self.output_shape)


@dataclass(frozen=True)
class Place:
    """A layer among the others of its network, for what depends on where it stands."""

    rows: Sequence[LayerRow]
    index: int

    @property
    def row(self) -> LayerRow:
        return self.rows[self.index]

    @property
    def before(self) -> LayerRow | None:
        """The layer before it."""
        return self.rows[self.index - 1] if self.index else None

    @property
    def is_first(self) -> bool:
        """Whether no layer of its group comes before it."""
        return all(r.kind.group != self.row.kind.group for r in self.rows[: self.index])

    @property
    def is_last(self) -> bool:
        """Whether no layer of its group comes after it."""
        return all(r.kind.group != self.row.kind.group for r in self.rows[self.index + 1 :])


@dataclass(frozen=True)
class Size:
    """What a network's settings say of one layer; each kind reads what it needs.

    `outputs` are the channels of a convolution or the units of a dense layer; the window is square.
    """

    outputs: int = 0
    kernel_size: int = 0
    padding: int = 0
    stride: int = 1
    dropout: float | None = None


@dataclass(frozen=True)
class Choice:
    """The value of a setting of LeNetConfig (`activation`, `pooling` or `head`) that stands for a kind of layer.

    `words` are English, to be translated when shown.
    """

    setting: str
    value: str
    words: str


@dataclass(frozen=True)
class Arguments:
    """What the constructor of a layer is given."""

    positional: tuple[int | float, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join([*map(repr, self.positional), *(f"{k}={v!r}" for k, v in self.keywords.items())])


# -- what most kinds have in common ------------------------------------------------------------------------------


def same_shape(inputs: Shape, size: Size) -> Shape:
    """Of a layer that works on each number alone."""
    return inputs


def windowed(inputs: Shape, size: Size) -> Shape:
    """Of a window over the maps: out = ⌊(in + 2·padding − kernel)/stride⌋ + 1, as torch.nn.Conv2d has it."""
    sides = [(n + 2 * size.padding - size.kernel_size) // size.stride + 1 for n in inputs[2:]]
    return (1, size.outputs or inputs[1], *sides)


def no_weight(inputs: Shape, size: Size) -> Shape | None:
    return None


def no_arguments(row: LayerRow) -> Arguments:
    return Arguments()


def constructor_call(place: Place) -> str:
    """The layer as Python code: `nn.Conv2d(1, 6, kernel_size=5, padding=2)`."""
    return f"nn.{place.row.type}({place.row.kind.arguments(place.row)})"


def no_words(place: Place) -> str:
    return ""


def weighted_sum(row: LayerRow) -> str:
    """Nothing to say: with the weights, a drawing writes the sum out itself."""
    return ""


def shape_sum(row: LayerRow) -> str:
    """How the output shape comes about, with the numbers put in: `⌊(28 + 2·2 − 5)/1⌋ + 1 = 28`.

    Formula of torch.nn.Conv2d and of the pooling layers (dilation 1, ceil_mode off).
    """
    if not (row.kernel_size and row.stride and row.padding):
        return f"{shape_text(row.input_shape)} → {shape_text(row.output_shape)}"
    axes = zip(row.input_shape[2:], row.padding, row.kernel_size, row.stride, row.output_shape[2:], strict=True)
    sums = [f"⌊({n} + 2·{p} − {k})/{s}⌋ + 1 = {out}" for n, p, k, s, out in axes]
    return ", ".join(dict.fromkeys(sums))  # one line where height and width are alike


def nothing_more(row: LayerRow, batch: int) -> int:
    return 0


def weight_and_bias(weights: Weights) -> Weights:
    """Weight and bias as the network keeps them."""
    return {name: weights[name] for name in ("weight", "bias") if name in weights}


# -- the kind ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LayerKind:
    """Everything that the app knows of one kind of layer: how it is laid out, built, computed, explained and drawn.

    Shapes are those of one image, with the batch axis; the arrays of `forward` come without it. What its functions say is
    in the reader's language.
    """

    type: str
    """Its class in torch.nn."""
    group: Group
    source: Source
    """Decides its receptive field, whether its weights count as multiplications, and what the lines to it look like."""
    forward: Callable[[Array, LayerRow, Weights], Array]
    """What it makes of an image in evaluation mode, in NumPy."""
    output_shape: Callable[[Shape, Size], Shape] = same_shape
    """From the shape of its input."""
    weight_shape: Callable[[Shape, Size], Shape | None] = no_weight
    """From the shape of its input; biases are as many as the first axis is long."""
    has_bias: bool = True
    arguments: Callable[[LayerRow], Arguments] = no_arguments
    """Of the constructor in torch.nn."""
    code: Callable[[Place], str] = constructor_call
    """The layer as Python code."""
    what: Callable[[Place], str] = no_words
    """What it does, in sentences."""
    why: Callable[[Place], str] = no_words
    """Why it is there, in sentences."""
    shape_sum: Callable[[LayerRow], str] = shape_sum
    """The output size worked out."""
    number_sum: Callable[[LayerRow], str] = weighted_sum
    """How one number comes about, with `{input}` and `{output}` to be put in; "" for a weighted sum."""
    drawn_weights: Callable[[Weights], Weights] = weight_and_bias
    """What a drawing needs to write a weighted sum out: `weight` and `bias`."""
    keeps: Kept = "input"
    """Which of its tensors autograd keeps for the backward pass."""
    keeps_more: Callable[[LayerRow, int], int] = nothing_more
    """Bytes that autograd keeps beside it for a batch of so many images."""
    choice: Choice | None = None
    """The setting that puts it into a network."""
    window_too_large: str = "pool_does_not_fit"
    """The code of the error for a window that is larger than what it gets."""

    def row(self, name: str, inputs: Shape, size: Size) -> LayerRow:
        """The layer called `name` with its shapes for one image."""
        weight = self.weight_shape(inputs, size)
        window: dict[str, Any] = {}
        if self.source == "window":
            window = {
                "kernel_size": (size.kernel_size,) * 2,
                "stride": (size.stride,) * 2,
                "padding": (size.padding,) * 2,
            }
        return LayerRow(
            name,
            self.type,
            inputs,
            self.output_shape(inputs, size),
            params=math.prod(weight) + weight[0] * self.has_bias if weight else 0,
            weight_shape=weight,
            bias=weight is not None and self.has_bias,
            dropout=size.dropout,
            **window,
        )


KINDS: dict[str, LayerKind] = {}
"""The registry, by class name in torch.nn; filled by the package (`__init__.py`)."""


def kind_of(type: str) -> LayerKind:
    """What is known of the layers of a torch.nn class. Of a class that is not in the registry, nearly nothing."""
    if type.startswith("Conv"):  # Conv1d, Conv3d: no network of ours has them, a caller of `layer_table` may
        type = "Conv2d"
    return KINDS.get(type) or LayerKind(type, "other", "number", forward=_unknown)


def _unknown(x: Array, row: LayerRow, weights: Weights) -> Array:
    raise NotImplementedError(row.type)


# -- the layers of a network -------------------------------------------------------------------------------------


def first_of(rows: Sequence[LayerRow], group: Group) -> int:
    """The index of the first layer of a group; there is to be one."""
    return next(i for i, row in enumerate(rows) if row.kind.group == group)


def dense_widths(rows: Sequence[LayerRow]) -> str:
    """The inputs of the first dense layer, and the units of each: `784–256–128–10`."""
    dense = [row for row in rows if row.kind.group == "dense"]
    return "–".join(str(n) for n in (*(r.input_shape[1] for r in dense[:1]), *(r.output_shape[1] for r in dense)))


def total_parameters(rows: Sequence[LayerRow]) -> int:
    """Parameters of all layers."""
    return sum(r.params for r in rows)


def parameter_sum(row: LayerRow) -> str:
    """How the parameters are counted, with the numbers put in: `6×1×5×5 + 6`; "" where there are none."""
    if not row.params or row.weight_shape is None:
        return number(row.params) if row.params else ""
    weights = "×".join(map(str, row.weight_shape))
    return f"{weights} + {row.weight_shape[0]}" if row.bias else weights


def layer_label(index: int, row: LayerRow) -> str:
    """A layer as readers know it, from its index in the network: `1 · Conv2d`."""
    return f"{index + 1} · {row.type}"


def shape_text(shape: Sequence[int]) -> str:
    """A shape without its batch axis: 6×28×28."""
    return "×".join(map(str, shape[1:]))
