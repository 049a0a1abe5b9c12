"""A network in words and in arithmetic: its layers one by one, what it costs as a whole, and what it says of an image.

Layers are told from the rows of `model.layer_table`, as they ran; sentences are in the reader's language at the time
of the call. No torch here. What is said of a kind of layer stands with it in `layers/`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lenet.architecture.configuration import CannotBuild, LeNetConfig
from lenet.architecture.layers import (
    LayerRow,
    Place,
    dense_widths,
    layer_label,
    parameter_sum,
    total_parameters,
)
from lenet.architecture.layers.memory import kept_bytes
from lenet.architecture.layers.receptive_field import Field, receptive_fields
from lenet.architecture.table import macs_an_image
from lenet.architecture.weights import Network
from lenet.common.formatting import byte_size, number, pair_text, percent, size_text
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.data import DataSet

# -- one layer ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LayerText:
    """A layer opened: sentences for `what` it does and `why` it is there, and its two sums with the numbers in.

    `shape` is the output size worked out, `params` the parameter count ("" for a layer that has none). Of a layer that
    the registry does not have, `what` and `why` are empty.
    """

    title: str
    what: str
    why: str
    shape: str
    params: str


def explain_layer(rows: Sequence[LayerRow], index: int) -> LayerText:
    """The layer `rows[index]` in the reader's language."""
    row, place = rows[index], Place(rows, index)
    formula = parameter_sum(row)
    return LayerText(
        title=layer_label(index, row),
        what=row.kind.what(place),
        why=row.kind.why(place),
        shape=row.kind.shape_sum(row),
        params=f"{formula} = {number(row.params)}" if formula else "",
    )


def receptive_field_text(rows: Sequence[LayerRow], index: int) -> str:
    """On which pixels of the image the layer's numbers depend, in sentences; "" for networks that do not take images."""
    field = receptive_fields(rows)[index]
    if field is None:
        return ""
    if field.is_whole_image:
        return _("Each number depends on the whole image.")
    if 0 in field.most:
        return _("No number depends on any pixel of the image: what reaches this layer is padding.")
    is_map = len(rows[index].output_shape) == 4
    apart = _("The fields of neighbours begin {step} pixels apart.").format(step=pair_text(field.step))
    if field.step == (1, 1):
        apart = _("The fields of neighbours begin one pixel apart.")
    unseen = _("{n} of the {all} pixels of the image reach no number of this layer.")
    return paragraph(
        _how_many_pixels(field),
        _("A stride larger than its kernel skips pixels between them.") if field.has_gaps else "",
        apart if is_map and field.has_neighbours else "",
        _("That is as it was before Flatten.") if not is_map and field.has_neighbours else "",
        unseen.format(n=number(field.unseen), all=number(math.prod(field.image))) if field.unseen else "",
    )


def _how_many_pixels(field: Field) -> str:
    if field.fewest == field.most:
        text = _("Each number depends on {most} pixels of the image (dotted in the drawing).")
    else:
        text = _(
            "A number depends on {most} pixels of the image (dotted in the drawing), near the border on fewer, down to "
            "{fewest}: there part of its field is padding."
        )
    return text.format(most=size_text(field.most), fewest=size_text(field.fewest))


def too_large_window(error: CannotBuild) -> str:
    """The numbers of a layer that cannot be built: `5×5 > 4×4`, with the padding of a convolution in."""
    numbers = error.params
    height, width = (numbers[n] + 2 * numbers["padding"] for n in ("height", "width"))
    return f"{numbers['kernel']}×{numbers['kernel']} > {height}×{width}"


# -- the whole network -------------------------------------------------------------------------------------------


def dense_share(rows: Sequence[LayerRow]) -> str:
    """Percentage of the parameters that sit in the dense layers, one decimal."""
    everything = total_parameters(rows)
    return percent(total_parameters([r for r in rows if r.kind.group == "dense"]) / everything if everything else 0.0)


def why_dense_layers_are_large(rows: Sequence[LayerRow]) -> str:
    """What the share of the dense layers comes from, and what followed from it."""
    return _(
        "A dense layer has a weight for every pair of an input and an output; a convolution uses one "
        "small kernel at every place. That is why the convolutions hold so few of LeNet’s parameters and "
        "the dense layers hold {share}, and why later networks gave up most of their dense layers."
    ).format(share=dense_share(rows))


