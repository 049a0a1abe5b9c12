"""LeNet as the note writes it, the multilayer perceptron it is compared with, and the table of their layers.

The network is a plain `nn.Sequential`, so parameters have the note's names (`0.weight`, `3.weight`, …) and
`print(LeNet())` is its own documentation.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from lenet.architecture import configuration
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import LayerRow
from lenet.architecture.table import LayerTable

__all__ = ["MLP", "LayerRow", "LeNet", "LeNetConfig", "layer_table", "lenet_table", "mlp_table"]


class LeNet(nn.Sequential):
    """(N, 1, 28, 28) images → (N, 10) logits, 61 706 parameters with the default configuration.

    The note's form of LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998).
    Weights are initialised as torch does; a recipe may choose otherwise (`optimizers.init_weights`).
    """

    def __init__(self, config: LeNetConfig | None = None) -> None:
        self.config = config = config or LeNetConfig()
        super().__init__(*(build(row) for row in config.layers))


def build(row: LayerRow) -> nn.Module:
    """The module of one layer, as its entry in the registry says."""
    given = row.kind.arguments(row)
    module: nn.Module = getattr(nn, row.type)(*given.positional, **given.keywords)
    return module


def MLP() -> nn.Sequential:
    """The perceptron that the note compares LeNet with: 784 → 256 → 128 → 10, 235 146 parameters."""
    return nn.Sequential(*LeNet(configuration.MLP))


def layer_table(net: nn.Module, input_shape: tuple[int, ...] = (1, 1, 28, 28)) -> LayerTable:
    """A row for each leaf module of `net`, in the order in which they run, read off a real forward pass.

    A list, which a notebook shows as a table. The pass is made by a copy in evaluation mode on zeros, so the caller's net (mode, statistics,
    hooks) is left as it was. Raises what the net raises on an input of this shape.
    """
    return LayerTable(_watched(copy.deepcopy(net), input_shape))


def _watched(net: nn.Module, input_shape: tuple[int, ...]) -> list[LayerRow]:
    """`layer_table` of a net that nobody needs afterwards."""
    net.eval()
    rows: list[LayerRow] = []

    def watch(name: str, module: nn.Module) -> None:
        def hook(m: nn.Module, args: tuple[Any, ...], out: Tensor) -> None:
            weight, window = getattr(m, "weight", None), _pair(m, "kernel_size")
            rows.append(
                LayerRow(
                    name=name,
                    type=type(m).__name__,
                    input_shape=tuple(args[0].shape),
                    output_shape=tuple(out.shape),
                    params=sum(p.numel() for p in m.parameters()),
                    weight_shape=tuple(weight.shape) if isinstance(weight, Tensor) else None,
                    bias=isinstance(getattr(m, "bias", None), Tensor),
                    kernel_size=window,
                    stride=_pair(m, "stride"),
                    padding=_pair(m, "padding") or (window and (0, 0)),  # LPPool2d has no padding to set
                    dropout=m.p if isinstance(m, nn.Dropout) else None,
                )
            )

        module.register_forward_hook(hook)

    for name, module in net.named_modules():
        module._forward_hooks.clear()  # the caller's hooks were copied too, and are not ours to call
        module._forward_pre_hooks.clear()
        if not any(module.children()):
            watch(name, module)
    parameter = next(net.parameters(), None)
    device, dtype = (parameter.device, parameter.dtype) if parameter is not None else ("cpu", torch.float32)
    with torch.no_grad():
        net(torch.zeros(input_shape, device=device, dtype=dtype))
    return rows


def _pair(module: nn.Module, name: str) -> tuple[int, int] | None:
    """A setting of a 2-D window as (height, width); modules keep it as an int or a pair."""
    value = getattr(module, name, None)
    if isinstance(value, int):
        return (value, value)
    return value if isinstance(value, tuple) and len(value) == 2 else None


@lru_cache(maxsize=256)
def lenet_table(config: LeNetConfig) -> tuple[LayerRow, ...]:
    """`layer_table` of the LeNet of this configuration, remembered."""
    return tuple(_watched(LeNet(config), config.input_shape))


@lru_cache(maxsize=1)
def mlp_table() -> tuple[LayerRow, ...]:
    """`layer_table` of the perceptron, remembered."""
    return tuple(layer_table(MLP()))
