"""The figures of the kernel page: valid for Plotly, whatever the kernels."""

from __future__ import annotations

import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from lenet import runs
from lenet.common import translation
from lenet.kernels import ablation, explanations, matching
from lenet.kernels.figures import ablation as ablation_figures
from lenet.kernels.figures import comparison, editor, responses, trajectories
from lenet.kernels.history import History, read_history
from tests.helpers.data_sets import NAMES, SAMPLE
from tests.helpers.kernels import random_kernels


@pytest.mark.parametrize("out", [1, 6, 13])
def test_figures_are_plotlys(out: int) -> None:
    """Every figure once through Plotly's own validation, whatever the number of kernels."""
    every = random_kernels(out, 1, 5, 5)
    image = np.random.default_rng(0).random((28, 28), np.float32)
    history = History(np.array([0, 1, 5]), random_kernels(3, out, 1, 5, 5, seed=1))
    matched = matching.align(every, history.final)
    by_chance = matching.chance(out, 25)
    named = [("a", history), ("b", History.of_snapshot(every))]
    for figure in (
        responses.responses(every, image, out - 1),
        trajectories.trajectories(history, None),
        comparison.pairs(every, history.final, matched),
        comparison.strengths(matched, by_chance),
        comparison.mean_cosines(named) if out > 1 else None,
    ):
        if figure is not None:
            go.Figure(figure.to_dict())
    assert responses.responses_alt(every, 0).count("Kernel ") == min(out, 6)
    assert comparison.pairs_alt(matched).count("correlation") == out
    assert "0.0 of" in explanations.matching(matched, by_chance)
    assert explanations.partners(matched).count(" with ") == out + explanations.partners(matched).count("with all")


def test_the_band_of_chance_stands_behind_the_pairs_that_are_drawn() -> None:
    matched = matching.align(random_kernels(6, 1, 5, 5), random_kernels(6, 1, 5, 5, seed=1))
    by_chance = matching.chance(6, 25)
    bars, band = comparison.strengths(matched, by_chance).to_dict()["data"]
    assert bars["y"] == pytest.approx([abs(pair.correlation) for pair in matched], abs=1e-3)
    assert bars["x"] == band["x"] == [f"{pair.first + 1} ↔ {pair.second + 1}" for pair in matched]
    low, high = by_chance.band
    assert band["base"] == pytest.approx(low, abs=1e-3)
    assert np.add(band["base"], band["y"]) == pytest.approx(high, abs=2e-3)


def test_where_random_kernels_look_the_same_too_it_is_said() -> None:
    """Of 64 kernels of 3×3 weights most have a random partner with |r| ≥ 0.8."""
    one, other = random_kernels(64, 1, 3, 3), random_kernels(64, 1, 3, 3, seed=1)
    text = explanations.matching(matching.align(one, other), matching.chance(64, 9))
    strong, by_chance = (float(x) for x in re.findall(r"([\d.]+) of 64", text))
    assert strong > 10 and by_chance == pytest.approx(strong, abs=8)
    assert "proves nothing" in text
    few = matching.align(random_kernels(6, 1, 5, 5), random_kernels(6, 1, 5, 5, seed=1))
    assert "proves nothing" not in explanations.matching(few, matching.chance(6, 25))


def test_permutation_and_signs_in_words() -> None:
    pairs = [matching.Pair(0, 2, -0.9), matching.Pair(2, 1, 0.8), matching.Pair(1, 0, -0.7)]
    assert explanations.partners(pairs) == (
        "Alike as they are: 3 with 2. Alike with all signs changed, bright for dark: 1 with 3, 2 with 1."
    )
    assert explanations.partners(pairs[:1]) == "Alike with all signs changed, bright for dark: 1 with 3."


def test_what_is_joined_in_chinese_has_chinese_signs_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "_ask", lambda: "zh_CN")
    pairs = [matching.Pair(0, 2, 0.9), matching.Pair(1, 0, 0.8), matching.Pair(2, 1, -0.7)]
    told = explanations.partners(pairs)
    assert "1 与 3，2 与 1" in told and not re.search(r"[,;]|。 ", told)
    assert not re.search(r"[,;]|[。）] ", explanations.matching(pairs, matching.chance(3, 25)))
    assert "。 " not in comparison.pairs_alt(pairs)


def test_figures_of_the_test_set() -> None:
    known = ablation.read(runs.find("reference-classic"))
    assert known is not None
    drawn = ablation_figures.patches(known, 0, NAMES).to_dict()
    go.Figure(drawn)
    json.dumps(drawn, allow_nan=False)
    strip = drawn["data"][0]["z"]
    assert [row[:5] for row in strip[:5]] == known.patches[0, 0, 0].tolist()
    losses = ablation_figures.accuracy_lost(known).to_dict()
    assert losses["data"][0]["y"] == pytest.approx(((known.accuracy - known.zero_accuracy) * 100).round(2).tolist())
    go.Figure(losses)


def test_the_editor_is_small_and_plain() -> None:
    scene = editor.scene(read_history(runs.find("reference-modern")).final, SAMPLE)
    assert len(json.dumps(scene, allow_nan=False)) < 40_000
    assert {len(p["values"]) for p in scene["presets"]} == {25}
    odd = np.full((2, 3, 4, 5), np.nan, np.float32)
    json.dumps(editor.scene(odd, SAMPLE), allow_nan=False)
