"""A visitor's picture made into an image like those of Fashion-MNIST: grey, light on black, square, small.

Xiao, Rasul, Vollgraf (2017) prepared theirs the same way: they cut off the margin that is within 5 % of the background
colour, scaled the longer side to 28 pixels, centred the picture on a square, inverted it (their photographs are dark on
white) and stretched its contrast.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.common.translation import N_

MAX_MB = 10
MAX_PIXELS = 40_000_000
MAX_SIDE = 65_535
"""Of a JPEG too; a single row of 40 million pixels would be one strip."""
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
INVERSIONS = {"auto": N_("by border"), "yes": N_("always"), "no": N_("never")}


@dataclass(frozen=True)
class Prepared:
    """An image (1, side, side), and how it was made: each step in words, with the picture after it (height, width)."""

    image: NDArray[np.uint8]
    steps: tuple[tuple[str, NDArray[np.uint8]], ...]


def decode(raw: bytes, longest: int, limit_mb: float = MAX_MB) -> Image.Image:
    """A picture file of any size as RGB, perhaps scaled down, but not below `longest` pixels at its longer side.

    What is transparent gets a ground on which the rest can be seen; an animation gives its first frame, and its `info` says
    so: `{"animated": True}`. EXIF that cannot be read is ignored. Raises LenetError for a file that is not in one of
    FORMATS, is damaged, has more than `limit_mb` megabytes (10⁶ bytes), more than MAX_PIXELS, or a side longer than
    MAX_SIDE.
    """
    if len(raw) > limit_mb * 10**6:
        raise LenetError("picture_file_too_large", found=round(len(raw) / 1e6, 1), limit=limit_mb)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # corrupt EXIF
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
                picture: Image.Image = opened
                _check_size(*picture.size)  # read from its head, before anything is unpacked
                picture.draft("RGB", (longest, longest))  # a JPEG need not be unpacked whole
                picture.load()
                rgba = _upright(_reduced(picture, max(1, max(picture.size) // longest)), _orientation(picture))
                out = _on_ground(rgba)
                out.info = {"animated": _is_animated(picture)}
        return out
    except LenetError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        pixels = re.search(r"\((\d+) pixels\)", str(e))  # Pillow looks at the head, too
        raise _too_many_pixels(int(pixels[1]) if pixels else 2 * MAX_PIXELS) from None
    except Exception:  # Pillow's decoders raise all kinds of errors for damaged files
        raise LenetError("picture_unreadable", formats=", ".join(FORMATS)) from None


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(width * height)
    if max(width, height) > MAX_SIDE:
        raise LenetError("picture_too_long", width=number(width), height=number(height), limit=number(MAX_SIDE))


def _too_many_pixels(found: int) -> LenetError:
    million = 1_000_000
    return LenetError("picture_too_many_pixels", found=number(-(-found // million)), limit=MAX_PIXELS // million)


def _reduced(picture: Image.Image, shrink: int) -> Image.Image:
    """A picture as RGBA, `shrink` times smaller. Works strip by strip, so that the picture is never copied as a whole."""
    width, height = picture.size
    small = Image.new("RGBA", (-(-width // shrink), -(-height // shrink)))
    rows = shrink * max(1, 1_000_000 // (shrink * width))
    white = _white(picture) if picture.mode.startswith("I") else 255  # 16 bits a pixel
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        if picture.mode.startswith("I"):
            strip = Image.fromarray((np.asarray(strip, np.float32) * (255 / white)).clip(0, 255).astype(np.uint8))
        small.paste(strip.convert("RGBA").reduce(shrink), (0, top // shrink))
    return small


def _white(picture: Image.Image) -> int:
    """The largest value of a pixel: files of 16 bits a pixel may hold cameras' 12 bits, or images of 8."""
    largest = int(np.max(picture.getextrema()))
    return int(2 ** max(8, largest.bit_length()) - 1)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by EXIF's Orientation."""


def _orientation(picture: Image.Image) -> int:
    """EXIF's Orientation; 1, upright, where there is none or it cannot be read."""
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # Pillow raises all kinds of errors for damaged EXIF
        return 1
    return found if isinstance(found, int) else 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    return picture.transpose(_TURNS[orientation]) if orientation in _TURNS else picture


def _on_ground(picture: Image.Image) -> Image.Image:
    """An RGBA picture without its transparency: on the colour of its border, or on black or white where that is clear.

    White under what is dark, black under what is light, so that it can be seen.
    """
    alpha = np.asarray(picture.getchannel("A"), np.float32) / 255
    if alpha.min() == 1:
        return picture.convert("RGB")
    border, opaque = _border(np.asarray(picture)[..., :3]), _border(alpha[..., None])[:, 0] > 0.5
    if opaque.mean() > 0.5:
        red, green, blue = (int(v) for v in np.median(border[opaque], axis=0))
        ground = (red, green, blue)
    else:
        light = np.asarray(picture.convert("L"), np.float32)
        is_light = (alpha * light).sum() > 127.5 * alpha.sum()
        ground = (0, 0, 0) if is_light else (255, 255, 255)
    return Image.alpha_composite(Image.new("RGBA", picture.size, (*ground, 255)), picture).convert("RGB")


