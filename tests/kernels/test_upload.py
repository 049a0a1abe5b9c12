"""Kernels that somebody brings, and the forms in which they are taken away."""

from __future__ import annotations

import io
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
from PIL import Image

from lenet import runs
from lenet.common.errors import LenetError
from lenet.kernels import film, filters, upload
from lenet.kernels import history as kernels
from lenet.kernels.figures import lab
from lenet.kernels.history import History

rng = np.random.default_rng(0)


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
        (bytes(upload.MAX_MB * 2**20 + 1), "upload_too_large"),
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


# -- to take away ---------------------------------------------------------------------------------------------------


def test_npz_holds_the_history() -> None:
    history = kernels.history(runs.find("reference-classic"))
    with np.load(io.BytesIO(upload.to_npz(history))) as found:
        assert (found["steps"] == history.steps).all() and (found["kernels"] == history.kernels).all()


def test_the_film_shows_every_weight_in_its_colour() -> None:
    history = History(np.array([0, 1, 9]), rng.uniform(-1, 1, (3, 6, 1, 5, 5)).astype(np.float32))
    history.kernels[0, 0, 0, 0, :3] = -2, 0, 2
    film_bytes = film.gif(history)
    with Image.open(io.BytesIO(film_bytes)) as picture:
        assert picture.format == "GIF" and picture.n_frames == 3
        first = np.array(picture.convert("RGB"))
        colours = {tuple(c) for c in first.reshape(-1, 3).tolist()}
        for expected in ((5, 48, 97), (247, 247, 247), (103, 0, 31)):  # the ends and the middle of the scale
            assert expected in colours
        durations = []
        for n in range(3):
            picture.seek(n)
            durations.append(picture.info["duration"])
        assert durations[-1] > 1000 > durations[0]


@pytest.mark.parametrize("shape", [(1, 1, 1, 1, 1), (4, 64, 1, 11, 11), (200, 6, 1, 5, 5), (2, 16, 6, 5, 5)])
def test_films_of_other_walls(shape: tuple[int, ...]) -> None:
    history = History(np.arange(shape[0]), rng.normal(size=shape).astype(np.float32))
    raw = film.gif(history)
    with Image.open(io.BytesIO(raw)) as picture:
        assert picture.n_frames == min(shape[0], film.FRAMES)
        assert picture.width <= 900 and picture.height <= 1600


# -- kernels to begin with --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 11, 15])
@pytest.mark.parametrize("name", filters.NAMES)
def test_filters_of_any_size(name: str, size: int) -> None:
    kernel = filters.make(name, size)
    assert kernel.shape == (size, size) and np.isfinite(kernel).all()
    if name in ("blur", "identity"):
        assert kernel.sum() == pytest.approx(1)
    else:
        assert kernel.sum() == pytest.approx(0, abs=1e-9), "a level image has neither edges nor spots"
    if size > 2 and name not in ("blur", "identity", "zero"):
        assert np.abs(kernel).sum() == pytest.approx(2)


def test_sobel_is_sobel() -> None:
    three = filters.make("sobel_x", 3)
    np.testing.assert_allclose(three * 4, np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]))
    five = filters.make("sobel_x", 5)
    np.testing.assert_allclose(five / five[0, 4], np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]))
    np.testing.assert_allclose(filters.make("sobel_y", 5), five.T)


def test_the_laboratory_is_small_and_plain() -> None:
    scene = lab.scene(kernels.history(runs.find("reference-modern")).final)
    assert len(json.dumps(scene, allow_nan=False)) < 40_000
    assert {len(p["values"]) for p in scene["presets"]} == {25}
    odd = np.full((2, 3, 4, 5), np.nan, np.float32)
    json.dumps(lab.scene(odd), allow_nan=False)
