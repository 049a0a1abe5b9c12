"""Which pixels matter: the probability that is lost when a part of the image is covered. Imports torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from lenet.architecture.inference import MAX_MACS, batch_size, prepare
from lenet.architecture.network import LeNet
from lenet.common.errors import LenetError
from lenet.common.formatting import decimals, number, pair_text, percent, size_text
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _

NOTICEABLE = 0.005
"""A change of the probability that counts as one: smaller ones round to 0.00."""


@dataclass(frozen=True)
class Occlusion:
    """What covering an image did to the probability of its predicted class.

    `falls` (height, width) is for each pixel the mean fall over the squares that cover it, negative where the class
    gained. The squares are `square` pixels (height, width) of value 0, at most `step` apart; `corners` (squares, 2) is
    the first row and column of each and `each` its fall. `probability` is that of the uncovered image, and `black` tells
    which of its pixels are 0 anyway.
    """

    falls: NDArray[np.float32]
    square: tuple[int, int]
    step: tuple[int, int]
    corners: NDArray[np.int64]
    each: NDArray[np.float32]
    probability: float
    black: NDArray[np.bool_]

    @property
    def on_black(self) -> NDArray[np.bool_]:
        """Which squares cover nothing but black pixels."""
        height, width = self.square
        return np.array([self.black[y : y + height, x : x + width].all() for y, x in self.corners])


@torch.inference_mode()
def occlusion(net: LeNet, image: NDArray[np.uint8]) -> Occlusion:
    """Cover an image (1, height, width) with a black square at one place after the other.

    The square is a fifth of the image high and wide; there are at most 12 × 12 places, and every pixel is covered at one
    of them (Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", 2014). Raises LenetError for a network
    too large to run that often.
    """
    x = prepare(net, image[None])
    height, width = x.shape[2:]
    (tall, down, tops), (wide, across, lefts) = _places(height), _places(width)
    if net.config.cost()[1] * len(tops) * len(lefts) > MAX_MACS // 4:
        raise LenetError("too_large_to_cover")
    corners = np.array([(top, left) for top in tops for left in lefts])
    patches = [(slice(top, top + tall), slice(left, left + wide)) for top, left in corners]
    covered = x.repeat(len(patches), 1, 1, 1)
    for one, (rows, columns) in zip(covered, patches, strict=True):
        one[:, rows, columns] = 0
    before = net(x).softmax(1)[0]
    predicted = int(before.argmax())
    after = torch.cat([net(part).softmax(1)[:, predicted] for part in torch.split(covered, batch_size(net.config))])
    each = (before[predicted] - after).numpy()
    total, count = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for fall, patch in zip(each, patches, strict=True):
        total[patch] += fall
        count[patch] += 1
    black = (x[0] == 0).all(0).numpy()
    return Occlusion(total / count, (tall, wide), (down, across), corners, each, float(before[predicted]), black)


def _places(n: int) -> tuple[int, int, list[int]]:
    """Side of the rectangle on an axis of n pixels, its step, and where it begins: every pixel is covered, the last one too."""
    side = max(1, n // 5)
    step = max(1, -(-(n - side) // 11))
    return side, step, sorted({*range(0, n - side + 1, step), n - side})


# -- in words ------------------------------------------------------------------------------------------------------


def method(found: Occlusion) -> str:
    """What was done: the square, where it was put, what a pixel of the map shows, and so why black ones have a colour."""
    text = _(
        "A black square of {square} pixels (value 0) covers {n} places of the image, one after the other, at most {step} "
        "pixels apart. Each pixel shows the mean change of the probability over all squares that cover it."
    )
    text = text.format(square=size_text(found.square), n=number(len(found.each)), step=pair_text(found.step))
    return paragraph(text, _black_pixels(found))


def explain(found: Occlusion, name: str, label: str | None = None) -> str:
    """What came of it for the predicted class `name`; `label` is the right one where that is another (Markdown)."""
    low, high = float(found.falls.min()), float(found.falls.max())
    wrong = _("The label is **{label}**: what is red speaks for a wrong answer.")
    loses = _("Red: covering this lowers the probability of **{name}**, by {most} at most.")
    gains = _("Blue: covering this raises the probability of **{name}**, by {most} at most.")
    is_red, is_blue = high >= NOTICEABLE, low <= -NOTICEABLE
    return paragraph(
        loses.format(name=name, most=decimals(high, 2)) if is_red else "",
        wrong.format(label=label) if is_red and label else "",
        gains.format(name=name, most=decimals(-low, 2)) if is_blue else "",
        "" if is_red or is_blue else _nothing_changes(found, name),
        _one_square(found) if is_red or is_blue else "",
    )


def _nothing_changes(found: Occlusion, name: str) -> str:
    text = _(
        "No pixel matters noticeably: the probability of **{name}**, {p}, changes by less than {limit} on average."
    )
    return text.format(name=name, p=decimals(found.probability, 2), limit=NOTICEABLE)


def _one_square(found: Occlusion) -> str:
    """The square that changed most."""
    at = int(np.abs(found.each).argmax())
    (top, left), (height, width) = found.corners[at], found.square
    text = _("A single square changes it most over rows {rows} and columns {columns}: from {before} to {after}.")
    return text.format(
        rows=f"{top + 1}–{top + height}",
        columns=f"{left + 1}–{left + width}",
        before=decimals(found.probability, 2),
        after=decimals(found.probability - float(found.each[at]), 2),
    )


def _black_pixels(found: Occlusion) -> str:
    alone = _("Where all of the square lies on black pixels ({n} places) nothing changes.")
    beside = _("{share} of the black pixels have a colour: squares over them reach brighter pixels as well.")
    n, coloured = int(found.on_black.sum()), found.black & (np.abs(found.falls) >= NOTICEABLE)
    return paragraph(
        alone.format(n=n) if n else "",
        beside.format(share=percent(coloured.sum() / found.black.sum())) if coloured.any() else "",
    )
