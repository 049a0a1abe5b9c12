"""The figures of an experiment: valid for Plotly, wide and narrow, and drawn from the numbers they are given."""

from __future__ import annotations

import copy
import csv
import io
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from lenet.common import colours, translation
from lenet.experiments import detectors, statistics
from lenet.experiments.figures import curves, differences, kernels, seeds
from lenet.experiments.statistics import Sample
from tests.helpers.kernels import random_kernels
from tests.helpers.plotted import numbers

SIGMOID = {0: 0.808, 1: 0.812, 2: 0.763, 3: 0.817}
RELU = {0: 0.881, 1: 0.879, 2: 0.852, 4: 0.9}
TWO = [Sample("sigmoid", SIGMOID), Sample("relu", RELU, failed=(3,))]
IDS = {(0, 0): "sigmoid-0", (1, 2): "relu-2"}


def check(figure: go.Figure) -> dict[str, Any]:
    """Plotly's own validation, also of the narrow look; the plain figure."""
    plain: dict[str, Any] = figure.to_dict()
    go.Figure(plain)
    narrow = copy.deepcopy(plain)
    for part in (narrow["layout"], *narrow["data"]):
        for path, value in part.get("meta", {}).get("narrow", {}).items():
            *keys, last = path.split(".")
            inner = part
            for key in keys:
                inner = inner[int(key)] if isinstance(inner, list) else inner.setdefault(key, {})
            inner[last] = value
    go.Figure(narrow)
    return plain


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# -- the strip --------------------------------------------------------------------------------------------------------


def test_the_strip() -> None:
    plain = check(seeds.strip(TWO, IDS))
    joined, first, mean, second, _mean = plain["data"]
    assert first["x"] == list(SIGMOID.values()) and second["x"] == list(RELU.values())
    assert first["customdata"] == ["sigmoid-0", "", "", ""] and second["customdata"][2] == "relu-2"
    found = statistics.mean_interval(list(SIGMOID.values()))
    assert found and found.low is not None and mean["x"] == [found.mean]
    assert mean["error_x"]["arrayminus"] == [pytest.approx(found.mean - found.low)]
    assert joined["x"] == [0.808, 0.881, None, 0.812, 0.879, None, 0.763, 0.852, None]  # of seeds that both have
    assert [note["text"] for note in plain["layout"]["annotations"]] == [
        "<b>sigmoid</b> 80.0% · 4 of 4 runs",
        "<b>relu</b> 87.8% · 4 of 5 runs, 1 failed",
    ]
    low, high = plain["layout"]["xaxis"]["range"]
    assert low < 0.763 and high > 0.9
    assert "relu: 4 runs between 85.2% and 90.0%" in seeds.strip_alt(TWO)
    assert rows(seeds.strip_csv(TWO, IDS))[0] == {
        "arm": "sigmoid",
        "seed": "0",
        "run": "sigmoid-0",
        "test_acc": "0.808",
    }


def test_a_point_that_is_chosen_says_which_run_it_is_and_no_mean_fades() -> None:
    plain = check(seeds.strip(TWO, {}))
    for arm, trace in ((0, plain["data"][1]), (1, plain["data"][3])):
        places = [seeds.place_of({"y": y, "text": text}) for y, text in zip(trace["y"], trace["text"], strict=True)]
        assert places == [(arm, seed) for seed in sorted(TWO[arm].values)]
    assert seeds.place_of({"y": 0.84}) is None, "the mean is no run"
    assert all(plain["data"][n]["unselected"]["marker"]["opacity"] == 1 for n in (2, 4))


def test_rows_of_many_arms_are_lower() -> None:
    few, many = (
        check(seeds.strip([Sample(f"a{n}", {0: 0.8}) for n in range(arms)], {}))["layout"]["height"] / arms
        for arms in (8, 40)
    )
    assert many < 0.75 * few


@pytest.mark.parametrize("values", [{}, {0: 0.8}, {0: 0.1, 1: 0.1}, {seed: 0.8 + seed / 1000 for seed in range(64)}])
@pytest.mark.parametrize("arms", [1, 9])
def test_a_strip_of_anything(values: dict[int, float], arms: int) -> None:
    samples = [Sample("" if arms == 1 else f"arm {n}", values, waiting=(99,)) for n in range(arms)]
    check(seeds.strip(samples, {}))
    assert seeds.strip_alt(samples)
    check(differences.forest(samples))
    assert differences.forest_alt(samples)


