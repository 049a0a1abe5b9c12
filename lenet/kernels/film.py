"""The history of all kernels as an animated GIF."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lenet.common import colours
from lenet.kernels.history import History, Kernels, color_limit

FRAMES = 90
MILLISECONDS = 90  # of a frame
LAST_MILLISECONDS = 2500  # of the last one
MAX_WIDTH = 720  # pixels
MIN_WIDTH = 260  # for the text
MAX_CELL = 28  # pixels
HEAD = 26  # pixels of the line with the step
MIN_NUMBER, MAX_NUMBER = 6, 14  # pixels of a kernel's number
SHADES = 253
BLACK, WHITE = 254, 255
"""Entries of the palette: the shades, one that is not used, black and white."""


def gif(history: History, steps_per_epoch: int = 0) -> bytes:
    """All kernels from the first step to the last on one diverging scale, each with its number, each frame with its step.

    With `steps_per_epoch` (0: not known) also with the epoch. The words are English: Pillow's own font has no Chinese
    characters.
    """
    thinned = history.thinned(FRAMES * history.final.size)
    limit = color_limit(thinned.kernels)
    frames = [
        _frame(kernels, limit, _title(step, steps_per_epoch))
        for step, kernels in zip(thinned.steps.tolist(), thinned.kernels, strict=True)
    ]
    film = io.BytesIO()
    # With `optimize`, Pillow would sort the palette and with it change what a shade means.
    frames[0].save(
        film, "GIF", save_all=True, append_images=frames[1:], loop=0, optimize=False,
        duration=[MILLISECONDS] * (len(frames) - 1) + [LAST_MILLISECONDS],
    )  # fmt: skip
    return film.getvalue()


def _title(step: int, steps_per_epoch: int) -> str:
    """Three decimals of an epoch at first, as on the wall: the first steps would all read 0.00."""
    if not steps_per_epoch:
        return f"step {step}"
    epoch = step / steps_per_epoch
    return f"step {step}, epoch {epoch:.{3 if 0 < epoch < 0.1 else 2}f}"


def _frame(kernels: Kernels, limit: float, text: str) -> Image.Image:
    """Kernels [out, in, kh, kw] in rows, the channels of each side by side, a line above each for its number."""
    out, channels, high, wide = kernels.shape
    across = channels * (wide + 1)  # cells of a kernel, each time with the gap behind it
    columns = max(1, min(out, round((out * (high + 1) / across) ** 0.5 * 1.2)))
    rows = -(-out // columns)
    cell = max(1, min(MAX_CELL, MAX_WIDTH // (columns * across + 1)))
    size = max(MIN_NUMBER, min(MAX_NUMBER, across * cell // 3))  # three digits fit above the narrowest kernel
    down = size + 4 + high * cell  # from row to row
    width, height = (columns * across + 1) * cell, HEAD + rows * down + cell

    sheet = np.full((height, max(width, MIN_WIDTH)), WHITE, np.uint8)
    corners = [(cell + n % columns * across * cell, HEAD + n // columns * down) for n in range(out)]
    for (left, top), kernel in zip(corners, _shades(kernels, limit), strict=True):
        y = top + size + 3
        for c, channel in enumerate(kernel):
            x = left + c * (wide + 1) * cell
            sheet[y : y + high * cell, x : x + wide * cell] = channel.repeat(cell, 0).repeat(cell, 1)
    frame = Image.frombytes("P", (sheet.shape[1], height), sheet.tobytes())
    frame.putpalette(_palette())
    pen = ImageDraw.Draw(frame)
    pen.fontmode = "1"  # without shades between black and white: in the palette these are others
    pen.text((cell, 5), text, fill=BLACK, font=_font(14))
    for n, (left, top) in enumerate(corners, start=1):
        pen.text((left, top), str(n), fill=BLACK, font=_font(size))
    return frame


def _shades(kernels: Kernels, limit: float) -> NDArray[np.uint8]:
    """Weights as entries of the palette; one that is not a number as the middle."""
    place = np.nan_to_num((kernels / limit + 1) / 2, nan=0.5).clip(0, 1)
    return (place * (SHADES - 1)).round().astype(np.uint8)


@cache
def _palette() -> list[int]:
    """colours.DIVERGING in SHADES steps, an entry that is not used, black and white: red, green, blue of each."""
    shades = colours.rgb(np.linspace(0, 1, SHADES), colours.DIVERGING)
    return [*shades.ravel().tolist(), 0, 0, 0, 0, 0, 0, 255, 255, 255]


@cache
def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
