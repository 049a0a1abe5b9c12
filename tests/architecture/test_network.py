"""lenet.model against the note's numbers, against torchinfo, and on random configurations."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

import pytest
import torch
import torchinfo
from hypothesis import given, settings
from torch import nn

from lenet.architecture.configuration import CannotBuild, LeNetConfig
from lenet.architecture.layers import ACTIVATIONS, POOLINGS
from lenet.architecture.network import MLP, LeNet, layer_table
from tests.helpers.strategies import settings_of_a_net

# ---- the note ----

NOTE = [  # type, input shape, output shape, parameters
    ("Conv2d", (1, 1, 28, 28), (1, 6, 28, 28), 156),
    ("Sigmoid", (1, 6, 28, 28), (1, 6, 28, 28), 0),
    ("AvgPool2d", (1, 6, 28, 28), (1, 6, 14, 14), 0),
    ("Conv2d", (1, 6, 14, 14), (1, 16, 10, 10), 2416),
    ("Sigmoid", (1, 16, 10, 10), (1, 16, 10, 10), 0),
    ("AvgPool2d", (1, 16, 10, 10), (1, 16, 5, 5), 0),
    ("Flatten", (1, 16, 5, 5), (1, 400), 0),
    ("Linear", (1, 400), (1, 120), 48120),
    ("Sigmoid", (1, 120), (1, 120), 0),
    ("Linear", (1, 120), (1, 84), 10164),
    ("Sigmoid", (1, 84), (1, 84), 0),
    ("Linear", (1, 84), (1, 10), 850),
]


def test_the_table_is_the_notes() -> None:
    rows = layer_table(LeNet())
    assert [(r.type, r.input_shape, r.output_shape, r.params) for r in rows] == NOTE
    assert sum(r.params for r in rows) == 61_706


def test_parameters_have_the_notes_names_and_shapes() -> None:
    assert isinstance(LeNet(), nn.Sequential)
    assert {name: tuple(p.shape) for name, p in LeNet().named_parameters()} == {
        "0.weight": (6, 1, 5, 5), "0.bias": (6,), "3.weight": (16, 6, 5, 5), "3.bias": (16,),
        "7.weight": (120, 400), "7.bias": (120,), "9.weight": (84, 120), "9.bias": (84,),
        "11.weight": (10, 84), "11.bias": (10,),
    }  # fmt: skip


def test_the_network_computes_what_the_notes_does() -> None:
    note = nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Sigmoid(), nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5), nn.Sigmoid(), nn.AvgPool2d(kernel_size=2, stride=2), nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10),
    )  # fmt: skip
    ours = LeNet()
    ours.load_state_dict(note.state_dict())
    x = torch.rand(3, 1, 28, 28)
    assert torch.equal(ours(x), note(x))


def test_the_mlp() -> None:
    rows = layer_table(MLP())
    assert sum(r.params for r in rows) == 235_146
    assert [r.output_shape[1] for r in rows if r.type == "Linear"] == [256, 128, 10]


def test_a_notebook_shows_the_table() -> None:
    rows = layer_table(LeNet())
    assert isinstance(rows, list) and rows == layer_table(LeNet())
    head, *layers, total = cells_of(rows._repr_html_())
    assert head == ["Name", "Layer", "Input", "Output", "Parameters"]
    assert layers == [
        [str(i), kind, str(before), str(after), f"{params:,}"] for i, (kind, before, after, params) in enumerate(NOTE)
    ]
    assert total == ["Total", "", "", "", "61,706"]
    empty = nn.Sequential(nn.Flatten())
    assert [line[1] for line in cells_of(layer_table(empty, (1, 2))._repr_html_())] == ["Layer", "Flatten", ""]


def test_what_a_module_is_called_is_no_markup() -> None:
    net = nn.Sequential(type("<b>&", (nn.Linear,), {})(4, 3))
    assert cells_of(layer_table(net, (1, 4))._repr_html_())[1][:2] == ["0", "<b>&"]


def cells_of(html: str) -> list[list[str]]:
    """The texts of a table's cells, row by row."""
    return [["".join(cell.itertext()) for cell in row] for row in ElementTree.fromstring(html).iter("tr")]


# ---- the caller's net is left as it was ----


