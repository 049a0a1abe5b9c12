"""Which colour the layers of a network have."""

from __future__ import annotations

from lenet.architecture.layers import LayerRow
from lenet.common import colours

INPUT = colours.MUTED
"""The image itself."""
GROUPS = {
    "conv": colours.SERIES[0],
    "activation": "#8fb4e3",
    "norm": "#b6cdec",
    "dropout": "#cbd5e1",
    "pool": colours.SERIES[2],
    "flatten": "#94a3b8",
    "dense": colours.SERIES[3],
    "other": "#8fb4e3",
}
"""By what a layer is there for (`layers.kind.Group`)."""


def of_layer(row: LayerRow) -> str:
    """The colour of what a layer puts out."""
    return GROUPS[row.kind.group]
