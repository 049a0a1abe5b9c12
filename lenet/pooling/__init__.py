"""One pooling layer. Importing this package loads NumPy alone.

>>> from lenet.pooling import Pooling
>>> Pooling("max", kernel_size=2, stride=1)([[0, 1, 2], [3, 4, 5], [6, 7, 8]])
"""

from lenet.pooling.arithmetic import (
    MAX_INT,
    MAX_KERNEL,
    MESSAGES,
    Pair,
    Pooling,
    PoolingError,
    Window,
    receptive_field,
)

__all__ = ["MAX_INT", "MAX_KERNEL", "MESSAGES", "Pair", "Pooling", "PoolingError", "Window", "receptive_field"]
