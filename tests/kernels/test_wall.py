"""What the wall sends to the browser: whole, small, and valid JSON."""

from __future__ import annotations

import base64
import json
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenet import runs
from lenet.common import files
from lenet.kernels.figures.wall import NOT_FINITE, pack
from lenet.kernels.figures.wall import scene as scene_of
from lenet.kernels.history import MAX_SECOND_LAYER, color_limit, read_course, read_history, read_second_layer
from tests.helpers.kernels import run_with_kernels


def unpacked(packed: dict[str, Any]) -> NDArray[np.float64]:
    """What the browser makes of packed kernels."""
    whole = np.frombuffer(base64.b64decode(packed["values"]), "<i2")
    weights = np.where(whole == NOT_FINITE, np.nan, whole * packed["unit"])
    return weights.reshape(-1, *packed["shape"])


@given(st.lists(st.floats(-3.25, 3.25, width=32), min_size=1, max_size=30))
def test_packed_weights_keep_four_decimals(weights: list[float]) -> None:
    unit, text = pack(np.array(weights, np.float32))
    assert unit == 1e-4
    back = np.frombuffer(base64.b64decode(text), "<i2") * unit
    assert np.abs(back - weights).max() <= 0.5001e-4


def test_whole_numbers_beyond_four_decimals_stay_whole() -> None:
    """As a quantised network stores its weights: 5 is not 5.0009."""
    whole = np.array([-128, 0, 5, 127], np.float32)
    unit, text = pack(whole)
    assert unit == 1 and np.frombuffer(base64.b64decode(text), "<i2").tolist() == whole.tolist()


@given(st.lists(st.floats(width=32), min_size=1, max_size=30))
def test_any_weights_can_be_packed(weights: list[float]) -> None:
    values = np.array(weights, np.float32)
    unit, text = pack(values)
    whole = np.frombuffer(base64.b64decode(text), "<i2")
    assert math.isfinite(unit) and unit > 0
    assert ((whole == NOT_FINITE) == ~np.isfinite(values)).all()
    finite = np.isfinite(values)
    assert np.abs(whole[finite] * unit - values[finite]).max(initial=0) <= 0.501 * unit


def test_the_scene_carries_the_whole_history() -> None:
    run = run_with_kernels()
    history = read_history(run)
    scene = scene_of(run.id, "a label", history, read_course(run))
    assert np.abs(unpacked(scene["wall"]) - history.kernels).max() <= 0.5001 * scene["wall"]["unit"]
    assert scene["wall"]["steps"] == [0, 1, 235]
    assert scene["limit"] == color_limit(history.kernels)
    assert (scene["run"], scene["label"], scene["epochs"]) == (run.id, "a label", 10)


def test_one_scale_serves_every_step_of_a_run() -> None:
    """And not the note's kernels: beside their ±1.86 most walls would look as if nothing had been learned."""
    small = run_with_kernels("small", values=np.full((3, 6, 1, 5, 5), 0.01))
    scene = scene_of("x", "", read_history(small), None)
    assert scene["limit"] == pytest.approx(0.01) and scene["note"]["limit"] == pytest.approx(1.8586)
    nothing = run_with_kernels("nothing", values=np.zeros((3, 6, 1, 5, 5)))
    assert scene_of("x", "", read_history(nothing), None)["limit"] == 1
    grown = np.zeros((3, 6, 1, 5, 5))
    grown[1, 2, 0, 3, 4] = -7
    large = run_with_kernels("large", values=grown)
    assert scene_of("x", "", read_history(large), None)["limit"] == 7


def test_what_is_not_a_number_stays_out_of_json() -> None:
    values = np.zeros((3, 6, 1, 5, 5))
    values[2, 0, 0, 0, :3] = np.nan, np.inf, -np.inf
    run = run_with_kernels(values=values)
    (run.path / "metrics.csv").write_text(
        "epoch,step,loss,train_acc,test_acc,examples_per_sec\n1,235,nan,0.1,0.1,5\n2,470,inf,0.2,0.1,5\n"
    )
    (run.path / "steps.csv").write_text("step,loss\n1,2.3\n2,inf\n3,nan\n")
    scene = scene_of(run.id, "", read_history(run), read_course(run))
    json.dumps(scene, allow_nan=False)
    assert np.isnan(unpacked(scene["wall"])[2, 0, 0, 0, :3]).all()
    assert len(scene["curve"]["loss"]) == 1 and scene["curve"]["mean"] == []
    assert scene["curve"]["train"] == [(1.0, 0.1), (2.0, 0.2)]


@pytest.mark.parametrize("model", [{}, {"channels": (64, 16), "kernel_size": (11, 5), "padding": (5, 0)}])
def test_a_ten_epoch_run_is_at_most_300_kb(model: dict[str, Any]) -> None:
    steps = np.unique(np.geomspace(1, 2350, 180).astype(int))  # more snapshots than a trainer keeps
    run = run_with_kernels(steps=steps, **model)
    per_epoch = 235
    rows = [(e, e * per_epoch, 0.4712345, 0.8234567, 0.8051234, 19874.3) for e in range(1, 11)]
    (run.path / "metrics.csv").write_text(files.csv_text(runs.METRICS, rows))
    (run.path / "steps.csv").write_text(files.csv_text(runs.STEPS, [(s, 1 / s) for s in range(1, 2351)]))
    second = np.ones((MAX_SECOND_LAYER // 25, 1, 5, 5), np.float32)  # the largest that is sent
    scene = scene_of(run.id, run.label(), read_history(run), read_course(run), second)
    assert len(json.dumps(scene)) <= 300_000


def test_what_cannot_be_read_leaves_the_rest() -> None:
    scene = scene_of("", "", None, None)
    assert scene["wall"] is None and scene["curve"] is None
    assert unpacked(scene["note"]).shape == (1, 6, 1, 5, 5)


def test_the_second_layer_has_a_scale_and_orders_of_its_own() -> None:
    run = runs.find("reference-classic")
    second = read_second_layer(run)
    assert second is not None
    scene = scene_of(run.id, "", read_history(run), None, second)
    assert np.abs(unpacked(scene["second"])[0] - second).max() <= 0.5001 * scene["second"]["unit"]
    assert scene["second"]["limit"] == np.abs(second).max()
    assert sorted(scene["second"]["orders"]["norm"]) == list(range(16))


def test_words_of_the_wall_have_their_places() -> None:
    words = scene_of("x", "", read_history(run_with_kernels()), None)["words"]
    assert words["alt"].startswith("6 kernels of 5×5 weights")
    assert set(re.findall(r"{(\w+)}", words["statistics"])) == {"min", "max", "mean", "norm"}
