"""A network as a flow: what the component `flow` draws of the image and of the output of each layer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from lenet.architecture.figures import layer_colours
from lenet.architecture.layers import LayerRow, first_of, layer_label, shape_text
from lenet.architecture.layers.receptive_field import Field, receptive_fields
from lenet.common import colours, saving
from lenet.common.formatting import number
from lenet.common.translation import cached
from lenet.common.translation import translate as _
from lenet.grid.asking import HIDDEN


@cached(32)
def network(rows: Sequence[LayerRow]) -> dict[str, Any]:
    """The image and each layer, in order; the page adds which of them is `selected` (from 0)."""
    return _scene(rows[0].input_shape, rows)


@cached(32)
def broken_network(input_shape: tuple[int, ...], built: Sequence[LayerRow], name: str, why: str) -> dict[str, Any]:
    """A network with a layer that cannot be built: the layers before it, then its place with the reason.

    `name` is the class of the layer, `why` its numbers (`5×5 > 4×4`).
    """
    return _scene(input_shape, built) | {"broken": {"name": name, "why": why}}


@cached(32)
def asking(rows: Sequence[LayerRow], hides: Collection[str]) -> dict[str, Any]:
    """The network while a lesson asks about it: of the layers as little as the lesson leaves, and none can be opened.

    See `lenet.architecture.lessons` for what it `hides`. Of a covered layer there is its name; its picture has the size of the
    image or, from Flatten on, of any vector.
    """
    scene = _scene(rows[0].input_shape, rows)
    from_layer = {"sizes": 0, "flatten": first_of(rows, "flatten")}
    covered = min((at for part, at in from_layer.items() if part in hides), default=len(rows))
    layers = []
    for i, (row, drawn) in enumerate(zip(rows, scene["layers"], strict=True)):
        if i >= covered:
            shape = rows[0].input_shape[1:] if len(row.output_shape) == 4 else (1,)
            words = layer_label(i, row)
            drawn |= {"size": HIDDEN, "shape": shape, "kernel": None, "field": None, "label": words, "words": words}
        elif hides:
            drawn |= {"words": drawn["label"]}
        layers.append(drawn)
    return scene | {"layers": layers}


def _scene(input_shape: tuple[int, ...], rows: Sequence[LayerRow]) -> dict[str, Any]:
    image = {
        "name": _("Input"),
        "size": shape_text(input_shape),
        "shape": input_shape[1:],
        "color": layer_colours.INPUT,
    }
    fields = receptive_fields(rows)
    return {
        "image": image,
        "layers": [_layer(i, row, field) for i, (row, field) in enumerate(zip(rows, fields, strict=True))],
        "colors": {"mark": colours.WINDOW, "link": colours.PADDING, "broken": colours.WRONG},
        "words": {
            "label": _("The layers of the network: arrows move, Enter opens"),
            **saving.words(),
        },
    }


def _layer(i: int, row: LayerRow, field: Field | None) -> dict[str, Any]:
    shapes = f"{shape_text(row.input_shape)} → {shape_text(row.output_shape)}"
    return {
        "name": row.type,
        "size": shape_text(row.output_shape),
        "shape": row.output_shape[1:],
        "color": layer_colours.of_layer(row),
        "source": row.kind.source,
        "kernel": row.kernel_size,
        "field": _field(field) if field and field.is_part else None,
        "label": f"{layer_label(i, row)}, {shapes}",
        "words": f"{layer_label(i, row)}: {shapes} · " + _("Parameters: {n}").format(n=number(row.params)),
    }


def _field(field: Field) -> dict[str, Any]:
    """The pixels of the image on which a number depends. `start` is where they lie if all numbers depend on the same,
    else None: those of the first number may lie in the padding, so that the drawing puts them around a window."""
    start = (field.height.start, field.width.start) if field.step == (0, 0) else None
    return {"size": field.size, "start": start}
