"""Which pixels matter: the probability that is lost when a part of the image is covered. Imports torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from lenet.architecture.inference import MAX_MACS, batch_size, prepare
from lenet.architecture.network import LeNet
from lenet.common.errors import LenetError


@torch.inference_mode()
def occlusion(net: LeNet, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much the probability of the predicted class falls when pixels of the image are switched off: (height, width).

    A black rectangle, a fifth of the image high and wide, moves over the image in about 12 × 12 places; each pixel gets
    the mean of the falls of all rectangles that cover it (Zeiler, Fergus, "Visualizing and Understanding Convolutional
    Networks", 2014). Negative where the class gains. Raises LenetError for a network too large to run that often.
    """
    x = prepare(net, image[None])
    height, width = x.shape[2:]
    (tall, tops), (wide, lefts) = _places(height), _places(width)
    if net.config.cost()[1] * len(tops) * len(lefts) > MAX_MACS // 4:
        raise LenetError("too_large_to_cover")
    patches = [(slice(top, top + tall), slice(left, left + wide)) for top in tops for left in lefts]
    covered = x.repeat(len(patches), 1, 1, 1)
    for one, (rows, columns) in zip(covered, patches, strict=True):
        one[:, rows, columns] = 0
    before = net(x).softmax(1)[0]
    predicted = int(before.argmax())
    after = torch.cat([net(part).softmax(1)[:, predicted] for part in torch.split(covered, batch_size(net.config))])
    falls = (before[predicted] - after).numpy()
    total, count = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for fall, patch in zip(falls, patches, strict=True):
        total[patch] += fall
        count[patch] += 1
    return total / count


def _places(n: int) -> tuple[int, list[int]]:
    """Side of the rectangle on an axis of n pixels, and where it begins: every pixel is covered, the last one too."""
    side = max(1, n // 5)
    step = max(1, -(-(n - side) // 11))
    return side, sorted({*range(0, n - side + 1, step), n - side})
