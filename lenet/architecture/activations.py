"""One image walked through a network: what every layer makes of it, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from lenet import data, runs
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.network import LeNet
from lenet.common import files
from lenet.common.errors import LenetError
from lenet.runs import Run

WEIGHTS = "model.safetensors"
MAX_MACS = 20_000_000_000
"""Multiply-accumulates that a page may ask for at once: one or two seconds of a core."""


@dataclass(frozen=True)
class Step:
    """What one layer put out: `values` has shape (channels, height, width) or, from Flatten on, (n,)."""

    type: str
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Walk:
    """An image on its way through a network: `pixels` (channels, height, width) from 0 to 1, then a step a layer."""

    pixels: NDArray[np.float32]
    steps: tuple[Step, ...]

    @property
    def logits(self) -> NDArray[np.float32]:
        """The outputs of the last layer, (classes,)."""
        return self.steps[-1].values

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Softmax of the logits, (classes,); computed in double precision after taking off the largest."""
        z = self.logits.astype(np.float64)
        e = np.exp(z - z.max())
        return np.asarray(e / e.sum())

    @property
    def prediction(self) -> int:
        """The class with the largest logit."""
        return int(self.logits.argmax())


def use_one_thread() -> None:
    """Have torch compute on the calling thread alone; for a server, before its first pass.

    One image is too little work to share out: a pass takes 0.15 ms on one thread, and 48 ms on two where a training
    keeps the second core busy.
    """
    torch.set_num_threads(1)


def trained(config: LeNetConfig, weights: Mapping[str, NDArray[np.float32]], run_id: str = "") -> LeNet:
    """The network of a run: its configuration with its weights. Raises LenetError where they do not fit together."""
    net = LeNet(config)
    try:
        # a copy: arrays read from a file may be read-only, which torch does not know
        net.load_state_dict({name: torch.from_numpy(np.array(w)) for name, w in weights.items()})
    except (RuntimeError, TypeError) as e:
        raise LenetError("weights_do_not_fit", id=run_id) from e
    return net.eval()


def untrained(config: LeNetConfig, seed: int = 0) -> LeNet:
    """The network as PyTorch initialises it; the same for the same seed."""
    with torch.random.fork_rng(devices=[]):  # other threads' random numbers are not ours to reset
        torch.manual_seed(seed)
        return LeNet(config).eval()


def arrays(net: LeNet) -> dict[str, NDArray[np.float32]]:
    """The state dict as arrays that share the network's memory."""
    return {name: value.numpy() for name, value in net.state_dict().items()}


def prepare(net: LeNet, images: NDArray[np.uint8]) -> torch.Tensor:
    """uint8 images (N, 1, H, W) as the network takes them.

    The pixels are divided by 255, as in training, and nothing else; images of another size are scaled (bilinear), and
    a network for several channels gets the same grey in each.
    """
    x = torch.from_numpy(np.array(images)).to(torch.float32) / 255
    if x.shape[2:] != net.config.image_size:
        x = F.interpolate(x, net.config.image_size, mode="bilinear", antialias=True).clamp(0, 1)
    return x.expand(-1, net.config.in_channels, -1, -1)


@torch.inference_mode()
def walk(net: LeNet, image: NDArray[np.uint8]) -> Walk:
    """Send one uint8 image (1, height, width) through the network; see `prepare`."""
    x = prepare(net, image[None])
    pixels = x[0].numpy().copy()
    steps = []
    for layer in net:
        x = layer(x)
        steps.append(Step(type(layer).__name__, x[0].numpy().copy()))
    return Walk(pixels, tuple(steps))


