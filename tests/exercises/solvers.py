"""Every kind of exercise solved with PyTorch, or counted out, from its facts alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.convolution import Convolution
from lenet.model import LeNet
from lenet.pooling import Pooling
from tests.helpers.torch_pooling import call_torch

Facts = Mapping[str, Any]
Solver = Callable[[Facts], tuple[float, ...]]


# -- pooling ----------------------------------------------------------------------------------------------------------


def pool_torch(pool: Pooling, x: torch.Tensor) -> Any:
    """PyTorch's pooling with the settings of ours; max gives (values, indices)."""
    own = {"dilation": pool.dilation} if pool.mode == "max" else {"count_include_pad": pool.count_include_pad}
    settings = {"kernel_size": pool.kernel_size, "stride": pool.stride, "padding": pool.padding}
    return call_torch(x, pool.mode, **settings, ceil_mode=pool.ceil_mode, **own)


def plane(values: Any) -> torch.Tensor:
    return torch.tensor(np.asarray(values), dtype=torch.float64)[None, None]


def pooled(facts: Facts) -> tuple[float, ...]:
    out = pool_torch(facts["pool"], plane(facts["x"]))
    values = out[0] if facts["pool"].mode == "max" else out
    return (float(values[0, 0][facts["cell"]]),)


def winner(facts: Facts) -> tuple[float, ...]:
    _values, indices = pool_torch(facts["pool"], plane(facts["x"]))
    return tuple(map(float, divmod(int(indices[0, 0][facts["cell"]]), facts["x"].shape[1])))


def pooled_size(facts: Facts) -> tuple[float, ...]:
    values, _indices = pool_torch(facts["pool"], torch.zeros(1, 1, facts["size"], facts["size"]))
    return (values.shape[2],)


def pooled_shape(facts: Facts) -> tuple[float, ...]:
    return tuple(pool_torch(facts["pool"], torch.zeros(1, *facts["shape"])).shape[1:])


def pooled_gradient(facts: Facts) -> tuple[float, ...]:
    x = plane(facts["x"]).requires_grad_()
    out = pool_torch(facts["pool"], x)
    (out[0] if facts["pool"].mode == "max" else out).backward(plane(facts["arriving"]))
    assert x.grad is not None
    return (float(x.grad[0, 0][facts["cell"]]),)


def pooled_field(facts: Facts) -> tuple[float, ...]:
    """How many rows get a gradient from one number in the middle, through averages, which leave none out."""
    x = torch.zeros(1, 1, 60, 60, dtype=torch.float64, requires_grad=True)
    y = x
    for pool in facts["layers"]:
        y = F.avg_pool2d(y, pool.kernel_size, pool.stride)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    assert x.grad is not None
    return (int((x.grad[0, 0] != 0).any(1).sum()),)


def refused(facts: Facts) -> tuple[float, ...]:
    def is_refused(kernel: int, stride: int, padding: int) -> bool:
        try:
            F.max_pool2d(torch.zeros(1, 1, facts["size"], facts["size"]), kernel, stride, padding)
        except RuntimeError:
            return True
        return False

    (found,) = [n for n, setting in enumerate(facts["settings"]) if is_refused(*setting)]
    return (found,)


# -- convolution ------------------------------------------------------------------------------------------------------


def convolved(layer: Convolution, x: torch.Tensor) -> torch.Tensor:
    """PyTorch's convolution with the numbers of ours."""
    bias = None if layer.bias is None else torch.tensor(layer.bias)
    return F.conv2d(x, torch.tensor(layer.weight), bias, layer.stride, layer.padding, layer.dilation)


def output_of(facts: Facts) -> tuple[float, ...]:
    return (float(convolved(facts["layer"], torch.tensor(facts["x"])[None])[0][facts["cell"]]),)


def convolved_size(facts: Facts) -> tuple[float, ...]:
    x = torch.zeros(1, 1, facts["size"], facts["size"], dtype=torch.float64)
    return (convolved(facts["layer"], x).shape[2],)


