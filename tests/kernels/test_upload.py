"""Kernels from a file of somebody's."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet import runs
from lenet.common.errors import LenetError
from lenet.kernels import upload


def saved(**tensors: Any) -> bytes:
    return safetensors.numpy.save({k.replace("__", "."): np.asarray(v) for k, v in tensors.items()})


def test_the_apps_own_weights() -> None:
    run = runs.find("reference-classic")
    name, found = upload.first_layer(run.raw("model.safetensors"))
    assert name == "0.weight" and (found == run.weights()["0.weight"]).all()


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_anyones_first_convolution(kind: torch.dtype) -> None:
    first = torch.randn(8, 3, 7, 7, dtype=torch.float64).to(kind)
    raw = safetensors.torch.save(
        {
            "features.10.weight": torch.zeros(4, 4, 3, 3),
            "features.2.weight": first,
            "bias": torch.zeros(3),
            "a.dense": torch.zeros(3, 3),
            "a.counts": torch.zeros(1, 1, 3, 3, dtype=torch.int64),
        }
    )
    name, found = upload.first_layer(raw)
    assert name == "features.2.weight", "numbers in names are numbers, and a first layer has floating-point weights"
    np.testing.assert_array_equal(found, first.float().numpy())


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "upload_not_safetensors"),
        (b"\x80\x04\x95", "upload_not_safetensors"),  # the beginning of a pickle
        (struct.pack("<Q", 2**60) + b"{}", "upload_not_safetensors"),
        (saved(x=np.zeros(3)), "upload_no_convolution"),
        (saved(x=np.zeros((300, 1, 3, 3), np.float32)), "upload_too_many"),
        (saved(x=np.zeros((8, 64, 3, 3), np.float32)), "upload_too_many"),
        (saved(x=np.zeros((8, 3, 16, 16), np.float32)), "upload_too_many"),
        (saved(x=np.zeros((200, 3, 11, 11), np.float32)), "upload_too_many"),
        (saved(x=np.zeros((0, 3, 3, 3), np.float32)), "upload_too_many"),
        (saved(x=np.full((1, 1, 3, 3), np.nan, np.float32)), "upload_not_finite"),
        (saved(x=np.full((1, 1, 3, 3), 1e300)), "upload_not_finite"),
        (bytes(upload.MAX_MB * 10**6 + 1), "upload_too_large"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(raw: bytes, code: str) -> None:
    with pytest.raises(LenetError) as caught:
        upload.first_layer(raw)
    assert caught.value.code == code
    assert "?" not in str(caught.value) and "{" not in str(caught.value).replace("{}", "")


@given(st.binary(max_size=300), st.booleans())
def test_whatever_a_stranger_sends(content: bytes, framed: bool) -> None:
    raw = struct.pack("<Q", len(content)) + content if framed else content
    with pytest.raises(LenetError):
        upload.first_layer(raw)


def test_a_shape_that_lies() -> None:
    head = json.dumps({"x": {"dtype": "F32", "shape": [6, 1, 5, 5], "data_offsets": [0, 4]}}).encode()
    with pytest.raises(LenetError):
        upload.first_layer(struct.pack("<Q", len(head)) + head + bytes(4))
