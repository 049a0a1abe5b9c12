"""Files of a data set that tests make up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write_idx(path: Path, array: NDArray[Any], *, cut: int = 0) -> None:
    """An idx file of bytes, without the last `cut` of them."""
    head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">i4").tobytes()
    raw = head + array.astype(np.uint8).tobytes()
    path.write_bytes(raw[: len(raw) - cut])
