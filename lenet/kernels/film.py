"""The history of a wall of kernels as an animated GIF."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lenet.common import charts
from lenet.kernels.history import History

FRAMES = 90
MILLISECONDS = 90
LAST = 2500  # how long the end stays
SHADES = 253
BLACK, WHITE = 254, 255
MAX_WIDTH = 720  # pixels


def palette() -> list[int]:
    """DIVERGING in SHADES steps, an unused colour, black, and white, as Pillow takes it."""
    stops = [float(str(stop)) for stop, _color in charts.DIVERGING]
    colors = [[float(int(str(color)[i : i + 2], 16)) for i in (1, 3, 5)] for _stop, color in charts.DIVERGING]
    at = np.linspace(0, 1, SHADES)
    shades = np.stack([np.interp(at, stops, [color[i] for color in colors]) for i in range(3)], 1).round().astype(int)
    return [*shades.ravel().tolist(), 0, 0, 0, 0, 0, 0, 255, 255, 255]


def gif(history: History) -> bytes:
    """All kernels from the first step to the last in one diverging scale, white for zero, each frame with its step t.

    In numbers and mathematics alone: Pillow's own font knows no Chinese."""
    return _gif(history.thinned(FRAMES * history.final.size))


def _gif(history: History) -> bytes:
    out, channels, high, wide = history.final.shape
    limit = history.limit() or 1.0
    across = channels * wide + channels - 1
    columns = max(1, min(out, round((out * (high + 1) / (across + 1)) ** 0.5 * 1.2)))
    rows = -(-out // columns)
    cell = max(1, min(28, MAX_WIDTH // (columns * (across + 1) + 1)))
    gap, head = cell, 26
    width, height = columns * (across + 1) * cell + gap, head + rows * (high + 1) * cell + gap
    font = _font()
    frames = []
    for step, kernels in zip(history.steps.tolist(), history.kernels, strict=True):
        shade = np.nan_to_num((kernels / limit + 1) / 2, nan=0.5).clip(0, 1) * (SHADES - 1)
        page = np.full((height, max(width, 260)), WHITE, np.uint8)
        for n, kernel in enumerate(shade.round().astype(np.uint8)):
            top = head + n // columns * (high + 1) * cell
            left = gap + n % columns * (across + 1) * cell
            for c, channel in enumerate(kernel):
                x = left + c * (wide + 1) * cell
                page[top : top + high * cell, x : x + wide * cell] = channel.repeat(cell, 0).repeat(cell, 1)
        frame = Image.fromarray(page, "L").convert("L")
        frame = Image.frombytes("P", frame.size, frame.tobytes())
        frame.putpalette(palette())
        ImageDraw.Draw(frame).text((gap, 5), f"t = {step}", fill=BLACK, font=font)
        frames.append(frame)
    film = io.BytesIO()
    # Without `optimize`, Pillow keeps the palette and with it the meaning of every colour.
    frames[0].save(
        film, "GIF", save_all=True, append_images=frames[1:], loop=0, optimize=False,
        duration=[MILLISECONDS] * (len(frames) - 1) + [LAST],
    )  # fmt: skip
    return film.getvalue()


@lru_cache(maxsize=1)
def _font() -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(14)