def test_the_axis_stands_still_while_runs_end() -> None:
    one = seeds.strip([Sample("a", {0: 0.80, 1: 0.83})], {}).to_dict()["layout"]["xaxis"]["range"]
    more = seeds.strip([Sample("a", {0: 0.80, 1: 0.83, 2: 0.815})], {}).to_dict()["layout"]["xaxis"]["range"]
    assert one == more


# -- differences ------------------------------------------------------------------------------------------------------


def test_an_interval_is_on_the_axis_as_a_whole_unless_it_is_long_beside_the_runs() -> None:
    """Four runs with a standard deviation of 1.8 points: 80.6 ± 3.18 · 1.8 / √4."""
    low, high = seeds.strip([Sample("a", {0: 0.784, 1: 0.804, 2: 0.808, 3: 0.827})], {}).to_dict()["layout"]["xaxis"][
        "range"
    ]
    assert low <= 0.7777 and high >= 0.8339
    low, high = seeds.strip([Sample("a", {0: 0.80, 1: 0.83})], {}).to_dict()["layout"]["xaxis"]["range"]
    assert low > 0.75 and high < 0.88, "not 62 to 101 %"


def test_the_forest() -> None:
    plain = check(differences.forest(TWO))
    dots, mean = plain["data"]
    assert dots["x"] == pytest.approx([7.3, 6.7, 8.9]) and dots["customdata"] == [0, 1, 2]
    found = statistics.paired(RELU, SIGMOID)
    assert found and found.low is not None and found.high is not None
    assert mean["x"] == [pytest.approx(100 * found.mean)]
    assert mean["error_x"]["array"] == [pytest.approx(100 * (found.high - found.mean))]
    assert mean["marker"]["symbol"] == "diamond" and mean["marker"]["color"] == colours.SERIES[1]  # the better arm's
    low, high = plain["layout"]["xaxis"]["range"]
    assert low < 0 < 100 * found.high < high
    assert plain["layout"]["annotations"][0]["text"].startswith(
        "<b>relu − sigmoid</b> 7.6, 4.8 to 10.5 (95% interval)"
    )
    (row,) = rows(differences.forest_csv(TWO))
    assert (row["a"], row["b"], row["seeds"], row["wins"]) == ("sigmoid", "relu", "3", "0")
    assert float(row["difference"]) == pytest.approx(-found.mean) and float(row["low"]) == pytest.approx(-found.high)


def test_what_is_not_clear_is_open() -> None:
    same = [Sample("a", SIGMOID), Sample("b", {seed: value + (-1) ** seed * 0.01 for seed, value in SIGMOID.items()})]
    mean = differences.forest(same).to_dict()["data"][1]
    assert mean["marker"]["symbol"] == "diamond-open" and mean["marker"]["color"] == colours.MUTED


def test_of_many_pairs_the_clear_and_large_ones_are_drawn() -> None:
    arms = [
        Sample(f"arm {n}", {seed: 0.5 + n * n / 1000 + seed / 100 + (n * seed) % 3 / 1000 for seed in range(6)})
        for n in range(8)
    ]
    drawn = differences.drawn(arms)
    assert len(drawn) == differences.MAX_ROWS < 28
    largest = max(statistics.compare(arms), key=lambda c: abs(c.difference.mean))
    assert (largest.a, largest.b) in [(c.a, c.b) for c in drawn]


# -- curves -----------------------------------------------------------------------------------------------------------


def metrics(*accuracy: float) -> dict[str, Any]:
    return {
        "epoch": np.arange(1, len(accuracy) + 1), "test_acc": np.array(accuracy), "test_loss": 1 - np.array(accuracy),
    }  # fmt: skip


def test_a_band_of_one_epoch_is_a_bar() -> None:
    _high, _low, mean = check(curves.bands([("sigmoid", {0: metrics(0.6), 1: metrics(0.8)})]))["data"][:3]
    assert [mean["error_y"][end] for end in ("array", "arrayminus")] == [[pytest.approx(0.1)]] * 2


