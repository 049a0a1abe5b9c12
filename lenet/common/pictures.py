"""A visitor's picture made into an image like those of Fashion-MNIST: grey, light on black, square, small.

Xiao, Rasul, Vollgraf (2017) prepared theirs the same way: they cut off the margin that is within 5 % of the background
colour, scaled the longer side to 28 pixels, centred the picture on a square, inverted it (their photographs are dark on
white) and stretched its contrast.
"""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lenet.common.errors import LenetError
from lenet.common.translation import N_

MAX_MB = 10
MAX_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
INVERSIONS = {"auto": N_("by border"), "yes": N_("always"), "no": N_("never")}


@dataclass(frozen=True)
class Prepared:
    """An image (1, side, side), and how it was made: each step in words, with the picture after it (height, width)."""

    image: NDArray[np.uint8]
    steps: tuple[tuple[str, NDArray[np.uint8]], ...]


def decode(raw: bytes, longest: int, limit_mb: float = MAX_MB) -> Image.Image:
    """A picture file of any size as RGB, perhaps scaled down, but not below `longest` pixels at its longer side.

    Transparent pixels become white; an animation gives its first frame. Raises LenetError for a file that is not in one
    of FORMATS, is damaged, has more than `limit_mb` megabytes (10⁶ bytes), or more than MAX_PIXELS.
    """
    if len(raw) > limit_mb * 10**6:
        raise LenetError("picture_file_too_large", found=round(len(raw) / 1e6, 1), limit=limit_mb)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
                picture: Image.Image = opened
                if picture.width * picture.height > MAX_PIXELS:  # read from its head, before anything is unpacked
                    raise Image.DecompressionBombError
                picture.draft("RGB", (longest, longest))  # a JPEG need not be unpacked whole
                picture.load()
                rgba = ImageOps.exif_transpose(_reduced(picture, max(1, max(picture.size) // longest)))
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise LenetError("picture_too_many_pixels", limit=MAX_PIXELS // 1_000_000) from None
    except Exception:  # Pillow's decoders raise all kinds of errors for damaged files
        raise LenetError("picture_unreadable", formats=", ".join(FORMATS)) from None


def _reduced(picture: Image.Image, shrink: int) -> Image.Image:
    """A picture as RGBA, `shrink` times smaller. Works strip by strip, so that the picture is never copied as a whole."""
    width, height = picture.size
    small = Image.new("RGBA", (-(-width // shrink), -(-height // shrink)))
    small.info = {"exif": picture.info["exif"]} if "exif" in picture.info else {}  # which way up
    rows = shrink * max(1, 1_000_000 // (shrink * width))
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        if strip.mode.startswith("I"):  # 16 bits a pixel
            strip = Image.fromarray((np.asarray(strip, dtype=np.float32) / 257).clip(0, 255).astype(np.uint8))
        small.paste(strip.convert("RGBA").reduce(shrink), (0, top // shrink))
    return small


def prepare(raw: bytes, side: int, invert: str = "auto", limit_mb: float = MAX_MB) -> Prepared:
    """A picture file as an image of `side`×`side`. With `invert="auto"` it is inverted if its background is brighter.

    A picture that has this size already is not changed, except that it may be inverted. Raises LenetError for a file that
    is not a picture or is too large.
    """
    colour = decode(raw, 512, limit_mb)
    colour.thumbnail((512, 512))
    grey = colour.convert("L")
    steps: list[tuple[str, Image.Image]] = [(N_("grey"), grey)]
    ready = grey.size == (side, side)
    stands_out = _stands_out(np.asarray(colour))
    box = Image.fromarray(stands_out).getbbox()
    if box and not ready and box != (0, 0, *grey.size):
        grey, stands_out = grey.crop(box), stands_out[box[1] : box[3], box[0] : box[2]]
        steps.append((N_("cropped to what stands out"), grey))
    values = np.asarray(steps[0][1], np.float32)
    edge = np.concatenate([values[[0, -1]].ravel(), values[:, [0, -1]].ravel()])
    ground = float(np.median(edge))
    thing = float(np.asarray(grey)[stands_out].mean()) if stands_out.any() else 127.0
    if invert == "yes" or (invert == "auto" and ground > thing):
        grey, ground, thing = ImageOps.invert(grey), 255 - ground, 255 - thing
        steps.append((N_("inverted: light on black"), grey))
    if not ready and (stretched := _stretched(np.asarray(grey), ground if ground < thing else 255.0)) is not None:
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
    border = np.concatenate([colour[[0, -1]].reshape(-1, 3), colour[:, [0, -1]].reshape(-1, 3)])
    distance = np.linalg.norm(colour.astype(np.float32) - np.median(border, axis=0), axis=2)
    return np.asarray(distance > 0.05 * 255 * 3**0.5)


def _stretched(values: NDArray[np.uint8], ground: float) -> NDArray[np.uint8] | None:
    """The values stretched from black (the background) to white; None if they reach both already or are all equal."""
    high = float(np.percentile(values, 99.5))
    low = ground if ground < high else float(values.min())
    if high - low < 1 or (low <= 2 and high >= 253):
        return None
    return np.asarray(((values - low) * (255 / (high - low))).clip(0, 255).round(), np.uint8)


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
