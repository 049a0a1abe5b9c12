"""Images of other sizes, made into 28×28."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lenet.data import fitted
from lenet.data.fitting import PART


def test_smaller_images_are_padded_with_black_on_all_sides() -> None:
    images = np.arange(1, 1 + 2 * 20 * 25, dtype=np.uint16).astype(np.uint8).reshape(2, 20, 25)
    assert np.array_equal(fitted(images, 28, 28), np.pad(images, ((0, 0), (4, 4), (1, 2))))


def test_images_of_the_size_stay_as_they_are() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    assert fitted(images, 28, 28) is images


def test_larger_images_are_scaled_down_by_means_of_areas() -> None:
    image = np.array([[[0, 4, 8, 8], [2, 2, 8, 8], [100, 100, 0, 255], [100, 101, 0, 0]]], np.uint8)
    assert fitted(image, 2, 2).tolist() == [[[2, 8], [100, 64]]]
    assert fitted(np.array([[[30, 60, 90]]], np.uint8), 1, 2).tolist() == [
        [[40, 80]]
    ]  # (30 + 60/2)/1.5, (60/2 + 90)/1.5


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_it_is_what_pillow_makes_with_a_box_filter(h: int, w: int, height: int, width: int, seed: int) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (2, h, w), np.uint8)
    out = fitted(images, height, width)
    assert out.shape == (2, height, width) and out.dtype == np.uint8
    scale = min(1.0, height / h, width / w)
    rows, columns = max(1, round(h * scale)), max(1, round(w * scale))
    top, left = (height - rows) // 2, (width - columns) // 2
    for old, new in zip(images, out, strict=True):
        picture = Image.fromarray(old.astype(np.float32))
        expected = np.asarray(picture.resize((columns, rows), Image.Resampling.BOX))
        inner = new[top : top + rows, left : left + columns].astype(np.float32)
        if (rows, columns) == (h, w):
            assert np.array_equal(inner, old)
        # Pillow's box takes whole pixels where an edge cuts one: the two agree where none is cut.
        elif h % rows == 0 and w % columns == 0:
            assert np.abs(inner - expected).max() <= 0.51
        assert abs(float(inner.mean()) - float(old.mean())) <= 0.51
        assert new.astype(int).sum() == inner.astype(int).sum()


@pytest.mark.parametrize("n", [0, 1, PART, PART + 1])
def test_any_number_of_them(n: int) -> None:
    images = np.full((n, 56, 56), 7, np.uint8)
    assert np.array_equal(fitted(images, 28, 28), np.full((n, 28, 28), 7))
