"""What each layer of a network does and why it is there, in words and in arithmetic. No torch here.

Everything is told from the rows of `model.layer_table`, the layers as they ran; sentences are in the reader's
language at the time of the call.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import ACTIVATIONS, LayerRow, activation_bytes
from lenet.architecture.plan import CannotBuild
from lenet.architecture.receptive_field import receptive_fields
from lenet.common.files import csv_text
from lenet.common.formatting import byte_size, number, percent
from lenet.common.translation import N_, language
from lenet.common.translation import translate as _
from lenet.data import CLASSES

ACTIVATION_TEXTS = {
    "Sigmoid": (
        N_("σ(x) = 1/(1 + e^−x), applied to every number alone: the results lie between 0 and 1."),
        N_(
            "Its slope is at most 1/4, and almost 0 far from 0: gradients fade on their way back through several "
            "sigmoids. Newer networks use ReLU instead."
        ),
    ),
    "Tanh": (
        N_("tanh(x), applied to every number alone: the results lie between −1 and 1."),
        N_(
            "It is centred on zero and its slope is 1 there, but almost 0 far away. LeNet-5 of 1998 used a scaled "
            "tanh."
        ),
    ),
    "ReLU": (
        N_("max(0, x), applied to every number alone: negative numbers become 0, the others stay."),
        N_(
            "Its slope is 1 for every positive number, so gradients do not fade on their way back. "
            "A unit that is negative for all images learns nothing any more."
        ),
    ),
    "LeakyReLU": (
        N_("x where x is positive and 0.01·x elsewhere, applied to every number alone."),
        N_("Like ReLU, but the slope is never 0, so every unit goes on learning."),
    ),
    "GELU": (
        N_("x·Φ(x), applied to every number alone; Φ is the distribution function of the normal distribution."),
        N_("A smooth ReLU, common in transformers."),
    ),
}
NON_LINEAR = N_(
    "A stack of convolutions and dense layers alone could do no more than a single linear layer: what is not linear "
    "comes from here."
)


@dataclass(frozen=True)
class LayerText:
    """A layer opened: sentences for `what` it does and `why` it is there, and its two sums with the numbers in.

    `shape` is the output size worked out, `params` the parameter count ("" for a layer that has none).
    """

    title: str
    what: str
    why: str
    shape: str
    params: str


def explain_layer(rows: Sequence[LayerRow], index: int) -> LayerText:
    """The layer `rows[index]` in the reader's language."""
    row = rows[index]
    what, why = _words(rows, index)
    formula = param_formula(row)
    return LayerText(
        title=f"{index + 1} · {row.type}",
        what=what,
        why=why,
        shape=shape_arithmetic(row),
        params=f"{formula} = {number(row.params)}" if formula else "",
    )


def _words(rows: Sequence[LayerRow], index: int) -> tuple[str, str]:
    row = rows[index]
    same = [i for i, r in enumerate(rows) if kind(r) == kind(row)]
    first, last = index == same[0], index == same[-1]
    match kind(row):
        case "conv":
            return _convolution(row, first)
        case "pool":
            return _pooling(row, last)
        case "norm":
            what = _(
                "Brings each of the {n} maps to mean 0 and variance 1, then stretches and shifts it by two numbers that "
                "it learns."
            )
            why = _(
                "Keeps the numbers where the activation still has a slope, so that larger learning rates work. In "
                "training it takes mean and variance from the batch, afterwards the averages of what it saw: they are "
                "stored with the weights, but they are no parameters."
            )
            return what.format(n=row.output_shape[1]), why
        case "dropout":
            return (
                _(
                    "In training, sets some of the {n} numbers to 0 at random and enlarges the others to make up for "
                    "it; afterwards it does nothing."
                ).format(n=number(math.prod(row.output_shape[1:]))),
                _("No unit can rely on a single other one, which works against learning the images by heart."),
            )
        case "flatten":
            what = _("Lays the {maps} behind one another: one vector of {n} numbers.")
            why = _(
                "The bridge from images to a classifier, because dense layers take a vector. Nothing is computed; "
                "from here on, only its place in the vector tells where in the image a number came from."
            )
            return what.format(maps=shape_text(row.input_shape), n=number(row.output_shape[1])), why
        case "dense":
            return _dense(rows, index, first, last)
        case _:
            what, why = ACTIVATION_TEXTS.get(row.type, ("", ""))
            return _(what), _(NON_LINEAR) + _space() + _(why) if first else _(why)


