"""A network with its weights, and what each of its layers makes of an image, as NumPy arrays. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from lenet.architecture import description
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.description import Description
from lenet.architecture.network import LeNet
from lenet.architecture.weights import Network, StateDict
from lenet.common.errors import LenetError
from lenet.data import DataSet

MAX_MACS = 20_000_000_000
"""Multiply-accumulates that a page may ask for at once: one or two seconds of a core."""


def use_one_thread() -> None:
    """Have torch compute on the calling thread alone; for a server, before its first pass.

    One image is too little work to share out: a pass takes 0.15 ms on one thread, and 48 ms on two where a training
    keeps the second core busy.
    """
    torch.set_num_threads(1)


# -- a network with weights --------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def build(network: Network) -> LeNet:
    """The network in evaluation mode; shared, so it must not be changed. Raises LenetError."""
    if network.load is None:
        return untrained(network.config)
    return trained(network.config, network.load(), network.run_id)


def trained(config: LeNetConfig, weights: StateDict, run_id: str = "") -> LeNet:
    """The network of a run: its configuration with its weights. Raises LenetError where they do not fit together."""
    net = LeNet(config)
    try:
        # a copy: arrays read from a file may be read-only, which torch does not know
        net.load_state_dict({name: torch.from_numpy(np.array(w)) for name, w in weights.items()})
    except (RuntimeError, TypeError) as e:
        raise LenetError("weights_do_not_fit", id=run_id) from e
    return net.eval()


def load(path: str | Path) -> LeNet:
    """The network of a safetensors file that describes it (`description.py`), with its weights, in evaluation mode.

    Raises LenetError where the file cannot be read, says of no network, or has the weights of another.
    """
    told, weights = description.read(path)
    try:
        return trained(told.config, weights)
    except LenetError as e:
        raise LenetError("file_does_not_fit", path=str(path)) from e


def describe(path: str | Path) -> Description:
    """What such a file says of its network. Raises LenetError as `load` does."""
    return description.read(path)[0]


def untrained(config: LeNetConfig, seed: int = 0) -> LeNet:
    """The network as PyTorch initialises it; the same for the same seed."""
    with torch.random.fork_rng(devices=[]):  # other threads' random numbers are not ours to reset
        torch.manual_seed(seed)
        return LeNet(config).eval()


def state_arrays(net: LeNet) -> dict[str, NDArray[np.float32]]:
    """The state dict as arrays that share the network's memory."""
    return {name: value.numpy() for name, value in net.state_dict().items()}


# -- one image ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LayerOutput:
    """What one layer put out: `values` has shape (channels, height, width) or, from Flatten on, (n,)."""

    type: str
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Activations:
    """An image on its way through a network: `pixels` (channels, height, width) from 0 to 1, then each layer's output."""

    pixels: NDArray[np.float32]
    layers: tuple[LayerOutput, ...]

    @property
    def logits(self) -> NDArray[np.float32]:
        """The outputs of the last layer, (classes,)."""
        return self.layers[-1].values

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


def prepare(net: LeNet, images: NDArray[np.uint8]) -> torch.Tensor:
    """uint8 images (N, 1, H, W) as the network takes them: float32 (N, channels, height, width) from 0 to 1.

    The pixels are divided by 255, as in training, and nothing else; images of another size are scaled (bilinear), and
    a network for several channels gets the same grey in each.
    """
    x = torch.from_numpy(np.array(images)).to(torch.float32) / 255
    if x.shape[2:] != net.config.image_size:
        x = F.interpolate(x, net.config.image_size, mode="bilinear", antialias=True).clamp(0, 1)
    return x.expand(-1, net.config.in_channels, -1, -1)


@torch.inference_mode()
def of_image(net: LeNet, image: NDArray[np.uint8]) -> Activations:
    """Send one uint8 image (1, height, width) through the network; see `prepare`."""
    x = prepare(net, image[None])
    pixels = x[0].numpy().copy()
    outputs = []
    for layer in net:
        x = layer(x)
        outputs.append(LayerOutput(type(layer).__name__, x[0].numpy().copy()))
    return Activations(pixels, tuple(outputs))


# -- many images -------------------------------------------------------------------------------------------------


@torch.inference_mode()
def softmax(net: LeNet, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Softmax of the network's outputs for images (N, 1, H, W): (N, classes)."""
    n = batch_size(net.config)
    parts = [net(prepare(net, images[i : i + n])).softmax(1) for i in range(0, len(images), n)]
    return np.asarray(torch.cat(parts).numpy())


def batch_size(config: LeNetConfig) -> int:
    """Images to send through at once: no layer puts out more than about 16 MB."""
    return max(1, min(500, 4_000_000 // max(r.activations for r in config.layers)))


def affordable(config: LeNetConfig, images: int) -> int:
    """How many of so many images a page may send through a network: some seconds of one core at most."""
    return min(images, max(100, MAX_MACS // max(1, config.cost()[1])))


def answers(
    networks: Mapping[str, Network], image: NDArray[np.uint8], data_set: DataSet
) -> dict[str, NDArray[np.float32]]:
    """Softmax for one image (1, height, width), by the names of the networks; only of those with the data set's classes."""
    return {
        name: softmax(build(network), image[None])[0] for name, network in networks.items() if network.fits(data_set)
    }


def layer_weights(network: Network, layer: int) -> NDArray[np.float32]:
    """The weights of a layer that has some; layers are counted from 0. Raises LenetError as `build` does."""
    return state_arrays(build(network))[f"{layer}.weight"]
