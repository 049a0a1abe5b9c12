"""The picture on the home page: one image on its way through a trained LeNet, from pixels to ten numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.architecture.layers import LayerRow, shape_text
from lenet.common import arrays, colours
from lenet.common.translation import cached
from lenet.common.translation import translate as _


@cached(4)
def overview(
    pixels: NDArray[np.float32],
    outputs: Sequence[NDArray[np.float32]],
    rows: Sequence[LayerRow],
    classes: Sequence[str],
    label: str,
) -> dict[str, Any]:
    """What the component `overview` draws: pixels (channels, height, width), the maps after each stage, the logits last.

    `rows` are the layers of the network, of which the dense ones are only named, `classes` the names of its outputs, and
    `label` that of the image.
    """
    blocks, logits = [pixels, *outputs[:-1]], outputs[-1]
    scores = np.exp(logits - logits.max())
    scores /= scores.sum()
    return {
        "blocks": [_block(i, maps) for i, maps in enumerate(blocks)],
        "classes": [{"name": name, "score": round(float(s), 4)} for name, s in zip(classes, scores, strict=True)],
        "dense": " → ".join(str(row.output_shape[1]) for row in rows if row.kind.group == "dense"),
        "colors": {"most": colours.WINDOW, "other": colours.PADDING},
        "words": {
            "alt": _(
                "A test image ({label}) on its way through LeNet: six feature maps, pooled, sixteen feature "
                "maps, pooled, and a score for each of ten classes."
            ).format(label=label),
            "dense": _("three dense layers, then softmax"),
        },
    }


def _block(i: int, maps: NDArray[np.float32]) -> dict[str, Any]:
    """Maps (n, height, width), each from 0 to its own largest number."""
    largest = np.abs(maps).max((1, 2), keepdims=True)
    shades = np.clip(maps / np.where(largest, largest, 1), 0, 1)
    name = _("image") if i == 0 else _("convolution + activation") if i % 2 else _("pooling")
    return {
        "name": name,
        "size": shape_text((1, *maps.shape)),
        "shape": maps.shape,
        "scale": colours.SEQUENTIAL if i else colours.GREY,
        "shades": arrays.to_base64((255 * shades).round(), "u1"),
    }
