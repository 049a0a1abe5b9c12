"""Arrays as text, for the browser and for JSON files: base64 of their bytes, in the byte order of every browser."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_base64(values: NDArray[Any], dtype: str) -> str:
    """The values as `dtype` (`u1`, `i2`, `i4`, `f4` …), little-endian, row by row."""
    return base64.b64encode(np.ascontiguousarray(values, f"<{dtype}").tobytes()).decode("ascii")


def from_base64(text: str, dtype: str) -> NDArray[Any]:
    """The flat array that `to_base64` wrote; read-only. Raises ValueError for anything else."""
    return np.frombuffer(base64.b64decode(text, validate=True), f"<{dtype}")
