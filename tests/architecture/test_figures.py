"""The figures of the architecture page: valid for Plotly, true to scale, and drawn in either language."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from lenet import data
from lenet.architecture import explanations, inference, presets
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
        valid(flow.network(rows, len(rows) - 1))
        assert flow.network_alt(rows)
    json.dumps(drawn_maps())
    valid(predictions.side_by_side([("a", WALKED.probabilities), ("b", WALKED.probabilities)], 3))
    valid(occlusion.occlusion(WALKED.pixels, np.zeros((28, 28), np.float32)))
    valid(examples.gallery(data.load("test", "sample")[0][:4], ["a"] * 4))
    valid(examples.by_class([0.5] * 10))
    valid(predictions.outputs(WALKED.logits, WALKED.probabilities, 3, 9))
    valid(comparison.comparison([("LeNet", ROWS), ("MLP", mlp_table())], 256))
    valid(gradients.gradients(ROWS, [0.0, 1e-9, *[0.5] * 11], 3))


# ---- the network ----


def test_all_twelve_layers_are_in_place_and_labelled() -> None:
    labels, clicks = flow.network(ROWS, 0).to_dict()["data"]
    assert labels["text"][:3] == ["<b>Input</b>", "<b>1</b><br>Conv2d", "<b>2</b><br>Sigmoid"]
    assert labels["text"][13:] == [
        "1×28×28", "6×28×28", "6×28×28", "6×14×14", "16×10×10", "16×10×10", "16×5×5", "400", "120", "120", "84",
        "84", "10",
    ]  # fmt: skip
    for layer in range(12):
        places = {x for x, [i] in zip(clicks["x"], clicks["customdata"], strict=True) if i == layer}
        assert places == {labels["x"][layer + 1]}, "a click on a column opens the layer that is drawn there"


def test_maps_and_bars_are_to_scale() -> None:
    drawn = flow.network(ROWS, 0).to_dict()["layout"]["shapes"]

    def boxes(kind: str) -> list[tuple[float, float]]:
        return [
            (s["x1"] - s["x0"], s["y1"] - s["y0"])
            for s in drawn
            if s["type"] == "rect" and s["fillcolor"] == layer_colours.GROUPS[kind]
        ]

    convolved = boxes("conv")
    assert len(convolved) == 6 + 16
    assert all(w == pytest.approx(h) for w, h in convolved), "maps are square"
    assert convolved[0][1] / convolved[-1][1] == pytest.approx(28 / 10)
    (flat,), dense = boxes("flatten"), boxes("dense")
    assert [h / flat[1] for _w, h in dense] == pytest.approx([(n / 400) ** 0.5 for n in (120, 84, 10)])


def test_labels_have_room() -> None:
    """Long names on two lines; over many columns upright text would be too small, so it is turned."""
    gap = flow.network(presets.PRESETS["gap"].config.layers, 0).to_dict()
    labels = gap["data"][0]
    assert "<b>13</b><br>Adaptive<br>AvgPool2d" in labels["text"] and labels["textfont"]["size"] > 11
    deep = LeNetConfig(
        channels=(4,) * 5, kernel_size=(3,) * 5, padding=(1,) * 5, stride=(1,) * 5, input_size=64, batch_norm=True,
        dropout=0.2,
    )  # fmt: skip
    layout = valid(flow.network(deep.layers, 0))["layout"]
    assert len(layout["annotations"]) == 2 * (1 + len(deep.layers))
    assert all(a["font"]["size"] == 11 and a["textangle"] == -90 for a in layout["annotations"])
    low, high = layout["yaxis"]["range"]
    assert flow.layer_keys(deep.layers, 0)["range"] == [layout["xaxis"]["range"][1], high - low]
    assert flow.layer_keys(deep.layers, 0)["height"] == layout["height"]


def test_stages_stay_apart_and_inside_for_extreme_networks() -> None:
    for config in (
        LeNetConfig(input_size=(32, 96)),
        LeNetConfig(input_size=(10, 100), kernel_size=(3, 1)),
        LeNetConfig(input_size=(100, 10), kernel_size=(3, 1)),
        LeNetConfig(input_size=96, channels=(64, 64), hidden=(256, 1)),
        LeNetConfig(input_size=12, channels=(1, 1), kernel_size=(1, 1)),
    ):
        layout = flow.network(lenet_table(config), 0).to_dict()["layout"]
        (left, right), (low, high) = layout["xaxis"]["range"], layout["yaxis"]["range"]
        assert len(layout["shapes"]) < 200
        for s in layout["shapes"]:
            if s["type"] == "rect":
                assert left <= s["x0"] < s["x1"] <= right and low <= s["y0"] < s["y1"] <= high
                assert int(s["x0"] // 100) == int((s["x1"] - 1e-6) // 100), (
                    "nothing reaches into its neighbour's place"
                )


def test_the_chosen_layer_is_marked() -> None:
    for layer in (0, 7, 11):
        mark = flow.network(ROWS, layer).to_dict()["layout"]["shapes"][0]
        assert mark["fillcolor"] == colours.WINDOW
        assert mark["x0"] // 100 == layer + 1


def test_the_same_network_is_drawn_once_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
    english = flow.network(ROWS, 0)
    assert flow.network(ROWS, 0) is english
    monkeypatch.setattr(translation, "_ask", lambda: "zh_CN")
    assert flow.network(ROWS, 0) is not english


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


def test_outputs_of_another_number_of_classes_have_numbers() -> None:
    logits = np.zeros(7, np.float32)
    assert predictions.outputs(logits, logits.astype(float), 3, None).to_dict()["layout"]["yaxis"][
        "ticktext"
    ] == list("0123456")


def test_outputs_mark_prediction_and_label() -> None:
    logits, softmax = predictions.outputs(WALKED.logits, WALKED.probabilities, 3, 9).to_dict()["data"]
    assert logits["x"] == pytest.approx(WALKED.logits.tolist())
    assert softmax["x"] == pytest.approx(WALKED.probabilities.tolist())
    colors = logits["marker"]["color"]
    assert colors[3] != colors[0] and len(set(colors)) == 2
    ticks = predictions.outputs(WALKED.logits, WALKED.probabilities, 3, 9).to_dict()["layout"]["yaxis"]["ticktext"]
    assert ticks[9] == "<b>Ankle boot</b>" and ticks[3] == "Dress"


def test_the_comparison_adds_up() -> None:
    nets = [("LeNet", ROWS), ("MLP", mlp_table())]
    traces = comparison.comparison(nets, 2).to_dict()["data"]
    for axis, wanted in (
        ("x", [61_706, 235_146]),
        ("x2", [416_520, 784 * 256 + 256 * 128 + 1280]),
        ("x3", [8_868 * 8, (784 + 256 + 128) * 8]),
    ):
        bars = [t for t in traces if t["type"] == "bar" and t["xaxis"] == axis]
        (sums,) = [t for t in traces if t["type"] == "scatter" and t["xaxis"] == axis]
        assert sums["x"] == wanted
        for (name, _rows), total in zip(nets, wanted, strict=True):
            assert sum(b["x"][0] for b in bars if b["y"] == [name]) == total
    assert "61,706 parameters" in comparison.comparison_alt(nets, 2)


def test_a_network_that_cannot_be_built_is_drawn_up_to_its_broken_layer() -> None:
    for values in ({"input_size": 8}, {"input_size": 4, "padding": (0, 0)}):
        with pytest.raises(CannotBuild) as refusal:
            LeNetConfig(**values)
        error = refusal.value
        figure = valid(
            flow.broken_network((1, 1, 8, 8), error.built, error.type, explanations.too_large_window(error))
        )
        labels, _clicks, broken = figure["data"]
        assert len(labels["text"]) == 2 * (1 + len(error.built))
        assert broken["text"][0] == f"<b>{len(error.built) + 1}</b><br>Conv2d"
        assert broken["text"][1] == "<b>5×5 > 4×4</b>"
        assert broken["x"][0] > labels["x"][len(error.built)]


def test_the_receptive_field_of_the_chosen_layer_is_on_the_image() -> None:
    for layer, pixels in ((0, 5), (3, 14), (5, 16), (6, 16)):
        shapes = flow.network(ROWS, layer).to_dict()["layout"]["shapes"]
        (dotted,) = [s for s in shapes if s["line"].get("dash") == "dot"]
        image = next(s for s in shapes if s.get("fillcolor") == layer_colours.INPUT)
        assert (dotted["x1"] - dotted["x0"]) / (image["x1"] - image["x0"]) == pytest.approx(pixels / 28)
    first = flow.network(ROWS, 0).to_dict()["layout"]["shapes"]
    (dotted,) = [s for s in first if s["line"].get("dash") == "dot"]
    (window,) = [s for s in first if s.get("fillcolor", "").startswith("rgba(245") and s["x1"] < 100]
    assert [dotted[k] for k in ("x0", "y0", "x1", "y1")] == [window[k] for k in ("x0", "y0", "x1", "y1")]
    assert not [s for s in flow.network(ROWS, 7).to_dict()["layout"]["shapes"] if s["line"].get("dash")]
    shapes = flow.network(LeNetConfig(kernel_size=(3, 3), padding=(0, 0)).layers, 7).to_dict()["layout"]["shapes"]
    (dotted,) = [s for s in shapes if s["line"].get("dash") == "dot"]
    image = next(s for s in shapes if s.get("fillcolor") == layer_colours.INPUT)
    assert (dotted["x0"], dotted["y1"]) == (image["x0"], image["y1"]), "all but the last two rows and columns"
    assert (dotted["x1"] - dotted["x0"]) / (image["x1"] - image["x0"]) == pytest.approx(26 / 28)
    assert (dotted["y1"] - dotted["y0"]) / (image["y1"] - image["y0"]) == pytest.approx(26 / 28)


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
