"""Receptive fields, against gradients."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import given, settings

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.network import LeNet
from lenet.architecture.receptive_field import receptive_fields
from lenet.common.errors import LenetError
from tests.helpers.strategies import settings_of_a_net


@settings(max_examples=60, deadline=None)
@given(settings_of_a_net())
def test_receptive_fields_are_where_gradients_come_from(values: dict[str, Any]) -> None:
    """The pixels that one number depends on, found by differentiating it, lie in its field and fill it."""
    values |= {"activation": "tanh", "pooling": "avg" if values["pooling"] == "max" else values["pooling"]}
    try:
        config = LeNetConfig.from_dict(values)
    except LenetError:
        return
    net = LeNet(config).eval()
    for p in net.parameters():
        p.data.abs_().add_(0.01)  # nothing cancels
    x = torch.full(config.input_shape, 0.01, requires_grad=True)
    out, beyond, at = x, False, [n - 1 for n in x.shape[2:]]
    for layer, row, field in zip(net, config.layers, receptive_fields(config.layers), strict=True):
        out = layer(out)
        beyond = beyond or row.type in ("Linear", "AdaptiveAvgPool2d")
        assert (field is None) == beyond
        if field is None:
            continue
        if out.dim() == 4:
            at = [n - 1 for n in out.shape[2:]]  # and of a vector the last number, which came from there
        (gradient,) = torch.autograd.grad(out.flatten()[-1], x, retain_graph=True)
        for axis in (0, 1):
            seen = gradient[0].abs().sum((0, 2 - axis)).nonzero().ravel().tolist()
            low = field.start[axis] + at[axis] * field.step[axis]
            high = low + field.size[axis] - 1
            inside = [max(0, low), min(high, x.shape[2 + axis] - 1)]
            if seen:  # a field in the padding alone sees nothing
                assert inside[0] <= seen[0] and seen[-1] <= inside[1]
                # gaps between windows, and the padding of later layers, leave pixels out
                gaps = any(s > k for s, k in zip(config.stride, config.kernel_size, strict=True))
                if not gaps and not any(config.padding[1:]):
                    assert [seen[0], seen[-1]] == inside
