"""LeNet, the multilayer perceptron it is compared with, and the table of a network's layers.

    >>> from lenet.model import LeNet, layer_table
    >>> [(row.type, row.output_shape, row.params) for row in layer_table(LeNet())]

    >>> from lenet.model import describe, load
    >>> net = load("weights.safetensors")               # as the page of a run offers them
    >>> describe("weights.safetensors").classes[net(images).argmax(1)[0]]

The public door to `lenet.architecture`, where all of it is written.
"""

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.inference import describe, load
from lenet.architecture.layers import LayerRow
from lenet.architecture.network import MLP, LeNet, layer_table, lenet_table, mlp_table
from lenet.architecture.table import LayerTable

__all__ = [
    "MLP", "LayerRow", "LayerTable", "LeNet", "LeNetConfig", "describe", "layer_table", "lenet_table", "load", "mlp_table",
]  # fmt: skip
