"""Which pixels a number of a network can depend on, found with PyTorch in a network in which nothing cancels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.network import LeNet


def linear(config: LeNetConfig) -> nn.Sequential:
    """The network of a configuration with its windows, but positive weights, no biases, no activations, and means for maxima.

    So no gradient vanishes by chance: a pixel has one exactly where there is a path to it.
    """
    net = nn.Sequential(*LeNet(config).double().eval())
    for i, layer in enumerate(net):
        if isinstance(layer, nn.MaxPool2d):
            net[i] = nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding)
        elif isinstance(layer, nn.Sigmoid | nn.Tanh | nn.ReLU | nn.LeakyReLU | nn.GELU):
            net[i] = nn.Identity()
    for name, p in net.named_parameters():
        p.data = torch.zeros_like(p) if name.endswith("bias") else p.data.abs() + 0.01
    return net


def pixels_of(
    net: nn.Sequential, layer: int, shape: Sequence[int], places: Sequence[tuple[int, int]]
) -> list[NDArray[np.bool_]]:
    """For numbers of a layer's first map, given by row and column: which pixels (height, width) they depend on.

    Behind Flatten the numbers of the maps lie one row after the other; behind a dense layer places tell nothing.
    """
    x = torch.zeros(*shape, dtype=torch.float64, requires_grad=True)
    maps = out = x
    for module in list(net)[: layer + 1]:
        out = module(out)
        maps = out if out.dim() == 4 else maps
    width = maps.shape[3]
    found = []
    for row, column in places:
        number = out.flatten()[(row * width + column) % out[0].numel()]
        (gradient,) = torch.autograd.grad(number, x, retain_graph=True)
        found.append(gradient[0].abs().sum(0).numpy() > 0)
    return found


@torch.inference_mode()
def all_pixels_of(net: nn.Sequential, shape: Sequence[int]) -> list[NDArray[np.bool_]]:
    """For each layer: which number of its first map (of the whole vector, from Flatten on) depends on which pixel.

    Found by lighting one pixel of a black image after the other, in all channels. Arrays (numbers, height, width).
    """
    height, width = shape[2:]
    lit = torch.eye(height * width, dtype=torch.float64).reshape(-1, 1, height, width).expand(-1, shape[1], -1, -1)
    x, found = lit, []
    for module in net:
        x = module(x)
        numbers = (x[:, 0] if x.dim() == 4 else x).flatten(1)
        found.append((numbers > 0).T.reshape(-1, height, width).numpy())
    return found
