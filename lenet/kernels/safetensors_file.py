"""Tensors of a `.safetensors` file of a stranger's, read without trust in a word of it. NumPy only.

The format: the length of the header (8 bytes, little-endian), the header (JSON: for each tensor its type, shape and the
bytes that it takes), the bytes. Why not the library's reader: it refuses a whole file for one type that it does not know,
copies every tensor, and NumPy has no 8-bit floats. Here nothing is read but what is asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from lenet.common.errors import LenetError

MAX_HEADER = 1_000_000
"""Bytes of a header that are read: some 10,000 tensors."""


@dataclass(frozen=True)
class Float8:
    """A kind of 8-bit floating-point number: a sign bit, `exponent` bits with a bias, the rest of the significand."""

    exponent: int
    bias: int
    has_infinity: bool = False
    has_negative_zero: bool = True

    def values(self) -> NDArray[np.float32]:
        """The number for each of the 256 bytes; all of them are exact in float32."""
        return np.array([self.value(byte) for byte in range(256)], np.float32)

    def value(self, byte: int) -> float:
        """The number that a byte stands for."""
        bits = 7 - self.exponent
        sign, exponent, fraction = byte >> 7, (byte & 127) >> bits, byte & ((1 << bits) - 1)
        if not self.has_negative_zero and byte == 128:  # its one NaN, and there is no infinity
            return float("nan")
        if self.has_negative_zero and exponent == (1 << self.exponent) - 1:
            if self.has_infinity:
                return (-1) ** sign * float("inf") if fraction == 0 else float("nan")
            if fraction == (1 << bits) - 1:
                return float("nan")
        # The smallest exponent stands for itself without the leading 1: the numbers down to zero are evenly spaced.
        significand = fraction / (1 << bits) + (1 if exponent else 0)
        return float((-1) ** sign * significand * 2.0 ** (max(exponent, 1) - self.bias))


FLOAT8 = {
    "F8_E4M3": Float8(4, 7),
    "F8_E5M2": Float8(5, 15, has_infinity=True),
    "F8_E4M3FNUZ": Float8(4, 8, has_negative_zero=False),
    "F8_E5M2FNUZ": Float8(5, 16, has_negative_zero=False),
}
"""OCP's 8-bit floats (Open Compute Project, OFP8, 2023), as PyTorch has them, and those without a negative zero."""
PLAIN = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I8": "i1", "U8": "u1"} | dict.fromkeys(
    FLOAT8, "u1"
)
"""Types that can be read, and as what NumPy reads them."""
WHOLE = ("I8", "U8")
"""Types of whole numbers: weights that were quantised. What a step is worth is not said in the tensor."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of the file as its header describes it; its bytes are not read yet."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int
    """Where its bytes begin and end, counted from the end of the header."""

    @property
    def is_readable(self) -> bool:
        return self.dtype in PLAIN

    def read(self, body: bytes | memoryview) -> NDArray[np.float32]:
        """Its numbers, from its bytes alone: exactly, or those of 64 bits rounded to float32.

        Raises LenetError for a type that is not read, and if its bytes are not there or are not as many as its shape needs.
        """
        if not self.is_readable:
            raise LenetError("upload_dtype", name=self.name[:60], dtype=self.dtype[:20], known=", ".join(PLAIN))
        kind = np.dtype(PLAIN[self.dtype])
        if not 0 <= self.start <= self.end or self.end - self.start != prod(self.shape) * kind.itemsize:
            raise LenetError("upload_sizes", name=self.name[:60])
        if self.end > len(body):
            raise LenetError("upload_cut_off", expected=self.end, found=len(body))
        stored = np.frombuffer(body, kind, prod(self.shape), self.start)
        with np.errstate(over="ignore"):
            return _numbers(self.dtype, stored).astype(np.float32).reshape(self.shape)


def _numbers(dtype: str, stored: NDArray[Any]) -> NDArray[Any]:
    if dtype == "BF16":  # the upper half of a float32
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return FLOAT8[dtype].values()[stored] if dtype in FLOAT8 else stored


def read_header(raw: bytes) -> tuple[list[Tensor], str, memoryview]:
    """What a file holds: its tensors in the order of the header, the framework that wrote it ("" if not said), its bytes.

    Raises LenetError if it is not in the format. What only one tensor has wrong is told when that is read.
    """
    length = int.from_bytes(raw[:8], "little")
    if length > len(raw) - 8:  # also if there are less than eight bytes
        raise LenetError("upload_not_safetensors")
    if length > MAX_HEADER:
        raise LenetError("upload_header_too_large", megabytes=f"{length / 1e6:.1f}", limit=MAX_HEADER // 10**6)
    try:
        header = json.loads(raw[8 : 8 + length])
    except (ValueError, RecursionError) as e:
        raise LenetError("upload_not_safetensors") from e
    if not isinstance(header, dict):
        raise LenetError("upload_not_safetensors")
    told = header.pop("__metadata__", None)
    framework = told.get("format") if isinstance(told, dict) else ""
    tensors = [_tensor(_sound(name), entry) for name, entry in header.items()]
    return tensors, framework if isinstance(framework, str) else "", memoryview(raw)[8 + length :]


def _tensor(name: str, entry: object) -> Tensor:
    if isinstance(entry, dict):
        dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
        if isinstance(dtype, str) and _are_counts(shape) and _are_counts(offsets) and len(offsets) == 2:
            return Tensor(name, _sound(dtype), tuple(shape), *offsets)
    raise LenetError("upload_bad_entry", name=name[:60])


def _sound(text: str) -> str:
    """The text with ? for halves of characters, which JSON can hold and no page can show."""
    return text.encode("utf-8", "replace").decode()


def _are_counts(value: object) -> TypeGuard[list[int]]:
    """Whether it is a short list of whole numbers from 0 on, none of them beyond what a file could hold."""
    return isinstance(value, list) and len(value) <= 16 and all(type(n) is int and 0 <= n < 2**60 for n in value)
