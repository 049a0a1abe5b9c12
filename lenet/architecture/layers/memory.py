"""What PyTorch keeps in memory for the backward pass, worked out from the layers.

Autograd saves the tensors that the derivative of each layer needs: its input or its output, as `LayerKind.keeps` says. One
that two layers need is saved once. Weights, their gradients, the state of the optimiser and the loss come on top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lenet.architecture.layers.kind import LayerRow

BYTES = 4
"""Of a float32."""


def kept_bytes(rows: Sequence[LayerRow], batch: int = 1) -> list[int]:
    """Bytes that training keeps of a batch of so many images for each layer (float32, on a CPU).

    What two layers need is counted at the first of them, so that the sum is what the network needs. The layers follow one
    another.
    """
    kept: set[int] = set()  # tensors by number: 0 the image, i + 1 the output of layer i
    alike = {0: 0}  # a tensor, and the one whose memory it shares: Flatten copies nothing
    has_gradient = False  # nothing is kept before the first weight
    out = []
    for i, row in enumerate(rows):
        alike[i + 1] = alike[i] if row.kind.source == "moved" else i + 1
        has_gradient = has_gradient or bool(row.params)
        size = row.kind.keeps_more(row, batch) if has_gradient else 0
        tensor, shape = (alike[i], row.input_shape) if row.kind.keeps == "input" else (alike[i + 1], row.output_shape)
        if has_gradient and row.kind.keeps != "nothing" and tensor not in kept:
            kept.add(tensor)
            size += BYTES * batch * math.prod(shape[1:])
        out.append(size)
    return out
