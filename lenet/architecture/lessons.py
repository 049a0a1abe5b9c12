"""The lessons of the architecture page: what each asks, what to do then, and what there is to see.

The questions are in `questions.py`. While one is asked, the page covers what the lesson `hides`: the `sizes` of all layers
and their parameters, both from `flatten` on, the `parameters` of each layer alone, or of an image on its way through the
network all `maps` behind the first layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lenet.architecture import presets, questions
from lenet.architecture.layers import KINDS, Array, LayerRow, first_of, layer_label, parameter_sum, total_parameters
from lenet.architecture.weights import Network
from lenet.common.formatting import decimals, number, percent, size_text
from lenet.common.translation import N_, paragraph
from lenet.common.translation import translate as _
from lenet.lessons import Lesson

Rows = Sequence[LayerRow]

# -- what there is to see ----------------------------------------------------------------------------------------------


def sizes(rows: Rows) -> str:
    """Whether the last maps are as large as LeNet's."""
    (channels, *last), (_channels, *wanted) = map(questions.last_maps, (rows, questions.NOTE.layers))
    if not channels:
        return _("This network has no maps.")
    shapes = [rows[0].input_shape, *(row.output_shape for row in rows if row.kernel_size)]
    told = " → ".join(size_text((height, width)) for _n, _maps, height, width in shapes)
    if last == wanted:
        return _("Done: {chain}.").format(chain=told)
    return _("Not yet {wanted}: {chain}.").format(wanted="×".join(map(str, wanted)), chain=told)


def largest(rows: Rows) -> str:
    """Which layer has most parameters."""
    most = max(range(len(rows)), key=lambda i: rows[i].params)
    return _("Now layer {layer} has most: {sum} = {params}, {share} of {total}.").format(
        layer=layer_label(most, rows[most]), sum=parameter_sum(rows[most]), params=number(rows[most].params),
        share=percent(rows[most].params / total_parameters(rows)), total=number(total_parameters(rows)),
    )  # fmt: skip


def total(rows: Rows) -> str:
    """How many parameters there are beside LeNet's."""
    now, note = total_parameters(rows), total_parameters(questions.NOTE.layers)
    if now == note:
        return _("Now it has {now} parameters, as many as LeNet.").format(now=number(now))
    text = _("Now it has {now} parameters, {times} times LeNet’s {note}.")
    return text.format(now=number(now), times=decimals(now / note, 2), note=number(note))


def into_dense(rows: Rows) -> str:
    """How many numbers come to the first linear layer, and how they get there."""
    first = next((i for i, row in enumerate(rows) if row.kind.group == "dense"), None)
    if not first or not questions.last_maps(rows)[0]:
        return ""
    before, dense = rows[first - 1], rows[first]
    text = _("{maps} numbers come to {before}, and {inputs} to {layer}: {sum} = {params} parameters.")
    return text.format(
        maps="×".join(map(str, before.input_shape[1:])), before=layer_label(first - 1, before),
        inputs=number(dense.input_shape[1]), layer=layer_label(first, dense), sum=parameter_sum(dense),
        params=number(dense.params),
    )  # fmt: skip


def squeezed(layers: Sequence[tuple[str, Array]]) -> str:
    """What the first activation does to the numbers of an image. `layers` are the types and outputs of all, in order."""
    at = next((i for i, (name, _out) in enumerate(layers) if KINDS[name].group == "activation"), 0)
    if not at:
        return ""
    before, (name, after) = layers[at - 1][1], layers[at]
    text = _(
        "{layer}: what lay between {low} and {high} lies between {least} and {most} now; {negative} of {all} numbers were negative."
    )
    ends = (before.min(), before.max(), after.min(), after.max())
    low, high, least, most = (decimals(float(end), 2) for end in ends)
    counts = {"negative": number(int((before < 0).sum())), "all": number(before.size)}
    zeros = int(np.count_nonzero(after == 0))
    return paragraph(
        text.format(layer=f"{at + 1} · {name}", low=low, high=high, least=least, most=most, **counts),
        _("Now {n} are exactly 0.").format(n=number(zeros)) if zeros else "",
    )


# -- the lessons -------------------------------------------------------------------------------------------------------

FLATTEN, DENSE = (str(first_of(questions.NOTE.layers, group) + 1) for group in ("flatten", "dense"))
"""The first layer of each kind, as the page's URL counts."""


def _network() -> dict[str, Any]:
    return {"tab": "network", **presets.to_settings(questions.NOTE)}


def lessons(trained: Callable[[], Network]) -> dict[str, Lesson]:
    """By their names in the URL. `trained` gives the network of the run that an image is sent through by default."""
    return {
        "shrink": Lesson(
            title=N_("Make 28×28 into 5×5"),
            beginning=_network() | {"p1": 0},
            ask=questions.shrink,
            hides=("sizes",),
            text=N_(
                "Make them 5×5: change **Kernel size 1**, **Kernel size 2**, or padding and stride under **More**. There is more than "
                "one way."
            ),
            control="k1",
            seen=sizes,
        ),
        "parameters": Lesson(
            title=N_("Where the parameters sit"),
            beginning=_network(),
            ask=questions.parameters,
            opened={"layer": DENSE},
            hides=("parameters",),
            text=N_("Lower **Dense 1** until another layer has most. What is left of the parameters then?"),
            control="h1",
            seen=largest,
        ),
        "smaller": Lesson(
            title=N_("A smaller kernel"),
            beginning=_network(),
            ask=questions.smaller,
            opened={"k2": 3},
            text=N_("Set **Kernel size 2** to 7 and to 9. Which one costs least?"),
            control="k2",
            seen=total,
        ),
        "unpooled": Lesson(
            title=N_("What pooling saves"),
            beginning=_network(),
            ask=questions.unpooled,
            opened={"pool": "none"},
            text=N_("Set **Pooling** to average and to max: do they differ in parameters?"),
            control="pool",
            seen=total,
        ),
        "flatten": Lesson(
            title=N_("What Flatten does"),
            beginning=_network(),
            ask=questions.flatten,
            opened={"layer": FLATTEN},
            hides=("flatten",),
            text=N_(
                "Read it below the drawing. Then choose another **Transition to the dense layers** under **More**: how many numbers "
                "are left for the first linear layer?"
            ),
            control="more",
            seen=into_dense,
        ),
        "without": Lesson(
            title=N_("Why Flatten"),
            beginning=_network() | {"layer": FLATTEN},
            ask=questions.without_flatten,
            text=N_("Change **Channels 2**: the layer behind Flatten has to have as many inputs as the maps have numbers."),
            control="c2",
            seen=into_dense,
        ),
        "activation": Lesson(
            title=N_("What an activation changes"),
            beginning={"tab": "walk"},
            ask=lambda _before, _after: questions.activation(trained()),
            hides=("maps",),
            text=N_(
                "Point at a number of layer 2 and read what it was before. Then choose a network with ReLU: “modern, …” under "
                "**Network**."
            ),
            control="run",
            seen=squeezed,
        ),
    }  # fmt: skip
