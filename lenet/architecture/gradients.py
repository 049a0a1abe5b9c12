"""How much of the gradient is left where it arrives on its way back through a network. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn import functional as F

from lenet import data
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.images import LabelledImages
from lenet.architecture.inference import MAX_MACS, build, prepare, untrained
from lenet.architecture.layers import LayerRow
from lenet.architecture.weights import Network
from lenet.common.formatting import percent
from lenet.common.translation import paragraph
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


# -- one image -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Passage:
    """The gradient of the loss of one image at a layer, on its way from the network's output back to the image.

    `arriving` is its length with respect to the layer's output, `passed` with respect to the layer's input. `slope` is the
    mean derivative of an activation over all its numbers, by which it multiplies what arrives; None for other layers.
    """

    row: LayerRow
    arriving: float
    passed: float
    slope: float | None


@lru_cache(maxsize=64)
def of_image(network: Network, shown: LabelledImages, index: int) -> tuple[Passage, ...]:
    """The gradient of the cross-entropy of one image at each layer, in evaluation mode.

    Raises LenetError where the network's weights cannot be read.
    """
    net = build(network)
    outputs = [prepare(net, shown.images[index : index + 1]).contiguous().requires_grad_()]
    for layer in net:
        outputs.append(layer(outputs[-1]))
    wanted = torch.tensor([int(shown.labels[index]) % net.config.num_classes])
    found = torch.autograd.grad(F.cross_entropy(outputs[-1], wanted), outputs)
    lengths = [float(g.double().norm()) for g in found]
    return tuple(
        Passage(
            row, lengths[i + 1], lengths[i], _slope(layer, outputs[i]) if row.kind.group == "activation" else None
        )
        for i, (row, layer) in enumerate(zip(net.config.layers, net, strict=True))
    )


def _slope(activation: torch.nn.Module, x: torch.Tensor) -> float:
    """The mean derivative of a function of single numbers, at these."""
    at = x.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(activation(at).sum(), at)
    return float(slopes.double().mean())


def explain_passages(passages: Sequence[Passage]) -> str:
    """How much of the gradient arrives at the first layer, and by what the activations on its way multiply it."""
    last = passages[-1].arriving
    if not last:
        return _("No gradient arrives: the network is already sure of this image.")
    slopes = [percent(passage.slope) for passage in passages if passage.slope is not None]
    return paragraph(
        _(
            "Of the gradient’s length at the network’s output {rest} arrives at the first layer, which learns from it."
        ).format(rest=_share(passages[0].arriving / last)),
        _("Its activations multiply it by their slopes, on average {slopes} (from the first to the last).").format(
            slopes=_(", ").join(slopes)
        )
        if slopes
        else "",
    )


# -- in words ------------------------------------------------------------------------------------------------------


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
