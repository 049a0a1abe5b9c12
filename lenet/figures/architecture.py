"""The figures of the architecture page, under one name for it."""

from lenet.figures.comparison import comparison, comparison_alt
from lenet.figures.flow import broken_network, layer_keys, network, network_alt
from lenet.figures.walk import answers, by_class, gallery, maps, occlusion, outputs, parameters

__all__ = [
    "answers", "broken_network", "by_class", "comparison", "comparison_alt", "gallery", "layer_keys", "maps",
    "network", "network_alt", "occlusion", "outputs", "parameters",
]  # fmt: skip