def _convolution(row: LayerRow, first: bool) -> tuple[str, str]:
    outputs, inputs, kh, kw = _shape4(row.weight_shape)
    height, width = row.output_shape[2:]
    numbers = {"out": outputs, "inputs": inputs, "kernel": f"{kh}×{kw}", "size": f"{height}×{width}"}
    if first:
        what = _("Slides {out} kernels of {kernel} over the image; each makes one feature map of {size}.")
        why = _(
            "Finds the simplest features: edges, lines, spots. The kernels start out random; backpropagation gives "
            "each a different gradient, so they come to share the work. A kernel is the same everywhere in the "
            "image, which is why so few parameters are enough."
        )
        return what.format(**numbers), why
    what = _(
        "Slides {out} kernels over all {inputs} maps at once: a kernel is {inputs}×{kernel} numbers and makes one "
        "map of {size}."
    )
    why = _("Combines simple features into larger ones: edges into corners, curves and parts of things.")
    if row.stride and max(row.stride) > 1:
        what += _space() + _("They move {n} pixels at a time, so the maps shrink.").format(n=row.stride[0])
        why += _space() + _("It shrinks the maps as a pooling would, but by weights that it learns.")
    if outputs > inputs:
        why += _space() + _("There are more combinations than features to combine, so there are more channels.")
    return what.format(**numbers), why


def _pooling(row: LayerRow, last: bool) -> tuple[str, str]:
    if row.type == "AdaptiveAvgPool2d":
        what = _("Takes the mean of each of the {n} maps: one number a channel.")
        why = _(
            "Global average pooling (Lin, Chen, Yan: “Network in Network”, 2013). The dense layer behind it needs one "
            "weight a channel and class instead of one for every place: most parameters go, and images of any size fit."
        )
        return what.format(n=row.output_shape[1]), why
    kh, kw = row.kernel_size or (0, 0)
    if row.type == "MaxPool2d":
        what = _("Keeps the largest value of every {window} window; the windows do not overlap.")
        why = _("That a feature is there matters more than where exactly: a small shift changes little.")
    else:
        what = _("Takes the mean of every {window} window; the windows do not overlap.")
        why = _("A blur that shrinks the maps: less to compute, and a small shift of the image changes little.")
    if any(n % k for n, k in zip(row.input_shape[2:], (kh, kw), strict=True)):
        what += _space() + _("A last row or column that fills no window is left out.")
    if last:
        text = _(
            "What is left, {maps}, goes to the dense layers: this size decides how many weights the first one needs."
        )
        why += _space() + text.format(maps=shape_text(row.output_shape))
    return what.format(window=f"{kh}×{kw}"), why


def _dense(rows: Sequence[LayerRow], index: int, first: bool, last: bool) -> tuple[str, str]:
    row = rows[index]
    n_in, n_out = row.input_shape[1], row.output_shape[1]
    if last:
        what = _("Turns {inputs} numbers into {out}, one for each class.")
        why = _(
            "They are logits: any real numbers, the largest one names the class. They are not probabilities, nor "
            "the “confidence” of the note: only softmax turns them into numbers from 0 to 1 that sum to 1. PyTorch’s "
            "cross-entropy applies softmax itself, so the network ends here."
        )
    else:
        what = _("Each of {out} units adds up all {inputs} inputs, every one with a weight of its own, and a bias.")
        why = (
            _("Up to here every feature was local; now features from all over the image come together.")
            if first
            else _("Mixes the features once more, towards the decision between the classes.")
        )
    if row.params * 2 > total(rows):
        text = _("That is expensive: {share} of all parameters are in this layer.")
        why += _space() + text.format(share=_share(row.params, total(rows)))
    return what.format(inputs=number(n_in), out=number(n_out)), why


# -- arithmetic --------------------------------------------------------------------------------------------------


def shape_arithmetic(row: LayerRow) -> str:
    """How the output shape comes about, with the numbers put in: `⌊(28 + 2·2 − 5)/1⌋ + 1 = 28`.

    Formula of torch.nn.Conv2d and of the pooling layers (dilation 1, ceil_mode off).
    """
    if row.kernel_size and row.stride and row.padding:
        sums = [
            f"⌊({n} + 2·{p} − {k})/{s}⌋ + 1 = {out}"
            for n, p, k, s, out in zip(
                row.input_shape[2:], row.padding, row.kernel_size, row.stride, row.output_shape[2:], strict=True
            )
        ]
        return ", ".join(dict.fromkeys(sums))  # one line where height and width are alike
    if row.type == "Flatten":
        return f"{shape_text(row.input_shape)} = {number(row.output_shape[1])}"
    return f"{shape_text(row.input_shape)} → {shape_text(row.output_shape)}"


