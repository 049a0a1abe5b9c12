"""Networks side by side: what the component `comparison` draws of what each layer of each costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lenet.architecture.explanations import cost_line
from lenet.architecture.figures import layer_colours
from lenet.architecture.layers import LayerRow, layer_label
from lenet.architecture.layers.memory import kept_bytes
from lenet.common import saving
from lenet.common.formatting import byte_size, number
from lenet.common.translation import cached
from lenet.common.translation import translate as _

Measure = tuple[str, Callable[[Sequence[LayerRow]], list[int]], Callable[[int], str]]
"""What is measured, in words; its value for each layer of a network; and a value as text."""


@cached(16)
def comparison(nets: Sequence[tuple[str, Sequence[LayerRow]]], batch: int) -> dict[str, Any]:
    """Parameters, multiply-accumulates and memory of several networks as bars, a segment a layer.

    `nets` are (name, rows), drawn from top to bottom; memory is what training keeps of `batch` images.
    """
    groups = {
        "conv": _("convolution (pale: activation, batch norm)"),
        "pool": _("pooling"),
        "dense": _("dense layer"),
    }
    return {
        "measures": [title for title, _measure, _words in _measures(batch)],
        "nets": [_net(name, rows, batch) for name, rows in nets],
        "legend": [{"color": layer_colours.GROUPS[group], "words": words} for group, words in groups.items()],
        "words": {
            "hint": _("Point at a layer, or press Tab and the arrow keys: its numbers appear here."),
            "hint_touch": _("Tap a layer: its numbers appear here."),
            **saving.words(),
        },
    }


def _measures(batch: int) -> list[Measure]:
    return [
        (_("parameters"), lambda rows: [r.params for r in rows], number),
        (_("multiply-adds per image"), lambda rows: [r.macs // r.output_shape[0] for r in rows], number),
        (_("kept by training, batch of {n}").format(n=batch), lambda rows: kept_bytes(rows, batch), byte_size),
    ]


@cached(64)
def _net(name: str, rows: Sequence[LayerRow], batch: int) -> dict[str, Any]:
    measures = _measures(batch)
    values = [measure(rows) for _title, measure, _words in measures]
    return {
        "name": name,
        "label": _in_words(name, rows, batch),
        "totals": [words(sum(each)) for (_title, _measure, words), each in zip(measures, values, strict=True)],
        "layers": [
            {
                "color": layer_colours.of_layer(row),
                "values": list(own),
                "words": f"{layer_label(i, row)}: "
                + " · ".join(
                    f"{title} {words(v)}" for (title, _measure, words), v in zip(measures, own, strict=True)
                ),
            }
            for i, (row, own) in enumerate(zip(rows, zip(*values, strict=True), strict=True))
        ],
    }


def _in_words(name: str, rows: Sequence[LayerRow], batch: int) -> str:
    """A network's bars for those who do not see them."""
    text = _("{name}: {n} parameters, {costs}")
    return text.format(name=name, n=number(sum(r.params for r in rows)), costs=cost_line(rows, batch))
