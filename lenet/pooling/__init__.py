"""One pooling layer. Importing this package loads NumPy alone.

>>> from lenet.pooling import Pooling, figure
>>> pool = Pooling("max", kernel_size=2, stride=1)
>>> pool([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
array([[4., 5.],
       [7., 8.]])
>>> figure(pool, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]).show()  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from lenet.pooling.arguments import MAX_INT, MESSAGES, Pair, PoolingError
from lenet.pooling.arithmetic import MAX_KERNEL, Pooling, ReceptiveField, Window, receptive_field

if TYPE_CHECKING:
    from lenet.pooling.figures.layer import figure

__all__ = [
    "MAX_INT", "MAX_KERNEL", "MESSAGES", "Pair", "Pooling", "PoolingError", "ReceptiveField", "Window",
    "figure", "receptive_field",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """`figure` needs Plotly, which is loaded when it is asked for."""
    if name == "figure":
        from lenet.pooling.figures.layer import figure

        return figure
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
