"""Activation functions as layers: each of `lenet.common.activations` is one."""

from __future__ import annotations

from lenet.architecture.layers.kind import Array, Choice, LayerKind, LayerRow, Place, Weights
from lenet.common.activations import ACTIVATIONS, Activation
from lenet.common.translation import N_, paragraph
from lenet.common.translation import translate as _

NON_LINEAR = N_(
    "Convolutions and dense layers alone, however many, could do no more than a single linear layer: the "
    "activation makes the network non-linear."
)


def activation(setting: str, of: Activation) -> LayerKind:
    """The entry of an activation; `setting` is its value in `LeNetConfig.activation`."""

    def forward(x: Array, row: LayerRow, weights: Weights) -> Array:
        return of.function(x)

    def what(place: Place) -> str:
        return _(of.what)

    def why(place: Place) -> str:
        return paragraph(_(NON_LINEAR) if place.is_first else "", _(of.training))

    def number_sum(row: LayerRow) -> str:
        return f"{of.type}({{input}}) = {{output}}"

    return LayerKind(
        type=of.type,
        group="activation",
        source="number",
        forward=forward,
        what=what,
        why=why,
        number_sum=number_sum,
        keeps=of.keeps,
        choice=Choice("activation", setting, of.type),  # PyTorch's names, alike in every language
    )


KINDS = tuple(activation(setting, entry) for setting, entry in ACTIVATIONS.items())
