"""The exercises on pooling, which importing this package enters into the registry.

What is right is what `Pooling` computes; a test has PyTorch answer the same questions.
"""

from lenet.pooling.exercises import gradients, outputs, sizes

__all__ = ["gradients", "outputs", "sizes"]
