"""The figures of the architecture page: valid for Plotly, true to scale, and drawn in either language."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from lenet import data, explain, i18n, walk
from lenet.architecture import CannotBuild, LeNetConfig
from lenet.figures import architecture as figures
from lenet.figures import theme
from lenet.model import lenet_table, mlp_table

ROWS = lenet_table(LeNetConfig())
WALKED = walk.walk(walk.untrained(LeNetConfig()), data.load("test", "sample")[0][0])
LAYERS = [(s.type, s.values) for s in WALKED.steps]


def valid(figure: go.Figure) -> dict[str, Any]:
    """The figure as Plotly accepts it, with every property checked."""
    raw = figure.to_dict()
    assert go.Figure(raw).to_dict()["layout"].keys() >= raw["layout"].keys() - {"template"}
    return raw


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_all_figures_are_valid(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_ask", lambda: language)
    odd = lenet_table(
        LeNetConfig(channels=(1, 40), hidden=(), kernel_size=(11, 1), input_size=61, activation="gelu", pooling="max")
    )
    for rows in (ROWS, odd, mlp_table()):
        valid(figures.network(rows, len(rows) - 1))
        assert figures.network_alt(rows)
    valid(figures.strips(WALKED.pixels, LAYERS))
    valid(figures.outputs(WALKED.logits, WALKED.probabilities, 3, 9))
    valid(figures.comparison([("LeNet", ROWS), ("MLP", mlp_table())], 256))


# ---- the network ----


def test_all_twelve_layers_are_in_place_and_labelled() -> None:
    labels, clicks = figures.network(ROWS, 0).to_dict()["data"]
    assert labels["text"][:3] == ["<b>Input</b>", "<b>1</b><br>Conv2d", "<b>2</b><br>Sigmoid"]
    assert labels["text"][13:] == [
        "1×28×28", "6×28×28", "6×28×28", "6×14×14", "16×10×10", "16×10×10", "16×5×5", "400", "120", "120", "84",
        "84", "10",
    ]  # fmt: skip
    for layer in range(12):
        places = {x for x, [i] in zip(clicks["x"], clicks["customdata"], strict=True) if i == layer}
        assert places == {labels["x"][layer + 1]}, "a click on a column opens the layer that is drawn there"


def test_maps_and_bars_are_to_scale() -> None:
    drawn = figures.network(ROWS, 0).to_dict()["layout"]["shapes"]

    def boxes(kind: str) -> list[tuple[float, float]]:
        return [
            (s["x1"] - s["x0"], s["y1"] - s["y0"])
            for s in drawn
            if s["type"] == "rect" and s["fillcolor"] == figures.COLORS[kind]
        ]

    convolved = boxes("conv")
    assert len(convolved) == 6 + 16
    assert all(w == pytest.approx(h) for w, h in convolved), "maps are square"
    assert convolved[0][1] / convolved[-1][1] == pytest.approx(28 / 10)
    (flat,), dense = boxes("flatten"), boxes("dense")
    assert [h / flat[1] for _w, h in dense] == pytest.approx([(n / 400) ** 0.5 for n in (120, 84, 10)])


def test_stages_stay_apart_and_inside_for_extreme_networks() -> None:
    for config in (
        LeNetConfig(input_size=96, channels=(64, 64), hidden=(256, 1)),
        LeNetConfig(input_size=12, channels=(1, 1), kernel_size=(1, 1)),
    ):
        layout = figures.network(lenet_table(config), 0).to_dict()["layout"]
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
        mark = figures.network(ROWS, layer).to_dict()["layout"]["shapes"][0]
        assert mark["fillcolor"] == theme.WINDOW
        assert mark["x0"] // 100 == layer + 1


def test_the_same_network_is_drawn_once_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
    english = figures.network(ROWS, 0)
    assert figures.network(ROWS, 0) is english
    monkeypatch.setattr(i18n, "_ask", lambda: "zh_CN")
    assert figures.network(ROWS, 0) is not english


# ---- an image walked through ----


def test_each_layer_is_one_strip_that_holds_its_numbers() -> None:
    *strips, names = figures.strips(WALKED.pixels, LAYERS).data
    assert len(strips) == 13
    assert all(s.type == "heatmap" for s in strips)
    for strip, (_type, values) in zip(strips[1:], LAYERS, strict=True):
        if values.ndim == 3:
            n, height, width = values.shape
            assert np.asarray(strip.z).shape == (height, n * width + n - 1)
            grid = np.asarray(strip.z)[::-1]  # y grows upwards: the last row is the top of the map
            for j in range(n):
                np.testing.assert_array_equal(grid[:, j * (width + 1) : j * (width + 1) + width], values[j])
            assert np.isnan(grid[:, width :: width + 1]).all(), "an empty column between two maps"
        else:
            np.testing.assert_array_equal(strip.z, values[None])
    tops = [float(np.max(s.y)) for s in strips]
    bottoms = [float(np.min(s.y)) for s in strips]
    assert all(below < above for above, below in zip(bottoms, tops[1:], strict=False)), "strips do not overlap"
    assert names.text[1].startswith("<b>1</b> Conv2d  6×28×28<br>")


def test_tiles_are_square_and_all_channels_are_shown() -> None:
    many = np.random.default_rng(0).random((64, 30, 30), np.float32)
    for values in (LAYERS[0][1], LAYERS[4][1], many):
        strip = figures.strips(WALKED.pixels, [("Conv2d", values)]).data[1]
        x, y = np.asarray(strip.x), np.asarray(strip.y)
        width = values.shape[2]
        assert x[width] - x[0] == pytest.approx(y[-1] - y[0])
        assert x[-1] <= 800.001
        assert len(x) == np.asarray(strip.z).shape[1] + 1
        assert (np.diff(x) > 0).all()


@pytest.mark.parametrize(
    ("values", "scale", "low", "high"),
    [
        ([-3.0, 1.0], theme.DIVERGING, -3.0, 3.0),  # signed: centred on zero
        ([0.25, 0.5], theme.SEQUENTIAL, 0.25, 0.5),
        ([0.0, 0.0], theme.SEQUENTIAL, 0.0, 1.0),  # a dead layer is pale, not noise
        ([-2.0, -1.0], theme.DIVERGING, -2.0, 2.0),
    ],
)
def test_one_sensible_scale_a_layer(values: list[float], scale: list[Any], low: float, high: float) -> None:
    strip = figures.strips(WALKED.pixels, [("ReLU", np.array(values, np.float32))]).to_dict()["data"][1]
    assert (strip["colorscale"], strip["zmin"], strip["zmax"]) == (scale, low, high)


def test_outputs_mark_prediction_and_label() -> None:
    logits, softmax = figures.outputs(WALKED.logits, WALKED.probabilities, 3, 9).to_dict()["data"]
    assert logits["x"] == pytest.approx(WALKED.logits.tolist())
    assert softmax["x"] == pytest.approx(WALKED.probabilities.tolist())
    colors = logits["marker"]["color"]
    assert colors[3] != colors[0] and len(set(colors)) == 2
    ticks = figures.outputs(WALKED.logits, WALKED.probabilities, 3, 9).layout.yaxis.ticktext
    assert ticks[9] == "<b>Ankle boot</b>" and ticks[3] == "Dress"


def test_the_comparison_adds_up() -> None:
    nets = [("LeNet", ROWS), ("MLP", mlp_table())]
    traces = figures.comparison(nets, 2).to_dict()["data"]
    for axis, wanted in (
        ("x", [61_706, 235_146]),
        ("x2", [416_520, 784 * 256 + 256 * 128 + 1280]),
        ("x3", [14_602 * 8, (2 * 256 + 2 * 128 + 10) * 8]),
    ):
        bars = [t for t in traces if t["type"] == "bar" and t["xaxis"] == axis]
        (sums,) = [t for t in traces if t["type"] == "scatter" and t["xaxis"] == axis]
        assert sums["x"] == wanted
        for (name, _rows), total in zip(nets, wanted, strict=True):
            assert sum(b["x"][0] for b in bars if b["y"] == [name]) == total
    assert "61\N{NARROW NO-BREAK SPACE}706 parameters" in figures.comparison_alt(nets, 2)


def test_a_network_that_cannot_be_built_is_drawn_up_to_its_broken_layer() -> None:
    for values in ({"input_size": 8}, {"input_size": 4, "padding": (0, 0)}):
        with pytest.raises(CannotBuild) as refusal:
            LeNetConfig(**values)
        error = refusal.value
        figure = valid(figures.broken_network((1, 1, 8, 8), error.built, error.type, explain.broken(error)))
        labels, _clicks, broken = figure["data"]
        assert len(labels["text"]) == 2 * (1 + len(error.built))
        assert broken["text"][0] == f"<b>{len(error.built) + 1}</b><br>Conv2d"
        assert broken["text"][1] == "<b>5×5 > 4×4</b>"
        assert broken["x"][0] > labels["x"][len(error.built)]


def test_the_receptive_field_of_the_chosen_layer_is_on_the_image() -> None:
    for layer, pixels in ((0, 5), (3, 14), (5, 16)):
        shapes = figures.network(ROWS, layer).to_dict()["layout"]["shapes"]
        (dotted,) = [s for s in shapes if s["line"].get("dash") == "dot"]
        image = next(s for s in shapes if s.get("fillcolor") == figures.COLORS["input"])
        assert (dotted["x1"] - dotted["x0"]) / (image["x1"] - image["x0"]) == pytest.approx(pixels / 28)
    assert not [s for s in figures.network(ROWS, 7).to_dict()["layout"]["shapes"] if s["line"].get("dash")]
