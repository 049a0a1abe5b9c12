"""The activations that the sandbox can apply to what a convolution gives: in NumPy, and as code to copy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lenet.convolution.arithmetic import Array


@dataclass(frozen=True)
class Activation:
    """`name` is the same in every language. In the codes {x} stands for the number, or the array of them."""

    name: str
    function: Callable[[Array], Array]
    pytorch: str
    python: str
    numpy: str
    module: str = ""
    """What plain Python has to import."""
    remark: str = ""
    """Behind the codes of Python and NumPy."""


ACTIVATIONS = {
    "relu": Activation("ReLU", lambda x: np.maximum(x, 0), "torch.relu({x})", "max(0.0, {x})", "np.maximum({x}, 0)"),
    "sigmoid": Activation(
        "sigmoid",
        lambda x: 0.5 + 0.5 * np.tanh(x / 2),  # 1 / (1 + e^-x), which overflows nowhere
        "torch.sigmoid({x})",
        "0.5 + 0.5 * math.tanh({x} / 2)",
        "0.5 + 0.5 * np.tanh({x} / 2)",
        "math",
        "  # the sigmoid, 1 / (1 + e^-x), in a form that never overflows",
    ),
    "tanh": Activation("tanh", np.tanh, "torch.tanh({x})", "math.tanh({x})", "np.tanh({x})", "math"),
}
"""By their names in the URL. "" stands for none."""
