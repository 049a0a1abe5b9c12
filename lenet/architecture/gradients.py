"""How much of the gradient is left where it arrives on its way back through a network. Imports torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn import functional as F

from lenet import data
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.inference import MAX_MACS, prepare, untrained
from lenet.common.formatting import percent
from lenet.common.translation import translate as _

MOST_IMAGES = 64


@dataclass(frozen=True)
class Gradients:
    """Of a batch of `images` test images in a network as PyTorch initialises it.

    `lengths` are the Euclidean norms of the gradient of the mean cross-entropy, first with respect to the images, then to
    the output of each layer.
    """

    images: int
    lengths: tuple[float, ...]


@lru_cache(maxsize=64)
def at_start(config: LeNetConfig) -> Gradients:
    """The gradients at the first step of training; of fewer images in a large network."""
    n = max(2, min(MOST_IMAGES, MAX_MACS // (3 * max(1, config.cost()[1]))))
    images, labels = data.load("test", "sample")
    net = untrained(config).train()
    x = prepare(net, images[:n]).contiguous().requires_grad_()
    wanted = torch.from_numpy(labels[:n] % config.num_classes)
    outputs = [x]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # for dropout
        for layer in net:
            outputs.append(layer(outputs[-1]))
    found = torch.autograd.grad(F.cross_entropy(outputs[-1], wanted), outputs)
    return Gradients(n, tuple(float(g.double().norm()) for g in found))


def explain(found: Gradients, layer: int) -> str:
    """What becomes of the gradient at layer `layer` (from 0), and on its way from the network's output to there."""
    before, after, whole = found.lengths[layer + 1], found.lengths[layer], found.lengths[-1]
    if not before:
        return _("No gradient arrives at this layer.")
    text = _(
        "This layer passes {share} of the gradient’s length on towards the image. Of its length at the network’s output "
        "{rest} is left then."
    )
    return text.format(share=_share(after / before), rest=_share(after / whole))


def _share(share: float) -> str:
    """In percent, or where that would be 0.0%, with a power of ten: 1.4·10⁻⁹."""
    if share >= 0.0005 or not share:
        return percent(share)
    digits, exponent = f"{share:.1e}".split("e-")
    return f"{digits}·10⁻{exponent.lstrip('0').translate(_RAISED)}"


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def words(found: Gradients) -> str:
    """What the bars show."""
    return _(
        "Length of the gradient of the loss with respect to the output of each layer, at the first step of training: {n} "
        "test images, weights as PyTorch initialises them."
    ).format(n=found.images)
