"""A visitor's picture made into an image as Fashion-MNIST has them: grey, light on black, square, 28×28.

Xiao, Rasul, Vollgraf (2017) made theirs so: trimmed, scaled until the longer side is 28, centred on a square, and
negated (their photographs are dark on white).
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

from lenet.errors import LenetError
from lenet.i18n import N_

SIDE = 28
MAX_BYTES = 10 * 2**20
MAX_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
INVERSIONS = {"auto": N_("by its border"), "yes": N_("invert"), "no": N_("leave")}


@dataclass(frozen=True)
class Prepared:
    """An image (1, 28, 28), and how it came about: what was done and the picture after it (height, width)."""

    image: NDArray[np.uint8]
    steps: tuple[tuple[str, NDArray[np.uint8]], ...]


def prepare(raw: bytes, invert: str = "auto") -> Prepared:
    """A picture file as an image. `invert` `"auto"` inverts where the border is brighter than half.

    Raises LenetError for what is not a picture, or is too large to be unpacked here.
    """
    if len(raw) > MAX_BYTES:
        raise LenetError("picture_too_large", limit=f"{MAX_BYTES // 2**20} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(raw), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:  # read from its head, before anything is unpacked
            raise LenetError("picture_too_large", limit=f"{MAX_PIXELS // 10**6} megapixels")
        picture.draft("L", (512, 512))  # a JPEG need not be unpacked whole
        turned = ImageOps.exif_transpose(picture).convert("RGBA")
    except LenetError:
        raise
    except Exception as e:  # whatever a stranger's file makes a parser raise is one sentence
        raise LenetError("picture_unreadable", formats=", ".join(FORMATS)) from e
    turned.thumbnail((512, 512))
    paper = Image.new("RGBA", turned.size, "white")  # what is transparent lies on white
    grey = Image.alpha_composite(paper, turned).convert("L")
    steps = [(N_("grey"), np.asarray(grey))]
    edge = np.concatenate([steps[0][1][[0, -1]].ravel(), steps[0][1][:, [0, -1]].ravel()])
    if invert == "yes" or (invert == "auto" and edge.mean() > 127):
        grey = ImageOps.invert(grey)
        steps.append((N_("inverted: light on black"), np.asarray(grey)))
    square = ImageOps.pad(grey, (max(grey.size),) * 2, color=0)
    if square.size != grey.size:
        steps.append((N_("a square, the rest black"), np.asarray(square)))
    small = square.resize(
        (SIDE, SIDE), Image.Resampling.LANCZOS if max(grey.size) > SIDE else Image.Resampling.BICUBIC
    )
    steps.append((N_("28×28"), np.asarray(small)))
    return Prepared(np.asarray(small, np.uint8)[None], tuple(steps))


def drawn(text: object) -> NDArray[np.uint8]:
    """A drawing as the browser sends it, base64 of 28·28 bytes, as an image (1, 28, 28); black where it is none."""
    try:
        raw = base64.b64decode(str(text), validate=True) if isinstance(text, str) and len(text) < 2000 else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != SIDE * SIDE:
        return np.zeros((1, SIDE, SIDE), np.uint8)
    return np.frombuffer(raw, np.uint8).reshape(1, SIDE, SIDE)
