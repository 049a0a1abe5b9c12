"""PyTorch's convolution, the judge of ours."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn


def call_torch(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    padding_mode: str = "zeros",
    **arguments: Any,
) -> torch.Tensor:
    """`conv2d` of PyTorch, and for a `padding_mode` the layer `nn.Conv2d`, which alone has it."""
    if padding_mode == "zeros":
        return F.conv2d(x, weight, bias, **arguments)
    outputs, inputs, *kernel = weight.shape
    layer = nn.Conv2d(
        inputs * max(1, int(arguments.get("groups", 1))),
        outputs,
        tuple(kernel),
        bias=bias is not None,
        padding_mode=padding_mode,
        **arguments,
    )
    del layer.weight, layer.bias
    layer.weight, layer.bias = weight, bias  # type: ignore[assignment] # tensors, so that their gradients are theirs
    return layer(x)  # type: ignore[no-any-return]
