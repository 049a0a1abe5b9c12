"""The convolutions of a trained LeNet as examples of the convolution sandbox: learned weights, and what comes in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenet import data, runs
from lenet.architecture import forward, weights
from lenet.architecture.weights import Network
from lenet.common.activations import ACTIVATIONS
from lenet.common.translation import N_
from lenet.convolution import Convolution
from lenet.grid import Grid, sealed


@dataclass(frozen=True)
class TrainedLayer:
    """A convolution of the network that comes with the app, with one test image on its way through it.

    `name` and `remark` are English, to be translated when shown. `number` counts the convolutions from 0.
    """

    name: str
    remark: str
    number: int

    def grid(self) -> Grid:
        """What comes into the layer, (channels, height, width)."""
        return _layer(_network(), self.number)[0]

    def layer(self) -> Convolution:
        return _layer(_network(), self.number)[1]

    @property
    def activation(self) -> str:
        name = _network().config.activation
        return name if name in ACTIVATIONS else ""

    def is_image(self, _grid: Grid) -> bool:
        """Its numbers lie between 0 and 1."""
        return False


TRAINED_LAYERS = {
    "lenet1": TrainedLayer(
        N_("LeNet 1"),
        N_(
            "The first convolution of the trained LeNet that comes with the app: six kernels of 5×5 look at a test image."
        ),
        0,
    ),
    "lenet2": TrainedLayer(
        N_("LeNet 2"),
        N_(
            "The second convolution: each of its 16 kernels has a slice for each of the six pooled maps, and adds up what "
            "the six find."
        ),
        1,
    ),
}
"""By their names in the URL (`?example=`), after those of `lenet.convolution.examples`."""


def _network() -> Network:
    return weights.of_run(runs.find("reference-classic"))


@lru_cache(maxsize=4)
def _layer(network: Network, number: int) -> tuple[Grid, Convolution]:
    """What comes into a convolution of a network for the first test image of the sample, and the layer."""
    if network.load is None:
        raise ValueError("an untrained network has no weights here")
    images, _labels = data.load("test", "sample")
    state = network.load()
    pixels = images[0].astype(np.float32) / 255
    outputs = [pixels, *forward.forward(network.config, state, pixels)]
    index, row = [(n, row) for n, row in enumerate(network.config.layers) if row.type == "Conv2d"][number]
    found = forward.weights_of(state, row.name)
    assert row.stride and row.padding
    weight, bias = as_written(found["weight"]), as_written(found["bias"])
    return sealed(outputs[index]), Convolution(weight, bias, row.stride, row.padding)


def as_written(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Each number in the few digits that tell it from others of its kind: 0.1 and not 0.10000000149011612."""
    return np.array([float(str(value)) for value in values.ravel()]).reshape(values.shape)
