"""One's own kernel: plain data for `lenet/kernels/components/editor`, which does all editing and computing."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np

from lenet import data
from lenet.common import charts
from lenet.common.translation import translate as _
from lenet.kernels import filters
from lenet.kernels.history import Kernels

LIMIT = 100
"""The largest weight that can be typed."""
LEARNED = 16
"""Learned kernels that are offered to begin with."""


def scene(learned: Kernels, asked: dict[str, str] | None = None) -> dict[str, Any]:
    """Everything the component needs, as JSON values, in the reader's language.

    `learned` [out, in, kh, kw] gives the size of the grid; kernels of several channels are offered as their mean.
    `asked` is what the reader's link says: `own` weights and the image `on`. `presets` hold weights row by row, `images` a picture of each class, bytes in base64.
    """
    size = learned.shape[2]
    images, labels = data.load("test", "sample")
    names = data.data_set().class_names()
    firsts = [int(np.flatnonzero(labels == n)[0]) for n in range(len(names)) if (labels == n).any()]
    flat = np.nan_to_num(learned, nan=0, posinf=0, neginf=0).mean(1).clip(-LIMIT, LIMIT)
    presets = [{"name": _(words), "values": _list(filters.make(name, size))} for name, words in filters.NAMES.items()]
    presets += [
        {"name": _("Learned kernel {n}").format(n=n + 1), "values": _list(kernel)}
        for n, kernel in enumerate(flat[:LEARNED])
        if kernel.shape == (size, size)
    ]
    return {
        "asked": asked or {},
        "size": size,
        "side": images.shape[-1],
        "limit": LIMIT,
        "presets": presets,
        "images": [
            {
                "name": names[int(labels[i])],
                "pixels": base64.b64encode(images[i].tobytes()).decode("ascii"),
            }
            for i in firsts
        ],
        "scale": charts.DIVERGING,
        "mark": charts.WINDOW,
        "words": {
            "begin": _("Begin with"),
            "own": _("your own"),
            "image": _("Image"),
            "grid": _("Your kernel: type weights"),
            "cell": _("weight in row {row}, column {column}"),
            "flip": _("Change signs"),
            "turn": _("Turn by 90°"),
            "response": _("Response, from {min} to {max}"),
            "alt": _("Response of the kernel to the image “{image}”: from {min} (blue) to {max} (red), white is 0."),
            "place": _("row {row}, column {column}: weighted sum {value}"),
            "sum": _("The weights sum to {sum}: that is the answer to an image that is white all over."),
            "bad": _("“{value}” is no number between −{limit} and {limit}: the weight stays as it was."),
        },
    }


def are_weights(text: str, n: int) -> bool:
    """Whether a link's text is `n` weights that the component takes."""
    parts = [part.strip().replace("−", "-") for part in text[:5000].split(",")]
    numbers = all(re.fullmatch(r"[-+]?(\d{1,9}\.?\d*|\.\d+)", part, re.ASCII) for part in parts)
    return numbers and len(parts) == n and all(abs(float(part)) <= LIMIT for part in parts)


def _list(values: Any) -> list[float]:
    return [round(float(v), 3) for v in np.asarray(values).ravel()]
