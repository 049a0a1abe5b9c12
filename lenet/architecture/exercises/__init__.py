"""The exercises on the architecture of networks, which importing this package enters into the registry.

Networks are drawn among those that can be built, and what is right is read off their layers (`LeNetConfig.layers`); a test
builds the same networks with PyTorch.
"""

from lenet.architecture.exercises import costs, outputs, shapes

__all__ = ["costs", "outputs", "shapes"]
