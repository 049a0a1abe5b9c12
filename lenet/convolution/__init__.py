"""One convolution. Importing this package loads NumPy alone.

>>> from lenet.convolution import Convolution
>>> blur = Convolution([[[[0.25, 0.25], [0.25, 0.25]]]])
>>> blur([[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]])
array([[[2., 3.],
        [5., 6.]]])
"""

from lenet.convolution.arguments import MAX_PADDING, MESSAGES, PADDING_MODES, ConvolutionError, Padding, PaddingMode
from lenet.convolution.arithmetic import Convolution, Gradients, Terms, Window

__all__ = [
    "MAX_PADDING", "MESSAGES", "PADDING_MODES", "Convolution", "ConvolutionError", "Gradients", "Padding",
    "PaddingMode", "Terms", "Window",
]  # fmt: skip
