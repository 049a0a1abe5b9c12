"""lenet.common.pictures: any picture becomes 28×28, light on black; what is no picture is one sentence."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lenet.common import pictures
from lenet.common.errors import LenetError

SIDE = 28


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


def disc(background: int, ink: int, size: tuple[int, int] = (90, 60)) -> Image.Image:
    """A disc in the middle of a picture."""
    y, x = np.ogrid[: size[1], : size[0]]
    inside = (x - size[0] / 2) ** 2 + (y - size[1] / 2) ** 2 < 400
    return Image.fromarray(np.where(inside, ink, background).astype(np.uint8))


def test_dark_on_light_is_inverted_and_light_on_dark_is_not() -> None:
    for background, ink in ((255, 0), (0, 255)):
        prepared = pictures.prepare(encoded(disc(background, ink)), SIDE)
        assert prepared.image.shape == (1, 28, 28) and prepared.image.dtype == np.uint8
        assert prepared.image[0, 14, 14] > 240, "the disc is light"
        corners = prepared.image[0, [0, 0, -1, -1], [0, -1, 0, -1]]
        assert corners.max() == 0, "what surrounds it is black"
        assert prepared.image[0, :, 14].min() > 100 and prepared.image[0, 14].min() > 100, "it reaches every side"
        inverted = [words for words, _picture in prepared.steps if "inverted" in words]
        assert bool(inverted) == (background == 255)
    assert pictures.prepare(encoded(disc(255, 0)), SIDE, "no").image[0, 14, 14] < 15
    assert pictures.prepare(encoded(disc(0, 255)), SIDE, "yes").image[0, 14, 14] < 15


def test_every_step_is_shown_and_nothing_is_stretched() -> None:
    y, x = np.ogrid[:60, :90]
    ellipse = np.where(((x - 45) / 30) ** 2 + ((y - 30) / 15) ** 2 < 1, 100, 200).astype(np.uint8)
    prepared = pictures.prepare(encoded(Image.fromarray(ellipse)), SIDE)
    assert [words for words, _picture in prepared.steps] == [
        "grey", "cropped to what stands out", "inverted: light on black", "contrast stretched to the "
                                                                          "full range from black to "
                                                                          "white",
        "padded with black to a square", "28×28",
    ]  # fmt: skip
    trimmed = (29, 59)
    assert [picture.shape for _words, picture in prepared.steps] == [(60, 90), *[trimmed] * 3, (59, 59), (28, 28)]
    prepared = pictures.prepare(encoded(disc(255, 0)), SIDE)
    np.testing.assert_array_equal(prepared.steps[-1][1], prepared.image[0])
    lit = prepared.image[0] > 127
    assert abs(int(lit.any(0).sum()) - int(lit.any(1).sum())) <= 1, "a disc stays a disc"


def test_colours_on_a_coloured_ground_use_the_whole_scale() -> None:
    """A red thing on cream fills the image, from black to white, as the photographs of the data set do."""
    rng = np.random.default_rng(0)
    pixels = np.full((400, 300, 3), (250, 240, 215), np.int16) + rng.integers(-4, 5, (400, 300, 1))
    pixels[150:250, 100:160] = np.array((190, 30, 40)) + rng.integers(-30, 31, (100, 60, 1))
    image = pictures.prepare(encoded(Image.fromarray(pixels.clip(0, 255).astype(np.uint8))), SIDE).image[0]
    lit = image > 40
    assert lit.any(1).all() and 14 <= lit.any(0).sum() <= 19, "100 of 60 pixels become 28 of 17"
    assert image[:, :4].max() < 10 and image.max() > 240 and image[lit].mean() > 150


def test_light_on_a_lighter_half_is_not_inverted() -> None:
    """What stands out decides, not how bright the ground is by itself."""
    assert pictures.prepare(encoded(disc(150, 250)), SIDE).image[0, 14, 14] > 240
    assert pictures.prepare(encoded(disc(100, 20)), SIDE).image[0, 14, 14] > 240


def test_a_picture_of_any_shape_is_shown_in_a_square() -> None:
    shown = pictures.framed(np.full((2, 300), 7, np.uint8))
    assert (
        shown.shape == (300, 300, 4) and (shown[..., 3] > 0).sum() == 600 and shown[149, 5].tolist() == [7, 7, 7, 255]
    )


@pytest.mark.parametrize("form", pictures.FORMATS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_any_format_colour_and_size(form: str, mode: str) -> None:
    for size in ((28, 28), (3, 200), (700, 650), (1, 1)):
        assert pictures.prepare(encoded(disc(0, 200, size).convert(mode), form), SIDE).image.shape == (1, 28, 28)


def test_a_28_by_28_grey_picture_on_black_is_left_alone() -> None:
    rng = np.random.default_rng(0)
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:24, 4:24] = rng.integers(0, 256, (20, 20))
    np.testing.assert_array_equal(pictures.prepare(encoded(Image.fromarray(pixels)), SIDE).image[0], pixels)


def test_what_is_transparent_lies_on_white_and_photographs_are_turned_upright() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert pictures.prepare(encoded(clear), SIDE).image.max() == 0, "white, inverted"
    turned = disc(0, 255, (40, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    out = io.BytesIO()
    turned.save(out, "JPEG", exif=exif)
    assert pictures.prepare(out.getvalue(), SIDE).steps[0][1].shape == (40, 20)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not a picture",
        b"%PDF-1.4",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(disc(0, 255))[:60],
        encoded(disc(0, 255), "JPEG")[:300],
        encoded(disc(0, 255), "TIFF"),  # not one of the formats on offer
    ],
)
def test_what_is_no_picture_is_one_sentence(raw: bytes) -> None:
    with pytest.raises(LenetError, match="cannot be read as a picture: use an undamaged PNG, JPEG"):
        pictures.prepare(raw, SIDE)


def test_a_bomb_is_not_unpacked() -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    for raw, words in ((bomb, "40 million pixels"), (bytes(pictures.MAX_MB * 10**6 + 1), "10 MB")):
        with pytest.raises(LenetError, match=words):
            pictures.prepare(raw, SIDE)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_one_sentence(raw: bytes) -> None:
    try:
        assert pictures.prepare(b"\x89PNG\r\n\x1a\n" + raw, SIDE).image.shape == (1, 28, 28)
    except LenetError as error:
        assert str(error)


def test_a_drawing_is_what_the_browser_sent_or_nothing() -> None:
    pixels = np.arange(784, dtype=np.uint8)
    sent = base64.b64encode(pixels.tobytes()).decode()
    np.testing.assert_array_equal(pictures.drawn(sent, SIDE).ravel(), pixels)
    for hostile in (None, 5, "", "x", "AAAA", sent[:-4], sent * 3, {"a": 1}, "\ud800" * 100):
        assert pictures.drawn(hostile, SIDE) is None


def test_another_data_set_may_have_images_of_another_size() -> None:
    prepared = pictures.prepare(encoded(disc(0, 255)), 20)
    assert prepared.image.shape == (1, 20, 20) and prepared.steps[-1][0] == "20×20"
    assert pictures.drawn(base64.b64encode(bytes([9] * 400)).decode(), 20).shape == (1, 20, 20)
