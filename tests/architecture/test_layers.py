"""A new activation and a new kind of layer are one entry of the registry: everything else follows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lenet import data, runs
from lenet.architecture import explanations, forward, inference, presets, table, weights
from lenet.architecture.code import as_code
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import activations as maps_of_layers
from lenet.architecture.figures import comparison, flow
from lenet.architecture.layers import (
    ACTIVATIONS,
    HEADS,
    KINDS,
    POOLINGS,
    Arguments,
    Choice,
    LayerKind,
    LayerRow,
)
from lenet.architecture.layers.activations import activation
from lenet.architecture.layers.kind import Array, Place, Weights, same_shape, windowed
from lenet.architecture.layers.receptive_field import receptive_fields
from lenet.architecture.network import LeNet, layer_table
from lenet.common import translation
from lenet.common.activations import Activation
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC, RunConfig
from lenet.training import code as script
from lenet.training.run import train_run
from tests.helpers import pages

MISH = activation(
    "mish",
    Activation(
        name="Mish", type="Mish", function=lambda x: x * np.tanh(np.log1p(np.exp(x))), slope=np.ones_like,
        pytorch="", python="", numpy="", what="x·tanh(ln(1 + e^x)).", training="A smooth ReLU.",
    ),
)  # fmt: skip


def power_average(x: Array, row: LayerRow, weights: Weights) -> Array:
    """The root of the sum of squares of every 2×2 window."""
    channels, height, width = x.shape
    windows = x[:, : height // 2 * 2, : width // 2 * 2].reshape(channels, height // 2, 2, width // 2, 2)
    return np.sqrt((windows**2).sum((2, 4)))


POWER_AVERAGE = LayerKind(
    type="LPPool2d", group="pool", source="window", output_shape=windowed, forward=power_average,
    arguments=lambda row: Arguments((2,), {"kernel_size": 2, "stride": 2}),
    what=lambda place: "Takes the length of every 2×2 window.", why=lambda place: "Between mean and maximum.",
    number_sum=lambda row: "length = {output}", choice=Choice("pooling", "lp", "length"),
)  # fmt: skip
LARGEST_OF_MAP = LayerKind(
    type="AdaptiveMaxPool2d", group="pool", source="map", output_shape=lambda inputs, size: (1, inputs[1], 1, 1),
    arguments=lambda row: Arguments((1,)), forward=lambda x, row, weights: x.max((1, 2), keepdims=True),
    what=lambda place: "Keeps the largest number of each map.", why=lambda place: "Whether it is there at all.",
    number_sum=lambda row: "largest = {output}", choice=Choice("head", "gmp", "largest of each map"),
)  # fmt: skip
SLOPE = LayerKind(
    type="PReLU", group="activation", source="number", output_shape=same_shape, has_bias=False,
    weight_shape=lambda inputs, size: (1,), forward=lambda x, row, weights: np.where(x > 0, x, weights["weight"] * x),
    what=lambda place: "max(0, x) + a·min(0, x).", why=lambda place: "It learns its slope.",
    choice=Choice("activation", "prelu", "PReLU"),
)  # fmt: skip
SMALL = LeNetConfig(channels=(3, 4), hidden=(9,), input_size=29)
NEW = {
    "an activation": (MISH, {"activation": "mish"}),
    "an activation with a weight": (SLOPE, {"activation": "prelu"}),
    "a pooling": (POWER_AVERAGE, {"pooling": "lp"}),
    "a head": (LARGEST_OF_MAP, {"head": "gmp"}),
}

KEYS = {"activation": "act", "pooling": "pool", "head": "head"}
"""In the address of a page."""


@pytest.fixture(params=NEW)
def new(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[LayerKind, dict[str, Any]]:
    """A kind of layer that was not there before, and the setting that asks for it."""
    kind, setting = NEW[request.param]
    with pytest.raises(LenetError):
        LeNetConfig(**setting)
    monkeypatch.setitem(KINDS, kind.type, kind)
    return kind, setting


New = tuple[LayerKind, dict[str, Any]]


def untrained(config: LeNetConfig) -> LeNet:
    torch.manual_seed(0)
    return LeNet(config).eval()


def test_the_settings_offer_it(new: New) -> None:
    kind, setting = new
    [(name, value)] = setting.items()
    assert {"activation": ACTIVATIONS, "pooling": POOLINGS, "head": HEADS}[name][value] == kind.type
    key = KEYS[name]
    assert kind.choice is not None and presets.words(key)[value] == kind.choice.words
    assert value in presets.CONTROLS[key].choices
    config = LeNetConfig(**setting)
    assert LeNetConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert presets.to_values(presets.DEFAULTS | presets.to_settings(config))[name] == value
    assert RunConfig.from_dict({"model": config.to_dict()}).model == config
    with pytest.raises(LenetError, match=value):
        LeNetConfig(**setting | {name: "nothing"})


def test_torch_builds_it_as_it_was_laid_out(new: New) -> None:
    kind, setting = new
    config = replace(SMALL, **setting)
    net = untrained(config)
    assert any(type(layer) is getattr(nn, kind.type) for layer in net)
    assert layer_table(net, config.input_shape) == list(config.layers)
    assert config.cost()[0] == sum(p.numel() for p in net.parameters())


def test_numpy_computes_what_torch_does(new: New) -> None:
    config = replace(SMALL, **new[1])
    net = untrained(config)
    x = torch.rand(config.input_shape)
    outputs = forward.forward(config, inference.state_arrays(net), x[0].numpy())
    with torch.no_grad():
        for layer, mine in zip(net, outputs, strict=True):
            x = layer(x)
            assert mine.dtype == np.float32
            np.testing.assert_allclose(mine, x[0].numpy(), atol=1e-5)


def test_the_code_makes_the_same_network(new: New) -> None:
    config = replace(SMALL, **new[1])
    scope: dict[str, Any] = {}
    exec(as_code(config), scope)
    assert str(scope["net"]) == str(nn.Sequential(*LeNet(config)))


@pytest.mark.parametrize("language", list(translation.LANGUAGES))
def test_table_and_explanations_have_it(new: New, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own words stay English until they are translated."""
    monkeypatch.setattr(translation, "_ask", lambda: language)
    kind, setting = new
    rows = replace(SMALL, **setting).layers
    index = next(i for i, row in enumerate(rows) if row.type == kind.type)
    text = explanations.explain_layer(rows, index)
    assert kind.what(Place(rows, index)) == text.what and text.what
    assert kind.why(Place(rows, index)) == text.why and text.why
    assert text.title.endswith(kind.type)
    assert all(explanations.receptive_field_text(rows, i) for i in range(len(rows)))
    layers = table.columns(rows, 256)[1]
    assert layers.values[index] == kind.type
    assert kind.type in table.as_csv(rows, 1).decode() and kind.type in table.as_markdown(rows, 1)