def _is_animated(picture: Image.Image) -> bool:
    try:
        return bool(getattr(picture, "is_animated", False))
    except Exception:  # of an animation whose second frame is damaged
        return True


def _border(pixels: NDArray[Any]) -> NDArray[Any]:
    """The outermost pixels of a picture (height, width, channels), in a row."""
    return np.concatenate([pixels[edge].reshape(-1, pixels.shape[2]) for edge in ([0, -1], np.s_[:, [0, -1]])])


def prepare(raw: bytes, side: int, invert: str = "auto", limit_mb: float = MAX_MB) -> Prepared:
    """A picture file as an image of `side`×`side`. With `invert="auto"` it is inverted if its background is brighter.

    A picture that has this size already is not changed, except that it may be inverted; of one in which nothing stands out
    from the border the contrast is not stretched: that would show its noise. A plain rectangle keeps its margin, without
    which nothing would be left to see. Raises LenetError for a file that
    is not a picture or is too large.
    """
    colour = decode(raw, 512, limit_mb)
    animated = colour.info["animated"]
    colour.thumbnail((512, 512))
    grey = colour.convert("L")
    steps: list[tuple[str, Image.Image]] = [(N_("grey; the first frame") if animated else N_("grey"), grey)]
    ready = grey.size == (side, side)
    stands_out = _stands_out(np.asarray(colour))
    box = Image.fromarray(stands_out).getbbox()
    if box and not ready and box != (0, 0, *grey.size) and not is_blank(np.asarray(grey.crop(box))):
        grey, stands_out = grey.crop(box), stands_out[box[1] : box[3], box[0] : box[2]]
        steps.append((N_("cropped to what stands out"), grey))
    values = np.asarray(steps[0][1], np.float32)
    ground = float(np.median(_border(values[..., None])))
    thing = float(np.asarray(grey)[stands_out].mean()) if stands_out.any() else 127.0
    if invert == "yes" or (invert == "auto" and ground > thing):
        grey, ground, thing = ImageOps.invert(grey), 255 - ground, 255 - thing
        steps.append((N_("inverted: light on black"), grey))
    if (
        box
        and not ready
        and (stretched := _stretched(np.asarray(grey), ground if ground < thing else 255.0)) is not None
    ):
        grey = Image.fromarray(stretched)
        steps.append((N_("contrast stretched to the full range from black to white"), grey))
    square = ImageOps.pad(grey, (max(grey.size),) * 2, color=0)
    if square.size != grey.size:
        steps.append((N_("padded with black to a square"), square))
    small = square.resize(
        (side, side), Image.Resampling.LANCZOS if max(grey.size) > side else Image.Resampling.BICUBIC
    )
    steps.append((f"{side}×{side}", small))
    return Prepared(np.asarray(small, np.uint8)[None], tuple((words, np.asarray(p)) for words, p in steps))


def _stands_out(colour: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a picture (height, width, 3) differs from its border by more than 5 % of the largest possible distance."""
    distance = np.linalg.norm(colour.astype(np.float32) - np.median(_border(colour), axis=0), axis=2)
    return np.asarray(distance > 0.05 * 255 * 3**0.5)


def _stretched(values: NDArray[np.uint8], ground: float) -> NDArray[np.uint8] | None:
    """The values stretched from black (the background) to white; None if they reach both already or are all equal."""
    high = float(np.percentile(values, 99.5))
    low = ground if ground < high else float(values.min())
    if high - low < 1 or (low <= 2 and high >= 253):
        return None
    return np.asarray(((values - low) * (255 / (high - low))).clip(0, 255).round(), np.uint8)


def is_blank(image: NDArray[np.uint8]) -> bool:
    """Whether next to nothing can be seen in an image: its pixels differ by less than a tenth of the range."""
    return int(image.max()) - int(image.min()) < 0.1 * 255


def framed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A grey picture of any shape, centred on a transparent square (height, width, RGBA)."""
    height, width = picture.shape
    side = max(height, width)
    out = np.zeros((side, side, 4), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    out[top : top + height, left : left + width, :3] = picture[..., None]
    out[top : top + height, left : left + width, 3] = 255
    return out


def drawn(text: object, side: int) -> NDArray[np.uint8] | None:
    """A drawing as an image (1, side, side); None if it is empty. The browser sends base64 of side·side bytes."""
    try:
        raw = base64.b64decode(str(text), validate=True) if isinstance(text, str) and len(text) < 2000 else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != side * side or not any(raw):
        return None
    return np.frombuffer(raw, np.uint8).reshape(1, side, side)
