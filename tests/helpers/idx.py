"""Files of a data set that tests make up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import data


def write_idx(path: Path, array: NDArray[Any], *, cut: int = 0) -> None:
    """An idx file of bytes, without the last `cut` of them."""
    head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">i4").tobytes()
    raw = head + array.astype(np.uint8).tobytes()
    path.write_bytes(raw[: len(raw) - cut])


def of_kind(kind: str) -> data.Source:
    """The sample's files, said to be the `"full"` set or the `"sample"`, with as many images."""
    sample = data.find("sample")
    sizes = sample.data_set.sizes if kind == "full" else sample.data_set.sample_sizes
    return replace(sample, kind=kind, contents=replace(sample.contents, sizes=sizes))
