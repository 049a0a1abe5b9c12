"""The figures of the architecture page: valid for Plotly, true to scale, and drawn in either language."""

from __future__ import annotations

import base64
import itertools
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from lenet import data
from lenet.architecture import explanations, inference
from lenet.architecture.configuration import CannotBuild, LeNetConfig
from lenet.architecture.figures import activations as maps_of_layers
from lenet.architecture.figures import (
    comparison,
    examples,
    flow,
    gradients,
    layer_colours,
    occlusion,
    predictions,
    weights,
)
from lenet.architecture.network import LeNet, lenet_table, mlp_table
from lenet.common import colours, translation
from tests.helpers.data_sets import NAMES
from tests.helpers.plotted import numbers

ROWS = lenet_table(LeNetConfig())
WALKED = inference.of_image(inference.untrained(LeNetConfig()), data.load("test", "sample")[0][0])


def drawn_maps(net: LeNet | None = None) -> dict[str, Any]:
    """What the browser is sent to draw the first test image on its way through a network."""
    net = net or inference.untrained(LeNetConfig())
    walked = inference.of_image(net, data.load("test", "sample")[0][0])
    return maps_of_layers.maps(
        walked.pixels, [layer.values for layer in walked.layers], net.config.layers, inference.state_arrays(net)
    )


def unpacked(text: str) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(text), "<f4")


def valid(figure: go.Figure) -> dict[str, Any]:
    """The figure as Plotly accepts it, with every property checked."""
    raw = figure.to_dict()
    assert go.Figure(raw).to_dict()["layout"].keys() >= raw["layout"].keys() - {"template"}
    return raw


@pytest.mark.parametrize("language", list(translation.LANGUAGES))
def test_all_figures_are_valid(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "_ask", lambda: language)
    odd = lenet_table(
        LeNetConfig(channels=(1, 40), hidden=(), kernel_size=(11, 1), input_size=61, activation="gelu", pooling="max")
    )
    for rows in (ROWS, odd, mlp_table()):
        json.dumps(flow.network(rows))
        json.dumps(comparison.comparison([("LeNet", rows), ("MLP", mlp_table())], 256))
    json.dumps(drawn_maps())
    valid(predictions.side_by_side([("a", WALKED.probabilities), ("b", WALKED.probabilities)], 3, NAMES))
    valid(occlusion.occlusion(WALKED.pixels, np.zeros((28, 28), np.float32)))
    valid(examples.gallery(data.load("test", "sample")[0][:4], ["a"] * 4))
    valid(examples.by_class([0.5] * 9 + [math.nan], NAMES))
    valid(predictions.outputs(WALKED.logits, WALKED.probabilities, 3, 9, NAMES))
    valid(gradients.gradients(ROWS, [0.0, 1e-9, *[0.5] * 11], 3))


# ---- the network ----


def test_all_twelve_layers_are_in_place_and_labelled() -> None:
    scene = flow.network(ROWS)
    assert (scene["image"]["name"], scene["image"]["size"]) == ("Input", "1×28×28")
    assert [layer["name"] for layer in scene["layers"]][:2] == ["Conv2d", "Sigmoid"]
    assert [layer["size"] for layer in scene["layers"]] == [
        "6×28×28", "6×28×28", "6×14×14", "16×10×10", "16×10×10", "16×5×5", "400", "120", "120", "84", "84", "10",
    ]  # fmt: skip
    assert [layer["shape"] for layer in scene["layers"]] == [row.output_shape[1:] for row in ROWS]
    fourth = scene["layers"][3]
    assert fourth["label"] == "4 · Conv2d, 6×14×14 → 16×10×10"
    assert fourth["words"] == "4 · Conv2d: 6×14×14 → 16×10×10 · Parameters: 2,416"
    assert (fourth["source"], fourth["kernel"]) == ("window", (5, 5))
    assert fourth["color"] == layer_colours.GROUPS["conv"]


def test_the_same_network_is_drawn_once_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
    english = flow.network(ROWS)
    assert flow.network(ROWS) is english
    monkeypatch.setattr(translation, "_ask", lambda: "zh_CN")
    assert flow.network(ROWS) is not english


# ---- an image walked through ----


