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
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lenet import data
from lenet.common import pictures
from lenet.common.errors import LenetError

SIDE = 28


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, form, quality=95)
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


def in_the_middle(inside: tuple[int, ...], outside: tuple[int, ...]) -> NDArray[np.uint8]:
    """A disc of one value of a pixel (any number of channels) on another: (60, 90, channels)."""
    y, x = np.ogrid[:60, :90]
    disc = ((x - 45) ** 2 + (y - 30) ** 2 < 400)[..., None]
    return np.where(disc, inside, outside).astype(np.uint8)


def shows_a_disc(image: NDArray[np.uint8]) -> bool:
    """Light in the middle and at all four sides, black in the corners."""
    corners = image[0, [0, 0, -1, -1], [0, -1, 0, -1]]
    sides = image[0, [0, -1, 14, 14], [14, 14, 0, -1]]
    return bool(image[0, 14, 14] > 200 and sides.min() > 100 and corners.max() < 30)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
@pytest.mark.parametrize("ink", [(255, 255, 255), (0, 0, 0), (230, 220, 120), (40, 30, 90), (120, 120, 120)])
@pytest.mark.parametrize("behind", [(0, 0, 0), (255, 255, 255)])
def test_what_is_visible_of_a_transparent_picture_is_seen(
    form: str, ink: tuple[int, ...], behind: tuple[int, ...]
) -> None:
    """Whatever its colour, and whatever colour its transparent pixels would have."""
    picture = Image.fromarray(in_the_middle((*ink, 255), (*behind, 0)))
    out = io.BytesIO()
    picture.save(out, form, lossless=True, exact=True) if form == "WEBP" else picture.save(out, form)
    assert shows_a_disc(pictures.prepare(out.getvalue(), SIDE).image)


def test_half_transparent_and_other_modes_with_transparency_are_seen() -> None:
    for ink in (0, 255):
        faint = Image.fromarray(in_the_middle((ink, 100), (ink, 0)), "LA")
        assert shows_a_disc(pictures.prepare(encoded(faint), SIDE).image)
        palette = Image.fromarray(in_the_middle((1,), (0,))[..., 0], "P")
        palette.putpalette([255 - ink] * 3 + [ink] * 3)
        palette.info["transparency"] = 0
        assert shows_a_disc(pictures.prepare(encoded(palette), SIDE).image)
        assert shows_a_disc(pictures.prepare(encoded(palette, "GIF"), SIDE).image)


def test_a_hole_in_an_opaque_picture_has_the_colour_of_its_border() -> None:
    """A photograph with round corners, or a light ground with a hole: what is clear is ground, and no thing of its own."""
    card = in_the_middle((60, 40, 40, 255), (250, 250, 240, 255))
    card[:4, :4] = card[-4:, -4:] = 0
    whole = Image.fromarray(in_the_middle((60, 40, 40, 255), (250, 250, 240, 255)))
    expected = pictures.prepare(encoded(whole), SIDE).image
    np.testing.assert_array_equal(pictures.prepare(encoded(Image.fromarray(card)), SIDE).image, expected)
    assert shows_a_disc(expected)


def test_a_wholly_transparent_picture_is_blank() -> None:
    clear = pictures.prepare(encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0))), SIDE)
    assert clear.image.max() == 0 and pictures.is_blank(clear.image)


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


BROKEN = [
    b"Exif\0\0garbage",
    b"Exif\0\0",
    b"Exif\0\0II*\0\xff\xff\xff\xff",
    b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0" * 20,
    b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x04abcd",  # an orientation that is text
    turned(99),
    turned(6)[:-9],
]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_photographs_are_turned_upright_and_broken_exif_is_ignored(form: str) -> None:
    picture = Image.fromarray(in_the_middle((0,), (255,))[..., 0]).convert("RGB").crop((0, 0, 60, 60))

    def prepared(exif: bytes) -> pictures.Prepared:
        out = io.BytesIO()
        picture.crop((0, 10, 60, 50)).save(out, form, exif=exif)
        return pictures.prepare(out.getvalue(), SIDE)

    assert prepared(turned(1)).steps[0][1].shape == (40, 60)
    assert prepared(turned(6)).steps[0][1].shape == (60, 40), "turned by a quarter"
    upright = prepared(turned(1)).image
    for exif in BROKEN:
        np.testing.assert_array_equal(prepared(exif).image, upright)


@given(st.binary(max_size=60))
def test_no_exif_can_spoil_a_picture(rubbish: bytes) -> None:
    out = io.BytesIO()
    Image.fromarray(in_the_middle((0,), (255,))[..., 0]).save(out, "JPEG", exif=b"Exif\0\0II*\0" + rubbish)
    assert pictures.prepare(out.getvalue(), SIDE).image.max() > 200


