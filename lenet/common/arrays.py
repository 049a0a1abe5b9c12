"""Arrays as base64 text, for the browser and for JSON files; always little-endian."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_base64(values: NDArray[Any], dtype: str) -> str:
    """The values as `dtype` (`u1`, `i2`, `i4`, `f4` …), little-endian and in C order, as base64."""
    return base64.b64encode(np.ascontiguousarray(values, f"<{dtype}").tobytes()).decode("ascii")


def from_base64(text: str, dtype: str) -> NDArray[Any]:
    """The inverse of `to_base64`, as a flat, read-only array. Raises ValueError if `text` is not base64."""
    return np.frombuffer(base64.b64decode(text, validate=True), f"<{dtype}")
