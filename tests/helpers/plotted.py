"""The numbers of a figure, for tests: Plotly's typed arrays as arrays again."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers(value: Any) -> NDArray[Any]:
    """What a trace holds under `x`, `y` or `z`, packed or as a list."""
    if not isinstance(value, dict):
        return np.asarray(value)
    flat = np.frombuffer(base64.b64decode(value["bdata"]), f"<{value['dtype']}")
    return flat.reshape([int(n) for n in value["shape"].split(",")]) if "shape" in value else flat