@torch.inference_mode()
def answers(net: LeNet, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Softmax of the network's outputs for images (N, 1, H, W): (N, classes)."""
    n = _batch(net.config)
    parts = [net(prepare(net, images[i : i + n])).softmax(1) for i in range(0, len(images), n)]
    return np.asarray(torch.cat(parts).numpy())


def _batch(config: LeNetConfig) -> int:
    """Images to send through at once: no layer puts out more than about 16 MB."""
    return max(1, min(500, 4_000_000 // max(r.activations for r in config.layers)))


# -- which network, so that what is computed of it is computed once for all visitors -------------------------------


@dataclass(frozen=True)
class Subject:
    """A network by what it is: that of a run with the weights it has now, or (`run_id` "") an untrained one."""

    config: LeNetConfig
    run_id: str = ""
    stamp: tuple[int, ...] = ()


def subject_of(run: Run) -> Subject:
    """The network of a run. Raises LenetError where it has no weights that can be read."""
    try:
        stat = files.plain_stat(run.path / WEIGHTS)
    except (OSError, ValueError):
        run.weights()  # says what is wrong
        raise
    return Subject(run.config.model, run.id, (stat.st_ino, stat.st_mtime_ns, stat.st_size))


def known(config: LeNetConfig, run_id: str = "") -> Subject:
    """The network of the run `run_id`, or of one that came with the app, if it is this very network; else untrained."""
    for run in (*(r for r in runs.list_runs() if r.id == run_id), *runs.references()):
        with suppress(LenetError):
            if run.config.model == config:
                return subject_of(run)
    return Subject(config)


@lru_cache(maxsize=8)
def network(subject: Subject) -> LeNet:
    """The network in evaluation mode; shared, so it must not be changed. Raises LenetError."""
    if not subject.run_id:
        return untrained(subject.config)
    return trained(subject.config, runs.find(subject.run_id).weights(), subject.run_id)


# -- what it makes of the test images ------------------------------------------------------------------------------


def affordable(config: LeNetConfig, images: int) -> int:
    """How many of so many images a page may send through a network: some seconds of one core at most."""
    return min(images, max(100, MAX_MACS // max(1, config.cost()[1])))


@lru_cache(maxsize=32)
def test_answers(subject: Subject, source: str) -> NDArray[np.float32]:
    """`answers` for the first test images (all 10 000 for a network of LeNet's size)."""
    images, _labels = data.load("test", source)
    return answers(network(subject), images[: affordable(subject.config, len(images))])


@lru_cache(maxsize=32)
def mistakes(subject: Subject, source: str) -> NDArray[np.int64]:
    """Test images that are wrongly classified, the worst first: those whose own class got the least probability."""
    p = test_answers(subject, source)
    labels = data.load("test", source)[1][: len(p)]
    own = p[np.arange(len(p)), labels] if p.shape[1] > labels.max(initial=0) else np.zeros(len(p), np.float32)
    wrong = np.flatnonzero(p.argmax(1) != labels)
    return np.asarray(wrong[np.argsort(own[wrong], kind="stable")])


@lru_cache(maxsize=8)
@torch.inference_mode()
def excitement(subject: Subject, layer: int, source: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the first test images do to the channels (or numbers) of layer `layer` (from 0).

    The largest value of each map for each image, and its mean: two arrays (images, channels).
    """
    images, _labels = data.load("test", source)
    images = images[: affordable(subject.config, min(len(images), 2000))]
    net, peaks, means = network(subject), [], []
    n = _batch(subject.config)
    for i in range(0, len(images), n):
        x = prepare(net, images[i : i + n])
        for module in list(net)[: layer + 1]:
            x = module(x)
        flat = x.flatten(2) if x.dim() == 4 else x[:, :, None]
        peaks.append(flat.amax(2))
        means.append(flat.mean(2))
    return np.asarray(torch.cat(peaks).numpy()), np.asarray(torch.cat(means).numpy())


@dataclass(frozen=True)
class Excitement:
    """What moves one channel most: the `best` of the first `images` test images with their `peaks`, and by class."""

    images: int
    best: NDArray[np.int64]
    peaks: NDArray[np.float32]
    by_class: list[float]


def most_exciting(subject: Subject, layer: int, channel: int, source: str, n: int = 10) -> Excitement:
    """The `n` test images with the largest number in a channel, and the channel's mean for each class."""
    peaks, means = (values[:, channel] for values in excitement(subject, layer, source))
    labels = data.load("test", source)[1][: len(peaks)]
    best = np.argsort(-peaks, kind="stable")[:n]
    return Excitement(len(peaks), best, peaks[best], [float(means[labels == c].mean()) for c in range(10)])


@torch.inference_mode()
def occlusion(net: LeNet, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much the probability of the predicted class falls when pixels of the image are switched off: (height, width).

    A black square of a fifth of the height moves over the image in about 12 × 12 places; each pixel gets the mean of
    the falls of all squares that cover it (Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks",
    2014). Negative where the class gains. Raises LenetError for a network too large to run that often.
    """
    x = prepare(net, image[None])
    height, width = x.shape[2:]
    places = [_places(n) for n in (height, width)]
    if net.config.cost()[1] * len(places[0][1]) * len(places[1][1]) > MAX_MACS // 4:
        raise LenetError("too_large_to_cover")
    boxes = [(a, a + places[0][0], b, b + places[1][0]) for a in places[0][1] for b in places[1][1]]
    covered = x.repeat(len(boxes), 1, 1, 1)
    for one, (top, bottom, left, right) in zip(covered, boxes, strict=True):
        one[:, top:bottom, left:right] = 0
    before = net(x).softmax(1)[0]
    best = int(before.argmax())
    after = torch.cat([net(part).softmax(1)[:, best] for part in torch.split(covered, _batch(net.config))])
    falls = (before[best] - after).numpy()
    total, count = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for fall, (top, bottom, left, right) in zip(falls, boxes, strict=True):
        total[top:bottom, left:right] += fall
        count[top:bottom, left:right] += 1
    return total / count


def _places(n: int) -> tuple[int, list[int]]:
    """Side of the square on an axis of n pixels, and where it begins: every pixel is covered, the last one too."""
    side = max(1, n // 5)
    step = max(1, -(-(n - side) // 11))
    return side, sorted({*range(0, n - side + 1, step), n - side})


def class_mean(label: int, source: str) -> NDArray[np.uint8]:
    """The mean of all test images of a class, as an image (1, 28, 28)."""
    images, labels = data.load("test", source)
    mean = images[labels == label].mean(0)
    return np.asarray(mean.round(), np.uint8)


def another(labels: NDArray[np.int64], index: int, wanted: int | None) -> int:
    """The next image after `index`, of class `wanted` (None: of any); after the last one comes the first."""
    order = np.roll(np.arange(len(labels)), -index - 1)
    if wanted is not None:
        order = order[labels[order] == wanted]
    return int(order[0]) if len(order) else index


def next_of(order: NDArray[np.int64], index: int, by: int) -> int:
    """The image `by` places after `index` in `order`, round and round; the first one where `index` is not in it."""
    if not len(order):
        return index
    at = np.flatnonzero(order == index)
    return int(order[(at[0] + by) % len(order)] if len(at) else order[0])
