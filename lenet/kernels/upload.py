"""The first convolution of a `.safetensors` file that a visitor uploads."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import safetensors

from lenet.common.errors import LenetError
from lenet.kernels.history import Kernels
from lenet.runs import rules

MAX_MB = 20
"""A larger file is not read; a LeNet has 0.25 MB."""
MAX_KERNELS = 256
MAX_CHANNELS = 16
MAX_SIZE = 15
MAX_WEIGHTS = 20_000
"""Weights of one layer that a browser draws without effort."""
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
"""Types of weights in the format, and how NumPy reads them."""


def first_layer(raw: bytes) -> tuple[str, Kernels]:
    """The first convolution of a safetensors file: the name of its tensor, and its weights [out, in, kh, kw].

    The first is the first by name among the floating-point tensors with four axes; numbers in names count as numbers.
    The format holds arrays alone, nothing that could run. Raises LenetError if the file is too large, is not in the
    format, has no convolution, or if the first one is too large to be drawn or has weights that are not finite.
    """
    if len(raw) > (limit := rules.upload_mb(MAX_MB)) * 10**6:
        raise LenetError("upload_too_large", megabytes=f"{len(raw) / 1e6:.1f}", limit=limit)
    try:
        tensors = safetensors.deserialize(raw)  # type: ignore[no-untyped-call]
    except Exception as e:  # whatever the parser raises for a stranger's bytes becomes one sentence
        raise LenetError("upload_not_safetensors", reason=str(e)[:120] or type(e).__name__) from e
    convolutions = [
        (name, tensor) for name, tensor in tensors if len(tensor["shape"]) == 4 and tensor["dtype"] in DTYPES
    ]
    if not convolutions:
        raise LenetError("upload_no_convolution", found=len(tensors))
    name, tensor = min(convolutions, key=lambda named: _sort_key(named[0]))
    _check_shape(name, tensor["shape"])
    kernels = _weights(tensor)
    if not np.isfinite(kernels).all():
        raise LenetError("upload_not_finite", name=name[:60])
    return name, kernels


def _check_shape(name: str, shape: list[int]) -> None:
    out, channels, high, wide = shape
    fits = out <= MAX_KERNELS and channels <= MAX_CHANNELS and max(high, wide) <= MAX_SIZE
    if not fits or np.prod(shape) > MAX_WEIGHTS or min(shape) < 1:
        raise LenetError(
            "upload_too_many", name=name[:60], shape="×".join(map(str, shape)), kernels=MAX_KERNELS,
            channels=MAX_CHANNELS, size=MAX_SIZE, weights=MAX_WEIGHTS,
        )  # fmt: skip


def _weights(tensor: dict[str, Any]) -> Kernels:
    values = np.frombuffer(tensor["data"], DTYPES[tensor["dtype"]])
    if tensor["dtype"] == "BF16":  # the upper half of a float32
        values = (values.astype(np.uint32) << 16).view(np.float32)
    with np.errstate(over="ignore"):
        return values.astype(np.float32).reshape(tensor["shape"])


def _sort_key(name: str) -> list[tuple[int, str]]:
    """`conv2` before `conv10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name) if part]