def param_formula(row: LayerRow) -> str:
    """How the parameters are counted, with the numbers put in: `6×1×5×5 + 6`; "" where there are none."""
    if not row.params or row.weight_shape is None:
        return number(row.params) if row.params else ""
    weights = "×".join(map(str, row.weight_shape))
    return f"{weights} + {row.weight_shape[0]}" if row.bias else weights


def total(rows: Sequence[LayerRow]) -> int:
    """Parameters of all layers."""
    return sum(r.params for r in rows)


def dense_share(rows: Sequence[LayerRow]) -> str:
    """Percentage of the parameters that sit in the dense layers, one decimal."""
    return _share(sum(r.params for r in rows if r.type == "Linear"), total(rows))


def why_dense_layers_are_large(rows: Sequence[LayerRow]) -> str:
    """What the share of the dense layers comes from, and what followed from it."""
    return _(
        "A dense layer has a weight for every pair of an input and an output; a convolution uses one small "
        "kernel at every place. That is why the convolutions hold so few of LeNet’s parameters and the dense "
        "layers {share}, and why later networks gave up most of their dense layers."
    ).format(share=dense_share(rows))


def broken(error: CannotBuild) -> str:
    """The numbers of a layer that cannot be built: `5×5 > 4×4`, with the padding of a convolution in."""
    numbers = error.params
    height, width = (numbers[n] + 2 * numbers["padding"] for n in ("height", "width"))
    return f"{numbers['kernel']}×{numbers['kernel']} > {height}×{width}"


def sees(rows: Sequence[LayerRow], index: int) -> str:
    """The receptive field of the layer's numbers on the image, in a sentence."""
    field = receptive_fields(rows)[index]
    if field is None:
        return _("One number depends on the whole image.")
    size = f"{field.size[0]}×{field.size[1]}"
    if len(rows[index].output_shape) == 2:
        return _("One number sees {size} pixels of the image (dotted in the drawing), as before Flatten.").format(
            size=size
        )
    text = _(
        "One number sees {size} pixels of the image (dotted in the drawing); its neighbour looks {step} further."
    )
    return text.format(size=size, step=_pair_text(field.step))


def summary(rows: Sequence[LayerRow], mlp: Sequence[LayerRow]) -> str:
    """All parameters, the share of the dense layers, and the comparison with the perceptron (Markdown)."""
    text = _("**{total}** parameters, {share} of them in the dense layers: {comparison}")
    comparison = compare_with_mlp(total(rows), total(mlp))
    return text.format(total=number(total(rows)), share=dense_share(rows), comparison=comparison)


def compare_with_mlp(lenet: int, mlp: int) -> str:
    """One sentence: how many fewer (or more) parameters a LeNet has than the perceptron it is compared with."""
    if lenet == mlp:
        return _("as many as the multilayer perceptron 784–256–128–10.")
    if lenet < mlp:
        text = _("{share} fewer parameters than the multilayer perceptron 784–256–128–10 with its {mlp}.")
        text = text.format(share=percent((mlp - lenet) / mlp), mlp=number(mlp))
        if lenet == 61_706:
            text += _space() + _("(The note says about 75%.)")
        return text
    text = _("{share} more parameters than the multilayer perceptron 784–256–128–10 with its {mlp}.")
    return text.format(share=percent((lenet - mlp) / mlp), mlp=number(mlp))


# -- the image that was walked through ---------------------------------------------------------------------------


def class_names(n: int) -> list[str]:
    """The classes in the reader's language; numbers where they are not the ten of Fashion-MNIST."""
    return [_(c) for c in CLASSES] if n == len(CLASSES) else [str(i) for i in range(n)]


def verdict(prediction: int, label: int | None, probability: float, classes: int = 10) -> str:
    """What is predicted, and whether it is what the image is labelled as, where that is known (Markdown)."""
    names = class_names(classes)
    if label is None or classes != len(CLASSES):
        text = _("Predicted: **{prediction}**, softmax {probability:.3f}.")
        return text.format(prediction=names[prediction], probability=probability)
    if prediction == label:
        text = _(":green-badge[right] Predicted: **{prediction}**, softmax {probability:.3f}.")
    else:
        text = _(":red-badge[wrong] Predicted: **{prediction}**, softmax {probability:.3f}; labelled: **{label}**.")
    return text.format(prediction=names[prediction], label=names[label], probability=probability)