def test_each_layer_is_sent_with_its_numbers() -> None:
    image, *layers = drawn_maps()["layers"]
    assert len(layers) == 12 and image["title"] == "Input"
    np.testing.assert_array_equal(unpacked(image["values"]), WALKED.pixels.ravel())
    for stage, step in zip(layers, WALKED.layers, strict=True):
        assert stage["shape"] == step.values.shape
        np.testing.assert_array_equal(unpacked(stage["values"]), step.values.ravel())
    assert layers[0]["title"] == "1 Conv2d" and layers[0]["label"].startswith("1 Conv2d, 6×28×28, −")
    ends = [(0, 3), (0, 4), *((i - 2, i + 3) for i in range(2, 26)), (24, 28), (25, 28)]
    assert layers[0]["field"] == {"rows": ends, "columns": ends}
    fifths = [(0, 14), (2, 18), (6, 22), (10, 26), (14, 28)]
    assert layers[5]["field"]["rows"] == layers[6]["field"]["rows"] == fifths, "Flatten mixes nothing"
    assert "field" not in layers[7]


def test_the_arithmetic_of_a_cell_can_be_done_with_what_is_sent() -> None:
    """Kernel × patch + bias, for batch norm and strided convolutions as well, gives the numbers of the layer."""
    net = inference.untrained(LeNetConfig(pooling="conv", batch_norm=True, stride=(1, 2), padding=(2, 1)))
    with torch.no_grad():
        net.train()(torch.rand(9, 1, 28, 28))  # running statistics that are not 0 and 1
    stages = drawn_maps(net.eval())["layers"]
    for before, stage in itertools.pairwise(stages):
        values = unpacked(stage["values"]).reshape(stage["shape"])
        source = unpacked(before["values"]).reshape(before["shape"])
        if stage["type"] == "Conv2d":
            (kh, kw), (sh, sw), (ph, pw) = stage["kernel"], stage["stride"], stage["padding"]
            kernels = unpacked(stage["weights"]).reshape(len(values), len(source), kh, kw)
            padded = np.pad(source, ((0, 0), (ph, ph), (pw, pw)))
            for c, y, x in ((0, 0, 0), (1, 1, 2)):
                patch = padded[:, y * sh : y * sh + kh, x * sw : x * sw + kw]
                assert (patch * kernels[c]).sum() + unpacked(stage["bias"])[c] == pytest.approx(
                    values[c, y, x], abs=1e-4
                )
        if stage["type"] == "BatchNorm2d":
            a, b = (unpacked(stage[k])[:, None, None] for k in ("weights", "bias"))
            np.testing.assert_allclose(a * source + b, values, atol=1e-4)


@pytest.mark.parametrize(
    ("values", "stops", "low", "high"),
    [
        ([-3.0, 1.0], colours.DIVERGING, -3.0, 3.0),  # signed: centred on zero
        ([0.25, 0.5], colours.SEQUENTIAL, 0.25, 0.5),
        ([0.0, 0.0], colours.SEQUENTIAL, 0.0, 1.0),  # a dead layer is pale, not noise
        ([-2.0, -1.0], colours.DIVERGING, -2.0, 2.0),
    ],
)
def test_one_sensible_scale_a_layer(values: list[float], stops: list[Any], low: float, high: float) -> None:
    row = LeNetConfig().layers[-1]
    stage = maps_of_layers.maps(WALKED.pixels, [np.array(values, np.float32)], [row], {})["layers"][1]
    assert stage["scale"] == {"stops": stops, "low": low, "high": high}


@pytest.mark.parametrize("n", [7, 26, 47, 62])
def test_outputs_of_another_number_of_classes_have_their_names(n: int) -> None:
    logits, names = np.zeros(n, np.float32), [str(i) for i in range(n)]
    drawn = valid(predictions.outputs(logits, logits.astype(float), 3, None, names))
    assert drawn["layout"]["yaxis"]["ticktext"] == names
    assert drawn["layout"]["height"] >= 12 * n, "each has room"


