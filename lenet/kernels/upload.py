"""Kernels to bring and to take away: a stranger's `.safetensors`, and NumPy's `.npz`."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import safetensors

from lenet.common.errors import LenetError
from lenet.kernels.history import History, Kernels
from lenet.runs import rules

MAX_MB = 20
"""A larger file is not read; a LeNet has 0.25 MB."""
MAX_KERNELS = 256
MAX_CHANNELS = 16
MAX_SIZE = 15
MAX_WEIGHTS = 20_000
"""Weights of one layer that a browser draws without effort."""
KINDS: dict[str, Any] = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


def first_layer(raw: bytes) -> tuple[str, Kernels]:
    """The first convolution of a safetensors file, its tensor's name and [out, in, kh, kw] as float32.

    The format holds numbers and nothing that could run. The first is the first by name, numbers in a name counted as
    numbers, of the tensors with four axes. Raises LenetError where the file is too large, is none of that format,
    has no convolution, or begins with one that is larger than the wall.
    """
    if len(raw) > (limit := rules.upload_mb(MAX_MB)) * 2**20:
        raise LenetError("upload_too_large", megabytes=f"{len(raw) / 2**20:.1f}", limit=limit)
    try:
        tensors = safetensors.deserialize(raw)  # type: ignore[no-untyped-call]
    except Exception as e:  # whatever the parser makes of a stranger's bytes is one sentence
        raise LenetError("upload_not_safetensors", reason=str(e)[:120] or type(e).__name__) from e
    layers = [(name, tensor) for name, tensor in tensors if len(tensor["shape"]) == 4 and tensor["dtype"] in KINDS]
    if not layers:
        raise LenetError("upload_no_convolution", found=len(tensors))
    name, tensor = min(layers, key=lambda layer: _natural(layer[0]))
    out, channels, high, wide = tensor["shape"]
    sizes = (out, channels, high, wide)
    fits = out <= MAX_KERNELS and channels <= MAX_CHANNELS and max(high, wide) <= MAX_SIZE
    if not fits or np.prod(sizes) > MAX_WEIGHTS or min(sizes) < 1:
        shape = "×".join(map(str, sizes))
        raise LenetError(
            "upload_too_many", name=name[:60], shape=shape, kernels=MAX_KERNELS, channels=MAX_CHANNELS, size=MAX_SIZE,
            weights=MAX_WEIGHTS,
        )  # fmt: skip
    values = np.frombuffer(tensor["data"], KINDS[tensor["dtype"]])
    if tensor["dtype"] == "BF16":  # the upper half of a float32
        values = (values.astype(np.uint32) << 16).view(np.float32)
    with np.errstate(over="ignore"):
        kernels = values.astype(np.float32).reshape(sizes)
    if not np.isfinite(kernels).all():
        raise LenetError("upload_not_finite", name=name[:60])
    return name, kernels


def _natural(name: str) -> list[tuple[int, str]]:
    """`conv2` before `conv10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name) if part]


def to_npz(history: History) -> bytes:
    """`steps` [T] and `kernels` [T, out, in, kh, kw] for `numpy.load`."""
    out = io.BytesIO()
    np.savez_compressed(out, steps=history.steps, kernels=history.kernels)
    return out.getvalue()