@cached(64)
def summary(rows: Sequence[LayerRow], mlp: Sequence[LayerRow]) -> str:
    """All parameters, the share of the dense layers, and the comparison with the perceptron (Markdown)."""
    text = _("**{total}** parameters, {share} of them in the dense layers: {comparison}")
    comparison = compare_with_mlp(total_parameters(rows), mlp)
    return text.format(total=number(total_parameters(rows)), share=dense_share(rows), comparison=comparison)


def compare_with_mlp(lenet: int, perceptron: Sequence[LayerRow]) -> str:
    """One sentence: how many fewer (or more) parameters a LeNet has than the perceptron it is compared with."""
    mlp, widths = total_parameters(perceptron), dense_widths(perceptron)
    if lenet == mlp:
        return _("as many as the multilayer perceptron {widths}.").format(widths=widths)
    if lenet < mlp:
        text = _("{share} fewer parameters than the multilayer perceptron {widths} with its {mlp}.")
        text = text.format(share=percent((mlp - lenet) / mlp), widths=widths, mlp=number(mlp))
        return paragraph(
            text,
            _("(The note from which this app grew says about 75%.)")
            if lenet == total_parameters(LeNetConfig().layers)
            else "",
        )
    text = _("{share} more parameters than the multilayer perceptron {widths} with its {mlp}.")
    return text.format(share=percent((lenet - mlp) / mlp), widths=widths, mlp=number(mlp))


def cost_line(rows: Sequence[LayerRow], batch: int) -> str:
    """Multiply-accumulates of one image and the memory that training keeps of a batch, in words."""
    text = _("{macs} multiply-adds per image · training keeps {memory} for the backward pass of a batch of {batch}")
    return text.format(
        macs=number(macs_an_image(rows)),
        memory=byte_size(sum(kept_bytes(rows, batch))),
        batch=number(batch),
    )


# -- what it says of an image --------------------------------------------------------------------------------------


def verdict(prediction: int, label: int | None, probability: float, names: Sequence[str]) -> str:
    """What a network predicts, and whether that is the image's label (Markdown).

    `names` are those of its classes; `label` is None where it is not known, or where it is of other classes.
    """
    if label is None:
        text = _("Predicted: **{prediction}**, softmax {probability:.3f}.")
        return text.format(prediction=names[prediction], probability=probability)
    if prediction == label:
        text = _(":green-badge[right] Predicted: **{prediction}**, softmax {probability:.3f}.")
    else:
        text = _(":red-badge[wrong] Predicted: **{prediction}**, softmax {probability:.3f}; labelled: **{label}**.")
    return text.format(prediction=names[prediction], label=names[label], probability=probability)


def other_classes(network: Network, shown: DataSet) -> str:
    """Why a network's answers to images of other classes than its own are neither right nor wrong."""
    if network.data_set is None:
        text = _(
            "This network has {n} outputs, but {name} has {m} classes: its outputs are numbered, and no "
            "answer is right or wrong."
        )
        return text.format(n=network.config.num_classes, name=shown.words(), m=len(shown.classes))
    text = _(
        "This network was trained on {own} and knows only its {n} classes. The images are from {name}: no "
        "answer is right or wrong."
    )
    return text.format(own=network.data_set.words(), n=network.config.num_classes, name=shown.words())


def captions(labels: Iterable[int], values: Iterable[float], names: Sequence[str]) -> list[str]:
    """Class and value of each of some images, on two lines; `names` are those of the classes."""
    return [f"{names[int(c)]}<br>{v:.3g}".replace("-", "−") for c, v in zip(labels, values, strict=True)]


def preparation(size: tuple[int, int], used: tuple[int, int], channels: int = 1, labelled: bool = True) -> str:
    """What the outputs mean, and what was done to the pixels of an image of `size` for a network of `used`."""
    scaled = _("The image of {a} is scaled to {b} for this network.")
    grey = _("Each of its {n} input channels gets the same grey image.")
    return paragraph(
        _(
            "The logits are the outputs of the last layer: any real numbers. Softmax turns them into "
            "numbers from 0 to 1 that sum to 1."
        ),
        _("The class in bold is the image’s label.") if labelled else "",
        _("Before the first layer the pixels are divided by 255, and nothing else is done to them."),
        scaled.format(a=f"{size[0]}×{size[1]}", b=f"{used[0]}×{used[1]}") if size != used else "",
        grey.format(n=channels) if channels > 1 else "",
    )