def test_bands() -> None:
    arms = [("sigmoid", {0: metrics(0.1, 0.6, 0.8), 1: metrics(0.2, 0.7)}), ("relu", {0: metrics(0.5, float("nan"))})]
    plain = check(curves.bands(arms))
    high, low, mean = plain["data"][:3]
    assert numbers(high["y"]) == pytest.approx([0.2, 0.7, 0.8]) and numbers(low["y"]) == pytest.approx(
        [0.1, 0.6, 0.8]
    )
    assert numbers(mean["y"]) == pytest.approx([0.15, 0.65, 0.8])
    assert [row[2] for row in mean["customdata"]] == [2, 2, 1]  # one has come so far
    assert numbers(plain["data"][5]["y"]) == pytest.approx([0.85, 0.35, 0.2])
    relu = [trace for trace in plain["data"] if trace["name"] == "relu"]
    assert numbers(relu[2]["x"]).tolist() == [1]  # what is not a number is not drawn
    low_end, high_end = plain["layout"]["yaxis"]["range"]
    assert 0 < low_end < 0.1 and 0.8 < high_end < 0.9
    assert "sigmoid: after epoch 3, 1 runs" in curves.bands_alt(arms)
    first = rows(curves.bands_csv(arms))[0]
    assert (first["runs"], float(first["test_acc_mean"]), float(first["test_loss_max"])) == (
        "2",
        pytest.approx(0.15),
        0.9,
    )


def test_bands_of_nothing_and_of_old_runs() -> None:
    check(curves.bands([("a", {})]))
    old = metrics(0.5, 0.6)
    del old["test_loss"]
    check(curves.bands([("a", {0: old})]))
    assert rows(curves.bands_csv([("a", {0: old})]))[0]["test_loss_mean"] == ""


# -- kernels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("runs", "out", "channels"), [(2, 1, 1), (16, 6, 1), (19, 14, 3)])
def test_walls(runs: int, out: int, channels: int) -> None:
    drawn = random_kernels(1, out, channels, 5, 5) + 0.3 * random_kernels(runs, out, channels, 5, 5, seed=1)
    found = detectors.find(range(runs), drawn)
    plain = check(kernels.wall(found, {0: "first"}))
    image, points = plain["data"]
    shown = min(out, kernels.MAX_ROWS)
    assert len(points["x"]) == runs * shown == len(points["meta"]["narrow"]["x"])
    assert points["customdata"].count("first") == shown
    for picture, places in ((image["z"], points), (image["meta"]["narrow"]["z"], points["meta"]["narrow"])):
        z = numbers(picture)
        x, y = int(places["x"][0]), int(places["y"][0])
        member = found.places[0][0]
        kernel = member.sign * drawn[0, member.kernel].mean(0)
        assert z[y - 2 : y + 3, x - 2 : x + 3] == pytest.approx(kernel / np.abs(kernel).max(), abs=1e-6)
        assert np.isfinite(z).sum() == runs * shown * 25
    check(kernels.frequencies(found))
    assert kernels.wall_alt(found) and kernels.frequencies_alt(found)
    listed = rows(kernels.kernels_csv(found))
    assert len(listed) == sum(len(detector.members) for detector in found.detectors)


def test_bars_are_the_counts() -> None:
    drawn = random_kernels(1, 2, 1, 5, 5, seed=2) + 0.1 * random_kernels(5, 2, 1, 5, 5, seed=1)
    found = detectors.find(range(5), drawn)
    learned, chance, _picture = kernels.frequencies(found).to_dict()["data"]
    assert learned["y"] == [5, 5] and chance["y"] == [0, 0] and chance["name"] == "random kernels"


def test_no_kind_at_all() -> None:
    found = detectors.find(range(3), random_kernels(3, 2, 1, 5, 5))
    check(kernels.frequencies(found))
    check(kernels.wall(found, {}))
    assert kernels.frequencies_alt(found) == ""


def test_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "_ask", lambda: "zh_CN")
    told = check(seeds.strip(TWO, IDS))["layout"]["annotations"][1]["text"]
    assert told == "<b>relu</b> 87.8% · 5 次训练完成 4 次，1 次失败"
    check(differences.forest(TWO))
    check(curves.bands([("a", {0: metrics(0.5)})]))