def captions(labels: Iterable[int], values: Iterable[float]) -> list[str]:
    """Class and value of each of some images, on two lines."""
    return [f"{_(CLASSES[int(c)])}<br>{v:.3g}".replace("-", "−") for c, v in zip(labels, values, strict=True)]


def preparation(size: tuple[int, int], used: tuple[int, int], channels: int = 1, labelled: bool = True) -> str:
    """What the outputs mean, and what was done to the pixels of an image of `size` for a network of `used`."""
    sentences = [
        _(
            "The logits are what the last layer puts out: any real numbers. Softmax turns them into numbers from 0 to "
            "1 that sum to 1."
        ),
        _("The class in bold is the image’s label.") if labelled else "",
        _("Before the first layer the pixels are divided by 255, nothing else."),
    ]
    text = _space().join(filter(None, sentences))
    if size != used:
        scaled = _("The image of {a} is scaled to {b} for this network.")
        text += _space() + scaled.format(a=f"{size[0]}×{size[1]}", b=f"{used[0]}×{used[1]}")
    if channels > 1:
        text += _space() + _("Each of its {n} input channels gets the same grey.").format(n=channels)
    return text


# -- tables and code ---------------------------------------------------------------------------------------------


def columns(rows: Sequence[LayerRow], batch: int) -> dict[str, list[Any]]:
    """The table of layers for a batch of images, headings in the reader's language; shapes without the batch axis.

    Shared between callers: not to be changed.
    """
    return _columns(tuple(rows), batch, language())