def test_the_callers_net_is_left_as_it_was() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.Flatten(), nn.Linear(8, 2))
    called: list[str] = []
    net[0].register_forward_hook(lambda *_a: called.append("after"))
    net[0].register_forward_pre_hook(lambda *_a: called.append("before"))
    before = {k: v.clone() for k, v in net.state_dict().items()}
    net.train()

    rows = layer_table(net, (4, 1, 4, 4))

    assert [r.type for r in rows] == ["Conv2d", "BatchNorm2d", "Dropout", "Flatten", "Linear"]
    assert rows[-1].output_shape == (4, 2)
    assert net.training and net[1].training
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items()), "running statistics are unchanged"
    assert called == [], "the pass is a copy's; hooks of the caller are not called"
    assert all(len(m._forward_hooks) == (m is net[0]) for m in net.modules()), "and none of ours are left behind"
    assert all(p.grad is None for p in net.parameters())


def test_nested_modules_other_dtypes_and_nets_without_parameters() -> None:
    nested = nn.Sequential(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), nn.Linear(3, 2, bias=False)).double()
    rows = layer_table(nested, (5, 4))
    assert [(r.name, r.type, r.params, r.bias) for r in rows] == [
        ("0.0", "Linear", 15, True), ("0.1", "ReLU", 0, False), ("1", "Linear", 6, False),
    ]  # fmt: skip
    assert [r.output_shape for r in layer_table(nn.Sequential(nn.Flatten()), (2, 3, 4))] == [(2, 12)]


def test_an_input_that_does_not_fit_raises_what_the_net_raises() -> None:
    with pytest.raises(RuntimeError):
        layer_table(LeNet(), (1, 1, 32, 32))


# ---- any configuration ----


@settings(max_examples=200, deadline=None)
@given(settings_of_a_net())
def test_what_can_be_built_is_what_torch_builds(values: dict[str, Any]) -> None:
    """LeNetConfig refuses a network exactly where PyTorch does, and names the layer at which PyTorch fails."""
    fails_at = torch_fails_at(values)
    try:
        config = LeNetConfig.from_dict(values)
    except CannotBuild as error:
        assert error.params["layer"] == fails_at == len(error.built) + 1
        return
    assert fails_at is None

    rows = layer_table(LeNet(config), config.input_shape)
    assert rows == list(config.layers), "what was worked out is what ran"

    info = torchinfo.summary(LeNet(config), config.input_shape, verbose=0, device="cpu")
    leaves = [i for i in info.summary_list if i.is_leaf_layer]
    assert [r.type for r in rows] == [i.class_name for i in leaves]
    assert [list(r.input_shape) for r in rows] == [list(i.input_size) for i in leaves]
    assert [list(r.output_shape) for r in rows] == [list(i.output_size) for i in leaves]
    assert [r.params for r in rows] == [max(0, i.num_params) for i in leaves]
    assert config.cost()[0] == info.total_params

    extra = sum(  # what torchinfo counts and textbooks do not
        r.params if r.type == "BatchNorm2d" else r.weight_shape[0] * math.prod(r.output_shape[2:])
        for r in rows
        if r.weight_shape
    )
    assert config.cost()[1] == info.total_mult_adds - extra


def torch_fails_at(values: dict[str, Any]) -> int | None:
    """Number of the first layer that PyTorch refuses to run, counted from 1; None where it runs them all.

    Built here by hand, layer by layer, from what the settings mean.
    """
    size = values["input_size"]
    x = torch.zeros(1, values["in_channels"], *((size, size) if isinstance(size, int) else size))
    act, pooling = getattr(nn, ACTIVATIONS[values["activation"]])(), values["pooling"]
    layers: list[nn.Module] = []
    for out, kernel, padding, stride in zip(
        values["channels"], values["kernel_size"], values["padding"], values["stride"], strict=True
    ):
        layers.append(nn.LazyConv2d(out, kernel, stride=stride, padding=padding))
        layers += [nn.BatchNorm2d(out)] * values["batch_norm"] + [act]
        if pooling == "conv":
            layers.append(nn.Conv2d(out, out, 2, stride=2))
        elif pooling != "none":
            layers.append(getattr(nn, POOLINGS[pooling])(2, 2))
    for number, layer in enumerate(layers, 1):
        try:
            x = layer.eval()(x)
        except RuntimeError:
            return number
    return None


def test_a_network_without_convolutions_is_the_mlp() -> None:
    config = LeNetConfig(channels=(), kernel_size=(), padding=(), stride=(), hidden=(256, 128), activation="relu")
    note = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    assert str(nn.Sequential(*LeNet(config))) == str(MLP()) == str(note)
    assert layer_table(MLP()) == list(config.layers)
