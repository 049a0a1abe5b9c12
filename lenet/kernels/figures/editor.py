"""A kernel of one's own, as plain data for `lenet/kernels/components/editor`, which does all editing and computing."""

from __future__ import annotations

import re
from typing import Any

from numpy.typing import NDArray

from lenet.architecture.images import LabelledImages
from lenet.common import arrays, colours
from lenet.common.translation import translate as _
from lenet.kernels import filters
from lenet.kernels.history import Kernels, finite

LIMIT = 100
"""The largest |weight| that can be typed."""
MAX_LEARNED = 16
"""Learned kernels that are offered to start from."""


def scene(learned: Kernels, shown: LabelledImages, asked: dict[str, str] | None = None) -> dict[str, Any]:
    """Everything that the component needs, as JSON values, in the reader's language.

    `learned` [out, in, kh, kw] gives the size of the kernel to edit; kernels of several channels are offered as their
    mean. `asked` is what the reader's link says: the weights (`own`) and the image (`on`). `presets` hold weights row
    by row, `images` one of each class of the images `shown` as bytes in base64.
    """
    size = learned.shape[2]
    firsts = zip(shown.class_names().values(), shown.first_of_each().values(), strict=True)
    name = _("Learned kernel {n}") if learned.shape[1] == 1 else _("Learned kernel {n}, mean of its channels")
    means = finite(learned).mean(1).clip(-LIMIT, LIMIT)
    presets = [{"name": _(name), "values": _weights(filters.make(key, size))} for key, name in filters.NAMES.items()]
    presets += [
        {"name": name.format(n=n + 1), "values": _weights(kernel)}
        for n, kernel in enumerate(means[:MAX_LEARNED])
        if kernel.shape == (size, size)
    ]
    return {
        "asked": asked or {},
        "size": size,
        "side": shown.images.shape[-1],
        "limit": LIMIT,
        "presets": presets,
        "images": [{"name": name, "pixels": arrays.to_base64(shown.images[i], "u1")} for name, i in firsts],
        "scale": colours.DIVERGING,
        "mark": colours.WINDOW,
        "words": {
            "begin": _("Start from"),
            "own": _("your own"),
            "image": _("Image"),
            "grid": _("Your kernel: type weights"),
            "cell": _("weight in row {row}, column {column}"),
            "flip": _("Change signs"),
            "turn": _("Rotate by 90° counter-clockwise"),
            "response": _("Response, from {min} to {max}"),
            "alt": _("Response of the kernel to the image “{image}”: from {min} (blue) to {max} (red), white is 0."),
            "place": _("row {row}, column {column}: weighted sum {value}"),
            "sum": _("The weights sum to {sum}: that is the response to an all-white image."),
            "bad": _("“{value}” is not a number between −{limit} and {limit}: the weight stays as it was."),
        },
    }


def are_weights(text: str, n: int) -> bool:
    """Whether the text of a link is `n` weights, separated by commas, that the component takes."""
    parts = [part.strip().replace("−", "-") for part in text[:5000].split(",")]
    numbers = all(re.fullmatch(r"[-+]?(\d{1,9}\.?\d*|\.\d+)", part, re.ASCII) for part in parts)
    return numbers and len(parts) == n and all(abs(float(part)) <= LIMIT for part in parts)


def _weights(kernel: NDArray[Any]) -> list[float]:
    return [round(float(v), 3) for v in kernel.ravel()]
