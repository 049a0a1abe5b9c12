"""What is said of a layer, on any network that the page can make: each sentence against what PyTorch computes."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import nn

from lenet.architecture import explanations, table
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import flow
from lenet.architecture.layers import LayerRow
from lenet.architecture.network import LeNet
from lenet.common.errors import LenetError
from tests.helpers.dependence import all_pixels_of, linear
from tests.helpers.strategies import settings_of_a_net


@st.composite
def networks(draw: st.DrawFn) -> LeNetConfig | None:
    """Small images, but kernels, paddings and strides as large as the page allows; None where it cannot be built."""
    blocks = draw(st.integers(0, 4))

    def each(*limits: int) -> tuple[int, ...]:
        one = st.integers(limits[0], limits[1]) | st.integers(limits[0], limits[2])  # mostly small
        return tuple(draw(st.lists(one, min_size=blocks, max_size=blocks)))

    side = st.integers(4, 18)
    values = draw(settings_of_a_net()) | {
        "input_size": draw(side | st.tuples(side, side)),
        "channels": each(1, 4, 7),
        "kernel_size": each(1, 3, 15),
        "padding": each(0, 1, 15),
        "stride": each(1, 1, 4),
    }
    try:
        return LeNetConfig.from_dict(values)
    except LenetError:
        return None


def product(text: str) -> int:
    """Of `26×26`, or of a number with commas: what it counts."""
    return math.prod(int(n) for n in text.replace(",", "").split("×"))


def counts(seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.asarray(seen.sum((1, 2)))


def has_gaps(seen: NDArray[np.bool_]) -> bool:
    """Whether the pixels of some number do not fill the rectangle around them."""
    for mask in seen:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(rows) and mask.sum() != (np.ptp(rows) + 1) * (np.ptp(columns) + 1):
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(networks())
def test_what_is_said_of_any_network_is_so(config: LeNetConfig | None) -> None:
    if config is None:
        return
    rows, seen = config.layers, all_pixels_of(linear(config), config.input_shape)
    for i, row in enumerate(rows):
        check_receptive_field(config, i, seen[i])
        said = explanations.explain_layer(rows, i)
        said_of[row.type](rows, i, f"{said.what} {said.why}", seen)


def check_receptive_field(config: LeNetConfig, layer: int, seen: NDArray[np.bool_]) -> None:
    """The sentence below a layer, and its row of the table."""
    rows, n, pixels = config.layers, counts(seen), math.prod(config.image_size)
    said = explanations.receptive_field_text(rows, layer)
    (cell,) = [c.values[layer] for c in table.columns(rows, 1) if c.heading == "Sees"]
    dotted = flow.network(rows)["layers"][layer]["field"]
    assert ("dotted in the drawing" in said) == bool(dotted)
    if (n == pixels).all():
        assert (said, cell) == ("Each number depends on the whole image.", "all")
        return
    if not n.any():
        assert said.startswith("No number depends on any pixel of the image") and cell == "0"
        return
    (most,) = re.findall(r"umber depends on (\S+) pixels of the image", said)
    assert product(most) == product(cell) == n.max()
    fewest = re.findall(r"on fewer, down to ([\d×]+):", said)
    assert list(map(product, fewest)) == ([n.min()] if n.min() < n.max() else [])
    assert ("skips pixels between them" in said) == has_gaps(seen)
    unseen = re.findall(r"([\d,]+) of the ([\d,]+) pixels of the image reach no number", said)
    left = pixels - int(seen.any(0).sum())
    assert [tuple(map(product, both)) for both in unseen] == ([(left, pixels)] if left else [])
    check_step(config, layer, said, seen)


def check_step(config: LeNetConfig, layer: int, said: str, seen: NDArray[np.bool_]) -> None:
    """How far apart neighbours look; padding would hide where the first one begins."""
    steps, shape = (
        re.findall(r"fields of neighbours begin (\S+) pixels? apart", said.replace("one", "1")),
        config.layers[layer].output_shape,
    )
    assert bool(steps) == (len(shape) == 4 and math.prod(shape[2:]) > 1)
    if steps and not any(config.padding):
        step = [int(s) for s in (steps[0].split("×") * 2)[:2]]
        for axis, next_one in ((0, shape[3]), (1, 1)):
            if shape[2 + axis] > 1:
                first, second = (int(seen[at].any(1 - axis).argmax()) for at in (0, next_one))
                assert second - first == step[axis]


def check_convolution(rows: tuple[LayerRow, ...], i: int, said: str, seen: list[NDArray[np.bool_]]) -> None:
    row = rows[i]
    (kernel, _width), places = row.kernel_size or (0, 0), math.prod(row.output_shape[2:])
    assert f"Slides {row.output_shape[1]} kernels" in said
    assert ("They move" in said) == (row.stride != (1, 1))
    if i == 0:
        assert ("cannot find an edge" in said) == (kernel == 1)
        assert ("edge" in said) and ("lines, spots" in said) == (kernel >= 3)
        assert ("divide the work" in said) == (row.output_shape[1] > 1)
        assert ("no weight is shared" in said) == (places == 1)
        for used, params, dense in re.findall(
            r"at all (\S+) places: (\S+) parameters .* would have ([\d,]+)\.", said
        ):
            same = nn.Linear(math.prod(row.input_shape[1:]), math.prod(row.output_shape[1:]), device="meta")
            assert (product(used), product(params)) == (places, row.params)
            assert product(dense) == sum(p.numel() for p in same.parameters()) > row.params
        return
    here, before = counts(seen[i]).max(), counts(seen[i - 1]).max()
    wider = re.findall(r"depends on (\S+) pixels of the image instead of ([\d×]+)", said)
    first = kernel > 1 and not any(r.type == "Conv2d" and r.kernel_size != (1, 1) for r in rows[:i])
    assert ("Can find the simplest feature" in said) == (first and math.prod(row.input_shape[2:]) > 1)
    if wider:
        assert tuple(map(product, wider[0])) == (here, before) and here > before and not first
    elif not first:
        assert here <= before
    assert ("1×1 kernel" in said) == (kernel == 1)
    assert ("more channels" in said) == (row.output_shape[1] > row.input_shape[1])
    assert ("shrinks the maps" in said) == (row.stride != (1, 1) and places < math.prod(row.input_shape[2:]))


def check_pooling(rows: tuple[LayerRow, ...], i: int, said: str, seen: list[NDArray[np.bool_]]) -> None:
    """A window is 2×2: what is left over is an odd row or column."""
    covered = re.findall(r"They cover (\S+) of each (\S+) map", said)
    height, width = rows[i].input_shape[2:]
    odd = height % 2 or width % 2
    assert covered == ([(f"{height // 2 * 2}×{width // 2 * 2}", f"{height}×{width}")] if odd else [])
    assert ("goes to the dense layers" in said) == (rows[i + 1].type == "Flatten")


def check_global_mean(rows: tuple[LayerRow, ...], i: int, said: str, seen: list[NDArray[np.bool_]]) -> None:
    following = next(row for row in rows[i:] if row.type == "Linear")
    places = math.prod(rows[i].input_shape[2:])
    assert ("changes nothing" in said) == (places == 1)
    for fewer, all_ in re.findall(r"(\S+) weights instead of ([\d,]+)", said):
        alone = nn.Linear(rows[i].input_shape[1], following.output_shape[1]).weight.numel()
        assert (product(fewer), product(all_)) == (alone, places * alone)


def check_flatten(rows: tuple[LayerRow, ...], i: int, said: str, seen: list[NDArray[np.bool_]]) -> None:
    assert ("rows of the image" in said) == (i == 0)
    differ = (seen[i] != seen[i][0]).any()  # whether numbers come from different places
    assert ("where in the image" in said) or not differ


def check_dense(rows: tuple[LayerRow, ...], i: int, said: str, seen: list[NDArray[np.bool_]]) -> None:
    before = seen[i - 1]
    is_last = i == len(rows) - 1
    assert ("logits" in said) == is_last
    assert ("expensive" in said) == (2 * rows[i].params > sum(row.params for row in rows))
    if is_last or any(row.type == "Linear" for row in rows[:i]):
        return
    n, pixels = counts(before), before[0].size
    if all(row.type in ("Flatten", "Dropout") for row in rows[:i]):
        assert "Its inputs are the pixels" in said and n.max() == 1
    elif (n == pixels).all():
        assert "depend on the whole image already" in said
    elif (before == before[0]).all() and "same part of the image" in said:
        assert n.max() < pixels
    elif n.max() == pixels:
        assert "In the middle of the maps a number depends on the whole image already" in said
    else:
        (most,) = re.findall(r"every feature was local: a number depended on (\S+) pixels", said)
        assert product(most) == n.max()
    assert ("come together" in said) or (before == before[0]).all() or "pixels: nothing is local" in said


def no_claim(rows: tuple[LayerRow, ...], i: int, said: str, seen: list[NDArray[np.bool_]]) -> None:
    """Nothing that depends on the network: its sentences are checked below."""


said_of = {
    "Conv2d": check_convolution, "AvgPool2d": check_pooling, "MaxPool2d": check_pooling,
    "AdaptiveAvgPool2d": check_global_mean, "Flatten": check_flatten, "Linear": check_dense,
} | dict.fromkeys(("BatchNorm2d", "Dropout", "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "GELU"), no_claim)  # fmt: skip


# ---- what is said of gradients and of windows, whatever the network ----


def why(type: str, **settings_of_net: Any) -> str:
    rows = LeNetConfig(**settings_of_net).layers
    return explanations.explain_layer(rows, next(i for i, row in enumerate(rows) if row.type == type)).why


def slopes(module: nn.Module) -> dict[float, float]:
    """By input."""
    x = torch.linspace(-30, 30, 60_001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(module(x).sum(), x)
    return dict(zip(x.tolist(), slope.tolist(), strict=True))


def test_slopes_of_activations_are_what_is_said() -> None:
    sigmoid, tanh = slopes(nn.Sigmoid()), slopes(nn.Tanh())
    assert max(sigmoid.values()) == pytest.approx(1 / 4) and max(sigmoid[-30], sigmoid[30]) < 1e-12
    assert "at most 1/4, and almost 0 far from 0" in why("Sigmoid")
    assert max(tanh.values()) == pytest.approx(1) and max(tanh[-30], tanh[30]) < 1e-12
    assert "1 at zero, but almost 0 far away" in why("Tanh", activation="tanh")
    relu, leaky = slopes(nn.ReLU()), slopes(nn.LeakyReLU())
    assert all(slope == (x > 0) for x, slope in relu.items() if x)
    assert "leaves the gradient of a positive number as it is and stops that of a negative one" in why(
        "ReLU", activation="relu"
    )
    assert all(slope == (1 if x > 0 else 0.01) for x, slope in leaky.items() if x)
    assert "lets a hundredth of the gradient through" in why("LeakyReLU", activation="leaky_relu")


def mean_gradients(config: LeNetConfig, seed: int = 0) -> list[float]:
    """Mean absolute gradient of the loss with respect to the weights of each convolution, as PyTorch initialises them."""
    torch.manual_seed(seed)
    net = LeNet(config)
    nn.functional.cross_entropy(net(torch.rand(64, *config.input_shape[1:])), torch.randint(10, (64,))).backward()
    return [
        float(layer.weight.grad.abs().mean())
        for layer in net
        if isinstance(layer, nn.Conv2d) and layer.weight.grad is not None
    ]


@pytest.mark.parametrize(("activation", "times"), [("relu", 5), ("sigmoid", 1000)])
def test_gradients_fade_through_eight_convolutions(activation: str, times: float) -> None:
    """Through ReLU as well, only less: so nothing else may be said of either."""
    eight = {"channels": (8,) * 8, "kernel_size": (3,) * 8, "padding": (1,) * 8, "stride": (1,) * 8}
    for seed in range(3):
        gradients = mean_gradients(LeNetConfig(**eight, activation=activation, pooling="none"), seed)
        assert gradients[-1] > times * gradients[0]
    assert "does not keep gradients from fading" in why("ReLU", activation="relu")
    assert "gradients fade from sigmoid to sigmoid" in why("Sigmoid")


def test_where_in_its_window_a_feature_lies_makes_no_difference() -> None:
    """To a mean and to a maximum: the four numbers of each window change places."""
    x = torch.rand(2, 3, 8, 10)
    mixed = x.clone()
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        mixed[:, :, row::2, column::2] = x[:, :, 1 - row :: 2, column::2]
    assert not torch.equal(x, mixed)
    for pool in (nn.AvgPool2d(2), nn.MaxPool2d(2)):
        torch.testing.assert_close(pool(x), pool(mixed))
    assert "Where in its window a feature lies makes no difference to the mean" in why("AvgPool2d")
    assert "within its window it may lie anywhere" in why("MaxPool2d", pooling="max")


def test_batch_norm_takes_no_notice_of_the_scale_of_the_weights() -> None:
    net, x = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)).train(), torch.rand(5, 1, 9, 9)
    before = net(x)
    torch.testing.assert_close(before.mean((0, 2, 3)), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(before.var((0, 2, 3), unbiased=False), torch.ones(4), atol=1e-3, rtol=0)
    with torch.no_grad():
        net[0].weight.mul_(10)
        net[0].bias.mul_(10)
    torch.testing.assert_close(net(x), before, atol=1e-3, rtol=1e-2)
    assert "whatever the weights before it do" in why("BatchNorm2d", batch_norm=True)


def test_a_network_with_global_average_pooling_takes_larger_images() -> None:
    config = LeNetConfig(head="gap")
    assert LeNet(config)(torch.rand(1, 1, 57, 80)).shape == (1, 10)
    with pytest.raises(RuntimeError):
        LeNet(LeNetConfig())(torch.rand(1, 1, 57, 80))
    assert "Larger images can be used as well" in why("AdaptiveAvgPool2d", head="gap")


def test_a_1x1_kernel_is_said_to_find_no_edge_and_finds_none() -> None:
    """Where neighbouring pixels differ, its answer at each is the one that it gives in a picture of that grey alone."""
    edge = torch.zeros(1, 1, 6, 6)
    edge[..., 3:] = 1
    for kernel, finds in ((1, False), (2, True)):
        conv = nn.Conv2d(1, 8, kernel, bias=False)
        flat = [conv(torch.full_like(edge, grey))[0, :, 0, 0] for grey in (0.0, 1.0)]
        answers = conv(edge)[0, :, 0].T  # column by column
        new = [a for a in answers if not any(torch.allclose(a, f) for f in flat)]
        assert bool(new) == finds
    assert "cannot find an edge" in why("Conv2d", kernel_size=(1, 5))
    assert "cannot find an edge" not in why("Conv2d")