def test_its_source_decides_what_a_number_sees(new: New) -> None:
    kind, setting = new
    fields = receptive_fields(rows := replace(SMALL, **setting).layers)
    for i, row in enumerate(rows):
        if row.type == kind.type and kind.source == "number":
            assert fields[i] == fields[i - 1]
        elif row.type == kind.type and kind.source == "window":
            before, here = fields[i - 1], fields[i]
            assert before and here and here.step == tuple(2 * n for n in before.step)
        elif row.type == kind.type:
            field = fields[i]
            assert field is not None and field.is_whole_image


def test_it_is_drawn(new: New) -> None:
    kind, setting = new
    config = replace(SMALL, **setting)
    assert kind.type in [layer["name"] for layer in flow.network(config.layers)["layers"]]
    (drawn, _old) = comparison.comparison([("new", config.layers), ("old", SMALL.layers)], 1)["nets"]
    assert any(kind.type in layer["words"] for layer in drawn["layers"])
    net = untrained(config)
    found = inference.of_image(net, data.load("test", "sample")[0][0])
    outputs = [layer.values for layer in found.layers]
    sent = maps_of_layers.maps(found.pixels, outputs, config.layers, inference.state_arrays(net))["layers"]
    (stage, *_more) = [s for s in sent if s["type"] == kind.type]
    row = next(row for row in config.layers if row.type == kind.type)
    assert (stage["source"], stage["sum"]) == (kind.source, kind.number_sum(row))
    assert explanations.verdict(found.prediction, 0, 0.5, [str(i) for i in range(config.num_classes)])


def test_it_is_trained_and_its_script_has_it(new: New) -> None:
    """With an eager step, where nobody has written the layer out for CPUs; and what training leaves can be looked at."""
    kind, setting = new
    model = LeNetConfig(channels=(3, 4), hidden=(9,), **setting)
    run = runs.create(
        replace(CLASSIC, model=model, epochs=1, data="sample", device="cpu", examples_per_epoch=512), "new"
    )
    train_run(run, say=lambda line: None)
    assert run.status().state == "finished"
    assert all(np.isfinite(w).all() for w in run.weights().values())
    assert inference.of_image(inference.build(weights.of_run(run)), data.load("test", "sample")[0][0])
    source = script.of_run(run)
    compile(source, "script", "exec")
    assert f"nn.{kind.type}(" in source


@pytest.mark.usefixtures("router")
def test_the_page_shows_it(new: New) -> None:
    kind, setting = new
    [(name, value)] = setting.items()
    key = KEYS[name]
    at = pages.open_page("architecture", **{key: value})
    assert not at.exception and pages.said(at) == []
    assert kind.type in [row[1] for row in pages.layers(at)]
    at = pages.open_page("architecture", tab="walk", run="~untrained", **pages.url(at))
    assert not at.exception and "Predicted: **" in pages.words(at)
    if name != "head":  # the training page has no control for it
        at = pages.open_page("training", **{key: value})
        assert not at.exception and pages.said(at) == [] and pages.url(at)[key] == value


# ---- layers that nobody has described ----


def test_a_foreign_network_has_a_table_and_a_drawing() -> None:
    net = nn.Sequential(nn.Conv1d(2, 3, 4), nn.Softplus(), nn.Flatten(), nn.Linear(9, 2), nn.Softmax(dim=1))
    rows = layer_table(net, (1, 2, 6))
    assert [r.type for r in rows] == ["Conv1d", "Softplus", "Flatten", "Linear", "Softmax"]
    assert [r.macs for r in rows] == [3 * 2 * 4 * 3, 0, 0, 18, 0]
    softplus = explanations.explain_layer(rows, 1)
    assert (softplus.what, softplus.why, softplus.shape) == ("", "", "3×3 → 3×3")
    assert [c.heading for c in table.columns(rows, 1)][1] == "Layer"


def registered(check: Callable[[LayerKind], bool]) -> Sequence[str]:
    return [kind.type for kind in KINDS.values() if check(kind)]


def test_entries_are_complete() -> None:
    """Each has words, and the note's values come first among the choices."""
    assert registered(lambda kind: kind.what.__name__ == "no_words" or kind.why.__name__ == "no_words") == []
    assert registered(lambda kind: not hasattr(nn, kind.type)) == []
    assert (next(iter(ACTIVATIONS)), next(iter(POOLINGS)), next(iter(HEADS))) == ("sigmoid", "avg", "flatten")
    assert list(POOLINGS) == ["avg", "max", "conv", "none"]
