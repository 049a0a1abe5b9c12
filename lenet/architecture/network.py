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

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import LayerRow

__all__ = ["MLP", "LayerRow", "LeNet", "LeNetConfig", "layer_table", "lenet_table", "mlp_table"]


class LeNet(nn.Sequential):
    """(N, 1, 28, 28) images → (N, 10) logits, 61 706 parameters with the default configuration.

    The note's form of LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998).
    Weights are initialised as torch does; a recipe may choose otherwise (`optimizers.init_weights`).
    """

    def __init__(self, config: LeNetConfig | None = None) -> None:
        self.config = config = config or LeNetConfig()
        super().__init__(*(_build(row, config) for row in config.layers))


def _build(row: LayerRow, config: LeNetConfig) -> nn.Module:
    """The module of one layer."""
    match row:
        case LayerRow(type="Conv2d", weight_shape=(c_out, c_in, k, _), stride=(s, _), padding=(p, _)):
            return nn.Conv2d(c_in, c_out, kernel_size=k, stride=s, padding=p)
        case LayerRow(type="AvgPool2d" | "MaxPool2d", kernel_size=(k, _), stride=(s, _)):
            pool: nn.Module = getattr(nn, row.type)(kernel_size=k, stride=s)
            return pool
        case LayerRow(type="Linear", weight_shape=(n_out, n_in)):
            return nn.Linear(n_in, n_out)
        case LayerRow(type="BatchNorm2d", weight_shape=(channels,)):
            return nn.BatchNorm2d(channels)
        case LayerRow(type="AdaptiveAvgPool2d"):
            return nn.AdaptiveAvgPool2d(1)
        case LayerRow(type="Dropout"):
            return nn.Dropout(config.dropout)
        case _:  # Flatten and the activations have no settings
            plain: nn.Module = getattr(nn, row.type)()
            return plain


def MLP() -> nn.Sequential:
    """The perceptron that the note compares LeNet with: 784 → 256 → 128 → 10, 235 146 parameters."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def layer_table(net: nn.Module, input_shape: tuple[int, ...] = (1, 1, 28, 28)) -> list[LayerRow]:
    """A row for each leaf module of `net`, in the order in which they run, read off a real forward pass.

    The pass is made by a copy in evaluation mode on zeros, so the caller's net (mode, statistics,
    hooks) is left as it was. Raises what the net raises on an input of this shape.
    """
    return _watched(copy.deepcopy(net), input_shape)


def _watched(net: nn.Module, input_shape: tuple[int, ...]) -> list[LayerRow]:
    """`layer_table` of a net that nobody needs afterwards."""
    net.eval()
    rows: list[LayerRow] = []

    def watch(name: str, module: nn.Module) -> None:
        def hook(m: nn.Module, args: tuple[Any, ...], out: Tensor) -> None:
            weight = getattr(m, "weight", None)
            rows.append(
                LayerRow(
                    name=name,
                    type=type(m).__name__,
                    input_shape=tuple(args[0].shape),
                    output_shape=tuple(out.shape),
                    params=sum(p.numel() for p in m.parameters()),
                    weight_shape=tuple(weight.shape) if isinstance(weight, Tensor) else None,
                    bias=isinstance(getattr(m, "bias", None), Tensor),
                    kernel_size=_pair(m, "kernel_size"),
                    stride=_pair(m, "stride"),
                    padding=_pair(m, "padding"),
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