@pytest.mark.parametrize("n", [10, 26, 47, 62])
def test_classes_that_are_numbers_are_names_all_the_same(n: int) -> None:
    """Plotly takes them for a scale of numbers, unless told otherwise."""
    names, some = [str(i) for i in range(n)], np.full(n, 1 / n)
    assert valid(examples.by_class(some.tolist(), names))["layout"]["xaxis"]["type"] == "category"
    drawn = valid(predictions.side_by_side([("a", some), ("b", np.eye(n)[3])], 3, names))
    assert drawn["layout"]["xaxis"]["type"] == "category"
    assert drawn["data"][0]["x"] == names
    if n == 10:
        assert drawn["layout"]["xaxis"]["ticktext"][3] == "<b>3</b>"
    assert drawn["data"][1]["text"][n + 3] == "<b>1.00</b>"


def test_outputs_mark_prediction_and_label() -> None:
    logits, softmax = predictions.outputs(WALKED.logits, WALKED.probabilities, 3, 9, NAMES).to_dict()["data"]
    assert logits["x"] == pytest.approx(WALKED.logits.tolist())
    assert softmax["x"] == pytest.approx(WALKED.probabilities.tolist())
    colors = logits["marker"]["color"]
    assert colors[3] != colors[0] and len(set(colors)) == 2
    ticks = predictions.outputs(WALKED.logits, WALKED.probabilities, 3, 9, NAMES).to_dict()["layout"]["yaxis"][
        "ticktext"
    ]
    assert ticks[9] == "<b>Ankle boot</b>" and ticks[3] == "Dress"


def test_the_comparison_adds_up() -> None:
    scene = comparison.comparison([("LeNet", ROWS), ("MLP", mlp_table())], 2)
    wanted = {
        "LeNet": [61_706, 416_520, 8_868 * 8],
        "MLP": [235_146, 784 * 256 + 256 * 128 + 1280, (784 + 256 + 128) * 8],
    }
    for net in scene["nets"]:
        sums = [sum(values) for values in zip(*(layer["values"] for layer in net["layers"]), strict=True)]
        assert sums == wanted[net["name"]]
        assert net["totals"][0] == f"{sums[0]:,}" and f"{sums[0]:,} parameters" in net["label"]
    (first, *_rest) = scene["nets"][0]["layers"]
    assert first["words"].startswith("1 · Conv2d: parameters 156 · multiply-adds per image 117,600 · kept")


def test_a_network_that_cannot_be_built_is_drawn_up_to_its_broken_layer() -> None:
    for values in ({"input_size": 8}, {"input_size": 4, "padding": (0, 0)}):
        with pytest.raises(CannotBuild) as refusal:
            LeNetConfig(**values)
        error = refusal.value
        scene = flow.broken_network((1, 1, 8, 8), error.built, error.type, explanations.too_large_window(error))
        assert [layer["name"] for layer in scene["layers"]] == [row.type for row in error.built]
        assert scene["broken"] == {"name": "Conv2d", "why": "5×5 > 4×4"} and "selected" not in scene


def test_the_receptive_field_of_a_layer_is_on_the_image() -> None:
    layers = flow.network(ROWS)["layers"]
    for layer, pixels in ((0, 5), (3, 14), (5, 16), (6, 16)):
        assert layers[layer]["field"] == {"size": (pixels, pixels), "start": None}
    assert layers[7]["field"] is None, "all of the image"
    most = flow.network(LeNetConfig(kernel_size=(3, 3), padding=(0, 0)).layers)["layers"][7]
    assert most["field"] == {"size": (26, 26), "start": (0, 0)}, "all but the last two rows and columns"


def test_the_weights_of_a_layer_lie_where_they_belong() -> None:
    weight = np.random.default_rng(0).normal(size=(4, 3, 2, 5)).astype(np.float32)
    valid(weights.weights(weight))
    (heat,) = weights.weights(weight).to_dict()["data"]
    grid = numbers(heat["z"])[::-1]  # y grows upwards
    assert grid.shape == (3 * 3 - 1, 4 * 6 - 1)
    np.testing.assert_array_equal(grid[3:5, 12:17], weight[2, 1])
    assert heat["zmax"] == -heat["zmin"] == pytest.approx(np.abs(weight).max())
    (heat,) = weights.weights(weight[0, :, :, 0]).to_dict()["data"]
    np.testing.assert_array_equal(numbers(heat["z"])[::-1], weight[0, :, :, 0])
    valid(weights.weights(np.ones(6, np.float32)))
