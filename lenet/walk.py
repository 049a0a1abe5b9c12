"""One image walked through a network: what every layer makes of it, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from lenet.architecture import LeNetConfig
from lenet.errors import LenetError
from lenet.model import LeNet


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


def walk(net: LeNet, image: NDArray[np.uint8]) -> Walk:
    """Send one uint8 image (channels, height, width) through the network.

    The pixels are divided by 255, as in training, and nothing else; an image of another size than the network's
    is scaled to it (bilinear).
    """
    size = net.config.image_size
    steps = []
    with torch.inference_mode():
        x = torch.from_numpy(np.array(image))[None].to(torch.float32) / 255
        if x.shape[2:] != size:
            x = F.interpolate(x, size, mode="bilinear", antialias=True).clamp(0, 1)
        pixels = x[0].numpy()
        for layer in net:
            x = layer(x)
            steps.append(Step(type(layer).__name__, x[0].numpy().copy()))
    return Walk(pixels, tuple(steps))


def another(labels: NDArray[np.int64], index: int, wanted: int | None) -> int:
    """The next image after `index`, of class `wanted` (None: of any); after the last one comes the first."""
    order = np.roll(np.arange(len(labels)), -index - 1)
    if wanted is not None:
        order = order[labels[order] == wanted]
    return int(order[0]) if len(order) else index