def convolved_shape(facts: Facts) -> tuple[float, ...]:
    return tuple(convolved(facts["layer"], torch.zeros(1, *facts["shape"], dtype=torch.float64)).shape[1:])


def kernel_of_output(facts: Facts) -> tuple[float, ...]:
    made = [correlated(kernel, facts["x"][0]) for kernel in facts["kernels"]]
    (found,) = [n for n, values in enumerate(made) if torch.equal(values, torch.tensor(facts["map"]))]
    return (found,)


@cache  # by two small numbers
def padding_that_keeps_size(kernel: int, dilation: int) -> int:
    x, weight = torch.zeros(1, 1, 40, 40), torch.zeros(1, 1, kernel, kernel)
    (found,) = [p for p in range(40) if F.conv2d(x, weight, None, 1, p, dilation).shape == x.shape]
    return found


def weight_gradient(facts: Facts) -> tuple[float, ...]:
    weight = torch.tensor(facts["layer"].weight).requires_grad_()
    F.conv2d(torch.tensor(facts["x"])[None], weight).backward(torch.tensor(facts["arriving"])[None])
    assert weight.grad is not None
    return (float(weight.grad[facts["weight"]]),)


# -- architecture -----------------------------------------------------------------------------------------------------


def shapes(config: LeNetConfig) -> list[tuple[int, ...]]:
    """What comes out of each layer of the network that PyTorch builds, without the batch."""
    x, found = torch.zeros(config.input_shape), []
    for layer in LeNet(config):
        x = layer(x)
        found.append(tuple(x.shape[1:]))
    return found


def count(layer: nn.Module) -> int:
    return sum(p.numel() for p in layer.parameters())


def most(facts: Facts) -> tuple[float, ...]:
    counts = [n for layer in LeNet(facts["config"]) if (n := count(layer))]
    return (counts.index(max(counts)),)