@lru_cache(maxsize=256)
def _columns(rows: tuple[LayerRow, ...], batch: int, _language: str) -> dict[str, list[Any]]:
    fields, everything = receptive_fields(rows), total(rows)
    return {
        _("No."): [i + 1 for i in range(len(rows))],
        _("Layer"): [r.type for r in rows],
        _("Input"): [shape_text(r.input_shape) for r in rows],
        _("Output"): [shape_text(r.output_shape) for r in rows],
        _("Parameter formula"): [param_formula(r) or "–" for r in rows],
        _("Parameters"): [r.params for r in rows],
        _("Share, %"): [round(100 * r.params / everything, 1) if everything else 0.0 for r in rows],
        _("Multiply-adds"): [r.macs // r.output_shape[0] for r in rows],
        _("Memory, KiB"): [round(activation_bytes([r], batch) / 1024, 1) for r in rows],
        _("Sees"): [f"{f.size[0]}×{f.size[1]}" if f else _("all") for f in fields],
        _("Stride"): [
            _pair_text(f.step) if f and len(r.output_shape) == 4 else "–" for r, f in zip(rows, fields, strict=True)
        ],
    }


def column_help(batch: int) -> dict[str, str]:
    """What the less obvious columns say, by heading."""
    return {
        _("Share, %"): _("Of all parameters, in percent"),
        _("Multiply-adds"): _(
            "Multiply-accumulates for one image as textbooks count them: one for each weight at each place. torchinfo "
            "counts the additions of biases too, and the parameters of a batch norm."
        ),
        _("Memory, KiB"): _(
            "KiB of the layer’s output for a batch of {batch}, 4 bytes a number: what training keeps for the way back. "
            "Flatten copies nothing."
        ).format(batch=batch),
        _("Sees"): _("Receptive field: how many pixels of the image, height × width, one number depends on"),
        _("Stride"): _("Total stride: how many pixels apart two neighbouring numbers look at the image"),
    }


def cost_line(rows: Sequence[LayerRow], batch: int) -> str:
    """Multiply-accumulates of one image and activation memory of a batch, in words."""
    return _("{macs} multiply-adds an image · {memory} of activations for a batch of {batch}").format(
        macs=number(sum(r.macs // r.output_shape[0] for r in rows)),
        memory=byte_size(activation_bytes(rows, batch)),
        batch=number(batch),
    )


def as_csv(rows: Sequence[LayerRow], batch: int) -> bytes:
    """The table of layers as CSV, UTF-8 with a byte-order mark, so that spreadsheets read × and Chinese."""
    table = columns(rows, batch)
    return csv_text(_headings(table, batch), [*zip(*table.values(), strict=True), _sums(rows, batch)]).encode(
        "utf-8-sig"
    )


def as_markdown(rows: Sequence[LayerRow], batch: int) -> str:
    """The table of layers in Markdown, numbers on the right."""
    table = columns(rows, batch)
    lines = [_headings(table, batch), ["---:" if isinstance(v[0], int | float) else "---" for v in table.values()]]
    lines += [list(map(str, row)) for row in zip(*table.values(), strict=True)]
    lines.append(list(map(str, _sums(rows, batch))))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _headings(table: Mapping[str, Any], batch: int) -> list[str]:
    """The headings for a table that is taken away from its page: with the batch in them."""
    at = _("Memory at batch {n}, KiB").format(n=batch)
    return [at if name == _("Memory, KiB") else name for name in table]


def _sums(rows: Sequence[LayerRow], batch: int) -> list[Any]:
    """The last line of the table: the columns that add up."""
    macs = sum(r.macs // r.output_shape[0] for r in rows)
    memory = round(activation_bytes(rows, batch) / 1024, 1)
    return ["", _("Total"), "", "", "", total(rows), 100.0 if total(rows) else 0.0, macs, memory, "", ""]


def as_code(config: LeNetConfig) -> str:
    """The network as an `nn.Sequential` that runs as copied and prints its number of parameters."""
    lines: list[str] = []
    rows = config.layers
    for i, row in enumerate(rows):
        before = rows[i - 1].input_shape if i and rows[i - 1].type == "Flatten" else row.input_shape
        text = _code(row, config, before) + ","
        if row.type in ACTIVATIONS.values() and i:  # on the line of the layer that it follows
            lines[-1] += " " + text
        else:
            lines.append(text)
    body = "\n".join("    " + line for line in lines)
    size = ", ".join(map(str, config.input_shape))
    ready = "net.eval()\n" if config.batch_norm or config.dropout else ""
    return (
        f"import torch\nfrom torch import nn\n\nnet = nn.Sequential(\n{body}\n)\n\n"
        f"{ready}logits = net(torch.rand({size}))  # shape (1, {config.num_classes})\n"
        "print(sum(p.numel() for p in net.parameters()))\n"
    )


def _code(row: LayerRow, config: LeNetConfig, flattened: Sequence[int]) -> str:
    """One layer as its constructor; `flattened` is the shape of what it gets, before a Flatten just before it."""
    match row:
        case LayerRow(type="Conv2d", weight_shape=(out, inputs, kernel, _), stride=(stride, _), padding=(padding, _)):
            more = (f", stride={stride}" if stride != 1 else "") + (f", padding={padding}" if padding else "")
            return f"nn.Conv2d({inputs}, {out}, kernel_size={kernel}{more})"
        case LayerRow(type="AvgPool2d" | "MaxPool2d"):
            return f"nn.{row.type}(kernel_size=2, stride=2)"
        case LayerRow(type="AdaptiveAvgPool2d"):
            return "nn.AdaptiveAvgPool2d(1)"
        case LayerRow(type="BatchNorm2d", weight_shape=(channels,)):
            return f"nn.BatchNorm2d({channels})"
        case LayerRow(type="Dropout"):
            return f"nn.Dropout({config.dropout:g})"
        case LayerRow(type="Linear", weight_shape=(out, _)):
            return f"nn.Linear({' * '.join(map(str, flattened[1:]))}, {out})"
        case _:
            return f"nn.{row.type}()"


# -- numbers as text ---------------------------------------------------------------------------------------------


def _share(part: int, whole: int) -> str:
    """`part` of `whole` in percent; a network may have no parameters at all."""
    return percent(part / whole if whole else 0.0)


def _pair_text(pair: tuple[int, int]) -> str:
    """A number for height and width, written once where they are alike."""
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}×{pair[1]}"


def shape_text(shape: Sequence[int]) -> str:
    """A shape without its batch axis: 6×28×28."""
    return "×".join(map(str, shape[1:]))


def _space() -> str:
    """What stands between two sentences: a space in English, nothing in Chinese."""
    return "" if language().startswith("zh") else " "


def kind(row: LayerRow) -> str:
    """conv, pool, norm, dropout, flatten, dense, or other: an activation."""
    if row.type.startswith("Conv"):
        return "conv"
    if "Pool" in row.type:
        return "pool"
    return {"Flatten": "flatten", "Linear": "dense", "BatchNorm2d": "norm", "Dropout": "dropout"}.get(
        row.type, "other"
    )


def _shape4(shape: tuple[int, ...] | None) -> tuple[int, int, int, int]:
    assert shape is not None and len(shape) == 4
    return shape[0], shape[1], shape[2], shape[3]