def test_every_orientation_is_that_of_pillow() -> None:
    picture = Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3) * 40)
    for orientation in range(1, 9):
        out = io.BytesIO()
        picture.save(out, "PNG", exif=turned(orientation))
        with Image.open(io.BytesIO(out.getvalue())) as opened:
            expected = np.asarray(ImageOps.exif_transpose(opened))
        np.testing.assert_array_equal(np.asarray(pictures.decode(out.getvalue(), 3))[..., 0], expected)


# ---- other odd pictures ----


@pytest.mark.parametrize("white", [255, 511, 4095, 65_535])
def test_sixteen_bits_are_read_as_the_bits_that_are_used(white: int) -> None:
    """An 8-bit image stored with 16 bits, a camera's 12 bits, and all 16 are the same picture."""
    levels = in_the_middle((255,), (30,))[..., 0].astype(np.float64) / 255
    stored = Image.fromarray((levels * white).round().astype(np.uint16))
    eight = Image.fromarray((levels * 255).round().astype(np.uint8))
    found, expected = (pictures.prepare(encoded(p), SIDE).image.astype(int) for p in (stored, eight))
    assert abs(found - expected).max() <= 1 and shows_a_disc(found)


def test_print_colours_palettes_and_one_bit_are_the_same_picture() -> None:
    picture = Image.fromarray(in_the_middle((30, 20, 60), (255, 255, 255)))
    for raw in (
        encoded(picture.convert("CMYK"), "JPEG"),
        encoded(picture.quantize(8)),
        encoded(picture.convert("1", dither=Image.Dither.NONE)),
        encoded(picture.convert("L").convert("RGBA")),
        encoded(picture, "GIF"),
    ):
        assert shows_a_disc(pictures.prepare(raw, SIDE).image)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_an_animation_gives_its_first_frame_and_says_so(form: str) -> None:
    frames = [Image.fromarray(in_the_middle((v, v, v), (0, 0, 0))) for v in (255, 120, 0)]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    prepared = pictures.prepare(out.getvalue(), SIDE)
    assert shows_a_disc(prepared.image) and prepared.steps[0][0] == "grey; the first frame"
    cut = pictures.prepare(out.getvalue()[:-40], SIDE) if form == "GIF" else prepared
    assert shows_a_disc(cut.image), "damage behind the first frame does not matter"
    assert pictures.prepare(encoded(frames[0], form), SIDE).steps[0][0] == "grey"


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (1, 60_000), (60_000, 1), (2, 9000)])
def test_pictures_of_a_single_row_or_column_are_read(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (size[1], size[0])).astype(np.uint8)
    assert pictures.prepare(encoded(Image.fromarray(pixels)), SIDE).image.shape == (1, 28, 28)


def test_nothing_is_made_of_a_blank_picture() -> None:
    """Neither one of a single colour nor the noise of a photographed wall becomes a thing."""
    rng = np.random.default_rng(0)
    wall = (245 + rng.normal(0, 2, (300, 200, 3))).clip(0, 255).astype(np.uint8)
    for raw in (encoded(Image.new("RGB", (50, 50), colour)) for colour in ("white", "black", "red", "#808080")):
        assert pictures.is_blank(pictures.prepare(raw, SIDE).image)
    for raw in (encoded(Image.fromarray(wall)), encoded(Image.fromarray(wall), "JPEG")):
        prepared = pictures.prepare(raw, SIDE)
        assert pictures.is_blank(prepared.image) and prepared.image.max() < 40
    assert not pictures.is_blank(pictures.prepare(encoded(disc(255, 200)), SIDE).image), "pale, but there"


@pytest.mark.parametrize(("ground", "thing"), [(0, 255), (255, 30)])
def test_a_plain_square_keeps_its_margin(ground: int, thing: int) -> None:
    """Cut out it would be one colour, and the page would say that there is nothing to see."""
    picture = Image.new("L", (200, 200), ground)
    picture.paste(thing, (60, 60, 140, 140))
    image = pictures.prepare(encoded(picture), SIDE).image
    assert not pictures.is_blank(image) and image[0, 14, 14] > 250 and image[0, 2, 2] < 5


def test_no_image_of_the_data_set_is_blank() -> None:
    images, _labels = data.load("test", "sample")
    assert not any(map(pictures.is_blank, images))


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


def bomb_of(width: int, height: int) -> bytes:
    """A small file that says that it is large."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def test_a_bomb_is_not_unpacked() -> None:
    bomb = bomb_of(60_000, 60_000)
    long = encoded(Image.new("1", (70_000, 1)))
    for raw, words in (
        (bomb, "has 3,600 million pixels: at most 40 million pixels"),
        (bomb_of(9000, 5000), "has 45 million pixels: at most 40 million pixels"),
        (long, "70,000×1 pixels: no side may be longer than 65,535"),
        (bytes(pictures.MAX_MB * 10**6 + 1), "10 MB"),
    ):
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