def multiplications(facts: Facts) -> tuple[float, ...]:
    """Counted by PyTorch's own counter of floating point operations, two for each multiplication and its addition."""
    from torch.utils.flop_counter import FlopCounterMode

    net, at = nn.Sequential(*LeNet(facts["config"])), facts["layer"]
    before = net[:at](torch.zeros(facts["config"].input_shape))
    with FlopCounterMode(display=False) as counter:
        net[at](before)
    return (counter.get_total_flops() // 2,)


def seen_rows(facts: Facts) -> tuple[float, ...]:
    """How many rows a number in the middle sees of a larger image, through one channel of weights of 1 and averages."""
    config = facts["config"]
    x = torch.zeros(1, 1, 80, 80, dtype=torch.float64, requires_grad=True)
    y = x
    for layer in list(LeNet(config))[: facts["layer"] + 1]:
        if isinstance(layer, nn.Conv2d):
            y = F.conv2d(y, torch.ones(1, 1, *layer.kernel_size, dtype=torch.float64), None, layer.stride)
        elif isinstance(layer, nn.AvgPool2d | nn.MaxPool2d):
            y = F.avg_pool2d(y, layer.kernel_size, layer.stride)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    assert x.grad is not None
    return (int((x.grad[0, 0] != 0).any(1).sum()),)


def flat_index(facts: Facts) -> tuple[float, ...]:
    maps = torch.zeros(1, *facts["shape"])
    maps[0][facts["cell"]] = 1
    return (int(nn.Flatten()(maps).argmax()),)


# -- kernels ----------------------------------------------------------------------------------------------------------


def correlated(kernel: Any, image: Any, padding: int = 0) -> torch.Tensor:
    return F.conv2d(plane(image), plane(kernel), padding=padding)[0, 0]


def kernel_of_map(facts: Facts) -> tuple[float, ...]:
    made = [correlated(kernel, facts["image"], 2) for kernel in facts["kernels"]]
    wanted = torch.tensor(facts["map"])
    (found,) = [n for n, values in enumerate(made) if torch.allclose(values, wanted, atol=1e-4)]
    return (found,)


def smoothest(facts: Facts) -> tuple[float, ...]:
    """The kernel that a blur changes least, for the contrast that it has."""
    blur = np.full((2, 2), 0.25)
    kept = [float(correlated(blur, kernel).var() / torch.tensor(kernel).var()) for kernel in facts["kernels"]]
    return (int(np.argmax(kept)),)


def most_alike(facts: Facts) -> tuple[float, ...]:
    first = facts["kernel"].ravel()
    return (int(np.argmax([abs(np.corrcoef(first, kernel.ravel())[0, 1]) for kernel in facts["kernels"]])),)


def needed(facts: Facts) -> tuple[float, ...]:
    """The accuracy on test images with the weights and the bias of one kernel such that its map is 0."""
    if facts["run"] not in _accuracies:
        _accuracies[facts["run"]] = _without_each(facts["run"])
    without = _accuracies[facts["run"]]
    return (int(np.argmin([without[at] for at in facts["pair"]])),)


_accuracies: dict[str, list[float]] = {}


def _without_each(run_id: str) -> list[float]:
    from lenet import data
    from lenet.data import DataError

    run = runs.find(run_id)
    trained = LeNet(run.config.model)
    trained.load_state_dict({name: torch.tensor(value) for name, value in run.weights().items()})
    net = nn.Sequential(*trained.eval())
    try:
        images, labels = data.load("test", "full")
    except DataError:
        images, labels = data.load("test", "sample")
    x, y = torch.tensor(images).float() / 255, torch.tensor(labels)
    at = next(n for n, layer in enumerate(net) if isinstance(layer, nn.Conv2d))
    after = next(n for n in range(at, len(net)) if isinstance(net[n], nn.Sigmoid | nn.ReLU)) + 1
    found = []
    with torch.inference_mode():
        maps = net[:after](x)
        for n in range(maps.shape[1]):
            kept = torch.ones(maps.shape[1])
            kept[n] = 0
            found.append(float((net[after:](maps * kept[:, None, None]).argmax(1) == y).float().mean()))
    return found


SOLVERS: dict[str, Solver] = {
    "pool-max": pooled,
    "pool-average": pooled,
    "pool-winner": winner,
    "pool-padded-average": pooled,
    "pool-negative": pooled,
    "pool-size": pooled_size,
    "pool-ceil": pooled_size,
    "pool-channels": pooled_shape,
    "pool-gradient": pooled_gradient,
    "pool-average-gradient": pooled_gradient,
    "pool-field": pooled_field,
    "pool-refused": refused,
    "conv-output": output_of,
    "conv-channels": output_of,
    "conv-kernel": kernel_of_output,
    "conv-size": convolved_size,
    "conv-same": lambda facts: (padding_that_keeps_size(facts["kernel"], facts["dilation"]),),
    "conv-shape": convolved_shape,
    "conv-parameters": lambda facts: (count(nn.Conv2d(facts["inputs"], facts["outputs"], facts["kernel"])),),
    "conv-gradient": weight_gradient,
    "net-shape": lambda facts: shapes(facts["config"])[facts["layer"]],
    "net-flatten": lambda facts: (next(layer.in_features for layer in LeNet(facts["config"]) if isinstance(layer, nn.Linear)),),
    "net-position": flat_index,
    "net-field": seen_rows,
    "net-parameters": lambda facts: (count(LeNet(facts["config"])[facts["layer"]]),),
    "net-total": lambda facts: (count(LeNet(facts["config"])),),
    "net-most": most,
    "net-macs": multiplications,
    "net-class": lambda facts: (int(torch.tensor(facts["logits"]).argmax()),),
    "net-softmax": lambda facts: (float(torch.tensor(facts["logits"]).softmax(0)[facts["class"]]),),
    "kernel-map": kernel_of_map,
    "kernel-edge": lambda facts: (int(np.argmax([float(correlated(facts["kernel"], p)) for p in facts["patches"]])),),
    "kernel-sign": lambda facts: (0 if float(correlated(facts["kernel"], facts["patch"])) > 0 else 1,),
    "kernel-response": lambda facts: (float(correlated(facts["kernel"], facts["patch"])),),
    "kernel-trained": smoothest,
    "kernel-match": most_alike,
    "kernel-needed": needed,
}  # fmt: skip
"""By the name of the kind."""
