"""Arrays as text: what the browser reads, and back."""

from __future__ import annotations

import base64
import struct

import numpy as np
import pytest

from lenet.common.arrays import from_base64, to_base64


def test_little_endian_row_by_row_whatever_the_memory_layout() -> None:
    values = np.array([[1.5, -2.0], [0.25, 8.0]], ">f8").T
    assert base64.b64decode(to_base64(values, "f4")) == struct.pack("<4f", 1.5, 0.25, -2.0, 8.0)


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4"])
def test_there_and_back(dtype: str) -> None:
    values = np.arange(12).astype(dtype).reshape(3, 4)
    assert from_base64(to_base64(values, dtype), dtype).reshape(3, 4).tolist() == values.tolist()


@pytest.mark.parametrize("text", ["%", "AAA", "AAAA"])
def test_what_is_not_base64_of_whole_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_base64(text, "f4")
