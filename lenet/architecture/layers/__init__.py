"""The kinds of layers that a network can be made of: a registry with one entry for each.

Whatever shows, builds, computes or explains a network asks the entry of each of its layers (`LayerRow.kind`). To add

- an activation: one more entry in `lenet/common/activations.py`;
- a pooling, or a way from maps to the dense layers: one more entry in `pooling.py` or `flatten.py`, with its `choice`;
- any other layer: an entry in a file here, and its place in `lenet/architecture/configuration.py`.

The settings offer it, `LeNet` builds it, the NumPy forward pass computes it, and the layer table, the explanations, the
code and the drawings show it. `kind.py` says what an entry consists of; `receptive_field.py` and `memory.py` say what
follows from the entries of a whole network. No torch here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lenet.architecture.layers import activations, convolution, dense, flatten, normalization, pooling
from lenet.architecture.layers.kind import (
    KINDS,
    Arguments,
    Array,
    Choice,
    LayerKind,
    LayerRow,
    Place,
    Shape,
    Size,
    Weights,
    dense_widths,
    first_of,
    kind_of,
    layer_label,
    parameter_sum,
    shape_text,
    total_parameters,
)
from lenet.common.translation import N_

__all__ = [
    "ACTIVATIONS", "CHOICE_WORDS", "HEADS", "KINDS", "POOLINGS", "Arguments", "Array", "Choice", "LayerKind", "LayerRow",
    "Place", "Shape", "Size", "Weights", "dense_widths", "first_of", "kind_of", "layer_label", "parameter_sum",
    "shape_text", "total_parameters",
]  # fmt: skip

# In this order readers are offered what they can choose; the note's comes first.
for _entries in (activations, pooling, convolution, normalization, flatten, dense):
    KINDS.update({kind.type: kind for kind in _entries.KINDS})


class View(Mapping[str, str]):
    """A table that is read off the registry each time."""

    def __init__(self, read: Callable[[], dict[str, str]]) -> None:
        self._read = read

    def __getitem__(self, key: str) -> str:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _choices(setting: str, show: Callable[[LayerKind, Choice], str]) -> dict[str, str]:
    found = ((kind, kind.choice) for kind in KINDS.values())
    return {choice.value: show(kind, choice) for kind, choice in found if choice and choice.setting == setting}


def _types(setting: str, **more: str) -> View:
    return View(lambda: _choices(setting, lambda kind, choice: kind.type) | more)


def _words(setting: str, **more: str) -> View:
    return View(lambda: _choices(setting, lambda kind, choice: choice.words) | more)


ACTIVATIONS = _types("activation")
"""Value of `LeNetConfig.activation` → class in torch.nn."""
POOLINGS = _types("pooling", none="")
"""Value of `LeNetConfig.pooling` → class in torch.nn, with kernel_size=2, stride=2; `conv` keeps the number of channels."""
HEADS = _types("head")
"""Value of `LeNetConfig.head` → class in torch.nn of what comes after the last maps: all their numbers, or the mean of
each map (global average pooling), flattened then."""
CHOICE_WORDS: dict[str, Mapping[str, str]] = {
    "activation": _words("activation"),
    "pooling": _words("pooling", none=N_("none")),
    "head": _words("head"),
}
"""What the options of each of these settings are called; English, to be translated when shown."""
